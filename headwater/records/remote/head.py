"""The first rows of a remote file, for a trial: the connection is left as soon as enough of them came."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from headwater.core.progress import Progress, Report
from headwater.records.readers.streams import inner_name
from headwater.records.remote.fetch import ATTEMPTS, FIRST_WAIT_SECONDS, gave_up
from headwater.records.remote.remote import Dropped, Remote, State

LINES = frozenset({".jsonl", ".ndjson", ".txt", ".md"})
TABLES = frozenset({".csv", ".tsv"})
# The format is told by the first 200 rows, so that many more than wanted are never too few.
SPARE_ROWS = 200


def has_head(name: str, text_unit: str = "line") -> bool:
    """Whether the first rows of such a file can be read without the rest."""
    path = Path(name)
    inner = Path(inner_name(name)).suffix.lower()
    if path.suffix.lower() not in (inner, ".gz"):
        return False
    return inner in TABLES or (inner in LINES and (text_unit == "line" or inner not in (".txt", ".md")))


def fetch_head(
    remote: Remote, target: Path, rows: int, report: Report, pause: Callable[[float], None] = time.sleep
) -> Path:
    """Bring at least `rows` whole rows to `target`, or all there are. Raises DownloadFailed after ATTEMPTS tries."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _write(target, _first(remote, target.name, rows + SPARE_ROWS, report))
            return target
        except Dropped as error:
            if attempt == ATTEMPTS:
                raise gave_up(remote.shown, error, 0) from error
            pause(max(FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1), error.wait_seconds or 0.0))
    raise AssertionError("unreachable")


def _write(target: Path, content: bytes) -> None:
    target.write_bytes(gzip.compress(content, mtime=0) if target.suffix.lower() == ".gz" else content)


def _first(remote: Remote, name: str, rows: int, report: Report) -> bytes:
    quoted = Path(inner_name(name)).suffix.lower() in TABLES
    held = bytearray()
    seen = found = quotes = 0
    with remote.open(0, State()) as opened:
        for piece in _unpacked(opened.pieces, name):
            held += piece
            report(Progress(len(held), None, "bytes", "fetch"))
            while (end := held.find(b"\n", seen)) >= 0:
                # A line end between quotes belongs to the text of a cell.
                quotes += held.count(b'"', seen, end) if quoted else 0
                seen = end + 1
                found += quotes % 2 == 0
                if found >= rows:
                    return bytes(held[:seen])
    return bytes(held)


def _unpacked(pieces: Iterator[bytes], name: str) -> Iterator[bytes]:
    if not name.lower().endswith(".gz"):
        yield from pieces
        return
    unpack = zlib.decompressobj(wbits=31)
    for piece in pieces:
        rest = piece
        while rest:
            yield unpack.decompress(rest)
            rest = unpack.unused_data
            if unpack.eof:  # such files may be several in a row
                unpack = zlib.decompressobj(wbits=31)
