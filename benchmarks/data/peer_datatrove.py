"""datatrove's nearest pipelines, run by its own interpreter: peer_datatrove.py JOB SOURCE WORK."""

from __future__ import annotations

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter


def run(pipeline: list[object], work: Path, name: str, tasks: int = 1) -> None:
    LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=1, logging_dir=str(work / f"logs-{name}")).run()


def eleven(source: Path, work: Path) -> None:
    from datatrove.pipeline.filters import FineWebQualityFilter, GopherQualityFilter, GopherRepetitionFilter
    from datatrove.pipeline.formatters import FTFYFormatter, PIIFormatter

    steps = [FTFYFormatter(), PIIFormatter(), GopherRepetitionFilter(), GopherQualityFilter(), FineWebQualityFilter()]
    reader = JsonlReader(str(source.parent), glob_pattern=source.name)
    run([reader, *steps, JsonlWriter(str(work / "out"))], work, "filter")


def start(source: Path, work: Path) -> None:
    reader = JsonlReader(str(source.parent), glob_pattern=source.name)
    run([reader, JsonlWriter(str(work / "out"))], work, "start")


def near(source: Path, work: Path) -> None:
    from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
    from datatrove.utils.hashing import HashConfig

    config = MinhashConfig(hash_config=HashConfig(precision=64), num_buckets=14, hashes_per_bucket=8, n_grams=5)
    reader = JsonlReader(str(source.parent), glob_pattern=source.name)
    run([reader, MinhashDedupSignature(output_folder=str(work / "sig"), config=config)], work, "signatures")
    buckets = MinhashDedupBuckets(input_folder=str(work / "sig"), output_folder=str(work / "buckets"), config=config)
    run([buckets], work, "buckets", tasks=config.num_buckets)
    cluster = MinhashDedupCluster(input_folder=str(work / "buckets"), output_folder=str(work / "remove"), config=config)
    run([cluster], work, "cluster")
    run([reader, MinhashDedupFilter(input_folder=str(work / "remove")), JsonlWriter(str(work / "out"))], work, "filter")


if __name__ == "__main__":
    {"eleven": eleven, "near": near, "start": start}[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
