"""What runs on a machine of a Ray cluster: an actor that starts one training process and watches it."""

from __future__ import annotations

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from headwater.core.settings import child_environment

MODULE = "headwater.training.child"
LOOK_SECONDS = 0.2
PACKAGES = ("headwater", "torch", "transformers", "peft", "accelerate")
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class Seen:
    """What an actor found on its machine. `port` is free there; `missing` are paths that should be there."""

    host: str
    address: str
    port: int
    versions: Mapping[str, str]
    missing: tuple[str, ...]


class Worker:
    """One worker of a run. Ray makes it an actor; it needs nothing of Ray itself."""

    def look(self, paths: tuple[str, ...]) -> Seen:
        """Tell where it is and what is there."""
        from ray.util import get_node_ip_address  # type: ignore[import-not-found, unused-ignore]

        with socket.socket() as free:
            free.bind(("", 0))
            port = int(free.getsockname()[1])
        missing = tuple(path for path in paths if not Path(path).exists())
        return Seen(socket.gethostname(), str(get_node_ip_address()), port, versions(), missing)

    def train(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: str) -> int:
        """Run the training process to its end and return its exit code. It ends with this actor, whatever ends that."""
        with Path(log).open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", MODULE, *arguments], stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, env=child_environment(environment), preexec_fn=_die_with_parent,
            )  # fmt: skip
        try:
            while process.poll() is None:
                time.sleep(LOOK_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
        return int(process.returncode)


def versions() -> dict[str, str]:
    """The versions that must be the same everywhere."""
    found = {"python": ".".join(map(str, sys.version_info[:2]))}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def rank_variables(rank: int, world: int, meeting: tuple[str, int], run: str) -> dict[str, str]:
    """What torchrun tells a process that is alone on its machine: Ray shows each actor its own GPU only."""
    address, port = meeting
    alone = {"LOCAL_RANK": "0", "LOCAL_WORLD_SIZE": "1", "GROUP_RANK": str(rank), "GROUP_WORLD_SIZE": str(world)}
    role = {"ROLE_RANK": str(rank), "ROLE_WORLD_SIZE": str(world), "ROLE_NAME": "default"}
    whole = {"RANK": str(rank), "WORLD_SIZE": str(world), "MASTER_ADDR": address, "MASTER_PORT": str(port)}
    return {**alone, **role, **whole, "TORCHELASTIC_RUN_ID": run, "TORCHELASTIC_RESTART_COUNT": "0"}


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
