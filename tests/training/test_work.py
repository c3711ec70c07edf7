"""A run followed by a job: words that come while its process is only being started are obeyed as they were meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from headwater.core.progress import Progress
from headwater.training.run_folder import RunFolder
from headwater.training.work import asked_word, follow, take_wanted, want


class Work:
    """A job that nobody cancels."""

    def report(self, progress: Progress) -> None:
        """Nobody looks."""

    def check(self) -> None:
        """Go on."""


class Process:
    """Runs until it is told something."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder, self.told = folder, [""]

    def wait(self, seconds: float) -> int | None:
        word = self.folder.asked()
        if word is not None:
            self.told = [word]
            return 0
        return None

    def result(self) -> None:
        """It ended well."""


@pytest.mark.parametrize("word", ["stop", "pause"])
def test_a_word_before_the_process_is_there_is_given_to_it(tmp_path: Path, word: str) -> None:
    folder = RunFolder(tmp_path)
    process: Any = Process(folder)

    def start() -> Any:
        want(folder, word)  # the person asks just now
        return process

    follow(folder, Work(), start)
    assert process.told == [word]
    assert take_wanted(folder) is None


def test_a_run_that_was_told_before_it_began_does_not_begin(tmp_path: Path) -> None:
    follow(RunFolder(tmp_path), Work(), lambda: None)


def test_the_word_is_seen_until_it_is_taken(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert asked_word(folder) is None
    want(folder, "stop")
    assert asked_word(folder) == "stop"
    assert (take_wanted(folder), asked_word(folder)) == ("stop", None)
