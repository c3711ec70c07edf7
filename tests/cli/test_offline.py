"""The offline proof proves, and its counter sees what tries to leave."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headwater.cli.offline import prove_offline

TRY_TO_LEAVE = """
import socket
from headwater.cli.offline import attempts, cut_network, interfaces
cut_network()
before = attempts()
try: socket.create_connection(("192.0.2.1", 80), 1)
except OSError: pass
print(interfaces(), attempts() - before)
"""


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    script = "from headwater.cli.offline import cut_network; cut_network()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no network namespaces here: {done.stderr.strip().splitlines()[-1]}")


@pytest.mark.real
def test_a_question_is_answered_with_the_network_cut(tmp_path: Path) -> None:
    proof = prove_offline(tmp_path)
    assert proof["proven"], proof
    assert (proof["interfaces"], proof["attempts"]) == (["lo"], 0)
    assert "pier 6" in str(proof["answer"])


def test_an_attempt_to_leave_is_counted() -> None:
    done = subprocess.run([sys.executable, "-c", TRY_TO_LEAVE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["['lo']", "1"]
