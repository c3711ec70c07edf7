"""A run on a Ray cluster: `python -m headwater.training.devices.ray_driver RUN_FOLDER [BASE_PATH]`.

One actor for each worker. Ray only places and watches the processes. Each is the training process that torchrun
would start, and is told its rank by the same variables. The run's folder, its data and its base must lie at the same
paths on every machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput, EngineFailed, HeadwaterError, MissingExtra
from headwater.core.settings import environment_value
from headwater.training.config import TrainingConfig
from headwater.training.devices.launch import RUN_PID, environment_of
from headwater.training.devices.ray_worker import Seen, Worker, rank_variables, versions
from headwater.training.load_config import load_config
from headwater.training.run_folder import RunFolder, failed

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 20.0
LOST = "The last checkpoint is whole: resume the run."


def main(arguments: Sequence[str]) -> int:
    """Train on the cluster; tell an error in the run's folder."""
    folder = RunFolder(Path(arguments[0]))
    try:
        return _run(folder, arguments[1] if len(arguments) > 1 else None)
    except HeadwaterError as error:
        return failed(folder, error.message, error.hint)


def _run(folder: RunFolder, base: str | None) -> int:
    config = load_config(folder.path / "config.yaml")
    ray = _connected(str(config.parallel.ray))
    try:
        threads = int(environment_value("OMP_NUM_THREADS") or 1)
        workers = worker_count(config, ray.cluster_resources(), len(ray.nodes()), threads)
        needs = {"num_cpus": threads, "num_gpus": 1 if ray.cluster_resources().get("GPU") else 0}
        actors = [ray.remote(Worker).options(**needs).remote() for _ in range(workers)]
        seen = _places(ray, actors, folder, _paths(config, folder, base))
        if seen is None:
            return 0
        check_places(seen)
        folder.event("cluster", f"{workers} workers on {', '.join(dict.fromkeys(each.host for each in seen))}")
        environment = {**environment_of(config, threads), RUN_PID: str(os.getpid())}
        return _train(ray, actors, folder, environment, (base, (seen[0].address, seen[0].port)))
    finally:
        ray.shutdown()


def _connected(address: str) -> Any:
    if find_spec("ray") is None:
        raise MissingExtra.needed("Training on a Ray cluster", "cluster")
    import ray  # type: ignore[import-not-found, unused-ignore]

    try:
        local = {"include_dashboard": False} if address == "local" else {}
        ray.init(address=address, log_to_driver=False, **local)
    except (ConnectionError, RuntimeError, ValueError, OSError, ImportError) as error:
        raise EngineFailed(
            f"parallel.ray: no Ray cluster answers at {address!r}: {error}",
            "Give host:port of its head, 'auto' on one of its machines, or 'local'.",
        ) from error
    return ray


def worker_count(config: TrainingConfig, resources: dict[str, float], machines: int, threads: int) -> int:
    """How many workers a run has: parallel.devices, else one a GPU, else one a machine. Raises BadInput."""
    gpus, cores = int(resources.get("GPU", 0)), int(resources.get("CPU", 0))
    workers = config.parallel.devices or gpus or machines
    room = gpus or cores // threads
    if workers > room:
        has = f"{gpus} GPUs" if gpus else f"{cores} cores, {threads} for each worker"
        raise BadInput(
            f"parallel.devices: {workers} workers were asked for, the cluster has {has}",
            f"Set parallel.devices to {room} or less." if room else "Add machines to the cluster.",
        )
    return workers


def check_places(seen: Sequence[Seen]) -> None:
    """Raise BadInput when a machine lacks files, or has other versions than this one."""
    for each in seen:
        if each.missing:
            raise BadInput(
                f"{each.host} does not see {', '.join(each.missing)}",
                "Put the data directory, the data and the base where every machine of the cluster has the same paths.",
            )
        other = [f"{name} {found}" for name, found in each.versions.items() if found != versions()[name]]
        if other:
            ours = ", ".join(f"{name} {found}" for name, found in versions().items())
            raise BadInput(f"{each.host} has {', '.join(other)}; here are {ours}", "Install the same everywhere.")


def _paths(config: TrainingConfig, folder: RunFolder, base: str | None) -> tuple[str, ...]:
    entries = [*config.data.train, *(() if isinstance(config.data.valid, float) else config.data.valid)]
    return (str(folder.path.absolute()), *(entry.path for entry in entries), *([base] if base is not None else []))


def _places(ray: Any, actors: Sequence[Any], folder: RunFolder, paths: tuple[str, ...]) -> list[Seen] | None:
    """Wait until every actor has a place; None when the run was told to end before that."""
    asked, waited = [actor.look.remote(paths) for actor in actors], 0.0
    while len(ray.wait(asked, num_returns=len(asked), timeout=LOOK_SECONDS)[0]) < len(asked):
        waited += LOOK_SECONDS
        if waited == PATIENCE_SECONDS:
            folder.event("cluster", "waits for a free place on the cluster")
        if (word := folder.asked()) in ("pause", "stop"):
            folder.set_state(state="paused" if word == "pause" else "stopped", pid=None)
            return None
    return list(_got(ray, asked))


def _train(
    ray: Any,
    actors: Sequence[Any],
    folder: RunFolder,
    shared: Mapping[str, str],
    place: tuple[str | None, tuple[str, int]],
) -> int:
    base, meeting = place
    arguments = (str(folder.path.absolute()), *([base] if base is not None else []))
    waiting = []
    for rank, actor in enumerate(actors):
        environment = {**shared, **rank_variables(rank, len(actors), meeting, folder.name)}
        log = folder.path / ("log.txt" if rank == 0 else f"log-{rank}.txt")
        waiting.append(actor.train.remote(arguments, environment, str(log)))
    while waiting:
        ended, waiting = ray.wait(waiting, timeout=LOOK_SECONDS)
        for code in _got(ray, ended):
            if code != 0:  # the others would wait for it for ever
                _tell_if_untold(folder, int(code))
                return int(code)
    return 0


def _got(ray: Any, asked: Sequence[Any]) -> Any:
    try:
        return ray.get(list(asked))
    except ray.exceptions.RayError as error:
        raise EngineFailed(f"A worker of the cluster was lost: {str(error).splitlines()[0]}", LOST) from error


def _tell_if_untold(folder: RunFolder, code: int) -> None:
    if folder.state().get("error") is None:
        failed(folder, f"A worker of the cluster ended with code {code}; see its log beside log.txt.", LOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
