"""A run as the API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.core.types import Scope
from headwater.server.training_shapes import RunDetail, RunOut
from headwater.storage.runs import RunInfo

if TYPE_CHECKING:
    from headwater.training.run_folder import RunFolder
    from headwater.training.runs import TrainingRuns

Found = tuple[RunInfo, "RunFolder"]
TOLD = ("epoch", "loss", "tokens", "tokens_per_second", "seconds", "eta_seconds", "peak_memory_bytes", "best", "error")


def run_out(training: TrainingRuns, scope: Scope, found: Found) -> RunOut:
    """A run with the state that its folder tells now."""
    return RunOut.model_validate(_values(training, scope, found))


def run_detail(training: TrainingRuns, scope: Scope, found: Found) -> RunDetail:
    """The same with plan, account of the data, and exports."""
    from headwater.training.exports import forms

    _, folder = found
    card = folder.path / "README.md"
    more = {
        "plan": folder.read_json("plan.json"),
        "data": folder.read_json("data.json"),
        "exports": forms(folder),
        "card": card.read_text("utf-8") if card.is_file() else None,
    }
    return RunDetail.model_validate({**_values(training, scope, found), **more})


def _values(training: TrainingRuns, scope: Scope, found: Found) -> dict[str, Any]:
    from headwater.training.results import written_config

    info, folder = found
    state = training.state(scope, info, folder)
    return {
        "name": info.name,
        "state": state["state"],
        "base": str(written_config(folder).get("model", {}).get("base", "")),
        "step": int(state.get("step") or 0),
        "steps": state.get("steps"),
        **{name: state.get(name) for name in TOLD},
        "job_id": info.job_id,
        "served": info.served,
        "sweep": info.sweep,
        "differs": info.differs,
        "created": info.created,
    }
