"""Fetching: a server that drops the line half way, changes the file, asks to wait; object stores by memory://."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from headwater.core.errors import BadInput, DownloadFailed, MissingExtra
from headwater.core.progress import Progress, silent
from headwater.records.remote import stored
from headwater.records.remote.fetch import ATTEMPTS, fetch
from headwater.records.remote.stored import StoredFile
from headwater.records.remote.web import WebFile

BODY = bytes(range(256)) * 2000


@dataclass
class Behaviour:
    """What the server does, and what it was asked."""

    body: bytes = BODY
    mark: str | None = '"one"'
    breaks: list[int] = field(default_factory=list)  # bytes after which the next answers break off
    refuses: list[int] = field(default_factory=list)  # statuses of the next answers
    ranges: bool = True
    asked: list[str | None] = field(default_factory=list)
    changes_to: bytes | None = None  # the body after the first break
    heads: bool = True


@contextmanager
def served(behaviour: Behaviour) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None: ...

        def do_HEAD(self) -> None:
            if behaviour.heads:
                self.answer(False)
            else:
                self.send_response(405)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def do_GET(self) -> None:
            behaviour.asked.append(self.headers.get("Range"))
            self.answer(True)

        def answer(self, whole: bool) -> None:
            if whole and behaviour.refuses:
                self.send_response(behaviour.refuses.pop(0))
                self.send_header("Content-Length", "0")
                self.send_header("Retry-After", "7")
                self.end_headers()
                return
            body, start = behaviour.body, 0
            wanted = self.headers.get("Range")
            same = self.headers.get("If-Range") == behaviour.mark
            if wanted and behaviour.ranges and same:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
            else:
                self.send_response(200)
            if behaviour.mark:
                self.send_header("ETag", behaviour.mark)
            rest = body[start:]
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            if not whole:
                return
            if behaviour.breaks:
                self.wfile.write(rest[: behaviour.breaks.pop(0)])
                self.wfile.flush()
                self.close_connection = True
                if behaviour.changes_to is not None:
                    behaviour.body, behaviour.mark = behaviour.changes_to, '"two"'
                return
            self.wfile.write(rest)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/rows.jsonl"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def bring(url: str, target: Path, waits: list[float] | None = None) -> bytes:
    noted = waits if waits is not None else []
    return fetch(WebFile(url), target, silent, noted.append).read_bytes()


def test_a_file_comes_whole_and_is_not_fetched_twice(tmp_path: Path) -> None:
    behaviour = Behaviour()
    seen: list[Progress] = []
    with served(behaviour) as url:
        target = tmp_path / "a/rows.jsonl"
        assert fetch(WebFile(url), target, seen.append).read_bytes() == BODY
        assert (seen[-1].done, seen[-1].total) == (len(BODY), len(BODY))
        assert bring(url, target) == BODY
        assert len(behaviour.asked) == 1
        behaviour.body, behaviour.mark = b"new", '"two"'
        assert bring(url, target) == b"new"
    assert sorted(path.name for path in target.parent.iterdir()) == ["rows.jsonl", "rows.jsonl.state.json"]


def test_a_dropped_line_is_gone_on_with_by_range(tmp_path: Path) -> None:
    behaviour = Behaviour(breaks=[100_000, 50_000])
    waits: list[float] = []
    with served(behaviour) as url:
        assert bring(url, tmp_path / "rows.jsonl", waits) == BODY
    assert behaviour.asked == [None, "bytes=100000-", "bytes=150000-"]
    assert waits == [0.5, 0.5], "each brought something, so the patience starts anew"


def test_a_later_run_goes_on_where_the_first_gave_up(tmp_path: Path) -> None:
    behaviour = Behaviour(breaks=[100_000, *([0] * ATTEMPTS)])
    with served(behaviour) as url:
        with pytest.raises(DownloadFailed, match="100,000 bytes"):
            bring(url, tmp_path / "rows.jsonl")
        behaviour.asked.clear()
        behaviour.breaks.clear()
        assert bring(url, tmp_path / "rows.jsonl") == BODY
    assert behaviour.asked == ["bytes=100000-"]


def test_a_server_that_tells_no_head_is_gone_on_with_too(tmp_path: Path) -> None:
    behaviour = Behaviour(breaks=[100_000], heads=False)
    with served(behaviour) as url:
        assert bring(url, tmp_path / "rows.jsonl") == BODY
    assert behaviour.asked == [None, "bytes=100000-"]


def test_a_file_that_changed_meanwhile_begins_anew(tmp_path: Path) -> None:
    other = b"other rows\n" * 9000
    behaviour = Behaviour(breaks=[80_000, 60_000], changes_to=other)
    with served(behaviour) as url:
        assert bring(url, tmp_path / "rows.jsonl") == other
    assert behaviour.asked == [None, "bytes=80000-", "bytes=60000-"]


@pytest.mark.parametrize(("ranges", "mark"), [(False, '"one"'), (True, None), (True, 'W/"weak"')])
def test_without_range_or_a_mark_it_begins_anew(tmp_path: Path, ranges: bool, mark: str | None) -> None:
    behaviour = Behaviour(breaks=[100_000], ranges=ranges, mark=mark)
    with served(behaviour) as url:
        assert bring(url, tmp_path / "rows.jsonl") == BODY


def test_a_busy_server_is_waited_for_as_long_as_it_says(tmp_path: Path) -> None:
    behaviour = Behaviour(refuses=[503, 429])
    waits: list[float] = []
    with served(behaviour) as url:
        assert bring(url, tmp_path / "rows.jsonl", waits) == BODY
    assert waits == [7.0, 7.0]


def test_what_will_not_pass_is_said_at_once(tmp_path: Path) -> None:
    waits: list[float] = []
    with served(Behaviour(refuses=[404])) as url, pytest.raises(DownloadFailed, match=r"does not exist \(HTTP 404\)"):
        bring(url, tmp_path / "rows.jsonl", waits)
    assert waits == []


def test_nobody_there(tmp_path: Path) -> None:
    waits: list[float] = []
    with served(Behaviour()) as url:
        pass
    with pytest.raises(DownloadFailed, match=f"{ATTEMPTS} times"):
        bring(url, tmp_path / "rows.jsonl", waits)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_an_object_store(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec", reason="the extra 'remote' is not installed")
    memory = fsspec.filesystem("memory")
    memory.pipe("/box/rows.jsonl", BODY)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(stored.EXTRAS, "memory", "remote")
            target = tmp_path / "rows.jsonl"
            assert fetch(StoredFile("memory://box/rows.jsonl"), target, silent).read_bytes() == BODY
            with pytest.raises(DownloadFailed, match="does not exist"):
                fetch(StoredFile("memory://box/none.jsonl"), target, silent)
            with pytest.raises(BadInput, match="is a folder"):
                fetch(StoredFile("memory://box"), target, silent)
            _drops_once(patch, memory)
            target.unlink()
            waits: list[float] = []
            assert fetch(StoredFile("memory://box/rows.jsonl"), target, silent, waits.append).read_bytes() == BODY
            assert waits == [0.5]
    finally:
        memory.rm("/box", recursive=True)


def _drops_once(patch: pytest.MonkeyPatch, memory: Any) -> None:
    """Let the first stream break after 1,000 bytes."""
    real = type(memory).open
    broken: list[int] = []

    def opened(self: Any, *given: Any, **named: Any) -> Any:
        stream = real(self, *given, **named)
        if not broken:
            broken.append(1)
            pieces = iter([BODY[:1000]])

            class Breaks:
                def __enter__(self) -> Breaks:
                    return self

                def __exit__(self, *_: object) -> None: ...

                def seek(self, _: int) -> None: ...

                def read(self, _: int) -> bytes:
                    try:
                        return next(pieces)
                    except StopIteration:
                        raise ConnectionResetError("reset by peer") from None

            return Breaks()
        return stream

    patch.setattr(type(memory), "open", opened)


def test_a_store_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(stored, "import_module", absent)
    with pytest.raises(MissingExtra) as caught:
        StoredFile("s3://bucket/rows.jsonl")
    assert "headwater[remote]" in str(caught.value.hint)
    with pytest.raises(MissingExtra) as caught:
        StoredFile("hf://datasets/a/b@c/d.jsonl")
    assert "headwater[hub]" in str(caught.value.hint)
