"""The OpenMP library llama.cpp is linked to, on systems that come without it (slim containers)."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from headwater.core.settings import child_environment

LIBRARY = "libgomp.so.1"
_FOLDER = "HEADWATER_OPENMP_FOLDER"


def with_openmp(module: str) -> None:
    """Make sure that `libgomp.so.1` can be loaded; else start this process again with the copy that faiss brings.

    The loader reads its path once, when a process starts, so a running one cannot be helped. Must be
    called before standard input is read. Without any copy the process goes on, and loading llama.cpp fails.
    """
    environment = child_environment({})
    if _loads(LIBRARY):
        if _FOLDER in environment:
            shutil.rmtree(environment[_FOLDER], ignore_errors=True)  # it is loaded now
        return
    copy = next(iter(bundled_copies()), None)
    if copy is None or _FOLDER in environment:
        return
    folder = Path(tempfile.mkdtemp(prefix="headwater-openmp-"))
    (folder / LIBRARY).symlink_to(copy)
    search = ":".join(filter(None, [str(folder), environment.get("LD_LIBRARY_PATH")]))
    changes = {"LD_LIBRARY_PATH": search, _FOLDER: str(folder)}
    os.execve(sys.executable, [sys.executable, "-P", "-m", module], child_environment(changes))


def bundled_copies() -> Iterable[Path]:
    """Copies of libgomp inside installed packages."""
    spec = find_spec("faiss")
    if spec is None or spec.origin is None:
        return ()
    return sorted(Path(spec.origin).parents[1].glob("*.libs/libgomp*.so*"))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
