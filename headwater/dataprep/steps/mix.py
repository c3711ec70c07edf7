"""Mix: how much of each source goes in, by weight, cap or temperature."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from headwater.dataprep.block import Block
from headwater.dataprep.step import Gathered, GlobalStep, Options, Plan, row_hash


class MixOptions(Options):
    """Without options the weights of the recipe's sources hold."""

    weights: dict[str, float] = Field(
        default_factory=dict, description="{file name: how often its rows are taken}; over the sources' own weights."
    )
    caps: dict[str, int] = Field(default_factory=dict, description="{file name: most rows}.")
    temperature: float | None = Field(
        None, gt=0, description="Shares in proportion to rows ** (1 / temperature): above 1 lifts small sources."
    )

    @model_validator(mode="after")
    def _positive(self) -> MixOptions:
        wrong = [name for name, weight in self.weights.items() if weight < 0]
        if wrong:
            raise ValueError(f"the weight of {wrong[0]!r} is below zero")
        return self


class Mix(GlobalStep):
    """Which rows go is settled by the seed and a row's index; whole copies are named `#2`, `#3`."""

    name, title, options_type = "mix", "Mix sources", MixOptions

    def gather(self, block: Block) -> pl.DataFrame:
        """Return index, source, file name and chance of each row."""
        names = [Path(file).name for file in block.rows["file"].to_list()]
        return block.rows.select("index", "source").with_columns(
            pl.Series("name", names, dtype=pl.String), pl.Series("chance", row_hash(block, self.setting.seed))
        )

    def decide(self, gathered: Sequence[Gathered]) -> Plan:
        """Give each source its number of rows: whole copies of all, and the rest to the lowest chances."""
        every = pl.concat([one.load() for one in gathered])
        counts = dict(every.group_by("source").len().iter_rows())
        names = dict(every.group_by("source").agg(pl.col("name").first()).iter_rows())
        if not counts:
            return Plan(every.select("index", pl.lit(None, dtype=pl.String).alias("reason")))
        wanted = self._wanted(counts, names)
        pieces = []
        for source in sorted(counts):
            rows = every.filter(pl.col("source") == source)
            whole, rest = divmod(wanted[source], counts[source])
            rank = rows["chance"].rank("ordinal").to_numpy() - 1
            copies = whole + (rank < rest)
            pieces.append(rows.select("index").with_columns(pl.Series("copies", copies.astype(np.int64))))
        copies_frame = pl.concat(pieces).sort("index")
        out = pl.when(pl.col("copies") == 0)
        return Plan(copies_frame.with_columns(reason=out.then(pl.lit("over its share")), value=out.then(pl.lit("0"))))

    def _wanted(self, counts: dict[int, int], names: dict[int, str]) -> dict[int, int]:
        weights = {source: self.options.weights.get(names[source], self._own_weight(source)) for source in counts}
        if self.options.temperature is not None:
            power = 1 / self.options.temperature
            total = sum(counts.values())
            scale = total / sum(count**power for count in counts.values())
            weights = {s: weights[s] * scale * counts[s] ** power / counts[s] for s in counts}
        wanted = {source: round(weights[source] * counts[source]) for source in counts}
        return {s: min(n, self.options.caps.get(names[s], n)) for s, n in wanted.items()}

    def _own_weight(self, source: int) -> float:
        weights = self.setting.source_weights
        return weights[source] if source < len(weights) else 1.0
