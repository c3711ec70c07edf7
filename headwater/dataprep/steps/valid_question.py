"""Valid questions and answers: is it a question, does the answer belong to it and to the context."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.fields import compared, present, side
from headwater.dataprep.overlap import content_words, edit, words
from headwater.dataprep.step import Options, Rule, Statistics, Step
from headwater.dataprep.words import QUESTION_WORDS, REQUEST_WORDS

QUESTION_MARK = re.compile(r"[?？؟¿]")


class ValidQuestionOptions(Options):
    """What makes a pair valid. Limits that are unset are off."""

    question: bool = Field(True, description="The question must be a question or a request.")
    maximum_echo: float | None = Field(
        0.9, ge=0, le=1, description="The answer may be this like the question, by edits."
    )
    minimum_overlap: float | None = Field(
        None, ge=0, le=1, description="Least share of words common to question and answer, of the shorter one."
    )
    minimum_grounding: float | None = Field(
        None, ge=0, le=1, description="Least share of the answer's words that the context has (rows with a context)."
    )
    minimum_question_grounding: float | None = Field(
        None, ge=0, le=1, description="Least share of the question's words that the context has."
    )
    minimum_embedding: float | None = Field(
        None, ge=-1, le=1, description="Least cosine of question and answer; needs an embedder."
    )


class ValidQuestion(Step):
    """Looks at the last question and its answer."""

    name, title, options_type = "valid_question", "Valid questions and answers", ValidQuestionOptions

    def needed(self) -> tuple[str, ...]:
        """A cosine needs a model."""
        return ("embed",) if self.options.minimum_embedding is not None else ()

    def measure(self, block: Block) -> Statistics:
        """Return what the rules ask for."""
        question, answer, context = (side(block, name) for name in ("question", "answer", "context"))
        asked: ValidQuestionOptions = self.options
        found: dict[str, npt.NDArray[np.float64]] = {}
        if asked.question:
            found["question"] = np.array([np.nan if q is None else float(is_question(q)) for q in question])
        if asked.maximum_echo is not None:
            found["echo"] = compared(answer, question, edit)
        if asked.minimum_overlap is not None:
            found["overlap"] = compared(question, answer, shared)
        if asked.minimum_grounding is not None:
            found["grounding"] = compared(answer, context, grounded)
        if asked.minimum_question_grounding is not None:
            found["question_grounding"] = compared(question, context, grounded)
        if asked.minimum_embedding is not None:
            found["embedding"] = self._cosines(question, answer)
        return found

    def _cosines(self, question: pl.Series, answer: pl.Series) -> npt.NDArray[np.float64]:
        values = np.full(len(question), np.nan)
        places = np.flatnonzero(present(question, answer))
        embed = self.setting.services.embed
        if len(places) and embed is not None:
            vectors = embed(question.gather(places).to_list()), embed(answer.gather(places).to_list())
            values[places] = np.einsum("nd,nd->n", *vectors)
        return values

    def rules(self) -> list[Rule]:
        """Drop pairs that are none."""
        asked: ValidQuestionOptions = self.options
        rules = [
            Rule("question", "not a question", minimum=0.5 if asked.question else None),
            Rule("echo", "the answer repeats the question", maximum=asked.maximum_echo),
            Rule("overlap", "answer unlike question", minimum=asked.minimum_overlap),
            Rule("grounding", "answer not in the context", minimum=asked.minimum_grounding),
            Rule("question_grounding", "question not about the context", minimum=asked.minimum_question_grounding),
            Rule("embedding", "answer far from question", minimum=asked.minimum_embedding),
        ]
        return [rule for rule in rules if rule.minimum is not None or rule.maximum is not None]


def is_question(text: str) -> bool:
    """Whether a text asks or requests: a question mark, or a sentence that begins like a question or a request."""
    if QUESTION_MARK.search(text):
        return True
    for sentence in re.split(r"[.!\n:]\s*", text):
        first = words(sentence)[:1]
        if first and (first[0] in QUESTION_WORDS or first[0] in REQUEST_WORDS):
            return True
    return False


def shared(question: str, answer: str) -> float:
    """Share of content words in common, of the text that has fewer of them."""
    a, b = content_words(question), content_words(answer)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def grounded(text: str, context: str) -> float:
    """Share of a text's content words that the context has; 1 for a text without any."""
    ours = content_words(text)
    return len(ours & content_words(context)) / len(ours) if ours else 1.0
