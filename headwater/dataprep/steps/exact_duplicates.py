"""Exact duplicates: rows whose chosen fields are the same text; the first one stays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.step import Gathered, GlobalStep, Plan, TextOptions


class ExactDuplicatesOptions(TextOptions):
    """What counts as the same."""

    ignore_case: bool = Field(False, description="Capitals make no difference.")
    ignore_spaces: bool = Field(True, description="Runs of white space count as one space.")


class ExactDuplicates(GlobalStep):
    """Compares 128-bit hashes of the texts. Fields count by name, so a question never equals an answer."""

    name, title, options_type = "exact_duplicates", "Exact duplicates", ExactDuplicatesOptions

    def gather(self, block: Block) -> pl.DataFrame:
        """Return index, id and hash of each row; none for rows without these fields."""
        texts = block.texts.filter(block.mask(self.options.fields))
        column = pl.col("text")
        if self.options.ignore_spaces:
            column = column.str.replace_all(r"\s+", " ").str.strip_chars()
        if self.options.ignore_case:
            column = column.str.to_lowercase()
        # Lengths keep borders: ("ab", "c") is not ("a", "bc").
        marked = texts.select(
            "row", piece=pl.format("{}\0{}\0{}\0", pl.col("field").cast(pl.String), column.str.len_bytes(), column)
        )
        joined = marked.group_by("row", maintain_order=True).agg(pl.col("piece").str.join(""))
        hashes: list[bytes | None] = [None] * len(block)
        for row, piece in zip(joined["row"].to_list(), joined["piece"].to_list(), strict=True):
            hashes[row] = hashlib.blake2b(piece.encode("utf-8"), digest_size=16).digest()
        return block.rows.select("index", "id").with_columns(pl.Series("hash", hashes, dtype=pl.Binary))

    def decide(self, gathered: Sequence[Gathered]) -> Plan:
        """Drop every row whose hash came before."""
        frames = [one.load() for one in gathered]
        every = (
            pl.concat(frames)
            if frames
            else pl.DataFrame(schema={"index": pl.UInt64, "id": pl.String, "hash": pl.Binary})
        )
        first = every.group_by("hash", maintain_order=True).agg(
            pl.col("index").first().alias("kept"), pl.col("id").first().alias("of")
        )
        joined = every.filter(pl.col("hash").is_not_null()).join(first, on="hash", how="left", maintain_order="left")
        verdicts = joined.filter(pl.col("index") != pl.col("kept")).select(
            "index", pl.lit("exact duplicate").alias("reason"), pl.col("of").alias("value")
        )
        return Plan(verdicts)


def normalised(text: str) -> str:
    """Return a text in the form that is compared when neither case nor spaces matter."""
    return " ".join(text.lower().split())


def digest(text: str) -> np.uint64:
    """Return 64 bits of a text's hash."""
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big"))
