"""Clean: broken Unicode, unusual spaces and characters, HTML, web addresses, emoji, case, stop words."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.repair import repaired
from headwater.dataprep.step import Step, TextOptions, rewritten
from headwater.dataprep.words import STOP_WORDS

ODD_SPACES = "[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
INVISIBLE = "[\u200b\u2060\ufeff\u00ad\ufffd\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]"
EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf\U0001f1e6-\U0001f1ff\u200d\ufe0f\u20e3]+"
WEB_ADDRESS = r"(?i)\b(?:https?://|www\.)[^\s<>\"'\]\)]+[^\s<>\"'\]\).,;:!?]"
# A tag begins with a letter or slash right after the bracket, so `a < b` stays.
TAG = r"(?s)<(?:script|style)\b[^>]*>.*?</(?:script|style)>|<!--.*?-->|</?[a-zA-Z][^<>]{0,500}>"
PUNCTUATION = {
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "´": "'", "–": "-", "—": "-",
    "−": "-", "…": "...", "，": ",", "。": ".", "、": ",", "！": "!", "？": "?", "；": ";", "：": ":", "（": "(",
    "）": ")", "【": "[", "】": "]", "％": "%", "～": "~", "●": "-", "•": "-", "·": "-",
}  # fmt: skip
ODD_MARKS = "[" + "".join(PUNCTUATION) + "]"


class CleanOptions(TextOptions):
    """What to clean. The defaults never take away what a reader would miss."""

    unicode: bool = Field(True, description="Repair text that was decoded wrongly (ftfy).")
    spaces: bool = Field(True, description="Plain spaces, none at line ends, at most one blank line, no outer ones.")
    collapse_spaces: bool = Field(False, description="One space for several inside a line; spoils code.")
    special_characters: bool = Field(True, description="Remove control, zero-width and replacement characters.")
    punctuation: bool = Field(False, description="Typographic punctuation to ASCII.")
    html: bool = Field(False, description="Remove HTML tags and resolve entities.")
    web_addresses: Literal["keep", "remove", "mask"] = Field("keep", description="Web addresses; mask writes [URL].")
    emoji: Literal["keep", "remove"] = Field("keep", description="Emoji and pictographs.")
    case: Literal["keep", "lower"] = Field("keep", description="Letters to lower case.")
    stop_words: tuple[str, ...] = Field((), description="Words to remove; 'english' stands for a list of 127.")


class Clean(Step):
    """Rewrites texts; drops none."""

    name, title, options_type = "clean", "Clean text", CleanOptions

    def change(self, block: Block) -> npt.NDArray[np.bool_]:
        """Apply every cleaning that is on, in one pass over the texts."""
        return rewritten(block, self.options.fields, self._cleaned)

    def _cleaned(self, texts: pl.Series) -> pl.Series:
        asked: CleanOptions = self.options
        if asked.html:
            texts = texts.str.replace_all(TAG, " ")
        if asked.unicode or asked.html:
            texts = repaired(texts, entities=asked.html)
        column = pl.col("text")
        if asked.web_addresses != "keep":
            column = column.str.replace_all(WEB_ADDRESS, "[URL]" if asked.web_addresses == "mask" else "")
        if asked.emoji == "remove":
            column = column.str.replace_all(EMOJI, "")
        if asked.punctuation:
            column = _mapped(column)
        if asked.special_characters:
            column = column.str.replace_all("\r\n?", "\n").str.replace_all(INVISIBLE, "")
        if asked.case == "lower":
            column = column.str.to_lowercase()
        if asked.stop_words:
            column = column.str.replace_all(_stop_pattern(asked.stop_words), "")
        if asked.spaces:
            column = _tidied(column, asked.collapse_spaces)
        return pl.DataFrame({"text": texts}).select(column)["text"]


def _mapped(column: pl.Expr) -> pl.Expr:
    mapped = column.str.replace_many(list(PUNCTUATION), list(PUNCTUATION.values()))
    return pl.when(column.str.contains(ODD_MARKS)).then(mapped).otherwise(column)


def _tidied(column: pl.Expr, collapse: bool) -> pl.Expr:
    column = (
        column.str.replace_all(ODD_SPACES, " ").str.replace_all(r"[ \t]+\n", "\n").str.replace_all(r"\n{3,}", "\n\n")
    )
    if collapse:
        column = column.str.replace_all(r"[ \t]{2,}", " ")
    return column.str.strip_chars()


def _stop_pattern(words: tuple[str, ...]) -> str:
    every = sorted({w for word in words for w in (STOP_WORDS if word == "english" else (word,))}, key=len, reverse=True)
    escaped = "|".join("".join("\\" + c if c in r"\.+*?()|[]{}^$" else c for c in word) for word in every)
    return rf"(?i)\b(?:{escaped})\b ?"
