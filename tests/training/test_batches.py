"""Steps and micro-batches: every row once, equal steps, the same on any number of devices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.training.rows.batches import (
    IGNORED,
    BatchSettings,
    Layout,
    MicroBatch,
    Schedule,
    arrays,
    padded,
    share_of,
)
from headwater.training.rows.examples import Examples


def examples_of(lengths: list[int]) -> Examples:
    """Rows of given lengths; the second half of each is learned."""
    ids, learned = [], []
    for number, length in enumerate(lengths):
        ids.append(np.arange(length, dtype=np.int32) + 10 * number)
        learned.append(np.arange(length) >= length // 2)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Examples(np.concatenate(ids), np.concatenate(learned), starts, tuple(f"r{n}" for n in range(len(lengths))))


layouts = st.sampled_from(["buckets", "packed"])
many = st.lists(st.integers(2, 90), min_size=1, max_size=120)


@settings(max_examples=80, deadline=None)
@given(many, layouts, st.integers(1, 300), st.integers(8, 300), st.integers(0, 5))
def test_an_epoch_has_every_row_once_and_counts_its_targets(
    lengths: list[int], layout: Layout, per_step: int, micro: int, seed: int
) -> None:
    examples = examples_of(lengths)
    schedule = Schedule(examples, BatchSettings(per_step, micro, layout, seed), 1)
    seen: list[int] = []
    for number in range(len(schedule)):
        step = schedule[number]
        rows = [row for batch in step.micro_batches for row in batch.rows]
        assert step.targets == examples.targets[rows].sum() > 0
        seen += rows
    assert sorted(seen) == list(range(len(lengths)))


@settings(max_examples=80, deadline=None)
@given(many, layouts, st.integers(8, 300))
def test_a_micro_batch_fits_its_budget_or_is_one_row(lengths: list[int], layout: Layout, micro: int) -> None:
    examples = examples_of(lengths)
    schedule = Schedule(examples, BatchSettings(100, micro, layout, 1), 1)
    for number in range(len(schedule)):
        for batch in schedule[number].micro_batches:
            found = arrays(examples, batch, layout, 0)
            assert examples.targets[list(batch.rows)].sum() <= 100 or len(batch.rows) == 1
            assert found.ids.size <= max(micro, padded(int(examples.lengths[list(batch.rows)].max())))


@settings(max_examples=60, deadline=None)
@given(many, layouts, st.integers(1, 5))
def test_all_devices_together_do_each_micro_batch_once(lengths: list[int], layout: Layout, world: int) -> None:
    schedule = Schedule(examples_of(lengths), BatchSettings(120, 64, layout, 3), 1)
    for number in range(len(schedule)):
        step = schedule[number]
        shared = [batch for rank in range(world) for batch in share_of(step, rank, world)]
        assert sorted(shared, key=lambda batch: batch.rows) == sorted(step.micro_batches, key=lambda batch: batch.rows)


def test_steps_are_about_as_large_as_asked() -> None:
    chance = np.random.default_rng(0)
    examples = examples_of([int(n) for n in chance.integers(4, 60, 4000)])
    schedule = Schedule(examples, BatchSettings(500, 256, "buckets", 0), 1)
    sizes = np.array([schedule[number].targets for number in range(len(schedule))])
    assert abs(sizes.mean() - 500) < 25
    assert sizes.min() > 250
    assert sizes.max() < 750


def test_seed_and_epoch_decide_the_order() -> None:
    chance = np.random.default_rng(5)
    examples = examples_of([int(n) for n in chance.integers(4, 60, 300)])

    def rows(seed: int, epochs: float) -> list[tuple[int, ...]]:
        schedule = Schedule(examples, BatchSettings(20, 64, "buckets", seed), epochs)
        return [batch.rows for number in range(len(schedule)) for batch in schedule[number].micro_batches]

    assert rows(7, 2) == rows(7, 2)
    assert rows(7, 1) != rows(8, 1)
    both, first = rows(7, 2), rows(7, 1)
    assert both[: len(first)] == first
    assert both[len(first) :] != first
    schedule = Schedule(examples, BatchSettings(20, 64, "buckets", 7), 2)
    assert {schedule[n].epoch for n in range(schedule.steps)} == {0, 1}


def test_parts_of_epochs_and_a_limit_of_steps() -> None:
    examples = examples_of([20] * 100)
    whole = Schedule(examples, BatchSettings(100, 64, "buckets", 1), 1).steps
    assert Schedule(examples, BatchSettings(100, 64, "buckets", 1), 2.5).steps == round(whole * 2.5)
    limited = Schedule(examples, BatchSettings(100, 64, "buckets", 1), 3, max_steps=4)
    assert limited.steps == 4
    with pytest.raises(IndexError):
        limited[4]


def test_arrays_of_a_bucket_and_of_a_pack() -> None:
    examples = examples_of([3, 5])
    bucket = arrays(examples, MicroBatch((0, 1)), "buckets", pad=99)
    assert bucket.ids.tolist() == [[0, 1, 2, 99, 99, 99, 99, 99], [10, 11, 12, 13, 14, 99, 99, 99]]
    assert bucket.labels.tolist()[0] == [1, 2] + [IGNORED] * 6
    assert bucket.labels.tolist()[1] == [IGNORED, 12, 13, 14] + [IGNORED] * 4
    pack = arrays(examples, MicroBatch((0, 1)), "packed", pad=99)
    assert pack.ids.tolist() == [[0, 1, 2, 10, 11, 12, 13, 14]]
    assert pack.positions.tolist() == [[0, 1, 2, 0, 1, 2, 3, 4]]
    # No row predicts the first token of the next one.
    assert pack.labels.tolist() == [[1, 2, IGNORED, IGNORED, 12, 13, 14, IGNORED]]
    assert pack.starts is not None
    assert pack.starts.tolist() == [0, 3, 8]


def test_packs_are_full() -> None:
    chance = np.random.default_rng(1)
    examples = examples_of([int(n) for n in chance.integers(8, 200, 2000)])
    schedule = Schedule(examples, BatchSettings(2000, 1024, "packed", 0), 1)
    sizes = [
        int(examples.lengths[list(batch.rows)].sum())
        for number in range(len(schedule))
        for batch in schedule[number].micro_batches
    ]
    assert sum(sizes) / (len(sizes) * 1024) > 0.95
