"""Preparing rows: ids and labels equal to TRL's, and how many rows a second, in one run.

    python benchmarks/training/preparation.py [--rounds 5] [--rows FILE.jsonl] [--base FOLDER]

Rows are made chats, a tenth of them with umlauts, emoji, Chinese and odd spaces; or the messages of `--rows`. Twice:
every token learned (SFTTrainer as it comes), and answers only (its `assistant_only_loss`, our template with its
`{% generation %}` marks). Sides take turns, one process each; the time starts after imports and, for the peer, after
its file is loaded. `identical` compares every id and every label of every row. Ratios: median,
least, most, by the clock and by the time of the process (on a machine that others use, only the second repeats).
Prints JSON. The peer: see run.py.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from run import PEER, made_model, made_rows

NAMES = ("speed_ours_over_trl", "the_same_in_cpu_time")
ODD = ("Straße ", "naïve  ", "😀👩‍👩‍👧 ", "水が流れる。", "\t\tx", " \n\n ", "é ", "▁ ", "<bot>: ")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1, help="of the tokenizer")
    parser.add_argument("--rows", type=Path, help="JSON Lines with messages; made chats when unset")
    parser.add_argument("--base", type=Path, help="folder of a model with its tokenizer; a random Llama when unset")
    given = parser.parse_args()
    told: dict[str, Any] = {"load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = folder / "rows.jsonl"
        rows.write_text(given.rows.read_text("utf-8") if given.rows else odd_rows(), "utf-8")
        base = given.base or made_model(folder / "base")
        for learned in ("all", "assistant"):
            ratios = []
            for _ in range(given.rounds):
                speeds = [one(side, learned, rows, base, given.threads) for side in ("ours", "trl")]
                ratios.append([ours / trl for ours, trl in zip(*speeds, strict=True)])
                print(learned, speeds, file=sys.stderr)
            told[learned] = compared(folder)
            for name, column in zip(NAMES, zip(*ratios, strict=True), strict=True):
                told[learned][name] = [
                    round(value, 2) for value in (statistics.median(column), min(column), max(column))
                ]
    print(json.dumps(told, indent=1))


def odd_rows() -> str:
    """The made chats of run.py as JSON Lines, every tenth with characters of several bytes."""
    rows = made_rows()
    for number, row in enumerate(rows):
        if number % 10 == 0:
            for place, message in enumerate(row["messages"]):
                odd = ODD[(number // 10 + place) % len(ODD)]
                message["content"] = f"{odd}{message['content']}{odd}{message['content'][:20]}"
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def one(side: str, learned: str, rows: Path, base: Path, threads: int) -> list[float]:
    """Prepare in a process of its own; return rows a second, and rows a second of the processor."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1"}
    if side == "trl":
        environment["PYTHONPATH"] = str(PEER)
    script = Path(__file__).with_name("side_preparation.py")
    target = rows.with_name(f"{side}.npz")
    command = [sys.executable, str(script), side, learned, str(rows), str(base), str(target)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
    return [float(word) for word in done.stdout.strip().splitlines()[-1].split()]


def compared(folder: Path) -> dict[str, Any]:
    """Compare what both sides made, token by token."""
    ours, trl = (np.load(folder / f"{side}.npz") for side in ("ours", "trl"))
    same_shape = np.array_equal(ours["lengths"], trl["lengths"])
    return {
        "rows": len(ours["lengths"]),
        "tokens": int(ours["lengths"].sum()),
        "learned": int((ours["labels"] != -100).sum()),
        "identical": bool(same_shape and all(np.array_equal(ours[name], trl[name]) for name in ("ids", "labels"))),
    }


if __name__ == "__main__":
    main()
