"""Before a run: what can be chosen, checking a config, its plan, and its data as tokens; and runs side by side."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from headwater.core.errors import BadInput
from headwater.server.identity import SignedIn
from headwater.server.parts import parts_of
from headwater.server.training_runs import run_out
from headwater.server.training_shapes import (
    CompareOut,
    ConfigIn,
    ConfigOut,
    CurveOut,
    DifferenceOut,
    MetricsOut,
    PlanOut,
    TokensPreviewOut,
    TrainingFormOut,
)

router = APIRouter(prefix="/api/training", tags=["training"])
MOST_COMPARED = 12
COMPARED_POINTS = 600


@router.get("/form", operation_id="getTrainingForm")
def get_form(request: Request, scope: SignedIn) -> TrainingFormOut:
    """What a new run can be made of."""
    from headwater.training.config import TrainingConfig
    from headwater.training.resources import gpu_name

    parts = parts_of(request)
    return TrainingFormOut(
        form=TrainingConfig.model_json_schema(),
        bases=parts.training.bases(scope),
        files=[source.name for source in parts.data_sources.list(scope)],
        datasets=[each.name for each in parts.datasets.list(scope) if each.prepared is not None],
        installed=all(find_spec(name) is not None for name in ("torch", "transformers", "peft")),
        gpu=gpu_name(),
        threads=parts.settings.threads,
    )


@router.post("/check", operation_id="checkTraining")
def check(request: Request, body: ConfigIn, scope: SignedIn) -> ConfigOut:
    """Check a config; all mistakes are named at once."""
    from headwater.training.load_config import dump_config

    config = parts_of(request).training.check(scope, values_of(body))
    return ConfigOut(config=config.model_dump(mode="json"), yaml=dump_config(config))


@router.post("/plan", operation_id="planTraining")
def plan(request: Request, body: ConfigIn, scope: SignedIn) -> PlanOut:
    """Say what a run will take, before any weights are loaded. Of a grid: its first point."""
    return PlanOut.model_validate(parts_of(request).training.plan_request(scope, values_of(body)))


@router.post("/preview", operation_id="previewTraining")
def preview(request: Request, body: ConfigIn, scope: SignedIn) -> TokensPreviewOut:
    """Show the first rows as the model will see them: which tokens are learned, how long rows are."""
    return TokensPreviewOut.model_validate(parts_of(request).training.preview_request(scope, values_of(body)))


@router.get("/compare", operation_id="compareRuns")
def compare(
    request: Request, scope: SignedIn, runs: Annotated[list[str], Query(min_length=1, max_length=MOST_COMPARED)]
) -> CompareOut:
    """Several runs: their curves, and in what their configs differ."""
    from headwater.training.results import differences, metrics_since, written_config

    training = parts_of(request).training
    found = [training.found(scope, name) for name in runs]
    curves = [
        CurveOut(
            run=run_out(training, scope, each),
            metrics=MetricsOut.model_validate(metrics_since(each[1], -1, COMPARED_POINTS)),
        )
        for each in found
    ]
    rows = differences([written_config(folder) for _, folder in found])
    return CompareOut(curves=curves, differences=[DifferenceOut.model_validate(row) for row in rows])


def values_of(body: ConfigIn) -> dict[str, Any]:
    """The values of a config that came as values or as YAML. Raises BadInput."""
    if (body.config is None) == (body.yaml is None):
        raise BadInput("A config is needed, once.", "Send either config or yaml.")
    if body.config is not None:
        return body.config
    from headwater.training.requests import read_values

    return read_values(body.yaml or "")
