"""Starting a run: a child process on one device, torchrun on several, one command for each of several machines."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from headwater.core.errors import Conflict, HeadwaterError, MissingExtra
from headwater.core.settings import child_environment, environment_value
from headwater.training.config import TrainingConfig
from headwater.training.heap import KEPT_HEAP, TIGHT_HEAP
from headwater.training.load_config import dump_config
from headwater.training.possible import check_possible, unused
from headwater.training.run_folder import RunFolder, write_atomically

MODULE = "headwater.training.child"
RAY_MODULE = "headwater.training.devices.ray_driver"
# Tells the training process whose number stands for the run, where its own is of another machine.
RUN_PID = "HEADWATER_RUN_PID"
NEEDED = ("torch", "transformers", "peft", "accelerate")


def run_pid() -> int:
    """The process that stands for the run on the machine that started it; asked by the training process."""
    return int(environment_value(RUN_PID) or os.getpid())


def check_installed() -> None:
    """Raise MissingExtra when the extra 'train' is not installed."""
    if any(find_spec(name) is None for name in NEEDED):
        raise MissingExtra.needed("Fine-tuning", "train")


def name_for(config: TrainingConfig, runs: Path) -> str:
    """Return the config's name, or one made of the base and a number that is free."""
    if config.name is not None:
        return config.name
    stem = re.sub(r"[^A-Za-z0-9.]+", "-", Path(config.model.base).stem).strip("-.") or "run"
    number = 1
    while (runs / f"{stem}-{number}").exists():
        number += 1
    return f"{stem}-{number}"


def new_run(config: TrainingConfig, runs: Path) -> RunFolder:
    """Make the folder of a run with its resolved config. Raises Conflict when the name is taken."""
    name = name_for(config, runs)
    folder = RunFolder.create(runs, name)
    write_atomically(folder.path / "config.yaml", dump_config(config.model_copy(update={"name": name, "sweep": {}})))
    folder.set_state(state="preparing", step=0, created=time.time())
    return folder


def devices_of(config: TrainingConfig) -> int:
    """Return how many processes a run takes on this machine."""
    if config.parallel.devices is not None:
        return config.parallel.devices
    import torch

    return max(1, torch.cuda.device_count())


def command_of(config: TrainingConfig, folder: RunFolder, base: Path | None) -> list[str]:
    """Return the command that runs one machine's share."""
    target = [str(folder.path.absolute()), *([str(base)] if base is not None else [])]
    if config.parallel.ray is not None:
        return [sys.executable, "-P", "-m", RAY_MODULE, *target]
    devices, nodes = devices_of(config), config.parallel.nodes
    if devices == 1 and nodes == 1:
        return [sys.executable, "-P", "-m", MODULE, *target]
    launcher = [sys.executable, "-P", "-m", "torch.distributed.run", f"--nproc-per-node={devices}", f"--nnodes={nodes}"]
    if nodes == 1:
        return [*launcher, "--standalone", "-m", MODULE, *target]
    check_possible(config)  # that they have a place to meet
    return [
        *launcher, "--rdzv-backend=c10d", f"--rdzv-endpoint={config.parallel.rendezvous}", f"--rdzv-id={folder.name}",
        "-m", MODULE, *target,
    ]  # fmt: skip


@dataclass
class Training:
    """A run at work. `log` keeps what its process says."""

    folder: RunFolder
    process: subprocess.Popen[bytes]

    def wait(self, seconds: float | None = None) -> int | None:
        """Return the exit code, None when it still runs after `seconds`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def result(self) -> None:
        """Raise what the run failed with, if it did."""
        state = self.folder.state()
        if self.process.returncode == 0:
            return
        error = state.get("error")
        if error is None:
            code = self.process.returncode
            killed = f"was killed (signal {-code})" if code is not None and code < 0 else f"ended with code {code}"
            last = tail(self.folder.path / "log.txt")
            error = {
                "message": f"The training process {killed}. {last}".strip(),
                "hint": f"The last checkpoint is whole: headwater train --resume {self.folder.name}",
            }
            self.folder.set_state(state="failed", error=error, pid=None)
        raise HeadwaterError(error["message"], error["hint"])


def tail(log: Path) -> str:
    """Return the last line of a log that says something."""
    if not log.is_file():
        return ""
    lines = [line.strip() for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else ""


def start(folder: RunFolder, config: TrainingConfig, base: Path | None, threads: int) -> Training:
    """Start a run's process; it goes on from its last checkpoint if there is one.

    Raises Conflict when the run is at work, MissingExtra, BadInput.
    """
    check_installed()
    if folder.live_pid() is not None:
        raise Conflict(f"The run {folder.name!r} is at work already", "Stop it first, or watch it.")
    check_possible(config)
    for told in unused(config):
        folder.event("config", told)
    folder.asked()  # a word left for an earlier process does not concern this one
    command = command_of(config, folder, base)
    plan = folder.read_json("plan.json") or {}
    environment = child_environment(environment_of(config, threads, bool(plan.get("checkpointing"))))
    log = (folder.path / "log.txt").open("ab")
    with log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment,
            start_new_session=True,
        )  # fmt: skip
    folder.set_state(state="preparing", pid=process.pid, error=None)
    return Training(folder, process)


def environment_of(config: TrainingConfig, threads: int, recomputes: bool = False) -> dict[str, str]:
    """What a training process is told by its environment: threads, and that it may ask nobody on the network.

    `recomputes` says that its plan chose checkpointing.
    """
    count = str(config.train.threads or threads)
    settings = {"OMP_NUM_THREADS": count, "TOKENIZERS_PARALLELISM": "true", "PYTHONUNBUFFERED": "1"}
    asked = config.memory.checkpointing
    saves = asked == "on" or (asked == "auto" and recomputes) or config.memory.limit_gb is not None
    settings |= TIGHT_HEAP if saves else KEPT_HEAP
    # Threads that wait by spinning take the core from the other one on a shared machine.
    settings |= {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
    if not set(config.track.to) & {"wandb", "neptune"}:
        settings |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    return settings


def end(training: Training, patience: float = 60.0) -> None:
    """Stop a run at its next step and wait; kill it when it does not listen. Its last checkpoint stays whole."""
    if training.process.poll() is not None:
        return
    training.folder.ask("stop")
    if training.wait(patience) is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(training.process.pid, signal.SIGKILL)
        training.process.wait()
