"""Parsing speed against LangChain's usual loaders, on the same files, in one run.

    python benchmarks/parsing/run.py [--data ../shared/data] [--rounds 3]

The peer gets an environment of its own under .build/. Both sides read the files that both can read, in one
process each, warm, one after the other in every round; the best round of each file counts. Ours goes through
the child process, as in the product. A page is a page of a PDF; any other file is one page.
Prints JSON with the ratio in pages per second (bar: 5) and the time of a 400-page PDF (bar: 1 s).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import venv
from pathlib import Path

from headwater.core.errors import UnreadableDocument
from headwater.documents.extract import Extractor
from headwater.documents.parsers.limits import ExtractLimits

HERE = Path(__file__).parent
PEER = Path(".build/parsing-peer")
PACKAGES = ["langchain-community==0.4.2", "pypdf", "docx2txt", "beautifulsoup4", "lxml"]
RATIO_BAR, LONG_PDF_BAR_SECONDS = 5.0, 1.0


def peer_python() -> Path:
    """Make the peer's environment once and return its interpreter."""
    python = PEER / "bin" / "python"
    if not (PEER / "ready").exists():
        venv.create(PEER, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        (PEER / "ready").touch()
    return python


def ours(paths: list[Path]) -> dict[Path, dict[str, float | int | str]]:
    """Read every file in a warm child."""
    results: dict[Path, dict[str, float | int | str]] = {}
    with Extractor(ExtractLimits(ocr=False)) as extractor:
        for path in paths:
            try:
                if path.stat().st_size < 100_000:
                    extractor.extract(path)
                started = time.perf_counter()
                found = extractor.extract(path)
                seconds = time.perf_counter() - started
            except UnreadableDocument as error:
                results[path] = {"error": error.message}
                continue
            characters = sum(len(page.text) for page in found.pages)
            pages = len(found.pages) if path.suffix == ".pdf" else 1
            results[path] = {"seconds": seconds, "characters": characters, "pages": pages}
    return results


def theirs(python: Path, paths: list[Path]) -> dict[Path, dict[str, float | int | str]]:
    """Read every file with the peer's loaders."""
    done = subprocess.run(
        [python, "-W", "ignore", HERE / "peer.py"],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        check=True,
    )
    return {Path(name): found for name, found in json.loads(done.stdout.splitlines()[-1]).items()}


def best(rounds: list[dict[Path, dict[str, float | int | str]]], path: Path) -> float:
    """The fastest round of a file."""
    return min(float(found[path]["seconds"]) for found in rounds)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    root = (options.data / "documents").absolute()
    paths = sorted(path for path in root.rglob("*") if path.is_file() and path.name != "facts.jsonl")
    python = peer_python()
    mine, peers = [], []
    for _ in range(options.rounds):
        mine.append(ours(paths))
        peers.append(theirs(python, paths))
    both = [path for path in paths if "seconds" in mine[0][path] and "seconds" in peers[0][path]]
    pages = sum(int(mine[0][path]["pages"]) for path in both)
    our_seconds, their_seconds = (sum(best(rounds, path) for path in both) for rounds in (mine, peers))
    kinds: dict[str, dict[str, float]] = {}
    for path in both:
        kind = kinds.setdefault(path.suffix, {"files": 0, "ours": 0.0, "peer": 0.0, "ours_chars": 0, "peer_chars": 0})
        kind["files"] += 1
        kind["ours"] += best(mine, path)
        kind["peer"] += best(peers, path)
        kind["ours_chars"] += int(mine[0][path]["characters"])
        kind["peer_chars"] += int(peers[0][path]["characters"])
    long_pdf = max(both, key=lambda path: int(mine[0][path]["pages"]))
    ratio = their_seconds / our_seconds
    report = {
        "files": len(both),
        "pages": pages,
        "ours": {"seconds": round(our_seconds, 3), "pages_per_second": round(pages / our_seconds, 1)},
        "peer": {"seconds": round(their_seconds, 3), "pages_per_second": round(pages / their_seconds, 1)},
        "ratio": round(ratio, 2),
        "by_kind": {
            suffix: {key: round(value, 4) for key, value in kind.items()}
            | {"ratio": round(kind["peer"] / kind["ours"], 2)}
            for suffix, kind in kinds.items()
        },
        "long_pdf": {
            "file": long_pdf.name,
            "pages": int(mine[0][long_pdf]["pages"]),
            "ours_seconds": round(best(mine, long_pdf), 3),
            "peer_seconds": round(best(peers, long_pdf), 3),
        },
        "only_ours": sorted(str(p.relative_to(root)) for p in paths if p not in both and "seconds" in mine[0][p]),
        "only_peer": sorted(str(p.relative_to(root)) for p in paths if p not in both and "seconds" in peers[0][p]),
        "bars": {"ratio >= 5": ratio >= RATIO_BAR, "400 pages < 1 s": best(mine, long_pdf) < LONG_PDF_BAR_SECONDS},
    }
    print(json.dumps(report, indent=2))
    return 0 if all(report["bars"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
