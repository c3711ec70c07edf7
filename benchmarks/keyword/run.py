"""The keyword index against SQLite's FTS5 at 100,000 passages: seconds to fill, milliseconds to search.

    python benchmarks/keyword/run.py [--passages 100000] [--data ../shared/data]

Text: the stories of `squality`, cut into 75-word passages, stemmed; beyond those, halves of two passages
put together with a rare word. Queries: 6-10 stemmed content words of a passage, joined with OR, best 100.
Both sides get the same stemmed terms and rank by BM25 (k1 1.2, b 0.75); how far the two first tens agree
is counted (FTS5's formula for rare words differs a little from Lucene's).

Prints JSON: {"passages", "ours": {...}, "fts5": {...}, "ratio_p50", "same_first"}.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from headwater.documents.terms import query_terms, terms
from headwater.storage import keyword
from headwater.storage.database import Catalogue

QUERIES = 200
LIMIT = 100
P50_BAR_MILLISECONDS = 10.0

Found = list[int]


def passages_of(data: Path, count: int, rng: random.Random) -> list[str]:
    words: list[str] = []
    for part in ("train", "dev"):
        with lzma.open(data / "squality" / f"{part}.jsonl.xz", "rt", encoding="utf-8") as lines:
            words += " ".join(json.loads(line)["document"] for line in lines).split()
    stemmed = [" ".join(terms(" ".join(words[at : at + 75]))) for at in range(0, len(words) - 75, 75)]
    made = stemmed[:count]
    while len(made) < count:
        first, second = rng.choice(stemmed).split(), rng.choice(stemmed).split()
        made.append(" ".join([*first[: len(first) // 2], *second[len(second) // 2 :], f"rare{rng.randrange(count)}"]))
    return made


def queries_of(passages: Sequence[str], rng: random.Random) -> list[list[str]]:
    made = []
    for _ in range(QUERIES):
        content = [group[0] for group in query_terms(rng.choice(passages))]
        rng.shuffle(content)
        made.append(content[: rng.randint(6, 10)])
    return made


def fill_ours(catalogue: Catalogue, passages: Sequence[str], rng: random.Random) -> None:
    """Document by document, each its own transaction, as files come in."""
    at = 0
    while at < len(passages):
        size = rng.choice((1, 3, 5, 20, 100, 400))
        with catalogue.writing() as session:
            rows = enumerate(passages[at : at + size], start=at + 1)
            keyword.index_terms(session, [(number, "c", text) for number, text in rows])
        at += size


def ours(catalogue: Catalogue) -> Callable[[list[str]], Found]:
    def find(query: list[str]) -> Found:
        with catalogue.reading() as session:
            return [number for number, _ in keyword.search(session, query, ["c"], LIMIT)]

    return find


def fill_fts5(connection: sqlite3.Connection, passages: Sequence[str]) -> None:
    """All at once and optimised: the best case."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA cache_size=-64000")
    connection.execute("CREATE VIRTUAL TABLE f USING fts5(t, content='')")
    connection.executemany("INSERT INTO f(rowid, t) VALUES (?, ?)", enumerate(passages, start=1))
    connection.execute("INSERT INTO f(f) VALUES ('optimize')")
    connection.commit()


def fts5(connection: sqlite3.Connection) -> Callable[[list[str]], Found]:
    def find(query: list[str]) -> Found:
        words = " OR ".join(f'"{word}"' for word in query)
        statement = f"SELECT rowid FROM f WHERE f MATCH ? ORDER BY rank LIMIT {LIMIT}"
        return [row[0] for row in connection.execute(statement, (words,))]

    return find


def timed(find: Callable[[list[str]], Found], queries: list[list[str]]) -> tuple[dict[str, float], list[Found]]:
    wall, cpu, found = [], [], []
    for query in queries[:20]:
        find(query)
    for query in queries:
        wall_begun, cpu_begun = time.perf_counter(), time.process_time()
        found.append(find(query))
        wall.append(time.perf_counter() - wall_begun)
        cpu.append(time.process_time() - cpu_begun)
    wall.sort()
    cpu.sort()
    numbers = {
        "p50_ms": wall[len(wall) // 2],
        "p95_ms": wall[len(wall) * 95 // 100],
        "cpu_p50_ms": cpu[len(cpu) // 2],
    }
    return {name: round(seconds * 1000, 2) for name, seconds in numbers.items()}, found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    rng = random.Random(1)
    passages = passages_of(options.data, options.passages, rng)
    queries = queries_of(passages, rng)
    with tempfile.TemporaryDirectory() as temporary:
        catalogue = Catalogue.open(f"sqlite:///{temporary}/catalogue.db")
        begun = time.perf_counter()
        fill_ours(catalogue, passages, rng)
        own: dict[str, float] = {"fill_seconds": round(time.perf_counter() - begun, 1)}
        connection = sqlite3.connect(f"{temporary}/fts5.db")
        begun = time.perf_counter()
        fill_fts5(connection, passages)
        theirs: dict[str, float] = {"fill_seconds": round(time.perf_counter() - begun, 1)}
        numbers, own_found = timed(ours(catalogue), queries)
        own |= numbers
        numbers, their_found = timed(fts5(connection), queries)
        theirs |= numbers
        catalogue.close()
        connection.close()
    # The first ten as sets: neighbours in rank may change places between the two formulas.
    same = sum(len(set(a[:10]) & set(b[:10])) for a, b in zip(own_found, their_found, strict=True))
    result = {
        "passages": len(passages),
        "ours": own,
        "fts5": theirs,
        "ratio_p50": round(theirs["p50_ms"] / own["p50_ms"], 1),
        "same_first_ten": round(same / (10 * len(queries)), 3),
        "bar_p50_ms": P50_BAR_MILLISECONDS,
    }
    print(json.dumps(result, indent=1))
    return 0 if own["p50_ms"] <= P50_BAR_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
