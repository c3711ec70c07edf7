"""A follow-up question becomes one that can be searched for on its own.

Rules, no model: a question that points back ("When did he die?") or says too little ("And in
Poland?") takes over the names and telling words of the question before it, which was itself made
whole the same way. A question that stands alone is left exactly as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from headwater.chat.asking import understand
from headwater.chat.prompt import harmless
from headwater.chat.words import Language, Word, fold, guess_language, words
from headwater.core.protocols import ChatModel
from headwater.core.types import ChatOptions, Message

FEW_TERMS = 1  # telling words a question needs to stand alone
MOST_CARRIED = 8
OPENERS = re.compile(
    r"^\W*(?:and|but|so|what about|how about|und|aber|was ist mit|y|pero|et|mais|e|ma|mas|en|och|og|ja|și|dar|i|a|и|но"
    r"|а|και|αλλά|ve|peki|و|ولكن|और|那|那么|呢)\b",
    re.IGNORECASE,
)
SUBJECTS = frozenset(("he", "she", "it", "they", "him", "them", "that", "this"))
OWNERS = frozenset(("his", "her", "its", "their"))
REWRITE = (
    "Rewrite the last question so that it can be understood without the conversation. Keep its meaning and language, "
    "use only words of the conversation, answer with the question alone."
)
RECENT = 6  # messages of the conversation a model sees for rewriting
LONGEST_WORDS = 40
MARK = re.compile(r"\s*\[\d+(?:, ?\d+)*\]")


def standalone(question: str, history: Sequence[Message]) -> str:
    """Return the question with what it takes over from the conversation.

    Works on the questions of the conversation, oldest first; of answers it uses only names, and
    only when the question before had none.
    """
    whole, answer = "", ""
    for message in history:
        if message.role == "user":
            whole = _completed(message.content, whole, answer)
        elif message.role == "assistant":
            answer = MARK.sub("", message.content)
    return _completed(question, whole, answer)


def _completed(question: str, before: str, answer: str) -> str:
    question = " ".join(question.split())
    if not before:
        return question
    language = guess_language(f"{question} {before}")
    found = words(question, language)
    if not _points_back(question, found, language):
        return question
    swapped = _swap_name(question, found, before, language) if OPENERS.match(question) else None
    if swapped:
        return swapped
    carried = _carried(question, before, answer, language)
    if not carried:
        return question
    replaced = _replace_pronoun(question, found, carried, language)
    return replaced or f"{question.rstrip()} ({', '.join(carried)})"


def _points_back(question: str, found: Sequence[Word], language: Language) -> bool:
    """Whether the question has a pronoun, opens like a continuation, or hardly says anything."""
    terms = understand(question, language).terms
    pronoun = any(fold(word.text) in language.pronoun for word in found if word.kind == "word")
    short = len(found) <= 12 or len(question) <= 24
    named = any(term.capital and term.start > 0 for term in terms)
    if language.script in ("han", "thai"):
        pronoun = any(mark in question for mark in language.pronoun)
        return (pronoun and len(question) <= 24) or len(terms) <= 2
    if OPENERS.match(question) and len(terms) <= 3:
        return True
    return len(terms) <= FEW_TERMS or (pronoun and short and not (named and len(terms) > 3))


def _swap_name(question: str, found: Sequence[Word], before: str, language: Language) -> str | None:
    """Ask the question before of another name: "And Poland?" after "When did Germany join the EU?"."""
    new = _phrases(question, [word for word in found if _names(word)], language)
    old = _phrases(before, [word for word in understand(before, language).words if _names(word)], language)
    rest = [word for word in found if not word.function and not word.capital]
    if len(new) != 1 or not old or rest or new[0] in before:
        return None
    return before.replace(old[0], new[0], 1)


def _names(word: Word) -> bool:
    return word.capital and word.start > 0 and not word.function


def _carried(question: str, before: str, answer: str, language: Language) -> list[str]:
    """Return the phrases to take over: names and numbers first, else all telling words."""
    asked = understand(before, language)
    here = {word.stem for word in words(question, language)}
    phrases = _phrases(before, [word for word in asked.words if word.kind == "number" or _names(word)], language)
    if not phrases:
        phrases = _phrases(before, list(asked.terms), language)
    if not phrases or language.script in ("han", "thai"):
        return [before.rstrip("?？؟ ")]
    spoken = _phrases(answer, [word for word in words(answer, language)[:60] if _names(word)], language)
    fresh = [p for p in phrases if not {w.stem for w in words(p, language)} <= here]
    if not any(phrase[0].isupper() for phrase in fresh):
        fresh += [phrase for phrase in spoken[:2] if phrase not in fresh]
    return fresh[:MOST_CARRIED]


def _phrases(text: str, chosen: Sequence[Word], language: Language) -> list[str]:
    """Return neighbouring chosen words as phrases, cut from the text, each once."""
    runs: list[list[Word]] = []
    for word in chosen:
        if word.function and not word.capital:
            continue
        gap = text[runs[-1][-1].end : word.start] if runs else "|"
        if gap.strip(" '’-") == "" or (
            gap.strip() in ("of", "de", "von", "du", "da", "der", "la", "di") and word.capital
        ):
            runs[-1].append(word)
        else:
            runs.append([word])
    return list(dict.fromkeys(text[run[0].start : run[-1].end] for run in runs))


def _replace_pronoun(question: str, found: Sequence[Word], carried: Sequence[str], language: Language) -> str | None:
    """Put a single carried name in the place of a single English pronoun; None where that is unclear."""
    if language.code != "en" or len(carried) != 1 or not carried[0][0].isupper():
        return None
    places = [place for place, word in enumerate(found) if word.text.casefold() in SUBJECTS | OWNERS]
    if len(places) != 1:
        return None
    word, after = found[places[0]], found[places[0] + 1 : places[0] + 2]
    lowered, followed = word.text.casefold(), bool(after) and not after[0].function
    if lowered in ("that", "this", "it") and followed and lowered != "it":
        return None  # "that year" names a noun of its own
    owner = lowered in OWNERS and (lowered != "her" or followed)
    return f"{question[: word.start]}{carried[0]}{chr(39) + 's' if owner else ''}{question[word.end :]}"


async def rewritten(question: str, history: Sequence[Message], model: ChatModel) -> str:
    """Let a model make the question whole; what fails the check falls to the rules of `standalone`.

    The check: one question of at most 40 words that keeps every telling word of the original and
    adds none that the conversation does not have. Raises EngineFailed, ContextOverflow.
    """
    ruled = standalone(question, history)
    if ruled == " ".join(question.split()):
        return ruled
    talk = "\n".join(f"{message.role}: {MARK.sub('', message.content)[:600]}" for message in history[-RECENT:])
    messages = [Message("system", REWRITE), Message("user", f"{harmless(talk)}\nuser: {harmless(question)}")]
    text = ""
    async for delta in model.stream(messages, ChatOptions(max_tokens=80, temperature=0.0)):
        text += delta.text
    text = " ".join(text.split("\n")[0].split()).strip("\"' ")
    return text if _sane(text, question, history) else ruled


def _sane(text: str, question: str, history: Sequence[Message]) -> bool:
    language = guess_language(question)
    known = {word.stem for message in history for word in words(message.content, language)}
    asked = {term.stem for term in understand(question, language).terms}
    said = [word for word in words(text, language) if not word.function]
    stems = {word.stem for word in said}
    return 0 < len(said) <= LONGEST_WORDS and asked <= stems and stems <= known | asked and text[-1] in "?？؟"
