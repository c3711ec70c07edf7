"""The ledger: for every step rows in, added, out, dropped, quarantined; it must balance, or the run fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from headwater.core.errors import HeadwaterError

EXAMPLES = 20


@dataclass
class StepLine:
    """One step's line. `examples` are texts before and after a change, at most EXAMPLES."""

    name: str
    rows_in: int = 0
    added: int = 0
    dropped: int = 0
    quarantined: int = 0
    changed: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, str]] = field(default_factory=list)

    @property
    def rows_out(self) -> int:
        """Rows that go on."""
        return self.rows_in + self.added - self.dropped - self.quarantined

    def add(self, other: StepLine) -> None:
        """Add the line of another block."""
        self.rows_in += other.rows_in
        self.added += other.added
        self.dropped += other.dropped
        self.quarantined += other.quarantined
        self.changed += other.changed
        self.seconds += other.seconds
        self.reasons.update(other.reasons)
        self.examples += other.examples[: EXAMPLES - len(self.examples)]

    def to_json(self) -> dict[str, Any]:
        """Return the line as the report shows it."""
        line: dict[str, Any] = {"name": self.name, "in": self.rows_in, "out": self.rows_out, "dropped": self.dropped}
        if self.added:
            line["added"] = self.added
        if self.quarantined:
            line["quarantined"] = self.quarantined
        reasons = dict(sorted(self.reasons.items(), key=lambda item: (-item[1], item[0])))
        return {**line, "changed": self.changed, "seconds": round(self.seconds, 4), "reasons": reasons}


@dataclass
class BlockLedger:
    """What one block did in one stage, as it is stored beside the block."""

    read: int = 0
    rows: int = 0
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    steps: list[StepLine] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return it for storing."""
        steps = [{**vars(line), "reasons": dict(line.reasons)} for line in self.steps]
        return {"read": self.read, "rows": self.rows, "quarantine": self.quarantine, "steps": steps}

    @classmethod
    def of(cls, value: dict[str, Any]) -> BlockLedger:
        """Read it back."""
        steps = [StepLine(**{**line, "reasons": Counter(line["reasons"])}) for line in value["steps"]]
        return cls(value["read"], value["rows"], value["quarantine"], steps)


def check_balance(rows_in: int, lines: list[StepLine], rows_out: int) -> None:
    """Raise HeadwaterError unless every step continues the one before it and nothing is lost on the way."""
    expected = rows_in
    for line in lines:
        if line.rows_in != expected:
            raise HeadwaterError(
                f"Rows went missing: step {line.name} got {line.rows_in:,} rows, {expected:,} were expected.",
                "This is a fault of the program; the output was not written.",
            )
        expected = line.rows_out
    if expected != rows_out:
        raise HeadwaterError(
            f"Rows went missing: {rows_out:,} rows are left, {expected:,} were expected.",
            "This is a fault of the program; the output was not written.",
        )
