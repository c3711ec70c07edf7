"""How the starter's sampling was chosen: prompts that neither train nor measure it, under several settings.

    python benchmarks/starter/circles.py --models DIR --adapter PEFT_FOLDER [--settings JSON] [--limit N]

`settings` is a list of what `sampling` in headwater.json may hold; null is none. Greedy, up to 400 tokens, the 80
questions of Vicuna Bench; and 60 questions about their own passage from the articles that are trained on, where a
setting that keeps the model from quoting shows as gold spans lost. Prints JSON, one entry a setting.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
from pathlib import Path
from typing import Any

from run import ANSWER_TOKENS, ASK, ROOT, STOP_TOKENS, ask_all, opened, paragraphs, plain, repeats, share

from headwater.models.adapters import DESCRIPTION_FILE, add_adapter
from headwater.workspace import Workspace

BASE = "gemma-270m"
TRAINED = range(36)
QUESTIONS = 60
SETTINGS = [
    None,
    {"dry_multiplier": 0.8, "dry_allowed_length": 4},
    {"dry_multiplier": 1.5, "dry_allowed_length": 3},
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--settings", type=json.loads, default=SETTINGS)
    parser.add_argument("--limit", type=int, default=80)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    for number, sampling in enumerate(given.settings):
        with opened(given.models, (BASE,), given.threads) as workspace:
            told = asyncio.run(asked(workspace, given, sampling, f"candidate-{number}"))
            print(json.dumps({"sampling": sampling, **told}), flush=True)


async def asked(workspace: Workspace, given: argparse.Namespace, sampling: Any, name: str) -> dict[str, float]:
    folder = workspace.settings.data_dir / name
    shutil.copytree(given.adapter, folder)
    note = json.loads((folder / DESCRIPTION_FILE).read_text("utf-8"))
    (folder / DESCRIPTION_FILE).write_text(json.dumps({**note, "sampling": sampling}), "utf-8")
    model = workspace.supervisor.chat_model(add_adapter(workspace.models, folder, name, BASE).name)
    lines = (given.data / "bench_questions" / "vicuna_bench_question.jsonl").read_text("utf-8").splitlines()
    prompts = [json.loads(line)["turns"][0] for line in lines[: given.limit]]
    written = await ask_all(model, prompts, STOP_TOKENS)
    found = paragraphs(json.loads((given.data / "xquad" / "xquad.en.json").read_text("utf-8")), TRAINED)
    pairs = random.Random(3).sample([(p, q) for p in found for q in p.questions], QUESTIONS)
    right = await ask_all(model, [ASK.format(p.text, q.text) for p, q in pairs], ANSWER_TOKENS)
    return {
        "stopped_by_itself": share(reason == "stop" for _, reason in written),
        "repeats_itself": share(repeats(text) for text, _ in written),
        "characters": round(sum(len(text) for text, _ in written) / len(written)),
        "gold_span_in_answer": share(plain(q.span) in plain(t) for (_, q), (t, _) in zip(pairs, right, strict=True)),
    }


if __name__ == "__main__":
    main()
