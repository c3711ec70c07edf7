"""Repair conversations: empty messages out, neighbours of one role joined, first the user, last the assistant."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from pydantic import Field

from headwater.dataprep.step import Drop, Options, RecordStep
from headwater.records.record import Record, Task, Turn


class RepairOptions(Options):
    """What to do with an opening that is no question."""

    opening: Literal["remove", "drop"] = Field("remove", description="Messages before the first user message.")


class RepairConversation(RecordStep):
    """Makes roles alternate as trainers demand. Preference prompts keep their last question."""

    name, title, options_type = "repair_conversation", "Repair conversations", RepairOptions

    def apply(self, record: Record) -> Record | Drop:
        """Return the repaired record, or Drop when nothing to learn is left."""
        if not record.messages:
            return record
        turns = joined([turn for turn in record.messages if turn.content.strip() or turn.extra])
        while turns and turns[0].role not in ("user", "system"):
            if self.options.opening == "drop":
                return Drop("begins with the assistant")
            turns.pop(0)
        if record.task is not Task.PREFERENCE:
            while turns and turns[-1].role != "assistant":
                turns.pop()
        if not any(turn.role == "user" for turn in turns):
            return Drop("no question with an answer")
        return replace(record, messages=tuple(turns))


def joined(turns: list[Turn]) -> list[Turn]:
    """Join following messages of user or assistant that have no extras."""
    out: list[Turn] = []
    for turn in turns:
        last = out[-1] if out else None
        if (
            last is not None
            and last.role == turn.role
            and turn.role in ("user", "assistant")
            and not (last.extra or turn.extra)
        ):
            out[-1] = Turn(turn.role, f"{last.content}\n\n{turn.content}")
        else:
            out.append(turn)
    return out
