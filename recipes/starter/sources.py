"""Lay the sources of chats.yaml and replies.yaml beside each other, without what is kept back for measuring."""

from __future__ import annotations

import json
import lzma
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from identity import row

KEPT_BACK = 10  # every tenth Open Assistant tree measures perplexity
TASKS_MEASURED = 100  # the first self-instruct prompts measure whether the model stops by itself
SUMS = 200
LONGEST = 480  # characters of an answer
LONGEST_REPLY = 1500  # of a reply in the second part of the training
WORST_RANK = 1
Node = dict[str, Any]  # a message of an Open Assistant tree: role, text, rank, replies
WORKED = re.compile(r"<<[^>]*>>")  # the calculator marks of gsm8k


def lay_out(data: Path, out: Path, chance: random.Random) -> None:
    """Write the sources of both data recipes into `out`, and kept_back.jsonl as conversations."""
    out.mkdir(parents=True, exist_ok=True)
    trees = (data / "oasst" / "en_100_tree.jsonl").read_text("utf-8").splitlines()
    kept_back = trees[KEPT_BACK - 1 :: KEPT_BACK]
    write(out / "kept_back.jsonl", replies(kept_back))
    learned = [tree for tree in trees if tree not in kept_back]
    (out / "oasst.jsonl").write_text("\n".join(learned) + "\n", "utf-8")
    write(out / "replies.jsonl", good_conversations(learned))
    shutil.copyfile(data / "dolly_hhrlhf" / "dolly_hhrlhf_train_small.jsonl", out / "dolly.jsonl")
    write(out / "tasks.jsonl", tasks((data / "self_instruct" / "seed_tasks.jsonl").read_text("utf-8").splitlines()))
    with lzma.open(data / "gsm8k" / "train.jsonl.xz", "rt", encoding="utf-8") as lines:
        write(out / "sums.jsonl", sums(chance.sample(list(lines), SUMS)))


def replies(trees: list[str]) -> list[dict[str, object]]:
    """Return every conversation of these trees that ends with a reply of the assistant."""
    return [conversation(path) for tree in trees for path in paths(json.loads(tree)["prompt"])]


def good_conversations(trees: list[str]) -> list[dict[str, object]]:
    """Return the conversations of these trees as far down as replies are good, none the beginning of another."""
    found = [path for tree in trees for path in paths(json.loads(tree)["prompt"]) if is_good(path[-1])]
    begun = {node["message_id"] for path in found for node in path[:-1]}
    return [conversation(path) for path in found if path[-1]["message_id"] not in begun]


def is_good(reply: Node) -> bool:
    """Whether people ranked a reply first or second among its like, and it is not long."""
    return (reply.get("rank") or 0) <= WORST_RANK and len(reply["text"]) <= LONGEST_REPLY


def paths(node: Node, before: tuple[Node, ...] = ()) -> Iterator[tuple[Node, ...]]:
    """Yield the messages from the root to every reply of the assistant."""
    path = (*before, node)
    if node["role"] == "assistant":
        yield path
    for reply in node["replies"]:
        yield from paths(reply, path)


def conversation(path: tuple[Node, ...]) -> dict[str, object]:
    """Return a path of a tree as one row in messages form."""
    roles = {"assistant": "assistant", "prompter": "user"}
    messages = [{"role": roles[node["role"]], "content": node["text"]} for node in path]
    return {"id": path[-1]["message_id"], "messages": messages}


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
