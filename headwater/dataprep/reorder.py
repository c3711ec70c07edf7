"""A new order of all rows, with memory for a few parts at a time: spread into buckets, then sort each bucket."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl

from headwater.dataprep.block import Block, concat
from headwater.dataprep.ledger import BlockLedger
from headwater.dataprep.part import PART_SUFFIX, Part, write_part
from headwater.dataprep.stage import POSITION_BITS

ROWS_OF_A_PART = 2048
PARTS_OF_A_BUCKET = 16


def reorder(parts: list[Part], verdicts: pl.DataFrame, folder: Path) -> list[Part]:
    """Write the rows as parts in the order of `position` (0, 1, 2, ... one for each index)."""
    total = verdicts.height
    bucket_rows = ROWS_OF_A_PART * PARTS_OF_A_BUCKET
    buckets = max(1, -(-total // bucket_rows))
    spool = folder / "spool"
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir(parents=True)
    for number, part in enumerate(parts):
        _spread(part.block(), verdicts, spool, number, bucket_rows)
    moved: list[Part] = []
    for bucket in range(buckets):
        moved += _sorted_parts(spool, bucket, folder, len(moved))
    shutil.rmtree(spool)
    # Later steps want a part, be it an empty one.
    return moved or [write_part(folder / f"{0:06}{PART_SUFFIX}", parts[0].block(), {}, BlockLedger())]


def _spread(block: Block, verdicts: pl.DataFrame, spool: Path, number: int, bucket_rows: int) -> None:
    joined = block.rows.select("index").join(verdicts, on="index", how="left", maintain_order="left")
    position = joined["position"].to_numpy().astype(np.int64)
    for bucket in np.unique(position // bucket_rows).tolist():
        places = np.flatnonzero(position // bucket_rows == bucket)
        piece = block.take(places)
        stem = spool / f"{bucket:06}.{number:06}"
        piece.rows.with_columns(pl.Series("position", position[places])).write_ipc(f"{stem}.rows")
        piece.texts.write_ipc(f"{stem}.texts")


def _sorted_parts(spool: Path, bucket: int, folder: Path, first: int) -> list[Part]:
    pieces, positions = [], []
    for path in sorted(spool.glob(f"{bucket:06}.*.rows")):
        rows = pl.read_ipc(path)
        positions.append(rows["position"].to_numpy())
        pieces.append(Block(rows.drop("position"), pl.read_ipc(path.with_suffix(".texts"))))
    if not pieces:
        return []
    whole = concat(pieces)
    order = np.argsort(np.concatenate(positions), kind="stable")
    made: list[Part] = []
    for start in range(0, len(order), ROWS_OF_A_PART):
        block = whole.take(order[start : start + ROWS_OF_A_PART])
        number = first + len(made)
        index = np.arange(len(block), dtype=np.uint64) | np.uint64(number << POSITION_BITS)
        block.set_rows("index", pl.Series(index))
        made.append(write_part(folder / f"{number:06}{PART_SUFFIX}", block, {}, BlockLedger(rows=len(block))))
    return made
