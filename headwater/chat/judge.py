"""The trained weights behind quoting and abstention, as shipped in `judge.json`.

Three sets, by what is at hand: "words" (no models), "vectors" (an embedder) and "reader" (an
embedder and a reader). Made by `recipes/reader/`; the training data is named in the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[np.float64]
Means = Literal["words", "vectors", "reader"]


@dataclass(frozen=True, eq=False)
class Linear:
    """A linear model over named features, each centred and scaled first."""

    names: tuple[str, ...]
    mean: Column
    deviation: Column
    weights: Column
    bias: float

    def of(self, features: Mapping[str, Column | float]) -> Column:
        """Return the score of each row; values are columns of equal length, or single numbers."""
        columns = [np.atleast_1d(np.asarray(features[name], dtype=np.float64)) for name in self.names]
        return np.asarray((np.stack(columns, axis=-1) - self.mean) / self.deviation @ self.weights + self.bias)


@dataclass(frozen=True, eq=False)
class Judge:
    """What one set decides with: `quote` ranks sentences, `answerable` gives log odds.

    An answer is given from a probability on that was chosen for each language with training data,
    and for all others together; from the chance `sure` on, one sentence is enough.
    """

    quote: Linear
    answerable: Linear
    thresholds: Mapping[str, float]
    sure: float

    def threshold(self, language: str) -> float:
        """Return the least probability of an answer that is given, by language code."""
        return self.thresholds.get(language, self.thresholds["other"])


@cache
def _stored() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files(__package__).joinpath("judge.json").read_text("utf-8"))
    return content


def means_with(embedder: str | None, reader: str | None) -> Means:
    """Return the set to decide with, by the names of the models at hand.

    Cosines of another embedder, or logits of another reader, mean something else: a model that the
    weights were not fitted to counts as absent.
    """
    has_vectors = embedder is not None and _is(embedder, _stored()["embedder"])
    has_reader = (
        has_vectors and reader is not None and _is(reader, _stored()["reader"]) and "reader" in _stored()["sets"]
    )
    return "reader" if has_reader else "vectors" if has_vectors else "words"


def _is(name: str, fitted: str) -> bool:
    return name == fitted or name.startswith(f"{fitted}-")


@cache
def judge(means: Means) -> Judge:
    """Load one set of weights."""
    row: dict[str, Any] = _stored()["sets"][means]
    return Judge(_linear(row["quote"]), _linear(row["answerable"]), row["thresholds"], float(row["sure"]))


def _linear(row: Mapping[str, Sequence[Any]]) -> Linear:
    mean, deviation, weights = (np.array(row[name], dtype=np.float64) for name in ("mean", "deviation", "weights"))
    return Linear(tuple(row["names"]), mean, deviation, weights, float(row["bias"][0]))
