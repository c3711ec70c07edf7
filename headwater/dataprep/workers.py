"""Blocks through worker processes, results in order: any number of workers gives the same bytes."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from headwater.core.errors import HeadwaterError
from headwater.dataprep.part import Part
from headwater.dataprep.stage import BlockJob, run_block
from headwater.dataprep.step import AnyStep, Services

# The steps of the recipe this worker process is on; building one may load a list or a model.
_worker_steps: dict[str, Sequence[AnyStep]] = {}


def do_blocks(jobs: Iterator[BlockJob], workers: int, services: Services, steps: Sequence[AnyStep]) -> Iterator[Part]:
    """Yield the part of each job, in the order of the jobs."""
    if workers <= 1:
        for job in jobs:
            yield run_block(job, services, steps)
        return
    # Spawned, not forked: polars keeps threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: deque[Future[Part] | Part] = deque()
        try:
            for job in jobs:
                done = Part(job.folder)
                waiting.append(done if done.complete else pool.submit(_in_worker, job))
                # A few blocks ahead keep the workers busy without holding the whole file in memory.
                while len(waiting) > workers * 2:
                    yield _finished(waiting.popleft())
            while waiting:
                yield _finished(waiting.popleft())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _finished(result: Future[Part] | Part) -> Part:
    if isinstance(result, Part):
        return result
    try:
        return result.result()
    except BrokenProcessPool as error:
        raise HeadwaterError(
            "A worker process died; it may have run out of memory.",
            "Run it again with fewer workers: it goes on where it was.",
        ) from error


def _in_worker(job: BlockJob) -> Part:
    services = Services()
    if job.stage.key not in _worker_steps:
        _worker_steps.clear()
        _worker_steps[job.stage.key] = [entry.make(job.stage.recipe, services) for entry in job.stage.recipe.steps]
    return run_block(job, services, _worker_steps[job.stage.key])
