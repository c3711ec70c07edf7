"""What a generation gives: records, and every candidate that was refused with its reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from headwater.dataprep.generate.asking import Spent
from headwater.records.record import Record

SHOWN = 20


@dataclass
class Generated:
    """Records made so far, refusals by reason with examples, what it cost, and why it stopped."""

    records: list[Record] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)
    stopped: str | None = None

    def refuse(self, reason: str, text: str) -> None:
        """Count a refused candidate."""
        self.refused[reason] += 1
        shown = self.examples.setdefault(reason, [])
        if len(shown) < SHOWN:
            shown.append(text[:300])

    def to_json(self) -> dict[str, Any]:
        """Return the report."""
        return {
            "records": len(self.records), "refused": dict(self.refused.most_common()), "examples": self.examples,
            "requests": self.spent.requests, "from_cache": self.spent.cached, "tokens": self.spent.tokens,
            "too_long": self.spent.too_long, "stopped": self.stopped,
        }  # fmt: skip
