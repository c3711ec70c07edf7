"""Made questions about passages of Wikipedia: a sentence with a gap, some words lost, asked for what stood there.

They are rough, but there are as many as one likes, and finding the words that answer is what has to be learned.
The same questions teach the reader of the answers (recipes/reader).
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from pathlib import Path

from identity import row
from passages import ABSENT, SHORT

RECIPES = Path(__file__).parents[1]
sys.path[:0] = [str(RECIPES / "reader"), str(RECIPES.parent / "benchmarks" / "answers")]

from pairs import MadePairs  # noqa: E402

DRAWN = 60_000  # pairs, from which passages with several questions are kept
CONVERSATIONS = 420
TURNS = 5
LONGEST = 900  # characters of a passage
ABSENT_SHARE = 0.3


def gap_rows(dump: Path, chance: random.Random) -> list[dict[str, object]]:
    """Return one conversation a passage: its made questions, answered with the words of the gap."""
    maker = MadePairs(dump)
    asked: dict[str, dict[str, str]] = defaultdict(dict)
    for _ in range(DRAWN):
        pair = maker.make(chance)
        if pair.answered and len(pair.passage) <= LONGEST and pair.question.count(" ") >= 4:
            asked[pair.passage].setdefault(pair.passage[pair.start : pair.end], pair.question)
    fitting = [(passage, found) for passage, found in asked.items() if len(found) >= TURNS]
    fitting = chance.sample(fitting, min(CONVERSATIONS, len(fitting)))
    rows = []
    for number, (passage, found) in enumerate(fitting):
        pairs = [(question, answer) for answer, question in chance.sample(sorted(found.items()), TURNS)]
        for place in range(TURNS):
            if chance.random() < ABSENT_SHARE:
                _, others = chance.choice(fitting)
                answer, question = chance.choice(sorted(others.items()))
                if answer not in passage:
                    pairs[place] = (question, ABSENT["en"])
        opening = chance.choice(SHORT["en"]).format(passage=passage, question=pairs[0][0])
        rows.append(row(f"gap:{number}", [(opening, pairs[0][1]), *pairs[1:]]))
    return rows
