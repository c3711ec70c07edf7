"""How a training process takes memory from the system on Linux, so that what is planned is what is taken.

glibc gives blocks below 32 MB from its heap. Aligned blocks of changing sizes leave gaps there and little goes back:
1.6 times what is alive for a Llama of 256 x 4, six times with checkpointing for one of 768 x 10 (glibc 2.36). With a
fixed threshold larger blocks are the system's own and go back when they are freed. Price: page faults.
"""

from __future__ import annotations

TIGHT_HEAP = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20)}
