"""A part: one block on disk between two stages, as one file that appears under its name only when it is complete."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import polars as pl

from headwater.core.errors import BadInput
from headwater.dataprep.block import Block
from headwater.dataprep.ledger import BlockLedger
from headwater.records.disk import disk_in_words

ROWS, TEXTS, STATISTICS, DROPPED = "rows.arrow", "texts.arrow", "statistics.arrow", "dropped.arrow"
LEDGER = "ledger.json"
PART_SUFFIX, GATHERED_SUFFIX = ".part", ".gathered"
DROPPED_SCHEMA: dict[str, Any] = {
    "step": pl.String, "place": pl.Int32, "index": pl.UInt64, "reason": pl.String, "value": pl.String, "id": pl.String,
    "file": pl.String, "row": pl.Int64, "record": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A block with what it dropped and measured, and its ledger; beside it what a global step took from it.

    One archive, not a folder of files: files cost more to make and to remove than to fill. Its checksums tell of
    damage.
    """

    path: Path

    @property
    def complete(self) -> bool:
        """Whether it was written to its end."""
        return self.path.exists()

    @property
    def gathered(self) -> Path:
        """The file with what a global step took from the block."""
        return self.path.with_suffix(GATHERED_SUFFIX)

    def block(self) -> Block:
        """Read the rows and texts. Raises BadInput when the file is damaged."""
        rows, texts = self._read((ROWS, TEXTS))
        return Block(pl.read_ipc_stream(io.BytesIO(rows)), pl.read_ipc_stream(io.BytesIO(texts)))

    def ledger(self) -> BlockLedger:
        """Read the ledger. Raises BadInput when the file is damaged."""
        (found,) = self._read((LEDGER,))
        return BlockLedger.of(json.loads(found))

    def frame(self, name: str) -> pl.DataFrame | None:
        """Read one of the other frames, or None when there is none. Raises BadInput when the file is damaged."""
        found = self._read((name,))
        return pl.read_ipc_stream(io.BytesIO(found[0])) if found else None

    def _read(self, names: tuple[str, ...]) -> list[bytes]:
        try:
            with ZipFile(self.path) as archive:
                held = set(archive.namelist())
                return [archive.read(name) for name in names if name in held]
        except (BadZipFile, EOFError, FileNotFoundError) as error:
            raise BadInput(
                f"{self.path} is damaged: {error}", "Delete the work folder beside the output and run it again."
            ) from error


def write_part(
    path: Path,
    block: Block,
    frames: dict[str, pl.DataFrame],
    ledger: BlockLedger,
    gathered: pl.DataFrame | None = None,
) -> Part:
    """Write a part. Raises StorageFull, BadInput; what was complete before stays for the next run."""
    part = Part(path)
    partial = path.with_name(f".{path.name}.partial")
    with disk_in_words(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if gathered is not None:
                gathered.write_ipc(part.gathered)
            with ZipFile(partial, "w") as archive:
                for name, frame in {ROWS: block.rows, TEXTS: block.texts, **frames}.items():
                    archive.writestr(name, _stream(frame))
                archive.writestr(LEDGER, json.dumps(ledger.to_json(), ensure_ascii=False).encode("utf-8"))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)  # it is there still when something went wrong
    return part


def _stream(frame: pl.DataFrame) -> memoryview:
    stream = io.BytesIO()
    frame.write_ipc_stream(stream)
    return stream.getbuffer()
