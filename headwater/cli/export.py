"""headwater export: the result of a run as an adapter, a merged model, a GGUF file, or on a hub."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from headwater.cli.options import AsJson, DataDir, workspace
from headwater.cli.output import print_json, progress_bar, say
from headwater.core.errors import BadInput, Conflict
from headwater.core.settings import environment_value

if TYPE_CHECKING:
    from headwater.training.base import Base
    from headwater.training.run_folder import RunFolder

Form = Literal["adapter", "merged", "gguf", "hub"]
Precision = Literal["f32", "f16", "q8_0"]


def export(
    run: Annotated[str, typer.Argument(help="Name of the run.", show_default=False)],
    to: Annotated[Form, typer.Option("--to", help="The form of the result.")],
    target: Annotated[
        Path | None, typer.Option("--output", help="New folder or file; RUN-FORM in this folder when unset.")
    ] = None,
    into: Annotated[
        Literal["original", "dequantised"] | None,
        typer.Option(
            help="Base to merge into: the original weights, which are taken where they are there, or those"
            " that were trained on, quantised and made float again.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[Precision, typer.Option(help="Numbers of a GGUF file.")] = "f16",
    repository: Annotated[str | None, typer.Option(help="NAME/MODEL on the hub.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Make the repository on the hub public.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Take a run's result away. A GGUF is made of the merged model; --to adapter also has one for llama.cpp."""
    from headwater.training.devices.launch import check_installed
    from headwater.training.load_config import load_config
    from headwater.training.run_folder import RunFolder

    check_installed()
    with workspace(data_dir) as ws, progress_bar("Exporting") as report:
        folder = RunFolder.find(ws.training.runs, run)
        config = load_config(folder.path / "config.yaml")
        place = target or Path(f"{run}-{to}" + (".gguf" if to == "gguf" else ""))
        if config.task == "reward" and to in ("merged", "gguf"):
            raise Conflict(f"The run {run!r} made a reward model, which writes no text.", "Take it with --to adapter.")
        if to == "hub":
            told = _to_hub(folder, repository, public)
        elif to == "adapter":
            told = _adapter(folder, ws.training.base(config.model.base), place)
        else:
            from headwater.training.export.result import Wanted, write_result

            base = ws.training.base(config.model.base)
            told = write_result(folder, config, base, place, Wanted(to, into, precision), report)
    print_json({"run": run, "to": to, "told": told}) if as_json else say(told)


def _to_hub(folder: RunFolder, repository: str | None, public: bool) -> str:
    from headwater.training.export.hub import push_folder
    from headwater.training.export.result import result_folder

    if repository is None:
        raise BadInput("Nobody says where on the hub the model goes.", "Add --repository NAME/MODEL.")
    return push_folder(
        result_folder(folder), repository, private=not public, token=environment_value("HF_TOKEN")
    ).sentence


def _adapter(folder: RunFolder, base: Base, place: Path) -> str:
    from headwater.training.exports import folder_of
    from headwater.training.results import reward_of

    source = folder_of(folder)
    if place.exists():
        raise Conflict(f"{place} is there already.", "Give another place with --output.")
    shutil.copytree(source, place)
    if base.kind == "tiny" or base.path is None or reward_of(folder.path) is not None:
        return f"{place}: the adapter in PEFT form"
    from headwater.training.export.gguf_adapter import base_in_folder, base_in_gguf, write_adapter_gguf

    known = base_in_gguf(base.path) if base.kind == "gguf" else base_in_folder(base.path)
    try:
        written = write_adapter_gguf(place, known, place / "adapter.gguf")
    except BadInput as error:
        return f"{place}: the adapter in PEFT form. As GGUF it cannot be: {error.message} {error.hint or ''}".strip()
    return f"{place}: the adapter in PEFT form. {written.sentence}"
