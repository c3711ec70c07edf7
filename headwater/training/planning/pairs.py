"""What the plan counts of compared answers: their layout, their mask, and passes that only measure."""

from __future__ import annotations

from headwater.training.config import TrainingConfig
from headwater.training.preference.pairs import Pairs
from headwater.training.rows.batches import Layout, Schedule, padded
from headwater.training.rows.examples import Examples

MASK_NUMBER_BYTES = 4


def laid_out(rows: Examples | Pairs, config: TrainingConfig, layout: Layout) -> Examples | Pairs:
    """Return the rows as a run lays them out, if its model takes a shared prompt."""
    if not isinstance(rows, Pairs):
        return rows
    if layout == "packed":
        return rows.in_form("packed")
    alone = rows.labelled or config.preference.shared_prompt == "off"
    return rows.in_form("separate" if alone else "shared")


def predicted(rows: Examples | Pairs, learned: int, config: TrainingConfig) -> int:
    """Positions of a micro-batch that go through the head: one an answer where answers are scored."""
    return 2 if config.task == "reward" else learned


def mask_bytes(rows: Examples | Pairs, schedule: Schedule) -> int:
    """Bytes of the largest mask of shared prompts, with what makes it."""
    if not isinstance(rows, Pairs) or rows.form != "shared":
        return 0
    seen = range(min(schedule.steps, schedule.steps_per_epoch))
    lengths = rows.lengths
    batches = (list(batch.rows) for number in seen for batch in schedule[number].micro_batches)
    return 2 * MASK_NUMBER_BYTES * max(len(batch) * padded(int(lengths[batch].max())) ** 2 for batch in batches)


def forward_tokens(config: TrainingConfig, schedule: Schedule, tokens: int) -> int:
    """Tokens that go through the model without being learned, where a run has `tokens` that are."""
    once = round(tokens * min(1.0, schedule.steps_per_epoch / schedule.steps))
    if config.task == "dpo":
        return once
    return 2 * once + tokens if config.task == "kto" else 0
