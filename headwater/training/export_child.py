"""The export process: `python -m headwater.training.export_child RUN_FOLDER FORM [BASE_PATH]`, away from the server."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from headwater.core.errors import BadInput, HeadwaterError
from headwater.training.base import find_base
from headwater.training.exports import SLOW, target_of, zip_folder
from headwater.training.library_notes import leave_out_unused_kernel
from headwater.training.load_config import load_config
from headwater.training.run_folder import RunFolder


def main(arguments: list[str]) -> int:
    """Write the export; tell an error as the last line of standard error, as JSON."""
    folder, form = RunFolder(Path(arguments[0])), arguments[1]
    leave_out_unused_kernel()
    try:
        export(folder, form, Path(arguments[2]) if len(arguments) > 2 else None)
    except HeadwaterError as error:
        sys.stderr.write(json.dumps({"message": error.message, "hint": error.hint}) + "\n")
        return 1
    return 0


def export(folder: RunFolder, form: str, base_path: Path | None) -> Path:
    """Write a run's result as one file: a zipped merged folder, or a GGUF. Raises BadInput."""
    from headwater.training.export.result import Wanted, write_result

    if form not in SLOW:
        raise BadInput(f"{form!r} needs no process of its own", f"Forms that do: {', '.join(SLOW)}.")
    config = load_config(folder.path / "config.yaml")
    base = find_base(config.model.base, base_path)
    target = target_of(folder, form)
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        made = Path(name) / target.name.removesuffix(".zip")
        told = write_result(folder, config, base, made, Wanted("merged" if form == "merged" else "gguf"))
        if form == "merged":
            unfinished = Path(name) / target.name
            zip_folder(made, unfinished)
            made = unfinished
        folder.event("export", f"{target.name}: {told.partition(': ')[2]}")
        made.replace(target)
    return target


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
