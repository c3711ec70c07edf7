"""A change to a few places of a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl


def replaced(texts: pl.Series, places: pl.Series | Sequence[int] | Any, values: Sequence[str] | pl.Series) -> pl.Series:
    """Return the column with other texts at these places; the one given stays as it is."""
    # polars' scatter writes into the series it is called on.
    return texts.clone().scatter(places, pl.Series(values, dtype=pl.String))
