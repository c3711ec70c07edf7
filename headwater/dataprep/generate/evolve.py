"""Evolved instructions: seeds are made harder in depth and breadth, then answered (Evol-Instruct, Xu et al. 2023).

Every record tells its lineage: the seed and the mutations that led to it. A mutation is refused when the model
leaked the instructions it was given, refused, repeated the old instruction, or ran away in length.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from headwater.core.progress import Progress, Report, silent
from headwater.core.types import ChatOptions, Message
from headwater.dataprep.generate.asking import Asker, OutOfBudget, Request
from headwater.dataprep.generate.generated import Generated
from headwater.dataprep.overlap import content_words, edit
from headwater.dataprep.steps.unhelpful import PHRASES
from headwater.dataprep.steps.valid_question import is_question
from headwater.records.record import Record, Task, Turn

MUTATIONS: dict[str, str] = {
    "fresh_start": "Write one new instruction or question that uses one or more of these words: {words}.",
    "add_constraint": "Rewrite the instruction below so that it has one more constraint or requirement.",
    "deepen": "Rewrite the instruction below so that it asks for more depth and a wider view of its subject.",
    "concretise": "Rewrite the instruction below with more concrete ideas in place of its general ones.",
    "reason": "Rewrite the instruction below so that answering it takes several steps of reasoning.",
    "complicate": "Rewrite the instruction below so that it is a little harder, by adding data or an example.",
    "switch_topic": "Write one new instruction of the same kind and length as the one below, on a rarer subject.",
}
RULES = (
    "It must make sense to a person, stand for itself, and be at most {extra} words longer. "
    "Reply with the instruction alone."
)
LEAKS = re.compile(
    r"(?i)\b(?:new|given|rewritten|original|evolved) (?:prompt|instruction)s?\b|#\s*(?:new|rewritten)|"
    r"stand for itself|reply with the instruction"
)
REFUSALS = re.compile("(?i)" + "|".join(f"(?:{phrase})" for phrase in PHRASES))
OPENING = re.compile(r"(?i)^\s*(?:sure|certainly|of course|here (?:is|'s))[^\n:]*:\s*")


@dataclass(frozen=True, slots=True)
class EvolveSettings:
    """How many records, how many mutations in a row, and which lengths are accepted."""

    rows: int = 100
    rounds: int = 3
    minimum_characters: int = 20
    maximum_characters: int = 1500
    extra_words: int = 25
    temperature: float = 0.8
    seed: int = 0
    tries_a_row: int = 6


@dataclass(frozen=True, slots=True)
class Lineage:
    """An instruction on its way: where it began and what was done to it."""

    text: str
    seed_id: str
    steps: tuple[str, ...] = ()


def evolve(asker: Asker, seeds: Sequence[Record], settings: EvolveSettings, report: Report = silent) -> Generated:
    """Evolve and answer instructions until `rows` records are there, the tries are used up or the budget is."""
    made = Generated(spent=asker.spent)
    chance = random.Random(settings.seed)
    seen: list[str] = [record.prompt for record in seeds]
    tries = settings.rows * settings.tries_a_row
    for number in range(tries):
        if len(made.records) >= settings.rows:
            break
        seed = seeds[number % len(seeds)]
        try:
            evolved = _evolved(asker, Lineage(seed.prompt, seed.id), settings, chance, made)
            if evolved is None:
                continue
            if any(edit(evolved.text, other) > 0.9 for other in seen):
                made.refuse("nearly the same as another", evolved.text)
                continue
            record = _answered(asker, evolved, settings, made)
        except OutOfBudget as error:
            made.stopped = error.message
            break
        seen.append(evolved.text)
        if record is not None:
            made.records.append(record)
        report(Progress(len(made.records), settings.rows, "records"))
    else:
        made.stopped = f"{tries:,} tries gave {len(made.records):,} of {settings.rows:,} records"
    return made


def _evolved(
    asker: Asker, start: Lineage, settings: EvolveSettings, chance: random.Random, made: Generated
) -> Lineage | None:
    """Apply 1 to `rounds` mutations; a refused one ends the row, and the next try begins at a seed again."""
    current = start
    for _ in range(chance.randint(1, settings.rounds)):
        name = chance.choice(sorted(MUTATIONS))
        words = ", ".join(sorted(content_words(current.text), key=lambda word: (-len(word), word))[:4])
        task = f"{MUTATIONS[name].format(words=words)} {RULES.format(extra=settings.extra_words)}"
        prompt = task if name == "fresh_start" else f"{task}\n\nInstruction:\n{current.text}"
        options = ChatOptions(400, settings.temperature, seed=chance.randrange(1 << 31))
        text = OPENING.sub("", asker.ask(Request((Message("user", prompt),), options))).strip().strip('"“”').strip()
        reason = refusal(text, current.text, settings)
        if reason is not None:
            made.refuse(reason, text)
            return None
        current = Lineage(text, current.seed_id, (*current.steps, name))
    return current


def refusal(text: str, before: str, settings: EvolveSettings) -> str | None:
    """Return why a mutated instruction is not accepted, or None."""
    if not text:
        return "empty"
    if LEAKS.search(text):
        return "leaked its instructions"
    if REFUSALS.search(text):
        return "the model refused"
    if not settings.minimum_characters <= len(text) <= settings.maximum_characters:
        return "too short or too long"
    if len(text.split()) > len(before.split()) + 3 * settings.extra_words:
        return "grew too much"
    if edit(text.lower(), before.lower()) > 0.95:
        return "not changed"
    return None if is_question(text) else "neither question nor request"


def _answered(asker: Asker, evolved: Lineage, settings: EvolveSettings, made: Generated) -> Record | None:
    answer = asker.ask(Request((Message("user", evolved.text),), ChatOptions(800, 0.3, seed=settings.seed))).strip()
    if not answer or REFUSALS.search(answer):
        made.refuse("no answer" if not answer else "the model refused to answer", evolved.text)
        return None
    if edit(answer, evolved.text) > 0.9:
        made.refuse("the answer repeats the instruction", answer)
        return None
    number = len(made.records) + 1
    return Record(
        Task.INSTRUCT, (Turn("user", evolved.text), Turn("assistant", answer)), id=f"{evolved.seed_id}+{number}",
        origin=evolved.seed_id,
        meta={"made_by": "evolve", "mutations": list(evolved.steps), "difficulty": difficulty(evolved)},
    )  # fmt: skip


def difficulty(evolved: Lineage) -> float:
    """A number from 0 to 1 that grows with demanding mutations and with what the instruction asks for."""
    weights = {"add_constraint": 2, "deepen": 2, "reason": 3, "complicate": 3, "concretise": 1}
    demands = sum(weights.get(step, 0) for step in evolved.steps) + len(content_words(evolved.text)) / 15
    return round(min(1.0, demands / 10), 3)
