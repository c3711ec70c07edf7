"""Micro-batches of compared answers as arrays, and the mask that lets two answers follow one prompt.

shared     prompt chosen rejected   one row; each answer sees the prompt and itself, positions go on from the prompt
separate   prompt chosen / prompt rejected   two rows, padded on the right, no mask
packed     the same end to end; attention keeps them apart by their positions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from headwater.training.preference.pairs import Pairs
from headwater.training.rows.batches import MicroBatch, padded

BOTH, FIRST, SECOND = (0, 1), (0,), (1,)
Numbers = npt.NDArray[np.int64]
NONE: tuple[Numbers, Numbers, tuple[int, ...]] = (np.zeros(0, np.int64), np.zeros(0, np.int64), ())
SHAREABLE = {"full_attention", "sliding_attention"}


@dataclass(frozen=True)
class PairArrays:
    """`ids`, `positions` (batch, width). `places` and `labels` (n,): where which token is predicted, answer by answer.

    `counts[i]` of them belong to answer i of `answers` (numbers into Pairs.answers). `branches` (batch, width) is 0
    in a prompt, 1 and 2 in its answers, None where nothing is shared. A device without a share of a step has
    `counts_for_nothing`.
    """

    ids: Numbers
    positions: Numbers | None
    branches: npt.NDArray[np.int8] | None
    places: Numbers
    labels: Numbers
    counts: tuple[int, ...]
    answers: tuple[int, ...]
    rows: tuple[int, ...]
    counts_for_nothing: bool = False


def pair_arrays(pairs: Pairs, batch: MicroBatch, pad: int, sides: tuple[int, ...] = BOTH) -> PairArrays:
    """Lay out some sides of the rows of a micro-batch. One side alone has nothing to share."""
    answers = tuple(2 * row + side for row in batch.rows for side in sides)
    if pairs.form == "shared" and len(sides) == 2:
        return _shared(pairs, batch, answers, pad)
    return _rows(pairs, batch, answers, pad)


def _rows(pairs: Pairs, batch: MicroBatch, answers: tuple[int, ...], pad: int) -> PairArrays:
    sequences = [pairs.answers.row(number) for number in answers]
    packed = pairs.form == "packed"
    lengths = [len(ids) for ids, _ in sequences]
    width = sum(lengths) if packed else padded(max(lengths))
    starts = np.concatenate([[0], np.cumsum(lengths)]) if packed else np.arange(len(answers) + 1) * width
    ids = np.full((1 if packed else len(answers), width), pad, np.int64)
    positions = np.zeros_like(ids) if packed else None
    targets, labels = [], []
    for (tokens, learned), start in zip(sequences, starts, strict=False):
        ids.reshape(-1)[start : start + len(tokens)] = tokens
        if positions is not None:
            positions[0, start : start + len(tokens)] = np.arange(len(tokens))
        at = _predicted(learned)
        targets.append(start + at - 1)
        labels.append(tokens[at])
    return _made(PairArrays(ids, positions, None, *NONE, answers, batch.rows), targets, labels)


def _shared(pairs: Pairs, batch: MicroBatch, answers: tuple[int, ...], pad: int) -> PairArrays:
    width = padded(int(pairs.lengths[list(batch.rows)].max()))
    ids = np.full((len(batch.rows), width), pad, np.int64)
    positions, branches = np.zeros_like(ids), np.zeros(ids.shape, np.int8)
    targets, labels = [], []
    for place, row in enumerate(batch.rows):
        common = int(pairs.common[row])
        (first, learned), (second, other) = pairs.answers.row(2 * row), pairs.answers.row(2 * row + 1)
        end = len(first) + len(second) - common
        ids[place, : len(first)], ids[place, len(first) : end] = first, second[common:]
        positions[place, : len(first)] = np.arange(len(first))
        positions[place, len(first) : end] = np.arange(common, len(second))
        branches[place, common : len(first)], branches[place, len(first) :] = 1, 2
        for tokens, mask, moved in ((first, learned, 0), (second, other, len(first) - common)):
            at = _predicted(mask)
            before = at - 1
            targets.append(place * width + np.where(before < common, before, before + moved))
            labels.append(tokens[at])
    return _made(PairArrays(ids, positions, branches, *NONE, answers, batch.rows), targets, labels)


def _predicted(learned: npt.NDArray[np.bool_]) -> Numbers:
    """Places of learned tokens that have a token before them."""
    found: Numbers = np.flatnonzero(learned[1:]) + 1
    return found


def _made(found: PairArrays, targets: Sequence[Numbers], labels: Sequence[npt.NDArray[np.int32]]) -> PairArrays:
    """Fill in what is predicted where, answer by answer."""
    counts = tuple(len(part) for part in targets)
    wanted = np.concatenate(labels).astype(np.int64)
    return replace(found, places=np.concatenate(targets).astype(np.int64), labels=wanted, counts=counts)


def pair_tensors(batch: PairArrays, config: Any, device: torch.device, scored: bool = False) -> dict[str, Any]:
    """Return a micro-batch as the inputs of a model with `config`; `scored` asks for one score an answer."""
    places = torch.from_numpy(batch.places)
    found: dict[str, Any] = {"input_ids": torch.from_numpy(batch.ids).to(device)}
    if scored:
        # The last predicted token is the one that ends the answer; its own place is one further on.
        ends = np.cumsum(batch.counts) - 1
        found["answer_places"] = torch.from_numpy(_last_places(batch, ends)).to(device)
    else:
        found["answer_places"], found["answer_labels"] = places.to(device), torch.from_numpy(batch.labels).to(device)
    if batch.positions is not None:
        found["position_ids"] = torch.from_numpy(batch.positions).to(device)
    if batch.branches is not None:
        found["attention_mask"] = masks(
            torch.from_numpy(batch.branches), found["position_ids"], config, computed_in(config, device)
        )
    return found


def computed_in(config: Any, device: torch.device) -> torch.dtype:
    """The number type that attention is computed in."""
    if torch.is_autocast_enabled(device.type):
        return torch.get_autocast_dtype(device.type)
    kind = getattr(config, "dtype", None)
    return kind if isinstance(kind, torch.dtype) else torch.float32


def _last_places(batch: PairArrays, ends: Numbers) -> Numbers:
    if batch.branches is None:
        return batch.places[ends] + 1
    # In a shared row an answer of one token is predicted by the prompt's last place, far from its own.
    width = batch.ids.shape[1]
    flat = batch.branches.reshape(-1)
    found = []
    for number, end in enumerate(ends):
        place, branch = int(batch.places[end]), number % 2 + 1
        row = place // width
        begins = row * width + int(np.argmax(batch.branches[row] == branch))
        found.append(place + 1 if flat[place] == branch else begins)
    return np.array(found, np.int64)


def masks(branches: torch.Tensor, positions: torch.Tensor, config: Any, kind: torch.dtype = torch.float32) -> Any:
    """Return who sees whom (batch, 1, width, width), 0 or very low, for each kind of layer where there are several."""
    branches = branches.to(positions.device)
    width = branches.shape[1]
    causal = torch.ones(width, width, dtype=torch.bool, device=positions.device).tril()
    mine, theirs = branches[:, :, None], branches[:, None, :]
    seen = causal & ((theirs == 0) | (theirs == mine))
    kinds = set(getattr(config, "layer_types", None) or ())
    window = getattr(config, "sliding_window", None)
    near = seen if window is None else seen & (positions[:, :, None] - positions[:, None, :] < window)

    def made(mask: torch.Tensor) -> torch.Tensor:
        # As numbers to add: of a mask of truths every layer would make, and keep, its own numbers.
        none = torch.tensor(torch.finfo(kind).min, dtype=kind, device=mask.device)
        return torch.where(mask[:, None], torch.zeros_like(none), none)

    if "sliding_attention" in kinds:
        return {"full_attention": made(seen), "sliding_attention": made(near)}
    return made(seen if kinds else near)
