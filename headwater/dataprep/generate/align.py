"""Self-alignment: an answer is criticised by principles and revised (Constitutional AI, Bai et al. 2022).

Gives preference records: the revision is chosen, the first answer rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headwater.core.progress import Progress, Report, silent
from headwater.core.types import ChatOptions, Message
from headwater.dataprep.generate.asking import Asker, OutOfBudget, Request
from headwater.dataprep.generate.generated import Generated
from headwater.dataprep.overlap import edit
from headwater.records.record import Record, Task, Turn

PRINCIPLES = (
    "The answer is true, and says so where something is not known.",
    "The answer does what was asked, completely and without padding.",
    "The answer gives no help to harm people and does not insult anybody.",
    "The answer respects privacy: it reveals nothing about private persons.",
)
CRITIQUE = """Question:
{question}

Answer:
{answer}

Principle: {principle}
Does the answer keep the principle? Begin with YES or NO. If NO, say in one or two sentences what breaks it."""
REVISE = """Question:
{question}

Answer:
{answer}

What is wrong with it: {critique}
Write a better answer to the question. Reply with the answer alone."""


@dataclass(frozen=True, slots=True)
class AlignSettings:
    """The principles, how often an answer may be revised, and how generation is seeded."""

    principles: tuple[str, ...] = PRINCIPLES
    revisions: int = 2
    max_tokens: int = 600
    seed: int = 0


def align(asker: Asker, prompts: Sequence[Record], settings: AlignSettings, report: Report = silent) -> Generated:
    """Answer, criticise and revise each prompt; a record's own answer is the first draft where it has one."""
    made = Generated(spent=asker.spent)
    for number, record in enumerate(prompts, 1):
        try:
            pair = _aligned(asker, record, settings, made)
        except OutOfBudget as error:
            made.stopped = error.message
            break
        if pair is not None:
            made.records.append(pair)
        report(Progress(number, len(prompts), "prompts"))
    return made


def _aligned(asker: Asker, record: Record, settings: AlignSettings, made: Generated) -> Record | None:
    question = record.prompt
    if not question.strip():
        made.refuse("no question", record.id)
        return None
    first = record.answer or _ask(asker, question, settings, 0.7)
    current = first
    used: list[dict[str, str]] = []
    for principle in settings.principles:
        if len(used) >= settings.revisions:
            break
        asked = CRITIQUE.format(question=question, answer=current, principle=principle)
        critique = _ask(asker, asked, settings, 0.0)
        if not critique.upper().startswith("NO"):
            continue
        reason = critique[2:].lstrip(" .,:;-—\n")
        revised = _ask(asker, REVISE.format(question=question, answer=current, critique=reason), settings, 0.3)
        if revised:
            current = revised
            used.append({"principle": principle, "critique": reason})
    if not first or not used:
        made.refuse("no answer" if not first else "nothing to revise", question)
        return None
    if edit(current, first) > 0.95:
        made.refuse("the revision changed nothing", current)
        return None
    return Record(
        Task.PREFERENCE,
        _prompt(record),
        system=record.system,
        chosen=current,
        rejected=first,
        id=f"{record.id}~aligned",
        origin=record.origin or record.id,
        source=record.source,
        meta={"made_by": "align", "critiques": used},
    )


def _prompt(record: Record) -> tuple[Turn, ...]:
    """Return the conversation up to its last question."""
    last = max(place for place, turn in enumerate(record.messages) if turn.role == "user")
    return record.messages[: last + 1]


def _ask(asker: Asker, prompt: str, settings: AlignSettings, temperature: float) -> str:
    options = ChatOptions(settings.max_tokens, temperature, seed=settings.seed)
    return asker.ask(Request((Message("user", prompt),), options)).strip()
