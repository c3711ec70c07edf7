"""What a child process does so that it never outlives its parent."""

from __future__ import annotations

import os
import select
import sys
import threading

CHECK_SECONDS = 2.0


def end_with_parent() -> None:
    """Exit at once when the parent closes our standard input or dies.

    For children that read nothing more from standard input. The parent's id is watched too, since
    a sibling that inherited the pipe could hold it open. PR_SET_PDEATHSIG is no help: it fires when
    the *thread* that started us ends, and a server's worker threads come and go.
    """
    threading.Thread(target=_watch, args=(os.getppid(),), name="lifeline", daemon=True).start()


def _watch(parent: int) -> None:
    stdin = sys.stdin.fileno()
    while os.getppid() == parent:
        ready, _, _ = select.select([stdin], [], [], CHECK_SECONDS)
        if ready and not os.read(stdin, 4096):
            break
    os._exit(0)


def private_stdout() -> int:
    """Return a copy of standard output and point the original at standard error.

    Whatever a library prints then lands in the log instead of in the middle of our messages.
    """
    copy = os.dup(1)
    os.dup2(2, 1)
    return copy
