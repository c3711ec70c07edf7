"""The process that reads files: `python -m headwater.documents.extract_child`, fed over a pipe.

It is limited before it reads anything: memory, CPU time, size of files it writes, no network, no
core dumps. It dies with its parent. Its answers are JSON; it never gets more than one file at a time.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import shutil
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from headwater.core.errors import HeadwaterError
from headwater.core.progress import Progress
from headwater.documents.parsers.frames import Frame, extraction_to_json, read_frame, write_frame
from headwater.documents.parsers.limits import FOLDER_PREFIX, MEGABYTE, Budget, ExtractLimits

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
# Libraries reserve far more address space than they use; resident memory is watched by the parent.
SPARE_ADDRESS_SPACE_MB = 6000
LARGEST_WRITE_MB = 64
SPARE_SECONDS = 10


def main() -> None:
    """Serve requests until the parent is gone."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    requests = os.fdopen(os.dup(0), "rb")
    # A library that prints must not be able to write into the answers.
    quiet = os.open(os.devnull, os.O_RDWR)
    os.dup2(quiet, 0)
    os.dup2(quiet, 1)
    # Before there is a second thread: a process with several may not enter a user namespace.
    refuse_network()
    if len(sys.argv) > 1:
        threading.Thread(target=_die_with_parent, args=(int(sys.argv[1]),), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_WRITE_MB * MEGABYTE, LARGEST_WRITE_MB * MEGABYTE))
    while (request := read_frame(requests)) is not None:
        write_frame(answers, _answer(request, answers))
    # The end of the requests can be seen before the end of the lifeline; then it is up to this thread.
    _remove_folder()


def _die_with_parent(lifeline: int) -> NoReturn:
    """The other end of this pipe is only open in the parent: it closes when the parent is gone.

    Then nobody else is there to remove the folder this process works in.
    """
    os.read(lifeline, 1)
    _remove_folder()
    os._exit(1)


def _remove_folder() -> None:
    try:
        folder = Path.cwd()
    except FileNotFoundError:
        return  # the parent, or the other thread, was here first
    if folder.name.startswith(FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def refuse_network() -> None:
    """Leave the network: by an empty network namespace where that is allowed, and without sockets in any case."""
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "unshare") and libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)

    def refused(*_: object, **__: object) -> NoReturn:
        raise PermissionError("Reading a file uses no network.")

    socket.socket.connect = refused  # type: ignore[method-assign]
    socket.socket.connect_ex = refused  # type: ignore[method-assign]
    socket.socket.sendto = refused  # type: ignore[method-assign]
    socket.getaddrinfo = refused


def _limit(limits: ExtractLimits) -> None:
    """Set what this one file may take; CPU time counts over the life of the process."""
    space = (limits.memory_mb + SPARE_ADDRESS_SPACE_MB) * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (space, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + limits.seconds * max(1, limits.threads) + SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    # Should the parent be gone and everything else fail, the clock ends this process.
    signal.setitimer(signal.ITIMER_REAL, limits.seconds + SPARE_SECONDS)


def _answer(request: Frame, answers: BinaryIO) -> Frame:
    name = str(request["name"])
    try:
        limits = ExtractLimits(**request["limits"])
        _limit(limits)
        return {"result": TASKS[request["task"]](request, limits, answers)}
    except HeadwaterError as error:
        return {"error": error.message, "hint": error.hint, "kind": type(error).__name__}
    except MemoryError:
        return {"error": f"{name} needs more than {limits.memory_mb:,} MB of memory to read.", "hint": MEMORY_CURE}
    except RecursionError:
        return {"error": f"{name} nests its contents too deeply to be read.", "hint": BROKEN_CURE}
    except Exception as error:
        # A reader met something its author did not foresee; that is one failed file, not a dead service.
        logging.getLogger(__name__).exception("reading %s failed", name)
        return {"error": f"{name} could not be read ({type(error).__name__}: {error}).", "hint": BROKEN_CURE}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


MEMORY_CURE = "Split the file, or raise the setting parse_memory_mb."
BROKEN_CURE = "Open it in its own program and export it as PDF."


def _extract(request: Frame, limits: ExtractLimits, answers: BinaryIO) -> Frame:
    from headwater.documents.parsers.dispatch import read_any
    from headwater.documents.parsers.reading import Reading, Source

    def report(progress: Progress) -> None:
        write_frame(answers, {"progress": [progress.done, progress.total, progress.unit, progress.stage]})

    name = str(request["name"])
    reading = Reading(
        Budget(name, limits), read_any, request.get("password"), report=report, skipped=dict(request.get("skip", {}))
    )
    return extraction_to_json(read_any(Source(name, path=Path(request["path"])), reading))


def _view(request: Frame, limits: ExtractLimits, answers: BinaryIO) -> Any:
    from headwater.documents.parsers.view import answer

    return answer(request, limits)


TASKS = {"extract": _extract, "view": _view}

if __name__ == "__main__":
    main()
