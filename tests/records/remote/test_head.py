from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from headwater.core.errors import DownloadFailed
from headwater.core.progress import silent
from headwater.records.remote.head import SPARE_ROWS, fetch_head, has_head
from headwater.records.remote.remote import Dropped, Opened, State


class Slow:
    """Gives its bytes in small pieces, counts them, and breaks as often as it is told."""

    shown = "https://example.org/rows"

    def __init__(self, content: bytes, breaks: int = 0) -> None:
        self.content, self.breaks, self.given = content, breaks, 0

    def state(self) -> State:
        return State(len(self.content), "1")

    @contextmanager
    def open(self, start: int, state: State) -> Iterator[Opened]:
        yield Opened(0, State(), self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        if self.breaks:
            self.breaks -= 1
            raise Dropped("gone")
        for place in range(0, len(self.content), 1000):
            self.given += 1000
            yield self.content[place : place + 1000]


LINES = b"".join(b'{"text": "row %d"}\n' % n for n in range(50_000))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_only_the_head_is_asked_for(tmp_path: Path, name: str) -> None:
    packed = name.endswith(".gz")
    remote = Slow(gzip.compress(LINES) if packed else LINES)
    path = fetch_head(remote, tmp_path / name, 100, silent)
    content = gzip.decompress(path.read_bytes()) if packed else path.read_bytes()
    assert content == LINES[: len(content)] and content.count(b"\n") == 100 + SPARE_ROWS
    assert remote.given < len(remote.content) / 2


def test_a_row_of_a_table_may_span_lines(tmp_path: Path) -> None:
    table = b"q,a\n" + b"".join(b'%d,"one\ntwo ""and""\nthree"\n' % n for n in range(5_000))
    head = fetch_head(Slow(table), tmp_path / "rows.csv", 100, silent).read_bytes()
    assert head.endswith(b'three"\n') and head.count(b"three") == 99 + SPARE_ROWS


def test_a_short_file_comes_whole_and_a_broken_one_again(tmp_path: Path) -> None:
    waits: list[float] = []
    path = fetch_head(Slow(LINES[:400], breaks=2), tmp_path / "rows.jsonl", 100, silent, waits.append)
    assert path.read_bytes() == LINES[:400] and len(waits) == 2
    with pytest.raises(DownloadFailed, match="6 times"):
        fetch_head(Slow(LINES, breaks=9), tmp_path / "rows.jsonl", 100, silent, waits.append)


def test_which_files_have_a_head() -> None:
    assert all(has_head(name) for name in ("a.jsonl", "a.csv.gz", "a.tsv", "a.txt", "query-1.jsonl"))
    assert not any(has_head(name) for name in ("a.parquet", "a.json", "a.zip", "a.jsonl.xz", "a.pdf"))
    assert not has_head("a.txt", "paragraph") and has_head("a.jsonl", "paragraph")
