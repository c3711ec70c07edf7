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


def _split_page(page: Page, limits: PassageLimits, path: list[tuple[int, str]]) -> Iterator[Span]:
    draft = _Draft(tuple(title for _, title in path))
    for block in blocks(page.text):
        if block.kind == "heading":
            above = [] if draft.tokens or len(draft.pieces) >= MOST_HEADINGS_TOGETHER else draft.pieces
            if not above:
                yield from _finish(page, draft)
            _enter(path, block)
            draft = _Draft(tuple(title for _, title in path), [*above, (block.start, block.end)])
            continue
        heading = tuple(title for _, title in path)
        column_names = _column_names(page.text, block)
        pieces = list(_fitting(page.text, block.pieces, limits))
        sizes = [estimate_tokens(page.text[start:end]) for start, end in pieces]
        room = _even_size(sum(sizes), draft.tokens, limits)
        if draft.tokens >= limits.smallest_tokens and draft.tokens + min(sum(sizes), room) > limits.target_tokens:
            yield from _finish(page, draft)
            draft = _Draft(heading)
            room = _even_size(sum(sizes), 0, limits)
        for piece, size in zip(pieces, sizes, strict=True):
            if draft.tokens and draft.tokens + size > room + limits.smallest_tokens // 2:
                yield from _finish(page, draft)
                draft = _Draft(heading + column_names)
            draft.pieces.append(piece)
            draft.tokens += size
        if block.kind in ("table", "code") and draft.tokens >= limits.smallest_tokens:
            yield from _finish(page, draft)
            draft = _Draft(heading)
    yield from _finish(page, draft)


def _even_size(total: int, begun: int, limits: PassageLimits) -> int:
    """Size for the parts of a block, so that its last part is not a leftover of a few words."""
    parts = max(1, round((total + begun) / limits.target_tokens))
    return max(limits.target_tokens * 3 // 4, -(-(total + begun) // parts))


def _finish(page: Page, draft: _Draft) -> Iterator[Span]:
    if draft.pieces:
        start, end = trim(page.text, draft.pieces[0][0], draft.pieces[-1][1])
        if start < end:
            yield Span(page.number, start, end, draft.heading, page.text[start:end])


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
