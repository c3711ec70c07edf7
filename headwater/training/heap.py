"""How a training process takes memory from the system on Linux: kept for speed, or tight so that little is taken.

glibc gives blocks below 32 MB from its heap. Aligned blocks of changing sizes leave gaps there and little goes back:
1.6 to 2.2 times what is alive for a Llama of 256 x 4, six times with checkpointing for one of 768 x 10 (glibc 2.36).
With a fixed threshold larger blocks are the system's own and go back when they are freed. Price: page faults. So a
kept heap holds on to small blocks, and takes large ones from the system in pages of 2 MB, which cost few faults: half
the memory for that Llama at 8,192 tokens, and as fast at 2,560. The tight heap, for runs that were told to save memory
(checkpointing, or a limit), gives everything above 1 MB back.

A kept heap grows with every new size of batch, so a long run would end far above its plan. When it does, the free
pages in it are given back once, and the run goes on.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path

from headwater.training.resources import PAGE_BYTES

TIGHT_HEAP = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20)}
# Fresh memory in small pages for every large tensor costs a third of a step on a CPU.
KEPT_HEAP = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 21),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    "MALLOC_TOP_PAD_": str(1 << 28),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
# What is alive may be more than was planned; giving back what is not there at every step would only cost time.
ROOM = 1.15


def resident_bytes() -> int:
    """Memory of this process that is resident now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE_BYTES
    except OSError:
        return 0


def give_back() -> None:
    """Return the free pages of the heap to the system. Does nothing where the C library is not glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class HeapBound:
    """Keeps the heap of a process near what was planned for it: looked at between the steps."""

    def __init__(
        self,
        planned_bytes: int,
        resident: Callable[[], int] = resident_bytes,
        give_back: Callable[[], None] = give_back,
    ) -> None:
        self._most, self._resident, self._give_back = planned_bytes, resident, give_back

    def look(self) -> bool:
        """Give free pages back if the process has more than it should; return whether that was so."""
        if self._resident() <= self._most:
            return False
        self._give_back()
        self._most = max(self._most, int(self._resident() * ROOM))
        return True
