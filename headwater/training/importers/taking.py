"""Taking keys out of another trainer's config, so that what nobody took can be named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# Values that ask for nothing: a key that is left at one of these need not be carried over.
NOTHING: tuple[Any, ...] = (None, False, "", [], {}, ())


@dataclass
class Taking:
    """A config being read: `flat` by dotted keys, `made` our values by dotted keys, `left` what is not carried over."""

    flat: dict[str, Any]
    made: dict[str, Any] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def get(self, key: str, default: Any = None) -> Any:
        """Take a key's value."""
        self._seen.add(key)
        value = self.flat.get(key)
        return default if value is None else value

    def keep(self, key: str, ours: str) -> None:
        """Carry a value over as it is."""
        value = self.get(key)
        if value is not None:
            self.made[ours] = value

    def choose(self, key: str, ours: str, words: Mapping[Any, Any]) -> None:
        """Carry a word over by a table; one that is not in it is left."""
        value = self.get(key)
        if value is None:
            return
        word = value.lower() if isinstance(value, str) else value
        if word in words:
            self.made[ours] = words[word]
        else:
            known = ", ".join(dict.fromkeys(str(each) for each in words.values()))
            self.leave(key, f"{value} has no counterpart here; there are {known}")

    def set(self, ours: str, value: Any) -> None:
        """Set a value of ours."""
        self.made[ours] = value

    def leave(self, key: str, why: str) -> None:
        """Say that a key is not carried over, and why."""
        self._seen.add(key)
        if self.flat.get(key) not in NOTHING:
            self.left[key] = why

    def finish(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Return our values, nested, and everything that was not carried over, with the reason."""
        for key, value in self.flat.items():
            if key not in self._seen and value not in NOTHING:
                self.left[key] = "nothing here does that"
        return nested(self.made), self.left


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """{"train.lr": 1} -> {"train": {"lr": 1}}."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        target = result
        *sections, last = key.split(".")
        for section in sections:
            target = target.setdefault(section, {})
        target[last] = value
    return result


def name_from(path: str) -> str | None:
    """A run's name from the last part of an output folder; None when it would be none."""
    last = path.rstrip("/").rpartition("/")[2]
    name = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in last).strip("-._")[:64]
    return name if name and name[0].isalnum() else None
