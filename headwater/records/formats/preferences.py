"""Preference formats: pairs of a chosen and a rejected answer, and single answers with a label."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from headwater.records.formats.chat import (
    message_from_turn,
    share_from_turn,
    split_system,
    turn_from_message,
    turn_from_share,
)
from headwater.records.formats.format import Format, Row, id_of, need, question_turns, rest_of, text_of, turns_of
from headwater.records.formats.instructions import empty_fields
from headwater.records.record import Record, RowError, Task, Turn

PREFERENCE = frozenset({Task.PREFERENCE})
SPEAKER = re.compile(r"\n\n(Human|Assistant): ?")


def pair(turns: list[Turn], chosen: str, rejected: str, row: Row, meta: dict[str, Any]) -> Record:
    """Build a preference record; a leading system message becomes `system`."""
    system, prompt = split_system(turns)
    return Record(Task.PREFERENCE, prompt, system=system, chosen=chosen, rejected=rejected, id=id_of(row), meta=meta)


def require_pair(record: Record, name: str) -> tuple[str, str]:
    """Return (chosen, rejected). Raises RowError when the record has no pair."""
    if record.chosen is None or record.rejected is None:
        raise RowError(f"{name} needs a chosen and a rejected answer; this record is for {record.task.value}")
    return record.chosen, record.rejected


def one_question(record: Record, name: str) -> str:
    """Return the only question of a prompt. Raises RowError for a longer conversation."""
    if [turn.role for turn in record.messages] != ["user"]:
        raise RowError(f"{name} holds one question; this prompt has {len(record.messages)} messages")
    return record.messages[0].content


def pair_problems(row: Row, chosen: str, rejected: str) -> list[str]:
    """Check that both answers exist and differ."""
    found = empty_fields({chosen: str(row.get(chosen) or ""), rejected: str(row.get(rejected) or "")}, chosen, rejected)
    same = not found and row[chosen] == row[rejected]
    return [*found, "the two answers are the same"] if same else found


class DPO(Format):
    """TRL: `prompt, chosen, rejected` as texts or message lists; the prompt may be implied by the lists."""

    name, title, tasks = "dpo", "TRL preference pairs", PREFERENCE
    holds = frozenset({"system", "turns", "extra", "tools"})
    columns: ClassVar[tuple[str, ...]] = ("prompt", "chosen", "rejected")

    def matches(self, row: Row) -> bool:
        """Whether there is chosen and rejected, with a prompt or with the prompt inside."""
        if "chosen" not in row or "rejected" not in row or "conversations" in row or "instruction" in row:
            return False
        return "prompt" in row or "question" in row or isinstance(row["chosen"], (list, str))

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        meta = rest_of(row, ("prompt", "question", "chosen", "rejected", "id"))
        chosen, rejected = row.get("chosen"), row.get("rejected")
        prompt = row.get("prompt", row.get("question"))
        if isinstance(chosen, list) and isinstance(rejected, list):
            return [self._from_lists(prompt, chosen, rejected, row, meta)]
        if prompt is None:
            return [self._from_transcripts(need(row, "chosen"), need(row, "rejected"), row, meta)]
        turns = [turn_from_message(m) for m in prompt] if isinstance(prompt, list) else [Turn("user", str(prompt))]
        return [pair(turns, need(row, "chosen"), need(row, "rejected"), row, meta)]

    def _from_lists(
        self, prompt: Any, chosen: list[Any], rejected: list[Any], row: Row, meta: dict[str, Any]
    ) -> Record:
        good, bad = [turn_from_message(m) for m in chosen], [turn_from_message(m) for m in rejected]
        before = [turn_from_message(m) for m in prompt] if isinstance(prompt, list) else []
        shared = 0
        while shared < min(len(good), len(bad)) - 1 and good[shared] == bad[shared]:
            shared += 1
        before += good[:shared]
        if not before and isinstance(prompt, str):
            before = [Turn("user", prompt)]
        if len(good) - shared != 1 or len(bad) - shared != 1:
            raise RowError("the answers differ in more than their last message")
        return pair(before, good[-1].content, bad[-1].content, row, meta)

    def _from_transcripts(self, chosen: str, rejected: str, row: Row, meta: dict[str, Any]) -> Record:
        """hh-rlhf: whole dialogues as one text with `Human:` and `Assistant:`."""
        good, bad = transcript(chosen), transcript(rejected)
        if len(good) != len(bad) or good[:-1] != bad[:-1] or len(good) < 2:
            raise RowError("the answers differ in more than their last message")
        return pair(good[:-1], good[-1].content, bad[-1].content, row, meta)

    def write(self, record: Record) -> dict[str, Any]:
        """Return prompt, chosen and rejected as message lists (TRL's conversational form)."""
        chosen, rejected = require_pair(record, self.name)
        turns = [message_from_turn(turn) for turn in question_turns(record)]
        system = [{"role": "system", "content": record.system}] if record.system is not None else []
        row: dict[str, Any] = {
            "prompt": system + turns,
            "chosen": [{"role": "assistant", "content": chosen}],
            "rejected": [{"role": "assistant", "content": rejected}],
        }
        return {**row, "tools": record.meta["tools"]} if "tools" in record.meta else row

    def problems(self, row: Row) -> list[str]:
        """Check the prompt's end and that the answers differ."""
        texts = {name: row[name][0]["content"] for name in ("chosen", "rejected")}
        found = pair_problems(texts, "chosen", "rejected")
        if not row["prompt"] or row["prompt"][-1]["role"] not in ("user", "tool"):
            found.append("the prompt does not end with the user")
        return found


def transcript(text: str) -> list[Turn]:
    """Split an hh-rlhf dialogue into turns. Raises RowError when it has no speakers."""
    pieces = SPEAKER.split("\n\n" + text.lstrip("\n"))
    if len(pieces) < 3 or pieces[0].strip():
        raise RowError("chosen is a text without prompt and without Human:/Assistant: speakers")
    names = {"Human": "user", "Assistant": "assistant"}
    return [Turn(names[who], said) for who, said in zip(pieces[1::2], pieces[2::2], strict=True)]


class SharePreference(Format):
    """LLaMA-Factory: `conversations` (the prompt), `chosen` and `rejected` as {from, value}."""

    name, title, tasks = "sharegpt_preference", "ShareGPT preference", PREFERENCE
    holds = frozenset({"system", "turns", "tools"})
    columns: ClassVar[tuple[str, ...]] = ("conversations", "chosen", "rejected")

    def matches(self, row: Row) -> bool:
        """Whether there are conversations beside chosen and rejected."""
        return "conversations" in row and isinstance(row.get("chosen"), dict) and "rejected" in row

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        turns = [turn_from_share(turn) for turn in turns_of(row, "conversations")]
        if text_of(row, "system"):
            turns.insert(0, Turn("system", need(row, "system")))
        meta = rest_of(row, ("conversations", "chosen", "rejected", "system", "id"))
        answers = [turn_from_share(row[name]).content for name in ("chosen", "rejected")]
        return [pair(turns, answers[0], answers[1], row, meta)]

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"conversations", "chosen", "rejected", "system"?}."""
        chosen, rejected = require_pair(record, self.name)
        row: dict[str, Any] = {
            "conversations": [share_from_turn(turn) for turn in question_turns(record)],
            "chosen": {"from": "gpt", "value": chosen},
            "rejected": {"from": "gpt", "value": rejected},
        }
        if record.system is not None:
            row["system"] = record.system
        return {**row, "tools": record.meta["tools"]} if "tools" in record.meta else row

    def problems(self, row: Row) -> list[str]:
        """Check that the answers differ and that a question comes last."""
        found = pair_problems({n: row[n]["value"] for n in ("chosen", "rejected")}, "chosen", "rejected")
        last = row["conversations"][-1]["from"] if row["conversations"] else "nothing"
        return found if last in ("human", "observation") else [*found, f"the prompt ends with {last}"]


class AlpacaPreference(Format):
    """`instruction, input, chosen, rejected`; also `question, response_j, response_k` (Stack Exchange)."""

    name, title, tasks = "alpaca_preference", "Alpaca preference", PREFERENCE
    holds = frozenset({"context", "system"})
    columns: ClassVar[tuple[str, ...]] = ("instruction", "input", "chosen", "rejected", "system")

    def matches(self, row: Row) -> bool:
        """Whether there is an instruction with chosen and rejected texts."""
        paired = "instruction" in row and "chosen" in row and "rejected" in row
        return paired or ("question" in row and "response_j" in row and "response_k" in row)

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        used = ("instruction", "input", "chosen", "rejected", "system", "question", "response_j", "response_k", "id")
        return [
            Record(
                Task.PREFERENCE, (Turn("user", need(row, "instruction", "question")),),
                system=text_of(row, "system") or None, context=text_of(row, "input") or None,
                chosen=need(row, "chosen", "response_j"), rejected=need(row, "rejected", "response_k"),
                id=id_of(row), meta=rest_of(row, used),
            )
        ]  # fmt: skip

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"instruction", "input", "chosen", "rejected", "system"?}."""
        chosen, rejected = require_pair(record, self.name)
        question = one_question(record, self.name)
        system = {"system": record.system} if record.system is not None else {}
        return {
            "instruction": question, "input": record.context or "", "chosen": chosen, "rejected": rejected, **system
        }  # fmt: skip

    def problems(self, row: Row) -> list[str]:
        """Check the question and that the answers differ."""
        return empty_fields(row, "instruction") + pair_problems(row, "chosen", "rejected")


class StudioPreference(Format):
    """H2O LLM Studio DPO: `instruction` (or prompt), `chosen_response`, `rejected_response`."""

    name, title, tasks = "llm_studio_dpo", "H2O LLM Studio preference", PREFERENCE
    holds = frozenset({"id", "system"})
    columns: ClassVar[tuple[str, ...]] = ("id", "system", "instruction", "chosen_response", "rejected_response")

    def matches(self, row: Row) -> bool:
        """Whether there is a chosen_response and a rejected_response."""
        return "chosen_response" in row and "rejected_response" in row

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        used = ("instruction", "prompt", "chosen_response", "rejected_response", "system", "id", "parent_id")
        return [
            Record(
                Task.PREFERENCE, (Turn("user", need(row, "instruction", "prompt")),),
                system=text_of(row, "system") or None, chosen=need(row, "chosen_response"),
                rejected=need(row, "rejected_response"), id=id_of(row), meta=rest_of(row, used),
            )
        ]  # fmt: skip

    def write(self, record: Record) -> dict[str, Any]:
        """Return one row with every column."""
        chosen, rejected = require_pair(record, self.name)
        joined = Record(record.task, tuple(question_turns(record)))
        return {
            "id": record.id, "system": record.system or "", "instruction": one_question(joined, self.name),
            "chosen_response": chosen, "rejected_response": rejected,
        }  # fmt: skip

    def problems(self, row: Row) -> list[str]:
        """Check the question and that the answers differ."""
        return empty_fields(row, "instruction") + pair_problems(row, "chosen_response", "rejected_response")


class KTO(Format):
    """TRL unpaired: `prompt, completion, label`; also `messages`/`conversations` with `label` or `kto_tag`."""

    name, title, tasks = "kto", "TRL labelled answers", PREFERENCE
    holds = frozenset({"system", "turns", "extra", "label"})
    columns: ClassVar[tuple[str, ...]] = ("prompt", "completion", "label")

    def matches(self, row: Row) -> bool:
        """Whether there is a label on an answer or on a conversation."""
        labelled = "label" in row or "kto_tag" in row
        return labelled and ("completion" in row or "messages" in row or "conversations" in row)

    def read(self, row: Row) -> list[Record]:
        """Return the one record of the row."""
        used = ("prompt", "completion", "label", "kto_tag", "messages", "conversations", "id")
        if "messages" in row:
            turns = [turn_from_message(value) for value in turns_of(row, "messages")]
        elif "conversations" in row:
            turns = [turn_from_share(value) for value in turns_of(row, "conversations")]
        else:
            turns = [*_side(row, "prompt", "user"), *_side(row, "completion", "assistant")]
        if not turns or turns[-1].role != "assistant":
            raise RowError("the labelled answer is missing: the last message is not the assistant's")
        system, prompt = split_system(turns[:-1])
        return [
            Record(
                Task.PREFERENCE, prompt, system=system, completion=turns[-1].content, label=_label(row),
                id=id_of(row), meta=rest_of(row, used),
            )
        ]  # fmt: skip

    def write(self, record: Record) -> dict[str, Any]:
        """Return {"prompt", "completion", "label"} in the conversational form."""
        if record.label is None or record.completion is None:
            raise RowError(f"{self.name} needs an answer with a label; this record is for {record.task.value}")
        turns = [message_from_turn(turn) for turn in question_turns(record)]
        system = [{"role": "system", "content": record.system}] if record.system is not None else []
        answer = [{"role": "assistant", "content": record.completion}]
        return {"prompt": system + turns, "completion": answer, "label": record.label}

    def problems(self, row: Row) -> list[str]:
        """Check that there is an answer and a truth value."""
        found = [] if isinstance(row.get("label"), bool) else ["label is neither true nor false"]
        return found + empty_fields({"completion": row["completion"][0]["content"]}, "completion")


def _side(row: Row, name: str, role: str) -> list[Turn]:
    value = row.get(name)
    return [turn_from_message(m) for m in value] if isinstance(value, list) else [Turn(role, need(row, name))]


def _label(row: Row) -> bool:
    value = row.get("label", row.get("kto_tag"))
    known = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, bool):
        return value
    if str(value).lower() in known:
        return known[str(value).lower()]
    raise RowError(f"wrong type: label is {value!r}, expected true or false")
