"""Shuffle: a new order of all rows that follows from the seed."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from headwater.dataprep.block import Block
from headwater.dataprep.step import Gathered, GlobalStep, Options, Plan, row_hash


class Shuffle(GlobalStep):
    """Puts the rows in random order; drops none."""

    name, title, options_type = "shuffle", "Shuffle", Options

    def gather(self, block: Block) -> pl.DataFrame:
        """Return index and chance of each row."""
        return block.rows.select("index").with_columns(pl.Series("chance", row_hash(block, self.setting.seed ^ 0x5F)))

    def decide(self, gathered: Sequence[Gathered]) -> Plan:
        """Order by chance."""
        every = pl.concat([one.load() for one in gathered]).sort("chance", "index")
        return Plan(every.select("index", position=pl.int_range(pl.len())), reorders=True)
