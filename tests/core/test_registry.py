"""The registry loads on use, and an unknown name lists the known ones."""

from __future__ import annotations

import pytest

from headwater.core.errors import UnknownName
from headwater.core.registry import Registry


def test_a_name_loads_its_object() -> None:
    registry: Registry[type] = Registry("path", {"pure": "pathlib:PurePath"})
    assert registry["pure"].__name__ == "PurePath"
    assert "pure" in registry
    assert list(registry) == ["pure"]


def test_nothing_is_loaded_before_use() -> None:
    registry: Registry[type] = Registry("path", {"absent": "no_such_module:Thing"})
    with pytest.raises(ModuleNotFoundError):
        registry["absent"]


def test_an_unknown_name_lists_the_known() -> None:
    registry: Registry[type] = Registry("path", {"pure": "pathlib:PurePath"})
    with pytest.raises(UnknownName, match="No path 'pore'"):
        registry["pore"]
