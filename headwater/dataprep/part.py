"""A part: one block on disk between two stages. It appears under its name only when it is complete."""

from __future__ import annotations

import errno
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from headwater.core.errors import StorageFull
from headwater.dataprep.block import Block
from headwater.dataprep.ledger import BlockLedger

ROWS, TEXTS, STATISTICS, DROPPED, GATHERED = (
    "rows.arrow", "texts.arrow", "statistics.arrow", "dropped.arrow", "gathered.arrow"
)  # fmt: skip
LEDGER = "ledger.json"
DROPPED_SCHEMA: dict[str, Any] = {
    "step": pl.String, "place": pl.Int32, "index": pl.UInt64, "reason": pl.String, "value": pl.String, "id": pl.String,
    "file": pl.String, "row": pl.Int64, "record": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A folder that holds a block, what it dropped and measured, and its ledger."""

    folder: Path

    @property
    def complete(self) -> bool:
        """Whether it was written to its end."""
        return (self.folder / LEDGER).exists()

    def block(self) -> Block:
        """Read the rows and texts."""
        return Block(pl.read_ipc(self.folder / ROWS), pl.read_ipc(self.folder / TEXTS))

    def ledger(self) -> BlockLedger:
        """Read the ledger."""
        return BlockLedger.of(json.loads((self.folder / LEDGER).read_text("utf-8")))

    def frame(self, name: str) -> pl.DataFrame | None:
        """Read one of the other frames, or None when there is none."""
        path = self.folder / name
        return pl.read_ipc(path) if path.exists() else None


def write_part(folder: Path, block: Block, frames: dict[str, pl.DataFrame], ledger: BlockLedger) -> Part:
    """Write a part. Raises StorageFull; what was complete before stays for the next run."""
    partial = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        block.rows.write_ipc(partial / ROWS)
        block.texts.write_ipc(partial / TEXTS)
        for name, frame in frames.items():
            frame.write_ipc(partial / name)
        (partial / LEDGER).write_text(json.dumps(ledger.to_json(), ensure_ascii=False), "utf-8")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull(
                f"The disk is full while writing {folder.parent}",
                "Free some space and run it again: it goes on from here.",
            ) from error
        raise
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return Part(folder)
