"""Blocks through worker processes, results in order: any number of workers gives the same bytes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from headwater.core.errors import HeadwaterError
from headwater.dataprep.part import Part
from headwater.dataprep.stage import BlockJob, run_block
from headwater.dataprep.step import AnyStep, Services

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

# The steps of the run this worker process is on; building one may load a list or a model.
_worker_steps: dict[str, Sequence[AnyStep]] = {}


class Workers:
    """Processes for one run, started when the first block asks for them."""

    def __init__(self, count: int, services: Services, steps: Sequence[AnyStep]) -> None:
        self._count, self._services, self._steps = count, services, steps
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def do(self, jobs: Iterator[BlockJob], here: bool) -> Iterator[Part]:
        """Yield the part of each job, in the order of the jobs; `here`: in this process, whatever the count."""
        if here or self._count <= 1:
            for job in jobs:
                yield run_block(job, self._services, self._steps)
            return
        waiting: deque[Future[Part] | Part] = deque()
        for job in jobs:
            done = Part(job.path)
            waiting.append(done if done.complete else self._started().submit(_in_worker, job))
            # A few blocks ahead keep the workers busy without holding the whole file in memory.
            while len(waiting) > self._count * 2:
                yield _finished(waiting.popleft())
        while waiting:
            yield _finished(waiting.popleft())

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            # Spawned, not forked: polars keeps threads.
            self._pool = ProcessPoolExecutor(self._count, mp_context=multiprocessing.get_context("spawn"))
        return self._pool


def _finished(result: Future[Part] | Part) -> Part:
    if isinstance(result, Part):
        return result
    from concurrent.futures.process import BrokenProcessPool

    try:
        return result.result()
    except BrokenProcessPool as error:
        raise HeadwaterError(
            "A worker process died; it may have run out of memory.",
            "Run it again with fewer workers: it goes on where it was.",
        ) from error


def _in_worker(job: BlockJob) -> Part:
    services = Services()
    if job.stage.run not in _worker_steps:
        _worker_steps.clear()
        _worker_steps[job.stage.run] = [entry.make(job.stage.recipe, services) for entry in job.stage.recipe.steps]
    return run_block(job, services, _worker_steps[job.stage.run])
