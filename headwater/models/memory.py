"""Memory that is free for models: what the machine has left, or what its container may still take."""

from __future__ import annotations

from pathlib import Path

UNLIMITED = 1 << 60


def available_bytes(root: Path = Path("/")) -> int:
    """Bytes that can be taken without swapping; the smaller of machine and container (cgroup v1 and v2).

    `root` stands for `/` in tests. Page cache counts as free, as the kernel gives it back.
    """
    return max(0, min(_machine_bytes(root), _container_bytes(root)))


def _machine_bytes(root: Path) -> int:
    for line in (root / "proc/meminfo").read_text("ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return UNLIMITED


def _container_bytes(root: Path) -> int:
    group = root / "sys/fs/cgroup"
    pairs = (
        (group / "memory.max", group / "memory.current", group / "memory.stat"),
        (group / "memory/memory.limit_in_bytes", group / "memory/memory.usage_in_bytes", group / "memory/memory.stat"),
    )
    for limit_file, usage_file, stat_file in pairs:
        limit = _number(limit_file)
        if limit is None or limit >= UNLIMITED:
            continue
        return limit - (_number(usage_file) or 0) + _cache_bytes(stat_file)
    return UNLIMITED


def _number(path: Path) -> int | None:
    try:
        text = path.read_text("ascii").strip()
    except OSError:
        return None  # this kind of cgroup is not mounted
    return int(text) if text.isdigit() else None


def _cache_bytes(stat_file: Path) -> int:
    try:
        lines = stat_file.read_text("ascii").splitlines()
    except OSError:
        return 0
    fields = dict(line.split(maxsplit=1) for line in lines if " " in line)
    return int(fields.get("inactive_file") or fields.get("total_inactive_file") or 0)
