"""The corpus of the data benchmarks: real texts, with exact and edited copies among them."""

from __future__ import annotations

import json
import lzma
import random
from pathlib import Path

COPIES = 2000
EDITED_SHARE = 0.03


def read_lines(path: Path) -> list[dict[str, object]]:
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def texts(data: Path) -> list[str]:
    found: list[str] = []
    for name in ("boolq", "pubmed_qa_labeled"):
        rows = read_lines(data / f"eval_mc/reading_comprehension/{name}.jsonl.xz")
        found += [str(row.get("context") or row["query"]) for row in rows]
    for row in read_lines(data / "dolly_hhrlhf/dolly_hhrlhf_train_small.jsonl"):
        found.append(f"{row['prompt']}{row['response']}")
    found += [str(row["text"]) for row in read_lines(data / "formats/llamafactory/c4_demo.jsonl")]
    for name in ("train", "dev"):
        for row in read_lines(data / f"squality/{name}.jsonl.xz"):
            story = str(row["document"])
            found += [story[start : start + 1500] for start in range(0, len(story), 1500)]
    return found


def write(data: Path, target: Path, documents: int = 12_108) -> int:
    """Write {"id", "text"} lines; return the number of characters. The same bytes on every machine."""
    rng = random.Random(7)
    base = texts(data)
    rng.shuffle(base)
    unique = base[: documents - 2 * COPIES]
    rows = list(unique)
    rows += [rng.choice(unique) for _ in range(COPIES)]
    for _ in range(documents - len(rows)):
        words = rng.choice(unique).split(" ")
        for _ in range(max(1, int(len(words) * EDITED_SHARE))):
            words[rng.randrange(len(words))] = f"{rng.choice(['alpha', 'beta', 'gamma'])}{rng.randrange(99)}"
        rows.append(" ".join(words))
    rng.shuffle(rows)
    with target.open("w", encoding="utf-8") as stream:
        for number, text in enumerate(rows):
            stream.write(json.dumps({"id": f"d{number}", "text": text}, ensure_ascii=False) + "\n")
    return sum(map(len, rows))
