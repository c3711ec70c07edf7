"""The result of a run, adapter or whole model, as a merged folder or one GGUF file, for the command and the job."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from headwater.core.errors import Conflict
from headwater.core.progress import Report, silent
from headwater.training.base import Base
from headwater.training.config import TrainingConfig
from headwater.training.export.gguf_merged import Precision, write_merged_gguf
from headwater.training.export.merged import Into, MergeOptions, Quantised, is_quantised, write_merged
from headwater.training.run_folder import RunFolder


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to make. `into` unset: the original weights where they are there, else the base as training saw it."""

    form: Literal["merged", "gguf"]
    into: Into | None = None
    precision: Precision = "f16"


def result_folder(folder: RunFolder) -> Path:
    """The adapter of a run, or its whole model. Raises Conflict when it has neither yet."""
    for name in ("model", "adapter"):
        if (folder.path / name).is_dir():
            return folder.path / name
    raise Conflict(f"The run {folder.name!r} has no result yet.", "It must be done, or stopped after a checkpoint.")


def write_result(
    folder: RunFolder, config: TrainingConfig, base: Base, target: Path, wanted: Wanted, report: Report = silent
) -> str:
    """Write `target`, a new folder or file, and say how it was made. Raises Conflict, BadInput, MissingExtra."""
    if target.exists():
        raise Conflict(f"{target} is there already.", "Give another place with --output.")
    source = result_folder(folder)
    with tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=f".{target.name}.") as name:
        work = Path(name)
        merged = work / "merged"
        told = _merge(source, config, _base_files(base, work), merged, wanted, report)
        if wanted.form == "merged":
            merged.rename(target)
            return f"{target}: {told}"
        made = write_merged_gguf(merged, work / target.name, wanted.precision, _vocabulary(base, work), report)
        made.path.rename(target)
        return f"{target}: {told} {made.sentence.partition(': ')[2]}"


def _merge(source: Path, config: TrainingConfig, base: Path, merged: Path, wanted: Wanted, report: Report) -> str:
    if source.name == "model":
        shutil.copytree(source, merged)
        return "the whole model as it was trained."
    quantised: Quantised | None = None if config.model.quantize == "none" else config.model.quantize
    into = wanted.into or ("dequantised" if base.is_file() and is_quantised(base) else "original")
    return write_merged(source, base, merged, MergeOptions(into=into, quantised=quantised), report).told


def _base_files(base: Base, work: Path) -> Path:
    if base.path is not None:
        return base.path
    from headwater.training.tiny import tiny_model, tiny_tokenizer

    target = work / "tiny"
    tiny_model().save_pretrained(target)
    tiny_tokenizer().save_pretrained(target)
    return target


def _vocabulary(base: Base, work: Path) -> Path | None:
    """A GGUF whose tokenizer is copied; None where that of the merged folder is converted."""
    if base.kind != "tiny":
        return base.path if base.kind == "gguf" else None
    from headwater.training.tiny_gguf import write_vocabulary

    path = work / "vocabulary.gguf"
    write_vocabulary(path)
    return path
