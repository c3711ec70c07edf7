"""Fit the target model: tokens of a row in the model's own tokenizer against its context, and the padding."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.columns import replaced
from headwater.dataprep.step import Options, Rule, Statistics, Step
from headwater.dataprep.tokens import cut_to_tokens, token_counter


class FitOptions(Options):
    """The model's limits."""

    tokenizer: str = Field(description="The target model: its tokenizer.json, or the name of an installed one.")
    maximum: int = Field(ge=1, description="Tokens of the model's context.")
    turn_tokens: int = Field(8, ge=0, description="Tokens the chat template adds to each message, about.")
    action: Literal["drop", "cut_context", "report"] = Field(
        "drop", description="Rows that do not fit: drop them, cut their context (never the answer), or only report."
    )
    pad_to: int = Field(8, ge=1, description="Batches are padded to a multiple of this; for the padding report.")


class Fit(Step):
    """Counts tokens; `padding` is the share of a row's padded length that is empty."""

    name, title, options_type = "fit", "Fit the model's context", FitOptions
    changes_first = True

    def files(self) -> tuple[Path, ...]:
        """The tokenizer is part of the resume key."""
        return (self.setting.path(self.options.tokenizer),)

    def measure(self, block: Block) -> Statistics:
        """Return the tokens and the padding of each row."""
        tokens = self._tokens(block)
        padded = np.ceil(tokens / self.options.pad_to) * self.options.pad_to
        with np.errstate(divide="ignore", invalid="ignore"):
            padding = np.where(padded > 0, 1 - tokens / padded, 0.0)
        return {"tokens": tokens, "padding": padding}

    def _tokens(self, block: Block) -> npt.NDArray[np.float64]:
        selection = block.select(None, joined=False)
        make = self.setting.services.token_counter or token_counter
        counts = make(self.setting.path(self.options.tokenizer))(selection.texts.to_list())
        return np.nan_to_num(selection.over_rows(np.array(counts, dtype=np.int64) + self.options.turn_tokens, "sum"))

    def change(self, block: Block) -> npt.NDArray[np.bool_] | None:
        """Cut the context of rows that do not fit."""
        if self.options.action != "cut_context":
            return None
        over = self._tokens(block) - self.options.maximum
        rows = block.texts["row"].to_numpy()
        mask = block.mask(("context",)).to_numpy() & (over[rows] > 0)
        places = np.flatnonzero(mask)
        path = self.setting.path(self.options.tokenizer)
        count = token_counter(path)
        texts = block.texts["text"]
        new = []
        for place in places.tolist():
            most = count([texts[place]])[0] - int(over[rows[place]])
            new.append(cut_to_tokens(path, texts[place], most).rstrip())
        return block.set_texts(replaced(texts, places, new))

    def rules(self) -> list[Rule]:
        """Drop what still does not fit."""
        if self.options.action == "report":
            return []
        return [Rule("tokens", "does not fit the model's context", maximum=self.options.maximum)]
