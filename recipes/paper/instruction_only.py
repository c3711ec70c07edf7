"""Take the template off the dolly rows: what stands between `### Instruction:` and `### Response:` is the question."""

from __future__ import annotations

import re
from dataclasses import replace

TEMPLATE = re.compile(r"^Below is an instruction.*?### Instruction:\n(.*?)\n*### Response:\s*$", re.DOTALL)


def step(record, options):
    """Return the record with the bare instruction; other records as they are."""
    turns = tuple(
        replace(turn, content=found.group(1).strip()) if (found := TEMPLATE.match(turn.content)) else turn
        for turn in record.messages
    )
    return replace(record, messages=turns)
