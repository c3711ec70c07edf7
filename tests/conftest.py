"""Fixtures shared by the whole suite."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The optional real data beside the checkout; a test that uses it has a twin on made data."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("the real data sets are not beside this checkout")
    return path


class Memory(dict[str, Any]):
    """Facts kept in a dictionary."""

    def set(self, name: str, value: Any) -> None:
        self[name] = value


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Test workers wait for each other instead of pulling twice."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def one_at_a_time() -> Callable[[Path], AbstractContextManager[None]]:
    return _one_at_a_time


@pytest.fixture(scope="session")
def starter_models() -> Path:
    """The folder of the starter models, pulled once into the checkout; skips where no index is reached."""
    from headwater.core.errors import DownloadFailed
    from headwater.models.starter import builtin_manifests
    from headwater.models.store import ModelStore

    folder = ROOT / ".build" / "models"
    store = ModelStore(folder, Memory())
    with _one_at_a_time(folder):
        try:
            for name in builtin_manifests():
                store.pull(name, accept_licence=True)
        except DownloadFailed as error:
            pytest.skip(f"the starter models cannot be pulled here: {error.message}")
    return folder
