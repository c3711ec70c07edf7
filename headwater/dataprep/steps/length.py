"""Length: too short or too long, by field, in characters, words or tokens of the target model."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from headwater.dataprep.block import Block
from headwater.dataprep.selection import Selection
from headwater.dataprep.step import AnyStep, Rule, Statistics, Step, TextOptions

Unit = Literal["characters", "words", "tokens"]


class LengthOptions(TextOptions):
    """The limits."""

    unit: Unit = Field("characters", description="What is counted.")
    minimum: int | None = Field(None, ge=0, description="Fewest; no limit when unset.")
    maximum: int | None = Field(None, ge=0, description="Most; no limit when unset.")
    each: bool = Field(False, description="Limits hold for every single text, not for a row's texts together.")
    tokenizer: str | None = Field(
        None, description="For the unit tokens: the target model, by tokenizer.json or by name."
    )

    @model_validator(mode="after")
    def _complete(self) -> LengthOptions:
        if self.unit == "tokens" and self.tokenizer is None:
            raise ValueError("the unit tokens needs a tokenizer: the path of a tokenizer.json")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"minimum {self.minimum} is above maximum {self.maximum}")
        return self


class Length(Step):
    """Drops rows outside the limits; rows without these fields are not concerned."""

    name, title, options_type = "length", "Length", LengthOptions

    def files(self) -> tuple[Path, ...]:
        """The tokenizer is part of the resume key."""
        return (self.setting.path(self.options.tokenizer),) if self.options.tokenizer else ()

    def measure(self, block: Block) -> Statistics:
        """Return the shortest and the longest (with `each`), or the length together, of each row."""
        selection = block.select(self.options.fields, joined=False)
        lengths = counted(selection, self.options.unit, self, self.options.tokenizer)
        if self.options.each:
            return {"shortest": selection.over_rows(lengths, "min"), "longest": selection.over_rows(lengths, "max")}
        return {"length": selection.over_rows(lengths, "sum")}

    def rules(self) -> list[Rule]:
        """Drop what is too short or too long."""
        low, high = ("shortest", "longest") if self.options.each else ("length", "length")
        found = []
        if self.options.minimum is not None:
            found.append(Rule(low, "too short", minimum=self.options.minimum))
        if self.options.maximum is not None:
            found.append(Rule(high, "too long", maximum=self.options.maximum))
        return found


def counted(selection: Selection, unit: Unit, step: AnyStep, tokenizer: str | None) -> npt.NDArray[np.int64]:
    """Return the length of each text in the unit."""
    if unit == "characters":
        return selection.characters
    if unit == "words":
        return selection.word_counts
    from headwater.dataprep.tokens import token_counter

    make = step.setting.services.token_counter or token_counter
    return np.array(make(step.setting.path(tokenizer or ""))(selection.texts.to_list()), dtype=np.int64)
