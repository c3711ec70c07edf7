"""What a step is. Three kinds:

Step         looks at each row alone: `measure` gives statistics, `rules` say which values are kept,
             `change` rewrites texts. Statistics are apart from the decision, so a threshold can move
             without measuring again.
RecordStep   turns one record into none, one or several: for changes of structure, and for users' own steps.
GlobalStep   needs all rows: `gather` takes what it needs from each block, `decide` judges them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import BaseModel, ConfigDict, Field

from headwater.dataprep.block import Block
from headwater.dataprep.characters import mixed
from headwater.dataprep.columns import replaced
from headwater.records.record import Record

FieldName = Literal["system", "context", "question", "answer", "tool", "completion", "chosen", "rejected"]
Statistics = Mapping[str, npt.NDArray[Any]]
Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
Reward = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
CountTokens = Callable[[Sequence[str]], Sequence[int]]


class Options(BaseModel):
    """Options of a step; each field has a default and a description, from which pages and forms are made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TextOptions(Options):
    """Options of a step that looks at texts."""

    fields: tuple[FieldName, ...] | None = Field(None, description="Fields it looks at; all when unset.")


@dataclass(frozen=True, slots=True)
class Services:
    """What only the rest of the house can do. A step that needs one that is not given says so before the run."""

    embed: Embed | None = None
    reward: Reward | None = None
    token_counter: Callable[[Path], CountTokens] | None = None
    reward_named: Callable[[str], Reward] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a step runs: the recipe's seed, folder and weights of sources, and the services.

    `named`: files that options call by a name, such as a model's tokenizer.
    """

    seed: int = 0
    folder: Path = Path()
    services: Services = field(default_factory=Services)
    source_weights: tuple[float, ...] = ()
    named: Mapping[str, Path] = field(default_factory=dict)

    def path(self, value: str) -> Path:
        """Return a path of the recipe, which starts at the recipe's folder."""
        return self.named.get(value) or (self.folder / Path(value).expanduser()).resolve()


@dataclass(frozen=True, slots=True)
class Rule:
    """Rows whose statistic is below `minimum`, above `maximum` or not in `allowed` are dropped for `reason`.

    A missing statistic (NaN, null) never drops a row: the rule does not concern it.
    """

    statistic: str
    reason: str
    minimum: float | None = None
    maximum: float | None = None
    allowed: frozenset[str] | None = None

    def broken(self, values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Return which rows break the rule."""
        if self.allowed is not None:
            return np.array([value is not None and value not in self.allowed for value in values], dtype=bool)
        numbers = values.astype(np.float64)
        found = np.zeros(len(numbers), dtype=bool)
        if self.minimum is not None:
            found |= numbers < self.minimum
        if self.maximum is not None:
            found |= numbers > self.maximum
        return found


class AnyStep:
    """What every step has: a name, a title for people, options and the setting."""

    name: ClassVar[str]
    title: ClassVar[str]
    options_type: ClassVar[type[Options]] = Options
    # Steps that call a service run in the main process, one block after the other.
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, options: Any, setting: Setting) -> None:
        self.options, self.setting = options, setting

    def needed(self) -> tuple[str, ...]:
        """Return the names of the services that these options need."""
        return self.needs

    def addresses(self) -> tuple[str, ...]:
        """Return the servers that these options ask."""
        return ()

    def files(self) -> tuple[Path, ...]:
        """Return the files that these options read; their bytes are part of the resume key."""
        return ()


class Step(AnyStep):
    """A step that looks at each row alone."""

    # Whether `change` comes before `measure`: for steps that make rows fit and then check it.
    changes_first: ClassVar[bool] = False

    def measure(self, block: Block) -> Statistics:
        """Return statistics, one value a row."""
        return {}

    def rules(self) -> list[Rule]:
        """Return the rules that decide on the statistics, first match wins."""
        return []

    def change(self, block: Block) -> npt.NDArray[np.bool_] | None:
        """Rewrite the block; return which rows changed, or None when this step changes nothing."""
        return None


@dataclass(frozen=True, slots=True)
class Drop:
    """A record that a RecordStep drops."""

    reason: str
    value: str | float | None = None


class RecordStep(AnyStep):
    """A step on one record at a time."""

    def apply(self, record: Record) -> Record | list[Record] | Drop:
        """Return the record (changed or not), several in its place, or Drop."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Plan:
    """What a GlobalStep decided, by row index (sorted): `verdicts` has index and may have reason, value,

    cluster (rows that belong together), copies (how often a row is written), position (a new order).
    """

    verdicts: pl.DataFrame
    reorders: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """The file with what one block gave to a GlobalStep."""

    path: Path
    rows: int

    def load(self) -> pl.DataFrame:
        """Read it."""
        return pl.read_ipc(self.path)


class GlobalStep(AnyStep):
    """A step that needs all rows before it can decide on any."""

    deciding_seconds: float = 0.0

    def gather(self, block: Block) -> pl.DataFrame:
        """Return what `decide` needs of the living rows, in whatever shape it wants it."""
        raise NotImplementedError

    def decide(self, gathered: Sequence[Gathered]) -> Plan:
        """Judge all rows together. Must not depend on how rows were cut into blocks."""
        raise NotImplementedError


def rewritten(
    block: Block, fields: tuple[str, ...] | None, make: Callable[[pl.Series], pl.Series]
) -> npt.NDArray[np.bool_]:
    """Rewrite the texts of some fields (None: all); return which rows changed."""
    texts = block.texts["text"]
    if fields is None:
        return block.set_texts(make(texts))
    mask = block.mask(fields)
    places = mask.arg_true()
    if not len(places):
        return np.zeros(len(block), dtype=bool)
    return block.set_texts(replaced(texts, places, make(texts.gather(places))))


def row_hash(block: Block, seed: int) -> npt.NDArray[np.float64]:
    """Return a number in 0..1 for each row that depends on the seed and the row's index alone."""
    index = block.rows["index"].to_numpy()
    offset = mixed(np.array([seed], dtype=np.uint64))[0]
    return (mixed(index ^ offset) >> np.uint64(11)).astype(np.float64) / float(1 << 53)
