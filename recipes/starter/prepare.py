"""Make the starter's training rows: `python recipes/starter/prepare.py --data DATA --out OUT`.

Runs chats.yaml (Open Assistant, dolly), then adds rows about passages (XQuAD articles 1-36) and the model itself.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from identity import identity_rows
from passages import PassageRows, paragraphs

from headwater.dataprep.recipe import load_recipe
from headwater.dataprep.run import prepare

SEED = 1
TRAINED = range(36)  # the articles 37-48 are for evaluation, in every language


def main() -> None:
    """Write chats/ and passages.jsonl, identity.jsonl beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with oasst/, dolly_hhrlhf/, xquad/")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    chats = prepare(load_recipe(Path(__file__).parent / "chats.yaml").placed(given.data, given.out / "chats"))
    print(json.dumps({"chats": chats.json["rows_out"]}))
    chance = random.Random(SEED)
    write(given.out / "passages.jsonl", passage_rows(given.data, chance))
    write(given.out / "identity.jsonl", identity_rows(chance))


def passage_rows(data: Path, chance: random.Random) -> list[dict[str, object]]:
    """Return all rows about passages: English twice in other orders, German once."""
    rows = []
    for language, times in (("en", 2), ("de", 1)):
        found = paragraphs(json.loads((data / "xquad" / f"xquad.{language}.json").read_text("utf-8")), TRAINED)
        maker = PassageRows(found, language, chance)
        for number in range(times):
            rows += maker.conversations(f"xquad.{language}.{number}")
        if language == "en":
            rows += maker.numbered("xquad.numbered", 400)
            rows += maker.short("xquad.short", 150)
            rows += maker.summaries("xquad.summary", 100)
        else:
            rows += maker.numbered(f"xquad.numbered.{language}", 80)
    return rows


def write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    """Write rows as JSON Lines."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    print(json.dumps({path.name: len(lines)}))


if __name__ == "__main__":
    main()
