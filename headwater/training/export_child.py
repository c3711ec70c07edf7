"""The export process: `python -m headwater.training.export_child RUN_FOLDER FORM [BASE_PATH]`, away from the server."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from headwater.core.errors import HeadwaterError
from headwater.training.base import Base, find_base
from headwater.training.exports import folder_of, target_of, zip_folder
from headwater.training.load_config import load_config
from headwater.training.run_folder import RunFolder


def main(arguments: list[str]) -> int:
    """Write the export; tell an error as the last line of standard error, as JSON."""
    folder, form = RunFolder(Path(arguments[0])), arguments[1]
    try:
        export(folder, form, Path(arguments[2]) if len(arguments) > 2 else None)
    except HeadwaterError as error:
        sys.stderr.write(json.dumps({"message": error.message, "hint": error.hint}) + "\n")
        return 1
    return 0


def export(folder: RunFolder, form: str, base_path: Path | None) -> Path:
    """Write a run's result as one file: a zipped merged folder, or a GGUF. Raises BadInput."""
    config = load_config(folder.path / "config.yaml")
    base = find_base(config.model.base, base_path)
    target = target_of(folder, form)
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        work = Path(name)
        merged = _merged(folder, base, work)
        unfinished = work / target.name
        if form == "merged":
            zip_folder(merged, unfinished)
        else:
            _gguf(merged, base, work, unfinished)
        unfinished.replace(target)
    return target


def _merged(folder: RunFolder, base: Base, work: Path) -> Path:
    whole = folder.path / "model"
    if whole.is_dir():
        return whole
    from headwater.training.export.merged import write_merged

    result = write_merged(folder_of(folder), _base_files(base, work), work / "merged")
    folder.event("export", result.sentence.replace(str(work), "").lstrip("/"))
    return work / "merged"


def _base_files(base: Base, work: Path) -> Path:
    if base.path is not None:
        return base.path
    from headwater.training.tiny import tiny_model, tiny_tokenizer

    target = work / "tiny"
    tiny_model().save_pretrained(target)
    tiny_tokenizer().save_pretrained(target)
    return target


def _gguf(merged: Path, base: Base, work: Path, target: Path) -> None:
    from headwater.training.export.gguf_merged import write_merged_gguf

    vocabulary = base.path if base.kind == "gguf" else None
    if base.kind == "tiny":
        from headwater.training.tiny_gguf import write_vocabulary

        vocabulary = work / "vocabulary.gguf"
        write_vocabulary(vocabulary)
    write_merged_gguf(merged, target, "f16", tokenizer_from=vocabulary)
    shutil.rmtree(work / "tiny", ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
