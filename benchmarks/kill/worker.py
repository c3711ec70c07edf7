"""The process that is killed: takes files in and reads them, as the server does.

    python benchmarks/kill/worker.py WORKSPACE FOLDER [NAME...]

Accepts the named files of FOLDER one after the other, printing "ack NAME" when each is safe, and then
"idle" when nothing is left to do. Everything is the product's own: catalogue, files, extractor, runner.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from headwater.documents.extract import Extractor
from headwater.documents.ingest import Ingest, IngestParts
from headwater.engines.hashing import HashEmbedder
from headwater.jobs.runner import JobRunner
from headwater.storage.collections import Collections
from headwater.storage.database import Catalogue
from headwater.storage.documents import Documents
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobRows
from headwater.storage.passages import Passages
from headwater.storage.users import Users

COLLECTION = "Killed"


def main(workspace: Path, folder: Path, names: list[str]) -> None:
    catalogue = Catalogue.open(f"sqlite:///{workspace / 'catalogue.db'}")
    files = FileStore(workspace / "files")
    documents, passages, rows = Documents(catalogue, files), Passages(catalogue), JobRows(catalogue)
    collections, scope = Collections(catalogue, files), Users(catalogue, files).local_owner()
    embedder = HashEmbedder(64)
    with Extractor(processes=2) as extractor:
        runners: list[JobRunner] = []
        ingest = Ingest(
            IngestParts(
                documents,
                passages,
                rows,
                extractor,
                embedder=lambda: embedder,
                wake=lambda: runners[0].wake(),
                batch_passages=8,
            )
        )
        runner = JobRunner(rows, ingest.handlers, workers={"ingest": 2}, unsuccessful=ingest.unsuccessful)
        runners.append(runner)
        runner.start()
        ingest.recover()
        known = {info.name: info.id for info in collections.list(scope)}
        collection_id = known.get(COLLECTION) or collections.create(scope, COLLECTION).id
        for name in names:
            ingest.add_file(scope, collection_id, name, files.put(folder / name, 10_000_000))
            print("ack", name, flush=True)
        while not all(job.has_ended for job in rows.list(scope, limit=10_000)):
            time.sleep(0.02)
        runner.stop()
    print("idle", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
