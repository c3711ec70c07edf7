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
    from headwater.core.progress import Report
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
        Literal["original", "dequantised"],
        typer.Option(help="Base to merge into: the original, or the quantised one that was trained on."),
    ] = "original",
    precision: Annotated[Precision, typer.Option(help="Numbers of a GGUF file.")] = "f16",
    repository: Annotated[str | None, typer.Option(help="NAME/MODEL on the hub.")] = None,
    public: Annotated[bool, typer.Option("--public", help="Make the repository on the hub public.")] = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Take a run's result away. A GGUF is made of the merged model; --to adapter also has one for llama.cpp."""
    from headwater.training.launch import check_installed
    from headwater.training.load_config import load_config
    from headwater.training.run_folder import RunFolder

    check_installed()
    with workspace(data_dir) as ws, progress_bar("Exporting") as report:
        folder = RunFolder.find(ws.training.runs, run)
        config = load_config(folder.path / "config.yaml")
        quantised = None if config.model.quantize == "none" else config.model.quantize
        place = target or Path(f"{run}-{to}" + (".gguf" if to == "gguf" else ""))
        if to == "hub":
            told = _to_hub(folder, repository, public)
        elif to == "adapter":
            told = _adapter(folder, ws.training.base(config.model.base), place)
        else:
            told = _merged(folder, ws.training.base(config.model.base), place, (to, into, quantised, precision), report)
    print_json({"run": run, "to": to, "told": told}) if as_json else say(told)


def _to_hub(folder: RunFolder, repository: str | None, public: bool) -> str:
    from headwater.training.export.hub import push_folder

    if repository is None:
        raise BadInput("Nobody says where on the hub the model goes.", "Add --repository NAME/MODEL.")
    source = folder.path / "adapter" if (folder.path / "adapter").is_dir() else folder.path / "model"
    return push_folder(source, repository, private=not public, token=environment_value("HF_TOKEN")).sentence


def _adapter(folder: RunFolder, base: Base, place: Path) -> str:
    source = _result(folder)
    if place.exists():
        raise Conflict(f"{place} is there already.", "Give another place with --output.")
    shutil.copytree(source, place)
    if base.kind == "tiny" or base.path is None:
        return f"{place}: the adapter in PEFT form"
    from headwater.training.export.gguf_adapter import base_in_folder, base_in_gguf, write_adapter_gguf

    known = base_in_gguf(base.path) if base.kind == "gguf" else base_in_folder(base.path)
    try:
        written = write_adapter_gguf(place, known, place / "adapter.gguf")
    except BadInput as error:
        return f"{place}: the adapter in PEFT form. As GGUF it cannot be: {error.message} {error.hint or ''}".strip()
    return f"{place}: the adapter in PEFT form. {written.sentence}"


def _merged(
    folder: RunFolder, base: Base, place: Path, how: tuple[str, str, str | None, Precision], report: Report
) -> str:
    """Merge, and write a GGUF beside when that is wanted."""
    from headwater.training.export.gguf_merged import write_merged_gguf
    from headwater.training.export.merged import MergeOptions, write_merged

    form, into, quantised, precision = how
    if place.exists():
        raise Conflict(f"{place} is there already.", "Give another place with --output.")
    if base.path is None:
        raise BadInput("'tiny' is made in code, there is no base to merge into.", "Export the adapter.")
    merged = place if form == "merged" else place.with_name(f".{place.name}.merged")
    options = MergeOptions(into=into, quantised=quantised)  # type: ignore[arg-type]
    try:
        told = write_merged(_result(folder), base.path, merged, options, report).sentence
        if form == "gguf":
            tokenizer = base.path if base.kind == "gguf" else None
            told = f"{told} {write_merged_gguf(merged, place, precision, tokenizer, report).sentence}"
    finally:
        if form == "gguf":
            shutil.rmtree(merged, ignore_errors=True)
    return told


def _result(folder: RunFolder) -> Path:
    adapter = folder.path / "adapter"
    if not adapter.is_dir():
        raise Conflict(f"The run {folder.name!r} has no adapter.", "It must be done; a whole model is in RUN/model.")
    return adapter
