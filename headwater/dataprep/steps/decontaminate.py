"""Decontaminate: drop rows that hold text of evaluation sets, so that a score means something."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.step import Rule, Statistics, Step, TextOptions
from headwater.dataprep.steps.exact_duplicates import digest, normalised
from headwater.records.reading import read_records
from headwater.records.record import Record


class DecontaminateOptions(TextOptions):
    """The sets, and how much of a text may be in them."""

    against: tuple[str, ...] = Field(min_length=1, description="Files of evaluation sets, in any known format.")
    words: int = Field(13, ge=4, le=32, description="Words of a run; 13 is what GPT-3's authors used.")
    maximum: float = Field(0.0, ge=0, le=1, description="Share of a row's runs that may be in the sets.")


class Decontaminate(Step):
    """A row with any run of 13 words from a set is dropped; texts shorter than a run are compared whole."""

    name, title, options_type = "decontaminate", "Decontaminate", DecontaminateOptions

    def files(self) -> tuple[Path, ...]:
        """The sets are part of the resume key."""
        return tuple(self.setting.path(path) for path in self.options.against)

    @cached_property
    def _known(self) -> npt.NDArray[np.uint64]:
        """All runs of the sets, sorted. Questions and contexts count, and short texts as a whole."""
        found: list[npt.NDArray[np.uint64]] = []
        for path in self.files():
            batch: list[Record] = []
            for record in read_records(path):
                if isinstance(record, Record):
                    batch.append(record)
                if len(batch) == 2048:
                    found.append(self._runs_of(Block.of(batch)))
                    batch = []
            if batch:
                found.append(self._runs_of(Block.of(batch)))
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.uint64)

    def _runs_of(self, block: Block) -> npt.NDArray[np.uint64]:
        selection = block.select(("question", "context", "completion"), joined=False)
        runs, starts = selection.shingles(self.options.words)
        short = np.flatnonzero((np.diff(starts) == 0) & (selection.characters > 0))
        whole = [digest(normalised(selection.texts[int(place)])) for place in short]
        return np.concatenate([runs, np.array(whole, dtype=np.uint64)])

    def measure(self, block: Block) -> Statistics:
        """Return the largest share of runs, over a row's texts, that is in the sets."""
        selection = block.select(self.options.fields, joined=False)
        runs, starts = selection.shingles(self.options.words)
        known = self._known
        hit = np.zeros(len(runs), dtype=np.int64)
        if len(known) and len(runs):
            places = np.minimum(np.searchsorted(known, runs), len(known) - 1)
            hit = (known[places] == runs).astype(np.int64)
        total = np.concatenate([[0], np.cumsum(hit)])
        counts = np.diff(starts)
        shares = (total[starts[1:]] - total[starts[:-1]]) / np.maximum(counts, 1)
        for place in np.flatnonzero((counts == 0) & (selection.characters > 0)).tolist():
            shares[place] = float(np.isin(digest(normalised(selection.texts[place])), known))
        return {"share": selection.over_rows(shares, "max")}

    def rules(self) -> list[Rule]:
        """Drop what is in the sets."""
        return [Rule("share", "in an evaluation set", maximum=self.options.maximum)]
