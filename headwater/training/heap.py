"""How a training process takes memory from the system on Linux: kept for speed, or tight so that little is taken.

glibc gives blocks below 32 MB from its heap. Aligned blocks of changing sizes leave gaps there and little goes back:
1.6 times what is alive for a Llama of 256 x 4, six times with checkpointing for one of 768 x 10 (glibc 2.36). With a
fixed threshold larger blocks are the system's own and go back when they are freed. Price: page faults. So the heap is
kept where there is room, and tight where a run was told to save memory: checkpointing, or a limit.
"""

from __future__ import annotations

TIGHT_HEAP = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20)}
# Fresh memory for every large tensor costs a third of a step on a CPU: keep freed blocks, in large pages.
KEPT_HEAP = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    "MALLOC_TOP_PAD_": str(1 << 28),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
