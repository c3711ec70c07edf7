"""Children: their last words, how they ended, and that they never outlive us."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from headwater.engines.child import Child, mapped_bytes

# Any module of the standard library that reads its input or fails will do as a child.
ENDS_WITH_ERROR = "json.tool"
READS_FOR_EVER = "headwater.engines.encoder_child"


def is_running(pid: int) -> bool:
    try:
        status = open(f"/proc/{pid}/stat").read()  # noqa: SIM115, PTH123
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def test_a_child_that_fails_tells_its_last_lines():
    ended: list[Child] = []
    child = Child("no_such_module_of_headwater", {}, ended.append)
    assert child.wait(20)
    wait_until(lambda: ended)
    error = child.failure("The thing did not start")
    assert error.message.startswith("The thing did not start: ended with code 1. Its last lines:\n")
    assert "No module named no_such_module_of_headwater" in error.message
    assert not child.alive
    assert not child.stopping


def test_a_killed_child_says_so():
    child = Child(READS_FOR_EVER, {"threads": 1})
    assert child.alive
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait(20)
    assert "killed by SIGKILL; the machine may have run out of memory" in child.failure("It died").message


def test_stopping_is_no_failure_and_takes_no_time_to_notice():
    child = Child(READS_FOR_EVER, {"threads": 1})
    child.stop()
    assert child.stopping
    assert not child.alive


def test_a_child_that_ignores_the_request_is_killed():
    child = Child(READS_FOR_EVER, {"threads": 1})
    os.kill(child.pid, signal.SIGSTOP)
    child.stop(patience_seconds=0.05)
    assert child.wait(20)
    assert not is_running(child.pid)


def test_configuration_with_any_text_arrives(tmp_path):
    child = Child("json.tool", {"text": "é\n\ud800\0"})
    child.stdin.close()
    assert json.loads(child.stdout.read()) == {"text": "é\n\ud800\0"}


def test_the_current_folder_is_not_part_of_a_child(tmp_path, monkeypatch):
    (tmp_path / "numpy.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    child = Child(READS_FOR_EVER, {"threads": 1})
    assert child.stdout.read(12)  # the ready frame
    child.stop()
    assert "taken over" not in child.last_lines()


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize(
    "module", ["headwater.engines.encoder_child", pytest.param("headwater.engines.llama_child", marks=pytest.mark.real)]
)
def test_a_child_ends_with_its_parent(module, signal_number, tiny_gguf):
    config = {"threads": 1, "prompt_threads": 1, "model": str(tiny_gguf), "name": "t", "key": "k", "parallel": 1}
    config |= {"context_tokens": 256, "adapters": []}
    code = f"""
import sys, time
from headwater.engines.child import Child
child = Child({module!r}, {config!r})
child.stdout.read(4)
print(child.pid, flush=True)
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)
    parent.send_signal(signal_number)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_running(pid))


def test_mapped_files_are_counted():
    assert mapped_bytes(os.getpid()) > 1_000_000
    assert mapped_bytes(2**22 + 1) == 0
