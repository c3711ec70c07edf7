"""Sample: a share or a number of rows, chosen by the seed; rows of one conversation go together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl
from pydantic import Field, model_validator

from headwater.dataprep.block import Block
from headwater.dataprep.step import Gathered, GlobalStep, Options, Plan, row_hash


class SampleOptions(Options):
    """How many rows stay."""

    share: float | None = Field(None, gt=0, le=1, description="Share of rows, about: whole conversations.")
    rows: int | None = Field(None, ge=1, description="Number of rows, exactly.")

    @model_validator(mode="after")
    def _one(self) -> SampleOptions:
        if (self.share is None) == (self.rows is None):
            raise ValueError("give either share or rows")
        return self


class Sample(GlobalStep):
    """A larger sample with the same seed holds the smaller one."""

    name, title, options_type = "sample", "Sample", SampleOptions

    def gather(self, block: Block) -> pl.DataFrame:
        """Return index and chance of each row."""
        frame = block.rows.select("index")
        if self.options.rows is not None:
            return frame.with_columns(pl.Series("chance", row_hash(block, self.setting.seed)))
        groups = block.rows["origin"].fill_null(block.rows["id"]).to_list()
        return frame.with_columns(
            pl.Series("chance", [_chance(self.setting.seed, g) for g in groups], dtype=pl.Float64)
        )

    def decide(self, gathered: Sequence[Gathered]) -> Plan:
        """Keep the lowest chances."""
        every = pl.concat([one.load() for one in gathered])
        if self.options.share is not None:
            out = every.filter(pl.col("chance") >= self.options.share)
        else:
            out = every.filter(pl.col("chance").rank("ordinal") > self.options.rows)
        return Plan(out.select("index", pl.lit("not in the sample").alias("reason")))


def _chance(seed: int, group: str) -> float:
    digest = hashlib.blake2b(f"sample\0{seed}\0{group}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / (1 << 64)
