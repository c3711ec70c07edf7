"""What the starter model can do, asked through the product's own engine.

    python benchmarks/starter/run.py --models DIR --adapter PEFT_FOLDER [--data ../shared/data] [--limit N]
    python benchmarks/starter/run.py --models DIR --model gemma-270m        the base alone

XQuAD articles 37-48 (not trained on): 265 questions with their own passage (does the answer hold the gold span?), with
another passage of the same article and with one of another article (does it say that the passage does not say?); the
first 100 self-instruct prompts (does it stop by itself within 400 tokens?). Greedy. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "recipes" / "starter"))

from passages import Paragraph, Question, paragraphs  # noqa: E402

from headwater.chat.prompt import NOTHING  # noqa: E402
from headwater.core.settings import load_settings  # noqa: E402
from headwater.core.types import ChatOptions, Message  # noqa: E402
from headwater.workspace import Workspace  # noqa: E402

HELD_OUT = range(36, 48)
ABSENT = re.compile(
    rf"does not (say|mention|tell|hold)|doesn't (say|mention)|not (say|mentioned|in the|stated)|{NOTHING}",
    re.IGNORECASE,
)
ASK = (
    "Read the passage and answer the question. If the passage does not hold the answer, say so."
    "\n\nPassage: {0}\n\nQuestion: {1}"
)
AT_ONCE = 4
STOP_TOKENS = 400
ANSWER_TOKENS = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--model", default="gemma-270m")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--show", type=int, default=0, help="print this many answers of each kind")
    given = parser.parse_args()
    with opened(given.models, ("gemma-270m",), given.threads) as workspace:
        print(json.dumps(asyncio.run(measure(workspace, given)), indent=1))


@contextmanager
def opened(models_dir: Path, names: Sequence[str], threads: int) -> Iterator[Workspace]:
    """A workspace of its own with some of the models of a folder; it leaves nothing behind."""
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        models.mkdir()
        for name in names:
            (models / name).symlink_to((models_dir / name).absolute())
        settings = load_settings(data_dir=Path(folder) / "data", threads=threads, parallel=AT_ONCE)
        workspace = Workspace.open(settings, models)
        try:
            yield workspace
        finally:
            workspace.close()


async def measure(workspace: Workspace, given: argparse.Namespace) -> dict[str, Any]:
    name = given.model
    if given.adapter is not None:
        from headwater.models.adapters import add_adapter

        name = add_adapter(workspace.models, given.adapter, "candidate", given.model).name
    model = workspace.supervisor.chat_model(name)
    found = paragraphs(json.loads((given.data / "xquad" / "xquad.en.json").read_text("utf-8")), HELD_OUT)
    chance = random.Random(7)
    asked = [(paragraph, question) for paragraph in found for question in paragraph.questions]
    chance.shuffle(asked)
    asked = asked[: given.limit]
    began = time.perf_counter()
    right = await ask_all(model, [ASK.format(p.text, q.text) for p, q in asked], ANSWER_TOKENS)
    near = await ask_all(
        model, [ASK.format(other(found, p, q, True, chance).text, q.text) for p, q in asked], ANSWER_TOKENS
    )
    far = await ask_all(
        model, [ASK.format(other(found, p, q, False, chance).text, q.text) for p, q in asked], ANSWER_TOKENS
    )
    lines = (given.data / "self_instruct" / "seed_tasks.jsonl").read_text("utf-8").splitlines()
    prompts = [prompt_of(json.loads(line)) for line in lines[: min(100, given.limit or 100)]]
    written = await ask_all(model, prompts, STOP_TOKENS)
    for title, texts in (("right", right), ("near", near), ("far", far)):
        for (_, question), (text, _) in list(zip(asked, texts, strict=True))[: given.show]:
            print(f"[{title}] {question.text} ({question.span}) -> {text}", file=sys.stderr)
    for prompt, (text, _) in list(zip(prompts, written, strict=True))[: given.show]:
        print(f"[free] {prompt!r} -> {text!r}", file=sys.stderr)
    return {
        "model": name,
        "questions": len(asked),
        "gold_span_in_answer": share(plain(q.span) in plain(t) for (_, q), (t, _) in zip(asked, right, strict=True)),
        "refused_although_there": share(bool(ABSENT.search(text)) for text, _ in right),
        "absent_said_other_passage_same_article": share(bool(ABSENT.search(text)) for text, _ in near),
        "absent_said_other_article": share(bool(ABSENT.search(text)) for text, _ in far),
        "stopped_by_itself": share(reason == "stop" for _, reason in written),
        "prompts": len(prompts),
        "repeats_itself": share(repeats(text) for text, _ in written),
        "seconds": round(time.perf_counter() - began, 1),
    }


def other(
    found: Sequence[Paragraph], own: Paragraph, question: Question, near: bool, chance: random.Random
) -> Paragraph:
    fitting = [
        p
        for p in found
        if p is not own and (p.article == own.article) == near and plain(question.span) not in plain(p.text)
    ]
    return chance.choice(fitting or [p for p in found if p.article != own.article])


def prompt_of(task: dict[str, Any]) -> str:
    given = task["instances"][0]["input"]
    return f"{task['instruction']}\n\n{given}" if given else str(task["instruction"])


async def ask_all(model: Any, prompts: Sequence[str], tokens: int) -> list[tuple[str, str]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(prompt: str) -> tuple[str, str]:
        async with gate:
            text, reason = "", ""
            async for delta in model.stream([Message("user", prompt)], ChatOptions(max_tokens=tokens, temperature=0.0)):
                text += delta.text
                reason = delta.finish_reason or reason
            return text, reason

    return list(await asyncio.gather(*(one(prompt) for prompt in prompts)))


def plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", text.casefold()).split())


def repeats(text: str) -> bool:
    """Whether some run of eight words comes three times."""
    words = text.split()
    runs = [tuple(words[n : n + 8]) for n in range(len(words) - 7)]
    return any(runs.count(run) >= 3 for run in set(runs))


def share(flags: Any) -> float:
    found = list(flags)
    return round(sum(found) / len(found), 4) if found else 0.0


if __name__ == "__main__":
    main()
