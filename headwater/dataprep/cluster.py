"""Blocks on a cluster by Ray Data, results in order: the same bytes as in one process.

The sources are read here, each block travels with what it needs, its part comes back. Nothing has to be shared by
the machines but the program. Steps that need all rows decide here, steps that call a model run here.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import islice
from types import TracebackType
from typing import Any, Self

from headwater.core.errors import BadInput, EngineFailed, MissingExtra
from headwater.dataprep.part import Part
from headwater.dataprep.shipping import done_there, files_of_steps, packed, received
from headwater.dataprep.stage import BlockJob, run_block
from headwater.dataprep.step import AnyStep, Services

# Blocks handed over at once: enough to keep every core busy, little enough to hold.
BLOCKS_A_CORE, LEAST_BLOCKS = 4, 32


class Cluster:
    """A running Ray cluster, joined for one run. Takes the place of Workers."""

    def __init__(self, address: str, services: Services, steps: Sequence[AnyStep]) -> None:
        if address == "local":
            raise BadInput("--cluster local starts nothing", "Leave it out, or give the address of a running cluster.")
        self._address, self._services, self._steps = address, services, steps
        self._ray: Any = None
        self._joined_here = False

    def __enter__(self) -> Self:
        try:
            self._ray = import_module("ray")
            import_module("ray.data")
        except ImportError as error:
            raise MissingExtra.needed("A cluster", "cluster") from error
        if not self._ray.is_initialized():
            try:
                self._ray.init(address=self._address, log_to_driver=False, configure_logging=False)
            except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
                raise EngineFailed(
                    f"No cluster answers at {self._address}: {error}", "Start one: ray start --head."
                ) from error
            self._joined_here = True
        context = self._ray.data.DataContext.get_current()
        context.execution_options.preserve_order = True
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.WARNING)  # progress is told by the run itself
        context.print_on_execution_start = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._joined_here:
            self._ray.shutdown()

    def do(self, jobs: Iterator[BlockJob], here: bool) -> Iterator[Part]:
        """Yield the part of each job, in the order of the jobs; `here`: in this process."""
        if here:
            for job in jobs:
                yield run_block(job, self._services, self._steps)
            return
        step_files: dict[str, bytes] | None = None
        cores = int(self._ray.cluster_resources().get("CPU", 1))
        while window := list(islice(jobs, max(LEAST_BLOCKS, BLOCKS_A_CORE * cores))):
            if step_files is None:
                step_files = files_of_steps(self._steps, window[0].stage.recipe.folder)
            waiting = [job for job in window if not Part(job.path).complete]
            results = self._results([packed(job, step_files) for job in waiting])
            fresh = {job.path for job in waiting}
            for job in window:
                yield received(job.path, next(results)) if job.path in fresh else Part(job.path)

    def _results(self, parcels: list[bytes]) -> Iterator[bytes]:
        if not parcels:
            return
        arrow = import_module("pyarrow")
        # One table is one block of Ray Data, and so one task.
        tables = [arrow.table({"parcel": arrow.array([parcel], arrow.large_binary())}) for parcel in parcels]
        data = self._ray.data.from_arrow(tables).map_batches(_do_batch, batch_size=None, batch_format="pyarrow")
        try:
            for batch in data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0):
                for value in batch.column("part"):
                    yield value.as_py()
        except self._ray.exceptions.RayError as error:
            raise _told(error) from error


def _do_batch(batch: Any) -> Any:
    """Do the jobs of one block of Ray Data, on whatever machine this is."""
    arrow = import_module("pyarrow")
    parts = [done_there(value.as_py()) for value in batch.column("parcel")]
    return arrow.table({"part": arrow.array(parts, arrow.large_binary())})


def _told(error: BaseException) -> EngineFailed:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return EngineFailed(
        f"The cluster failed: {lines[-1].strip() if lines else type(error).__name__}",
        "Run it again: it goes on where it was.",
    )
