"""A system without libgomp gets the copy that comes with faiss."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from headwater.engines import openmp


class Restarted(Exception):
    pass


@pytest.fixture
def restart(monkeypatch):
    calls = []

    def execve(program, arguments, environment):
        calls.append((arguments, environment))
        raise Restarted

    monkeypatch.setattr(openmp.os, "execve", execve)
    return calls


def test_faiss_brings_a_copy_that_loads():
    (copy,) = openmp.bundled_copies()
    assert ctypes.CDLL(str(copy)).omp_get_max_threads() >= 1


def test_nothing_happens_where_it_is_there(restart, monkeypatch):
    monkeypatch.setattr(openmp, "_loads", lambda _: True)
    openmp.with_openmp("some.module")
    assert restart == []


def test_the_process_starts_again_with_the_copy_once(restart, monkeypatch):
    monkeypatch.setattr(openmp, "_loads", lambda _: False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/mine")
    with pytest.raises(Restarted):
        openmp.with_openmp("some.module")
    arguments, environment = restart[0]
    assert arguments[-2:] == ["-m", "some.module"]
    folder, mine = environment["LD_LIBRARY_PATH"].split(":")
    assert mine == "/mine"
    link = Path(folder) / openmp.LIBRARY
    assert link.resolve() in [copy.resolve() for copy in openmp.bundled_copies()]
    assert Path(folder).stat().st_mode & 0o077 == 0
    monkeypatch.setenv("HEADWATER_OPENMP_FOLDER", folder)
    openmp.with_openmp("some.module")  # the copy did not help: no third start
    assert len(restart) == 1
    monkeypatch.setattr(openmp, "_loads", lambda _: True)
    openmp.with_openmp("some.module")
    assert not Path(folder).exists()
