"""Lay the sources of chats.yaml beside each other, without what is kept back for measuring."""

from __future__ import annotations

import json
import lzma
import random
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from identity import row

KEPT_BACK = 10  # every tenth Open Assistant tree measures perplexity
TASKS_MEASURED = 100  # the first self-instruct prompts measure whether the model stops by itself
SUMS = 200
LONGEST = 480  # characters of an answer
WORKED = re.compile(r"<<[^>]*>>")  # the calculator marks of gsm8k


def lay_out(data: Path, out: Path, chance: random.Random) -> None:
    """Write oasst.jsonl, dolly.jsonl, tasks.jsonl and sums.jsonl into `out`, and kept_back.jsonl as conversations."""
    out.mkdir(parents=True, exist_ok=True)
    trees = (data / "oasst" / "en_100_tree.jsonl").read_text("utf-8").splitlines()
    kept_back = trees[KEPT_BACK - 1 :: KEPT_BACK]
    write(out / "kept_back.jsonl", replies(kept_back))
    (out / "oasst.jsonl").write_text("\n".join(tree for tree in trees if tree not in kept_back) + "\n", "utf-8")
    shutil.copyfile(data / "dolly_hhrlhf" / "dolly_hhrlhf_train_small.jsonl", out / "dolly.jsonl")
    write(out / "tasks.jsonl", tasks((data / "self_instruct" / "seed_tasks.jsonl").read_text("utf-8").splitlines()))
    with lzma.open(data / "gsm8k" / "train.jsonl.xz", "rt", encoding="utf-8") as lines:
        write(out / "sums.jsonl", sums(chance.sample(list(lines), SUMS)))


def replies(trees: list[str]) -> list[dict[str, object]]:
    """Return every conversation of these trees that ends with a reply of the assistant."""
    rows: list[dict[str, object]] = []

    def walk(node: dict[str, Any], before: list[dict[str, str]]) -> None:
        role = "assistant" if node["role"] == "assistant" else "user"
        messages = [*before, {"role": role, "content": node["text"]}]
        if role == "assistant":
            rows.append({"id": node["message_id"], "messages": messages})
        for reply in node["replies"]:
            walk(reply, messages)

    for tree in trees:
        walk(json.loads(tree)["prompt"], [])
    return rows


def tasks(lines: list[str]) -> list[dict[str, object]]:
    """Return the self-instruct tasks that are not measured with, up to three instances each."""
    rows = []
    for number, task in enumerate(map(json.loads, lines)):
        if number < TASKS_MEASURED:
            continue
        for place, one in enumerate(task["instances"][:3]):
            ask = f"{task['instruction']}\n\n{one['input']}" if one["input"] else task["instruction"]
            rows.append(row(f"task:{number}:{place}", [(ask, one["output"].strip())]))
    return rows


def sums(lines: list[str]) -> list[dict[str, object]]:
    """Return sums in words with their steps and the result in a sentence of its own."""
    rows = []
    for number, item in enumerate(map(json.loads, lines)):
        steps, _, result = WORKED.sub("", item["answer"]).partition("\n#### ")
        answer = f"{steps}\nThe answer is {result.strip()}."
        if len(answer) <= LONGEST:
            rows.append(row(f"sum:{number}", [(item["question"], answer)]))
    return rows


def write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write rows as JSON Lines."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    print(json.dumps({path.name: len(lines)}))
