"""A GGUF base in the form that transformers reads quickly: its tokenizer and architecture, kept beside the model.

transformers reads a GGUF file in Python, token by token: half a minute for a vocabulary of 262,144, and once more for
the architecture. What was read is saved in the folder of an installed model and dies with it. A file that somebody
only points at is read anew each time: nothing is written beside other people's files.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

MANIFEST_FILE = "manifest.json"  # it makes a folder that of an installed model


def light_folder(path: Path) -> Path | None:
    """The folder with tokenizer and architecture of an installed GGUF model, made now if need be; None for others.

    Raises what transformers raises for a file that it cannot read.
    """
    folder = path.parent
    if not (folder / MANIFEST_FILE).is_file():
        return None
    from transformers import __version__

    light = folder / f".transformers-{__version__}-{path.stat().st_mtime_ns}"
    if light.is_dir():
        return light
    try:
        return _made(path, light)
    except OSError:  # a read-only or full disk: what is only kept for speed must not stop anybody
        return None


def _made(path: Path, light: Path) -> Path:
    from transformers import AutoConfig, AutoTokenizer

    with tempfile.TemporaryDirectory(prefix=".transformers-", dir=path.parent) as name:
        unfinished = Path(name) / "light"
        for make in (AutoTokenizer, AutoConfig):
            make.from_pretrained(path.parent, gguf_file=path.name, local_files_only=True).save_pretrained(unfinished)
        for old in path.parent.glob(".transformers-*-*"):  # of another version of the library, or of the file
            if old != light:  # another process may have made it meanwhile, and be reading it
                shutil.rmtree(old, ignore_errors=True)
        if not light.exists():
            unfinished.rename(light)
    return light
