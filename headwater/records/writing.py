"""Writing records: a container by the file's suffix, a format by name, every loss and problem counted.

The file appears under its name only when it is complete.
"""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import polars as pl

from headwater.core.errors import BadInput
from headwater.core.registry import Registry
from headwater.records.detect import NESTED, READ_ONLY, WRITABLE, format_named
from headwater.records.disk import disk_in_words, in_words
from headwater.records.record import Record, RowError

# What pandas (and so LLM Studio) reads from a CSV as a missing value.
READ_AS_MISSING = frozenset(
    {"", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
     "NULL", "NaN", "None", "n/a", "nan", "null"}
)  # fmt: skip
SPOOL_ROWS = 20_000
_encoder = json.JSONEncoder(ensure_ascii=False)


def as_json(value: Any) -> str:
    """Return JSON with letters as they are. `json.dumps` would build an encoder for every row."""
    return "".join(_encode(value, 0))


def _made() -> Callable[[Any, int], Iterable[str]]:
    c_make_encoder = getattr(json.encoder, "c_make_encoder", None)
    if c_make_encoder is None:  # an interpreter without the C part
        return lambda value, _: _encoder.iterencode(value)
    quote = json.encoder.encode_basestring
    made: Callable[[Any, int], Iterable[str]] = c_make_encoder(
        None, _encoder.default, quote, None, ": ", ", ", False, False, True
    )
    return made


_encode = _made()


@dataclass
class Written:
    """What was written: rows, and by name the losses and the rows that a trainer would refuse."""

    records: int = 0
    rows: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    problem_ids: list[tuple[str, str]] = field(default_factory=list)


class RecordWriter:
    """Writes records to one file. Use as a context manager; the file is moved into place at its end."""

    def __init__(self, path: Path, format_name: str) -> None:
        if format_name in READ_ONLY:
            raise BadInput(f"The format {format_name!r} is only read.", f"Written are: {', '.join(WRITABLE)}.")
        if path.suffix.lower() in (".csv", ".tsv") and format_name in NESTED:
            raise BadInput(
                f"{path.name}: rows of the format {format_name!r} do not fit a table.", "Write .parquet or .jsonl."
            )
        self.format = format_named(format_name)
        self.path = path
        self.written = Written()
        make = CONTAINERS[path.suffix.lower()]
        self._partial = path.with_name(f".{path.name}.partial")
        with disk_in_words(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._sink = make(self._partial, self.format.columns)

    def write(self, record: Record) -> None:
        """Write one record. A record the format has no place for is counted in `written.refused`."""
        try:
            rows = self.format.write_many(record)
        except RowError as error:
            self.written.refused.append((record.id, str(error)))
            return
        written = self.written
        written.records += 1
        self._lose(self.format.losses(record))
        for row in rows:
            problems = self.format.problems_of(record, row)
            if problems:
                written.problems.update(problems)
                written.problem_ids += [(record.id, problem) for problem in problems]
            self._lose(self._sink.losses(row))
            try:
                self._sink.add(row)
            except OSError as error:
                found = in_words(error, self.path)
                if found is None:
                    raise
                raise found from error
            written.rows += 1

    def _lose(self, losses: list[str]) -> None:
        # Mostly there are none, and counting none costs more than the row.
        if losses:
            self.written.losses.update(losses)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            with disk_in_words(self.path):
                self._sink.close()
            if kind is None:
                self._partial.replace(self.path)
        finally:
            self._sink.discard()
            self._partial.unlink(missing_ok=True)


def write_records(records: Iterable[Record], path: Path, format_name: str) -> Written:
    """Write all records to one file and return what was lost and refused."""
    with RecordWriter(path, format_name) as writer:
        for record in records:
            writer.write(record)
    return writer.written


class Sink:
    """A container being written. `losses` names what this container cannot hold of a row."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        self.path, self.columns = path, columns

    def add(self, row: Mapping[str, Any]) -> None:
        """Append one row."""
        raise NotImplementedError

    def losses(self, row: Mapping[str, Any]) -> list[str]:
        """Name what is lost of this row."""
        return []

    def close(self) -> None:
        """Finish the file."""

    def discard(self) -> None:
        """Remove what was needed only while writing."""


class TextSink(Sink):
    """A container that is a text file."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        super().__init__(path, columns)
        self.stream: IO[str] = path.open("w", encoding="utf-8", newline="")

    def close(self) -> None:
        """Close the file."""
        self.stream.close()


class LinesSink(TextSink):
    """JSON Lines."""

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one line."""
        self.stream.write(as_json(row) + "\n")


class ArraySink(TextSink):
    """A JSON array, one row a line."""

    first = True

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one element."""
        self.stream.write(("[\n" if self.first else ",\n") + as_json(row))
        self.first = False

    def close(self) -> None:
        """Write the closing bracket."""
        if not self.stream.closed:
            self.stream.write("[]\n" if self.first else "\n]\n")
        super().close()


class TableSink(TextSink):
    """CSV or TSV with `\\n` line ends, every value quoted, lists as JSON."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        super().__init__(path, columns)
        mark = "\t" if path.name.endswith(".tsv.partial") else ","
        self.table = csv.writer(self.stream, delimiter=mark, quoting=csv.QUOTE_ALL, lineterminator="\n")
        self.table.writerow(columns)

    def add(self, row: Mapping[str, Any]) -> None:
        """Write one row in the order of the columns."""
        self.table.writerow([_cell(row.get(name)) for name in self.columns])

    def losses(self, row: Mapping[str, Any]) -> list[str]:
        """Words that table readers take for a missing value, and columns that have no place."""
        lost = [f"{name} {value!r} is read as missing by pandas" for name, value in row.items()
                if isinstance(value, str) and value and value in READ_AS_MISSING]  # fmt: skip
        return lost + [f"column {name}" for name in row if name not in self.columns]


class PlainSink(TextSink):
    """Plain text, records parted by a blank line."""

    def add(self, row: Mapping[str, Any]) -> None:
        """Write the text."""
        self.stream.write(str(row.get("text", "")).strip("\n") + "\n\n")

    def losses(self, row: Mapping[str, Any]) -> list[str]:
        """A blank line inside a text would read back as a border."""
        return ["border of a text with blank lines"] if "\n\n" in str(row.get("text", "")).strip("\n") else []


class ColumnsSink(Sink):
    """Parquet or Arrow: rows are spooled in batches, then joined into one file in order."""

    def __init__(self, path: Path, columns: tuple[str, ...]) -> None:
        super().__init__(path, columns)
        self._spool = Path(tempfile.mkdtemp(prefix=".spool-", dir=path.parent))
        self._rows: list[Mapping[str, Any]] = []
        self._batches: list[Path] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """Keep the row; write a batch when there are enough."""
        self._rows.append(row)
        if len(self._rows) >= SPOOL_ROWS:
            self._flush()

    def _flush(self) -> None:
        batch = self._spool / f"{len(self._batches):06}.arrow"
        schema = NATIVE_SCHEMA if set(self.columns) == set(NATIVE_SCHEMA) else None
        pl.from_dicts(self._rows, schema=schema, infer_schema_length=None).write_ipc(batch)
        self._batches.append(batch)
        self._rows = []

    def close(self) -> None:
        """Join the batches."""
        if self._rows:
            self._flush()
        if not self._batches:
            schema = (
                NATIVE_SCHEMA if set(self.columns) == set(NATIVE_SCHEMA) else dict.fromkeys(self.columns, pl.String())
            )
            pl.DataFrame(schema=schema).write_ipc(self._spool / "empty.arrow")
            self._batches.append(self._spool / "empty.arrow")
        scans = [pl.scan_ipc(batch) for batch in self._batches]
        joined = scans[0] if len(scans) == 1 else pl.concat(scans, how="diagonal_relaxed")
        if ".arrow" in self.path.suffixes or ".feather" in self.path.suffixes:
            joined.sink_ipc(self.path, maintain_order=True)
        else:
            joined.sink_parquet(self.path, maintain_order=True, row_group_size=SPOOL_ROWS)

    def discard(self) -> None:
        """Remove the batches."""
        shutil.rmtree(self._spool, ignore_errors=True)


_TURN = pl.Struct({"role": pl.String, "content": pl.String, "extra": pl.String})
_SOURCE = pl.Struct({"file": pl.String, "row": pl.Int64, "hash": pl.String, "licence": pl.String})
NATIVE_SCHEMA: dict[str, pl.DataType] = {
    "id": pl.String(), "task": pl.String(), "system": pl.String(), "context": pl.String(),
    "messages": pl.List(_TURN), "completion": pl.String(), "chosen": pl.String(), "rejected": pl.String(),
    "label": pl.Boolean(), "score": pl.Float64(), "language": pl.String(), "origin": pl.String(),
    "source": _SOURCE, "meta": pl.String(),
}  # fmt: skip

CONTAINERS: Registry[type[Sink]] = Registry(
    "output type",
    {
        ".jsonl": "headwater.records.writing:LinesSink",
        ".json": "headwater.records.writing:ArraySink",
        ".csv": "headwater.records.writing:TableSink",
        ".tsv": "headwater.records.writing:TableSink",
        ".txt": "headwater.records.writing:PlainSink",
        ".parquet": "headwater.records.writing:ColumnsSink",
        ".pq": "headwater.records.writing:ColumnsSink",
        ".arrow": "headwater.records.writing:ColumnsSink",
        ".feather": "headwater.records.writing:ColumnsSink",
    },
)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else as_json(value)
