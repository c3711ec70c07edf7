"""Pages become passages: short spans of whole sentences that know their page, place and headings.

A passage is about `target_tokens` long (MiniLM tokens, estimated), never crosses a page or a heading,
and is an exact slice: `page.text[start:end] == text`. Short spans find facts best; `search.py` joins
neighbours again for reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from headwater.core.types import Extraction, Page
from headwater.documents.blocks import Block, blocks, trim


@dataclass(frozen=True, slots=True)
class PassageLimits:
    """Sizes in tokens. A piece (sentence, row, item) longer than `longest_tokens` alone is cut."""

    target_tokens: int = 100
    smallest_tokens: int = 40
    longest_tokens: int = 220


@dataclass(frozen=True, slots=True)
class Span:
    """A passage before it has an identity: `page.text[start:end] == text` on page `page_number`."""

    page_number: int
    start: int
    end: int
    heading: tuple[str, ...]
    text: str


@dataclass
class _Draft:
    """Pieces gathered for the next passage."""

    heading: tuple[str, ...] = ()
    pieces: list[tuple[int, int]] = field(default_factory=list)
    tokens: int = 0


_TOKEN = re.compile(
    r"[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u3040-\u30FF\u3400-\u9FFF\uF900-\uFAFF\uAC00-\uD7AF]|[^\W\d_]+|\d+|[^\w\s]"
)
MOST_HEADING_CHARACTERS = 200
MOST_COLUMN_CHARACTERS = 120
MOST_HEADINGS_TOGETHER = 4


def estimate_tokens(text: str) -> int:
    """Estimate the number of WordPiece tokens without a tokenizer (within about 10 % on English text)."""
    return sum(1 + (len(token) - 1) // 7 for token in _TOKEN.findall(text))


def contextual(document: str, heading: Sequence[str], text: str) -> str:
    """Return the text as both indexes see it: document title and heading path above the passage."""
    title = re.sub(r"[_\-.]+", " ", re.sub(r"\.\w{1,5}$", "", document.rsplit("/", 1)[-1])).strip()
    path = [title, *heading] if title else list(heading)
    header = " > ".join(path)[-MOST_HEADING_CHARACTERS:]
    return f"{header}\n{text}" if header else text


def split(extraction: Extraction, limits: PassageLimits | None = None) -> list[Span]:
    """Cut every page into passages in reading order. The heading path goes on from page to page."""
    limits = limits or PassageLimits()
    spans: list[Span] = []
    path: list[tuple[int, str]] = []
    for page in extraction.pages:
        spans.extend(_split_page(page, limits, path))
    return spans


def _split_page(page: Page, limits: PassageLimits, path: list[tuple[int, str]]) -> list[Span]:
    writer = _Writer(page, limits, tuple(title for _, title in path))
    for block in blocks(page.text):
        if block.kind == "heading":
            _enter(path, block)
            writer.head(block, tuple(title for _, title in path))
        else:
            writer.write(block)
    writer.finish()
    return writer.spans


class _Writer:
    """Gathers the pieces of one page into passages."""

    def __init__(self, page: Page, limits: PassageLimits, heading: tuple[str, ...]) -> None:
        self.spans: list[Span] = []
        self._page = page
        self._limits = limits
        self._heading = heading
        self._draft = _Draft(heading)

    def head(self, block: Block, heading: tuple[str, ...]) -> None:
        """Begin a passage with a heading; headings that follow each other stay together."""
        above = self._draft.pieces if not self._draft.tokens else []
        if not above or len(above) >= MOST_HEADINGS_TOGETHER:
            self.finish()
            above = []
        self._heading = heading
        self._draft = _Draft(heading, [*above, (block.start, block.end)])

    def write(self, block: Block) -> None:
        """Add the pieces of a block, in parts of about one size, so that the last is no leftover."""
        text, limits = self._page.text, self._limits
        pieces = list(_fitting(text, block.pieces, limits))
        sizes = [estimate_tokens(text[start:end]) for start, end in pieces]
        if self._draft.tokens >= limits.smallest_tokens and self._draft.tokens + sum(sizes) > limits.target_tokens:
            self.finish()
        total = self._draft.tokens + sum(sizes)
        part = total / max(1, round(total / limits.target_tokens))
        done, stop = self._draft.tokens, part
        for piece, size in zip(pieces, sizes, strict=True):
            # A part ends at the piece end that is nearest to its share of the block.
            if self._draft.tokens and done + size / 2 > stop:
                self.finish(_column_names(text, block))
                stop += part
            self._draft.pieces.append(piece)
            self._draft.tokens += size
            done += size
        if block.kind in ("table", "code") and self._draft.tokens >= limits.smallest_tokens:
            self.finish()

    def finish(self, column_names: tuple[str, ...] = ()) -> None:
        """Close the passage that was begun; the next one may carry the names of a table's columns."""
        if self._draft.pieces:
            start, end = trim(self._page.text, self._draft.pieces[0][0], self._draft.pieces[-1][1])
            if start < end:
                text = self._page.text[start:end]
                self.spans.append(Span(self._page.number, start, end, self._draft.heading, text))
        self._draft = _Draft(self._heading + column_names)


def _enter(path: list[tuple[int, str]], block: Block) -> None:
    while path and path[-1][0] >= block.level:
        path.pop()
    path.append((block.level, block.title))


def _column_names(text: str, block: Block) -> tuple[str, ...]:
    """The first row of a table, which passages made of later rows carry as their last heading."""
    if block.kind != "table" or len(block.pieces) < 2:
        return ()
    first = text[slice(*block.pieces[0])]
    names = [name.strip() for name in re.split(r"[|\t;]", first) if name.strip()]
    return (", ".join(names)[:MOST_COLUMN_CHARACTERS],) if names else ()


def _fitting(text: str, pieces: Iterable[tuple[int, int]], limits: PassageLimits) -> Iterator[tuple[int, int]]:
    """The pieces, with those that are too long cut between clauses, or else between words."""
    for start, end in pieces:
        while estimate_tokens(text[start:end]) > limits.longest_tokens:
            stop = _cut(text, start, end, limits.target_tokens)
            yield trim(text, start, stop)
            start = trim(text, stop, end)[0]
        if start < end:
            yield start, end


_CLAUSE = re.compile(r"[;:,，、；：،]\s*|\s[–—]\s|\s?\|\s?|\n")


def _cut(text: str, start: int, end: int, tokens: int) -> int:
    """The best place to cut a long piece: a clause end near `tokens`, else a space, else anywhere."""
    seen = 0
    limit = end
    for match in _TOKEN.finditer(text, start, end):
        seen += 1 + (len(match.group()) - 1) // 7
        if seen >= tokens:
            limit = match.end()
            break
    # A single unbroken run (base64, a long URL) must not exceed the limit either.
    limit = min(limit, start + tokens * 8)
    floor = start + (limit - start) // 2
    clause = max((m.end() for m in _CLAUSE.finditer(text, floor, limit)), default=0)
    space = max((m.end() for m in re.finditer(r"\s", text[floor:limit])), default=0)
    return clause or (floor + space if space else limit)
