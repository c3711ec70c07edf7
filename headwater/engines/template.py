"""Messages into a prompt: the `<human>:` / `<bot>:` turns of the h2oGPT paper (section 2), and ChatML.

Models that bring a chat template of their own use that one (`native`, see native_template.py), adapters
may bring one as well (`jinja`, see jinja_template.py). A base model continues text, so `human_bot_base`
opens with a few turns that show it what a reply looks like.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from headwater.core.types import Message

TemplateName = Literal["human_bot", "human_bot_base", "chatml", "jinja", "native"]

HUMAN, BOT = "<human>:", "<bot>:"
STOPS = (HUMAN, BOT)
OPEN, END = "<|im_start|>", "<|im_end|>"
CHATML_STOPS = (END, OPEN)
PREFACE = "A conversation between a human and a helpful bot. The bot gives short, correct answers."
EXAMPLES = (
    ("What is the capital of Italy?", "The capital of Italy is Rome."),
    ("Which is larger, the sun or the moon?", "The sun is larger than the moon."),
    ("Write one sentence about rain.", "Rain is water that falls from clouds in drops."),
)

_TURN = re.compile(r"<(human|bot)>(?=\s*:)")
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text to continue and the strings that end the continuation."""

    text: str
    stop: tuple[str, ...]


def human_bot(messages: Sequence[Message], examples: bool = False) -> Prompt:
    """Render turns, the last one open for the bot. System messages come first as plain text."""
    parts = [m.content for m in messages if m.role == "system"]
    if examples:
        parts = parts or [PREFACE]
        turns = [f"{HUMAN} {question}\n{BOT} {answer}" for question, answer in EXAMPLES]
    else:
        turns = []
    turns += [
        f"{BOT if m.role == 'assistant' else HUMAN} {harmless(m.content)}" for m in messages if m.role != "system"
    ]
    preface = "".join(f"{harmless(part)}\n\n" for part in parts)
    return Prompt(preface + "\n".join([*turns, BOT]), STOPS)


def harmless(text: str) -> str:
    """Take the power from turn marks inside a message: `<human>:` becomes `(human):`."""
    return _TURN.sub(r"(\1)", text).strip()


class Trimmer:
    """Drops white space at both ends of a streamed text; inner white space waits for what follows it."""

    def __init__(self) -> None:
        self._started = False
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what of `piece`, and of what was held back, may be shown."""
        if not self._started:
            piece = piece.lstrip()
            self._started = bool(piece)
        text = self._held + piece
        shown = text.rstrip()
        self._held = text[len(shown) :]
        return shown
