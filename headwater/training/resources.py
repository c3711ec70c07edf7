"""What a running process takes: memory and share of the CPU, from /proc."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class ProcessLoad:
    """Remembers the CPU time of processes between looks; the load is that of the time between two."""

    _seen: dict[int, tuple[float, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def look(self, pid: int) -> dict[str, float | int | None] | None:
        """Memory in bytes and cores in use; None when the process is gone, `cores` None at the first look."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace").rpartition(")")[2].split()
            pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        except (OSError, IndexError):
            return None
        used, now = (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND, time.monotonic()
        with self._lock:
            before = self._seen.get(pid)
            if before is None or now - before[0] >= 1.0:
                self._seen = {**{key: at for key, at in self._seen.items() if now - at[0] < 3600}, pid: (now, used)}
        cores = None if before is None or now <= before[0] else round((used - before[1]) / (now - before[0]), 2)
        return {"memory_bytes": pages * PAGE_BYTES, "cores": cores}


def high_water_bytes(pid: int) -> int:
    """Return the most memory a process has had resident; 0 when it is gone or the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def gpu_name() -> str | None:
    """What the first NVIDIA GPU of this machine is called, by its driver; None without one. Loads no library."""
    for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        try:
            lines = path.read_text("utf-8", errors="replace").splitlines()
        except OSError:
            continue
        named = [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
        if named:
            return named[0]
    return None


@dataclass(frozen=True, slots=True)
class GpuLoad:
    """What a GPU does now: `busy` from 0 to 1, and its memory."""

    busy: float
    memory_bytes: int
    whole_bytes: int


LOOK_SECONDS = 2.0
_ASK = ("--query-gpu=utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits")


def gpu_loads() -> tuple[GpuLoad, ...]:
    """The NVIDIA GPUs of this machine, as `nvidia-smi` of their driver tells; none where it is not there or fails."""
    return _gpu_loads(int(time.monotonic() / LOOK_SECONDS))


@lru_cache(maxsize=1)
def _gpu_loads(_moment: int) -> tuple[GpuLoad, ...]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return ()
    try:
        told = subprocess.run([program, *_ASK], capture_output=True, text=True, timeout=LOOK_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(load for line in told.splitlines() if (load := gpu_load_of(line)) is not None)


def gpu_load_of(line: str) -> GpuLoad | None:
    """Read a line such as `37, 1024, 81559` (percent, MiB, MiB); None for a value that the driver does not tell."""
    try:
        busy, used, whole = (float(part) for part in line.split(","))
    except ValueError:
        return None
    return GpuLoad(busy / 100, int(used * 2**20), int(whole * 2**20))


def size(count: float) -> str:
    """Return bytes as people read them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
