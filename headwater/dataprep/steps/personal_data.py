"""Personal data: e-mail, phone, bank and card numbers, addresses of machines, keys; found, masked or dropped."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field

from headwater.dataprep.block import Block
from headwater.dataprep.columns import replaced
from headwater.dataprep.step import Rule, Statistics, Step, TextOptions, rewritten

Kind = Literal["email", "phone", "iban", "card", "ip", "ssn", "secret"]
KINDS: tuple[Kind, ...] = ("email", "iban", "card", "ip", "ssn", "secret", "phone")

PATTERNS: dict[str, str] = {
    "email": r"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9-]{0,62}"
    r"(?:\.[A-Za-z0-9-]{1,62})*\.[A-Za-z]{2,24}\b",
    "iban": r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
    "card": r"\b\d(?:[ -]?\d){12,18}\b",
    "ip": r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b",
    "ssn": r"\b\d{3}-\d{2}-\d{4}\b",
    "secret": r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,}|sk-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,})\b"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "phone": r"(?:\+|\b00)?\(?\d[\d ()./-]{6,20}\d\b",
}
# A cheap sign without which the pattern cannot match; most texts have none.
SIGNS = {
    "email": "@",
    "iban": r"[A-Z]{2}\d{2}",
    "card": r"\d(?:[ -]?\d){12}",
    "ip": r"\d\.\d|[0-9a-fA-F]:[0-9a-fA-F]",
    "ssn": r"\d-\d\d-\d",
    "secret": r"AKIA|gh[pousr]_|sk-|xox|PRIVATE KEY",
    "phone": r"\d[\d ()./-]{6,}\d",
}


def luhn(text: str) -> bool:
    """Whether the digits pass the check of payment cards (ISO/IEC 7812)."""
    digits = [int(c) for c in text if c.isdigit()]
    total = sum(d if n % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for n, d in enumerate(reversed(digits)))
    return 13 <= len(digits) <= 19 and len(set(digits)) > 1 and total % 10 == 0


def iban(text: str) -> bool:
    """Whether the number passes the check of ISO 13616 (mod 97)."""
    plain = text.replace(" ", "").upper()
    if not 15 <= len(plain) <= 34:
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def public_ip(text: str) -> bool:
    """Whether it is an address that could point at a person's machine: not a version number, not reserved."""
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


def social_security(text: str) -> bool:
    """Whether it is in the ranges that are handed out."""
    area, group, serial = text.split("-")
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def phone(text: str, region: str | None) -> bool:
    """Whether it is a valid number by the plans of phonenumbers."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.is_valid_number(number))


class PersonalDataOptions(TextOptions):
    """What to look for and what to do."""

    kinds: tuple[Kind, ...] = Field(KINDS, description="Kinds to look for.")
    action: Literal["mask", "drop", "find"] = Field("mask", description="Mask as [EMAIL]; drop the row; only count.")
    region: str | None = Field("US", description="Country of phone numbers without a country code; none when unset.")


class PersonalData(Step):
    """Counts findings of each kind; a candidate counts only when its validator agrees."""

    name, title, options_type = "personal_data", "Personal data", PersonalDataOptions

    def measure(self, block: Block) -> Statistics:
        """Return the number of findings of each row."""
        if self.options.action == "mask":
            return {}
        selection = block.select(self.options.fields, joined=False)
        counts = np.zeros(len(selection), dtype=np.int64)
        for place in self._suspects(selection.texts):
            counts[place] = len(self.findings(selection.texts[place]))
        return {"findings": selection.over_rows(counts, "sum")}

    def rules(self) -> list[Rule]:
        """Drop rows with findings when asked to."""
        return [Rule("findings", "personal data", maximum=0)] if self.options.action == "drop" else []

    def change(self, block: Block) -> npt.NDArray[np.bool_] | None:
        """Mask the findings."""
        return rewritten(block, self.options.fields, self._masked) if self.options.action == "mask" else None

    def _suspects(self, texts: pl.Series) -> list[int]:
        signs = "|".join(f"(?:{SIGNS[kind]})" for kind in self.options.kinds)
        return [int(place) for place in texts.str.contains(signs).arg_true()]

    def _masked(self, texts: pl.Series) -> pl.Series:
        places, new = [], []
        for place in self._suspects(texts):
            text = texts[place]
            masked = self.masked(text)
            if masked != text:
                places.append(place)
                new.append(masked)
        return replaced(texts, places, new) if places else texts

    def findings(self, text: str) -> list[tuple[str, int, int]]:
        """Return (kind, start, end) of every finding; where two overlap, the first kind of KINDS counts."""
        found: list[tuple[str, int, int]] = []
        for kind in KINDS:
            if kind not in self.options.kinds or not re.search(SIGNS[kind], text):
                continue
            for match in re.finditer(PATTERNS[kind], text):
                start, end = match.span()
                free = all(end <= s or start >= e for _, s, e in found)
                if free and self._agrees(kind, match.group()):
                    found.append((kind, start, end))
        return sorted(found, key=lambda item: item[1])

    def _agrees(self, kind: str, text: str) -> bool:
        checks: dict[str, Callable[[str], bool]] = {"iban": iban, "card": luhn, "ip": public_ip, "ssn": social_security}
        if kind == "phone":
            return phone(text, self.options.region)
        return checks[kind](text) if kind in checks else True

    def masked(self, text: str) -> str:
        """Return the text with [EMAIL], [PHONE], ... in place of the findings."""
        out, position = [], 0
        for kind, start, end in self.findings(text):
            out += [text[position:start], f"[{kind.upper()}]"]
            position = end
        return "".join([*out, text[position:]])
