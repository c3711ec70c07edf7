"""The offline proof: ingest, search and answer inside a network namespace that has only loopback.

    parent ──unshare(user, net)──> child: lo up, no other interface, no route
                                     │ reads a made file, asks it a question, stops
                                     └─ counters of that namespace: packets with no route = attempts

Nothing can leave such a namespace, and the kernel's own counters show whether anything tried.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
TEXT = "The night ferry to Skarvik leaves at 22:40 from pier 6. Bicycles travel free.\n"
QUESTION = "From which pier does the night ferry leave?"


def prove_offline(data_dir: Path) -> dict[str, object]:
    """Run the proof in a child process. Returns what was proven and how.

    Keys: proven, reason, method, interfaces, attempts (packets that found no route), answer, mode.
    """
    command = [sys.executable, "-m", "headwater.cli.offline", str(data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return {"proven": False, "reason": last, "method": "network namespace"}
    found: dict[str, object] = json.loads(lines[-1])
    return found


def cut_network() -> None:
    """Move this process into a namespace with loopback alone. Raises OSError where that is forbidden."""
    libc = ctypes.CDLL(None, use_errno=True)
    flags = CLONE_NEWNET if os.geteuid() == 0 else CLONE_NEWUSER | CLONE_NEWNET
    user, group = os.getuid(), os.getgid()
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"This system does not allow a network namespace: {os.strerror(number)}")
    if flags & CLONE_NEWUSER:
        Path("/proc/self/setgroups").write_text("deny", "ascii")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1", "ascii")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1", "ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        current = struct.unpack("16sh14x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", current | IFF_UP))


def interfaces() -> list[str]:
    """Network interfaces this process can see."""
    return sorted(name for _, name in socket.if_nameindex())


def attempts() -> int:
    """Packets that this namespace's processes tried to send to where no route leads."""
    rows = [
        line.split() for line in Path("/proc/self/net/snmp").read_text("ascii").splitlines() if line.startswith("Ip:")
    ]
    return int(dict(zip(rows[0], rows[1], strict=True))["OutNoRoutes"])


def main(data_dir: str) -> None:
    """Cut the network, ask one question of one made file, print what was seen as JSON."""
    cut_network()
    # After the cut, so that nothing that is imported can have spoken before it.
    import asyncio

    from headwater.core.settings import load_settings
    from headwater.workspace import Workspace

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "ferry.txt"
        path.write_text(TEXT, "utf-8")
        settings = load_settings(data_dir=Path(scratch) / "workspace")
        ws = Workspace.open(settings, models_dir=Path(data_dir) / "models")
        try:
            filters = ws.folders.sync(ws.owner, [path]).filters
            answer = asyncio.run(ws.answer(QUESTION, ws.owner, filters, None))
        finally:
            ws.close()
    seen, tried = interfaces(), attempts()
    proven = seen == ["lo"] and answer.grounded
    result = {
        "proven": proven,
        "reason": "only loopback exists here, and the question was answered"
        if proven
        else "the question was not answered",
        "method": "network namespace",
        "interfaces": seen,
        "attempts": tried,
        "answer": answer.text,
        "mode": answer.mode,
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
