"""How often detectors are right: personal data on labelled passages, profanity and clean-up on benign text.

python benchmarks/data/quality.py [--data ../shared/data]
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
from pathlib import Path
from typing import Any

import corpus

from headwater.dataprep.block import Block
from headwater.dataprep.step import Setting
from headwater.dataprep.steps.personal_data import PersonalData, PersonalDataOptions
from headwater.dataprep.steps.profanity import Profanity, ProfanityOptions
from headwater.dataprep.steps.unhelpful import Unhelpful, UnhelpfulOptions
from headwater.records.record import Record, Task

ROOT = Path(__file__).resolve().parents[2]


def block_of(texts: list[str]) -> Block:
    return Block.of([Record(Task.PRETRAINING, completion=text) for text in texts])


def personal(data: Path) -> dict[str, Any]:
    """The label says whether a passage holds sensitive information of any kind, more than the kinds we look for."""
    with lzma.open(data / "pii/enterprise_pii_first_half.jsonl.xz", "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    passages = [re.search(r"Passage: '''\n(.*?)\n'''", row["query"], re.DOTALL) for row in rows]
    texts = [found.group(1) if found else row["query"] for found, row in zip(passages, rows, strict=True)]
    step = PersonalData(PersonalDataOptions(action="find"), Setting())
    found = step.measure(block_of(texts))["findings"] > 0
    wanted = [row["gold"] == 1 for row in rows]
    right = sum(f and w for f, w in zip(found, wanted, strict=True))
    kinds: dict[str, int] = {}
    for text in texts:
        for kind, _, _ in step.findings(text):
            kinds[kind] = kinds.get(kind, 0) + 1
    return {
        "passages": len(rows), "sensitive": sum(wanted), "flagged": int(found.sum()),
        "precision": round(right / max(1, int(found.sum())), 4), "recall": round(right / sum(wanted), 4),
        "findings_by_kind": kinds,
    }  # fmt: skip


def benign(data: Path) -> dict[str, Any]:
    """Share of ordinary texts that each detector flags."""
    block = block_of(corpus.texts(data))
    profanity = Profanity(ProfanityOptions(action="drop"), Setting()).measure(block)["coarse_words"] > 0
    unhelpful = Unhelpful(UnhelpfulOptions(), Setting()).measure(block)["unhelpful_texts"] > 0
    personal_data = PersonalData(PersonalDataOptions(action="find"), Setting()).measure(block)["findings"] > 0
    return {
        "texts": len(block),
        "profanity_share": round(float(profanity.mean()), 5),
        "unhelpful_share": round(float(unhelpful.mean()), 5),
        "personal_data_share": round(float(personal_data.mean()), 5),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    data = parser.parse_args().data
    print(json.dumps({"personal_data": personal(data), "benign": benign(data)}, indent=1))


if __name__ == "__main__":
    main()
