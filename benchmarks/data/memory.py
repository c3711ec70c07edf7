"""One gigabyte of JSON Lines through clean, filters and near-duplicates: time and peak memory of every process.

    python benchmarks/data/memory.py [--data ../shared/data] [--megabytes 1000] [--workers 2]

The rows are the corpus again and again with a number in every few words, so that most are no duplicates.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from pathlib import Path

import corpus

ROOT = Path(__file__).resolve().parents[2]


def write(data: Path, target: Path, megabytes: int) -> int:
    """Write the rows; return how many."""
    rng = random.Random(11)
    texts = corpus.texts(data)
    size = rows = 0
    with target.open("w", encoding="utf-8") as stream:
        while size < megabytes * 1_000_000:
            words = rng.choice(texts).split(" ")
            if rng.random() > 0.1:  # a tenth stays as it is and so repeats
                for place in range(rng.randrange(6), len(words), 6):
                    words[place] = f"{words[place][:4]}{rng.randrange(9999)}"
            line = json.dumps({"id": f"r{rows}", "text": " ".join(words)}, ensure_ascii=False) + "\n"
            stream.write(line)
            size += len(line.encode("utf-8"))
            rows += 1
    return rows


def main() -> None:
    from headwater.dataprep.recipe import parse_recipe
    from headwater.dataprep.run import RunSettings, prepare

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT / ".build") as name:
        folder = Path(name)
        rows = write(given.data, folder / "rows.jsonl", given.megabytes)
        steps = ["clean", {"length": {"minimum": 20}}, "symbols", "repetition", "near_duplicates"]
        value = {"version": 1, "sources": [{"path": "rows.jsonl"}], "steps": steps,
                 "output": {"path": "out.parquet", "format": "headwater"}}  # fmt: skip
        started = time.monotonic()
        report = prepare(parse_recipe(value, folder), RunSettings(workers=given.workers)).json
        wall = time.monotonic() - started
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu = own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime
    # getrusage gives the largest child; the sum is at most that times the number of workers.
    peak = own.ru_maxrss + given.workers * workers.ru_maxrss * (given.workers > 1)
    print(
        json.dumps(
            {
                "rows": rows, "rows_out": report["rows_out"], "balanced": report["balanced"], "workers": given.workers,
                "wall_seconds": round(wall, 1), "cpu_seconds_with_writing_the_input": round(cpu, 1),
                "peak_mb_main": round(own.ru_maxrss / 1024), "peak_mb_of_a_worker": round(workers.ru_maxrss / 1024),
                "peak_mb_all_at_most": round(peak / 1024),
                "steps": [{k: s[k] for k in ("name", "in", "out", "seconds")} for s in report["steps"]],
            },
            indent=1,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
