"""A chat model as judge of written answers, over OpenAI's HTTP. A reply without a mark is an error, never a zero."""

from __future__ import annotations

import re

import httpx

from headwater.core.errors import EngineFailed
from headwater.core.settings import environment_value
from headwater.training.config import JudgeEntry

PROMPT = """Mark an answer from 0 (useless) to 10 (as good as the reference). Look at correctness first, then at help.

Question:
{question}

Reference answer:
{expected}

Answer to mark:
{answer}

Reply with one line: MARK: <number>"""
_MARK = re.compile(r"MARK:\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
SECONDS = 120.0


class Judge:
    """Calls a judging model. Marks go from 0 to 10."""

    def __init__(self, entry: JudgeEntry, transport: httpx.BaseTransport | None = None) -> None:
        key = environment_value(entry.key_variable) if entry.key_variable else None
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._entry = entry
        self._http = httpx.Client(timeout=SECONDS, headers=headers, transport=transport)

    def __call__(self, question: str, expected: str, answer: str) -> float:
        """Return the mark of one answer. Raises EngineFailed when the judge is not reached or gives no mark."""
        text = PROMPT.format(question=question, expected=expected, answer=answer)
        body = {"model": self._entry.model, "messages": [{"role": "user", "content": text}], "temperature": 0}
        try:
            reply = self._http.post(f"{self._entry.url.rstrip('/')}/chat/completions", json=body)
            reply.raise_for_status()
            content = str(reply.json()["choices"][0]["message"]["content"])
        except (httpx.HTTPError, KeyError, IndexError, ValueError) as error:
            raise EngineFailed(
                f"The judge {self._entry.model!r} at {self._entry.url} did not answer: {error}",
                "Start it, or take 'judge' out of eval.metrics.",
            ) from error
        return mark_in(content)


def mark_in(reply: str) -> float:
    """Read the mark of a judge's reply. Raises EngineFailed when there is none from 0 to 10."""
    found = _MARK.search(reply)
    if found is None or not 0 <= float(found.group(1)) <= 10:
        raise EngineFailed(f"The judge gave no mark from 0 to 10: {reply[:200]!r}", "Take a stronger judging model.")
    return float(found.group(1))
