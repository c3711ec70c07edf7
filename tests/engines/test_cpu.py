"""Facts of processors from made-up /proc/cpuinfo."""

from __future__ import annotations

from headwater.engines.cpu import read_processor

CORE = "processor : {n}\nmodel name : Fast 9\nphysical id : 0\ncore id : {core}\nflags : fpu {flags}\n"


def write(tmp_path, cores, flags):
    path = tmp_path / "cpuinfo"
    path.write_text("\n".join(CORE.format(n=n, core=core, flags=flags) for n, core in enumerate(cores)))
    return read_processor(path)


def test_hyper_threads_are_not_counted(tmp_path):
    found = write(tmp_path, [0, 0, 1, 1], "avx2 avx512f avx512_vnni")
    assert (found.model, found.physical_cores, found.avx512, found.vnni) == ("Fast 9", 2, True, True)
    assert [found.threads(asked) for asked in (1, 2, 8)] == [1, 2, 2]
    assert "full speed" in found.note


def test_older_processors(tmp_path):
    assert "without VNNI" in write(tmp_path, [0], "avx2").note
    assert "no AVX2" in write(tmp_path, [0], "sse4_2").note


def test_a_system_that_says_nothing(tmp_path):
    found = read_processor(tmp_path / "absent")
    assert found.physical_cores == 0
    assert found.threads(4) == 4
