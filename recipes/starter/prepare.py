"""Make the starter's training rows: `python recipes/starter/prepare.py --data DATA --out OUT`.

Runs chats.yaml (Open Assistant, dolly, self-instruct, gsm8k), then adds rows about passages (XQuAD articles 1-36,
Wikipedia) and the model itself.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from gaps import gap_rows
from identity import identity_rows
from passages import PassageRows, paragraphs
from sources import lay_out, write

from headwater.dataprep.recipe import load_recipe
from headwater.dataprep.run import prepare

SEED = 1
DUMP = "enwiki-latest-pages-articles1.xml-p000000010p000030302-shortened.bz2"
TRAINED = range(36)  # the articles 37-48 are for evaluation, in every language


def main() -> None:
    """Write chats/, kept_back/ and passages.jsonl, gaps.jsonl, identity.jsonl beside them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with oasst/, dolly_hhrlhf/, xquad/, wiki/, ..."
    )
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    chance = random.Random(SEED)
    lay_out(given.data, given.out / "sources", chance)
    chats = prepare(
        load_recipe(Path(__file__).parent / "chats.yaml").placed(given.out / "sources", given.out / "chats")
    )
    print(json.dumps({"chats": chats.json["rows_out"]}))
    write(given.out / "passages.jsonl", passage_rows(given.data, chance))
    write(given.out / "gaps.jsonl", gap_rows(given.data / "wiki" / DUMP, chance))
    write(given.out / "identity.jsonl", identity_rows(chance))


def passage_rows(data: Path, chance: random.Random) -> list[dict[str, object]]:
    """Return all rows about passages: English quoted twice and short once, half of the German short."""
    found = {
        language: paragraphs(json.loads((data / "xquad" / f"xquad.{language}.json").read_text("utf-8")), TRAINED)
        for language in ("en", "de")
    }
    english = PassageRows(found["en"], "en", chance)
    german = PassageRows(found["de"][::2], "de", chance)
    rows = english.conversations("xquad.en.0", quoted=True) + english.conversations("xquad.en.1", quoted=True)
    rows += english.conversations("xquad.en.short", quoted=False) + german.conversations("xquad.de", quoted=False)
    rows += english.numbered("xquad.numbered", 120) + german.numbered("xquad.numbered.de", 30)
    return rows + english.summaries("xquad.summary", 60)


if __name__ == "__main__":
    main()
