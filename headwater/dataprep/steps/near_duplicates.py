"""Near-duplicates: rows whose sets of word runs have a Jaccard similarity at or above a threshold. Exactly.

The search is a set-similarity join with prefix filtering (Bayardo, Ma, Srikant 2007; Xiao et al. 2008), not
min-hashing: two sets that are similar enough must share one of their rarest runs, so no pair is missed; every
candidate pair is then compared whole, so no pair is invented. Texts shorter than a run are compared as a whole.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.join import Sets, similar_clusters
from headwater.dataprep.step import Gathered, GlobalStep, Plan, TextOptions
from headwater.dataprep.steps.exact_duplicates import digest, normalised

HELD_BYTES = 32 * 1024 * 1024


class NearDuplicatesOptions(TextOptions):
    """What counts as nearly the same."""

    threshold: float = Field(0.7, ge=0.3, le=1, description="Jaccard similarity of the sets of word runs.")
    words: int = Field(5, ge=1, le=32, description="Words of a run.")
    keep: Literal["first", "longest", "best", "all"] = Field(
        "first", description="Which row of a cluster stays; best has the highest score; all only marks clusters."
    )


class NearDuplicates(GlobalStep):
    """Rows linked by similar pairs form a cluster; a later split keeps clusters together."""

    name, title, options_type = "near_duplicates", "Near-duplicates", NearDuplicatesOptions

    def gather(self, block: Block) -> pl.DataFrame:
        """Return one line with lists: index, id, score, length of each row, and the hashes of all their runs.

        A list a row would take ten times as long to build and to read.
        """
        selection = block.select(self.options.fields)
        runs, starts = selection.shingles(self.options.words)
        short = np.flatnonzero((np.diff(starts) == 0) & (selection.characters > 0))
        if len(short):
            runs, starts = _with_short(runs, starts, short, selection.texts)
        heads = [*block.rows.select("index", "id", "score"), pl.Series("length", selection.characters)]
        sets = [pl.Series("size", np.diff(starts)), pl.Series("runs", runs)]
        return pl.DataFrame([column.implode() for column in (*heads, *sets)])

    def decide(self, gathered: Sequence[Gathered]) -> Plan:
        """Find the clusters and choose who stays."""
        if not gathered:
            return Plan(pl.DataFrame(schema={"index": pl.UInt64, "reason": pl.String}))
        with tempfile.TemporaryDirectory(dir=gathered[0].path.parent.parent) as folder:
            heads, sets = _loaded(gathered, Path(folder) / "runs")
            with sets:
                clusters = similar_clusters(sets, self.options.threshold)
        frame = heads.with_columns(pl.Series("cluster", clusters), place=pl.int_range(pl.len()))
        order = {
            "first": ["place"], "all": ["place"], "longest": ["longer", "place"], "best": ["worse", "longer", "place"]
        }[self.options.keep]  # fmt: skip
        ranked = frame.with_columns(longer=-pl.col("length"), worse=-pl.col("score").fill_null(float("-inf"))).sort(
            order
        )
        kept = ranked.group_by("cluster", maintain_order=True).agg(
            pl.col("index").first().alias("kept"), pl.col("id").first().alias("of"), pl.len().alias("size")
        )
        joined = frame.join(kept, on="cluster", how="left", maintain_order="left").filter(pl.col("size") > 1)
        drops = (pl.col("index") != pl.col("kept")) & pl.lit(self.options.keep != "all")
        return Plan(
            joined.select(
                "index",
                reason=pl.when(drops).then(pl.lit("near-duplicate")),
                value=pl.when(drops).then(pl.col("of")),
                cluster=pl.col("kept"),
            )
        )


def _with_short(
    runs: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], short: npt.NDArray[np.int64], texts: pl.Series
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Give each short text a set of one member, the hash of the whole: equal or not, nothing between."""
    members = np.array([digest(normalised(texts[int(place)])) for place in short], dtype=np.uint64)
    runs = np.insert(runs, starts[short], members)
    sizes = np.diff(starts)
    sizes[short] = 1
    return runs, np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _loaded(gathered: Sequence[Gathered], file: Path) -> tuple[pl.DataFrame, Sets]:
    """Return (index, id, score, length of all rows; their sets). Many sets lie in `file`, few are held."""
    heads, sizes, held = [], [], []
    total = sum(one.path.stat().st_size for one in gathered)
    with file.open("wb") as stream:
        for one in gathered:
            lists: dict[str, pl.Series] = {column.name: column[0] for column in one.load()}
            heads.append(pl.DataFrame({name: lists[name] for name in ("index", "id", "score", "length")}))
            sizes.append(lists["size"].to_numpy())
            members = lists["runs"].to_numpy()
            if total <= HELD_BYTES:
                held.append(members)
            else:
                members.tofile(stream)
    starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
    return pl.concat(heads), Sets(np.concatenate(held) if total <= HELD_BYTES else file, starts)
