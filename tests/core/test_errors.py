"""The error tree: drawn in its module, each with a code and a status, and picklable."""

from __future__ import annotations

import pickle

import pytest

from headwater.core import errors
from headwater.core.errors import HeadwaterError, MissingExtra, UnknownName


def tree(root: type[HeadwaterError]) -> list[type[HeadwaterError]]:
    return [root, *(below for child in root.__subclasses__() for below in tree(child))]


@pytest.mark.parametrize("error", tree(HeadwaterError)[1:], ids=lambda error: error.__name__)
def test_every_error_is_drawn_with_its_code_and_status(error: type[HeadwaterError]) -> None:
    if error.__module__ != errors.__name__:
        pytest.skip("an error of another part")
    line = next(line for line in (errors.__doc__ or "").splitlines() if f" {error.__name__} " in line)
    assert error.code in line.split()
    assert str(error.status) in line.split()


def test_unknown_name_says_the_nearest_and_all() -> None:
    error = UnknownName.among("model", "minilmm", ["minilm", "gemma-270m"])
    assert "Did you mean 'minilm'?" in error.message
    assert error.hint == "Known: gemma-270m, minilm."


def test_unknown_name_with_nothing_known_still_speaks() -> None:
    assert UnknownName.among("model", "x", []).hint == "Known: none."


def test_missing_extra_names_the_command() -> None:
    assert MissingExtra.needed("OCR", "ocr").hint == "pip install 'headwater[ocr]'"


def test_errors_cross_process_borders_whole() -> None:
    error = pickle.loads(pickle.dumps(errors.UnreadableDocument("a.pdf is encrypted", "Give the password.")))
    assert (type(error), error.message, error.hint) == (
        errors.UnreadableDocument,
        "a.pdf is encrypted",
        "Give the password.",
    )
