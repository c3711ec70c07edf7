"""Notes of libraries that concern nobody who trains here, left out by their exact words."""

from __future__ import annotations

import logging

# bitsandbytes looks for a compiled 4-bit product of the package `kernels`, which loads code from a hub when it is
# imported. We never install it: training opens 4-bit weights by bitsandbytes' own code, which this note is not about.
UNUSED_KERNEL = "Failed to load CPU gemm_4bit_forward"
_LOGGER = "bitsandbytes.backends.cpu.ops"


def is_worth_telling(record: logging.LogRecord) -> bool:
    """Whether a record is not that one note."""
    return not str(record.msg).startswith(UNUSED_KERNEL)


def leave_out_unused_kernel() -> None:
    """Call before bitsandbytes is imported, which peft and transformers do; a second call changes nothing."""
    logging.getLogger(_LOGGER).addFilter(is_worth_telling)
