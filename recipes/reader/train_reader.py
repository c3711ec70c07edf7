"""Train the reader on pairs and keep what changed (`reader.safetensors`, float16). Resumes from its checkpoint.

    python -m venv /tmp/reader && /tmp/reader/bin/pip install torch==2.13.0 headwater
    /tmp/reader/bin/python recipes/reader/train_reader.py --base model.safetensors --tokenizer tokenizer.json \
        --data ../shared/data --out recipes/reader/reader.safetensors

One thread takes about three seconds a step of 16 pairs. Articles 4, 8, 12, ... 36 are left out, for choosing.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as functional
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks" / "answers"), str(ROOT / "benchmarks" / "retrieval")]

from corpus import TRAINING, xquad  # noqa: E402
from network import ReaderNetwork  # noqa: E402
from pairs import ContextPairs, MadePairs, Pair, RealPairs  # noqa: E402

DEVELOPMENT = range(3, 36, 4)
SHARES = {"en": 0.72, "de": 0.14, "es": 0.14}
BATCH, POOL, LONGEST, QUESTION = 16, 96, 320, 64
MADE_FIRST, MADE_LAST, CONTEXT = 0.75, 0.10, 0.06  # shares of made pairs (at the start, from 60 % on), of dolly
SPAN_WEIGHT = 0.5
CLS, SEP = 101, 102


@dataclass(frozen=True)
class Item:
    """A tokenised pair; `start` and `end` are token places, -1 where unknown."""

    ids: list[int]
    types: list[int]
    answered: float
    start: int
    end: int


def tokenised(pair: Pair, tokenizer: Tokenizer) -> Item:
    """Cut a pair to LONGEST tokens around its answer."""
    question = tokenizer.encode(pair.question, add_special_tokens=False).ids[:QUESTION]
    passage = tokenizer.encode(pair.passage, add_special_tokens=False)
    room, offsets = LONGEST - len(question) - 3, passage.offsets
    low, start, end = 0, -1, -1
    if pair.answered and pair.start >= 0:
        start = next((n for n, (_, high) in enumerate(offsets) if high > pair.start), len(offsets) - 1)
        end = max((n for n, (first, _) in enumerate(offsets) if first < pair.end), default=0)
        low = min(max(0, (start + end) // 2 - room // 2), max(0, len(offsets) - room))
        if not low <= start <= end < low + room:
            start = end = -1
    ids = [CLS, *question, SEP, *passage.ids[low : low + room], SEP]
    shift = len(question) + 2
    types = [0] * shift + [1] * (len(ids) - shift)
    places = (start - low + shift, end - low + shift) if start >= 0 else (-1, -1)
    return Item(ids, types, float(pair.answered), *places)


class Source:
    """Draws pairs by their shares at a point of the training (0..1)."""

    def __init__(self, data: Path) -> None:
        training = set(TRAINING) - set(DEVELOPMENT)
        self._real = {language: RealPairs(xquad(data, language).of(training)) for language in SHARES}
        self._made = MadePairs(next((data / "wiki").glob("*.bz2")))
        self._context = ContextPairs(data)

    def draw(self, point: float, rng: random.Random) -> Pair:
        """Return one pair."""
        made = MADE_FIRST + (MADE_LAST - MADE_FIRST) * min(1.0, point / 0.6)
        kind = rng.random()
        if kind < made:
            return self._made.make(rng)
        if kind < made + CONTEXT:
            return self._context.make(rng)
        return self._real[rng.choices(list(SHARES), list(SHARES.values()))[0]].make(rng)


def batches(source: Source, tokenizer: Tokenizer, first: int, steps: int, rng: random.Random) -> Iterator[list[Item]]:
    """Yield one batch a step, pairs of like length together."""
    waiting: list[list[Item]] = []
    for step in range(first, steps):
        if not waiting:
            drawn = [tokenised(source.draw(step / steps, rng), tokenizer) for _ in range(POOL)]
            drawn.sort(key=lambda item: len(item.ids))
            waiting = [drawn[start : start + BATCH] for start in range(0, POOL, BATCH)]
            rng.shuffle(waiting)
        yield waiting.pop()


def loss_of(network: ReaderNetwork, batch: list[Item]) -> Tensor:
    """Cross-entropy of the relevance, and of start and end where they are known."""
    longest = max(len(item.ids) for item in batch)
    ids = torch.tensor([item.ids + [0] * (longest - len(item.ids)) for item in batch])
    types = torch.tensor([item.types + [0] * (longest - len(item.ids)) for item in batch])
    mask = torch.tensor([[True] * len(item.ids) + [False] * (longest - len(item.ids)) for item in batch])
    relevance, starts, ends = network(ids, types, mask)
    loss = functional.binary_cross_entropy_with_logits(relevance, torch.tensor([item.answered for item in batch]))
    known = torch.tensor([item.start >= 0 for item in batch])
    if known.any():
        start, end = (torch.tensor([getattr(item, name) for item in batch])[known] for name in ("start", "end"))
        spans = functional.cross_entropy(starts[known], start) + functional.cross_entropy(ends[known], end)
        loss = loss + SPAN_WEIGHT * spans / 2
    return loss


def train(arguments: argparse.Namespace) -> ReaderNetwork:
    """Run the steps that are missing."""
    torch.manual_seed(arguments.seed)
    tokenizer = Tokenizer.from_file(str(arguments.tokenizer))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    network = ReaderNetwork(arguments.base, arguments.rank)
    trained = [value for value in network.parameters() if value.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=arguments.rate, weight_decay=0.01)
    kept = arguments.out.with_suffix(".checkpoint")
    first = 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        network.load_state_dict(state["network"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    rng = random.Random(arguments.seed + first)
    total = 0.0
    network.train()
    for step, batch in enumerate(batches(Source(arguments.data), tokenizer, first, arguments.steps, rng), start=first):
        scale = min(1.0, (step + 1) / 50) * (0.05 + 0.475 * (1 + math.cos(math.pi * step / arguments.steps)))
        for group in optimizer.param_groups:
            group["lr"] = arguments.rate * scale
        loss = loss_of(network, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        total += loss.item()
        if (step + 1) % 25 == 0:
            print(f"step {step + 1} loss {total / 25:.3f}", flush=True)
            total = 0.0
        if (step + 1) % 100 == 0:
            state = {"network": network.trained(), "optimizer": optimizer.state_dict(), "step": step + 1}
            torch.save(state, kept)
    return network


def main() -> None:
    """Train and write the weights that changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="model.safetensors of all-MiniLM-L6-v2")
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=7e-4)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    network = train(arguments)
    save_file({name: value.half().contiguous() for name, value in network.trained().items()}, str(arguments.out))


if __name__ == "__main__":
    main()
