"""Unhelpful answers: refusals and phrases that say only what the speaker is."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.step import FieldName, Options, Rule, Statistics, Step

PHRASES = (
    r"as an? (?:ai|artificial intelligence|large language model|language model|ai assistant|ai language model)\b",
    r"\bi(?:'m| am) (?:just |only )?an? (?:ai|language model|artificial intelligence|ai language model|chatbot)\b",
    r"^\W*(?:i(?:'m| am) )?sorry,? (?:but )?i "
    r"(?:can(?:no|')t|do(?: not|n't)|am (?:not able|unable)|was(?: not|n't) able)\b",
    r"^\W*i(?:'m| am) (?:not able|unable) to (?:help|answer|assist|provide|fulfil|do)",
    r"^\W*i (?:cannot|can't|can not) (?:help|assist|answer|fulfil|provide|comply)",
    r"^\W*i (?:do not|don't) (?:know|have (?:an|the) answer|understand(?: the| your)? question)\b",
    r"^\W*(?:i have )?no (?:idea|comment)\W*$",
    r"^\W*(?:please )?(?:provide|give me) (?:more|further) (?:information|context|details)\W*$",
    r"\bmy knowledge (?:cutoff|cut-off) (?:date )?is\b",
)


class UnhelpfulOptions(Options):
    """What counts as unhelpful. A chat about assistants is no reason: phrases are matched, not single words."""

    fields: tuple[FieldName, ...] | None = Field(("answer", "chosen", "completion"), description="Fields it looks at.")
    also: tuple[str, ...] = Field((), description="Further phrases, as plain text.")
    allow_default: bool = Field(False, description="Leave our own list out and use only `also`.")


class Unhelpful(Step):
    """Counts the texts of a row that hold such a phrase."""

    name, title, options_type = "unhelpful", "Unhelpful answers", UnhelpfulOptions

    def measure(self, block: Block) -> Statistics:
        """Return how many texts of each row are unhelpful."""
        selection = block.select(self.options.fields, joined=False)
        plain = selection.texts.str.replace_all("[’`´]", "'")
        found = np.zeros(len(selection), dtype=np.int64)
        if not self.options.allow_default:
            found |= plain.str.contains("(?i)" + "|".join(f"(?:{phrase})" for phrase in PHRASES)).to_numpy()
        lower = plain.str.to_lowercase()
        for phrase in self.options.also:
            found |= lower.str.contains(phrase.lower(), literal=True).to_numpy()
        return {"unhelpful_texts": selection.over_rows(found, "sum")}

    def rules(self) -> list[Rule]:
        """Drop rows with any."""
        return [Rule("unhelpful_texts", "unhelpful answer", maximum=0)]
