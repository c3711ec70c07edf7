"""What a running process takes: memory and share of the CPU, from /proc."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
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
