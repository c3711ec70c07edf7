"""The starter against its base, judged blind by a rubric.

    python benchmarks/starter/judge.py --models DIR --adapter PEFT_FOLDER [--data ../shared/data] [--limit N]

Both answer the first 100 self-instruct prompts, greedily, up to 400 tokens, through the product's own engine. The
rubric sees an answer, its prompt and the answer of a person, never who wrote it: up to 2 points for being near in
meaning to the person's answer (cosine of minilm), 1 for stopping by itself, 1 for not going in circles, 1 for its
length, less than 1 when it is over four times the person's. Prints the shares of wins and ties, the means of each part.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from run import ROOT, STOP_TOKENS, ask_all, opened, prompt_of, repeats

from headwater.models.adapters import add_adapter
from headwater.workspace import Workspace

BASE = "gemma-270m"
EMBEDDER = "minilm"
TIE = 0.1  # points
LONG = 4  # times the length of the person's answer


@dataclass(frozen=True)
class Points:
    """What one answer got."""

    near: float
    stopped: float
    straight: float
    to_the_point: float

    @property
    def total(self) -> float:
        return 2 * self.near + self.stopped + self.straight + self.to_the_point


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    with opened(given.models, (BASE, EMBEDDER), given.threads) as workspace:
        print(json.dumps(asyncio.run(compare(workspace, given)), indent=1))


async def compare(workspace: Workspace, given: argparse.Namespace) -> dict[str, Any]:
    lines = (given.data / "self_instruct" / "seed_tasks.jsonl").read_text("utf-8").splitlines()[: given.limit]
    tasks = [json.loads(line) for line in lines]
    prompts = [prompt_of(task) for task in tasks]
    wanted = [str(task["instances"][0]["output"]).strip() for task in tasks]
    starter = add_adapter(workspace.models, given.adapter, "candidate", BASE).name
    points: dict[str, list[Points]] = {}
    for side, name in (("base", BASE), ("starter", starter)):
        answers = await ask_all(workspace.supervisor.chat_model(name), prompts, STOP_TOKENS)
        points[side] = judged(workspace, answers, wanted)
    pairs = list(zip(points["starter"], points["base"], strict=True))
    return {
        "prompts": len(prompts),
        "starter_wins": share([ours.total > theirs.total + TIE for ours, theirs in pairs]),
        "ties": share([abs(ours.total - theirs.total) <= TIE for ours, theirs in pairs]),
        "base_wins": share([theirs.total > ours.total + TIE for ours, theirs in pairs]),
        **{
            f"{side}_{part}": share([getattr(one, part) for one in found])
            for side, found in points.items()
            for part in ("near", "stopped", "straight", "to_the_point", "total")
        },
    }


def judged(workspace: Workspace, answers: Sequence[tuple[str, str]], wanted: Sequence[str]) -> list[Points]:
    """Return the points of answers, each a text and why it ended."""
    embedder = workspace.supervisor.embedder(EMBEDDER)
    said, meant = embedder.embed([text or "-" for text, _ in answers]), embedder.embed([text or "-" for text in wanted])
    near = (said * meant).sum(axis=1)  # both have length 1
    return [
        Points(
            near=float(cosine),
            stopped=float(reason == "stop"),
            straight=float(not repeats(text)),
            to_the_point=min(1.0, LONG * max(len(person), 40) / max(len(text), 1)),
        )
        for cosine, (text, reason), person in zip(near, answers, wanted, strict=True)
    ]


def share(values: Sequence[float]) -> float:
    return round(sum(values) / len(values), 4) if values else 0.0


if __name__ == "__main__":
    main()
