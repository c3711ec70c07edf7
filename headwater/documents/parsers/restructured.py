"""reStructuredText: headings from their underlines, text without roles, comments and option lines."""

from __future__ import annotations

import re

from headwater.core.types import Extraction
from headwater.documents.parsers.markup import CELL_SEPARATOR, heading, tidy
from headwater.documents.parsers.plain import decoded_text
from headwater.documents.parsers.reading import Reading, Source, parts
from headwater.documents.parsers.vocabulary import words

RULE = re.compile(r"([=\-`:.'\"~^_*+#<>!$%&(),/;?@\[\]{|}\\])\1{1,}\s*")
# Directives that show nothing by themselves.
SILENT = words("image figure toctree contents include raw highlight only meta index default-role role sectnum")
ROLE = re.compile(r":(?:[\w+.-]+:)+`([^`]+)`")
LINK = re.compile(r"`([^`<]+?)\s*<([^`>]+)>`__?")
TARGET = re.compile(r"\.\. _[^:]+:.*|\.\. \|[^|]+\| .*|__ .*")


def read(source: Source, reading: Reading) -> Extraction:
    """Read a reStructuredText file."""
    text = readable(decoded_text(source, reading))
    title = next((line.lstrip("# ") for line in text.split("\n") if line.startswith("#")), None)
    return Extraction(parts(text), False, (), tuple(reading.warnings), "text/x-rst", title)


def readable(text: str) -> str:
    """Turn reStructuredText into text that reads well."""
    lines = text.expandtabs(4).split("\n")
    levels: list[str] = []
    out: list[str] = []
    at = 0
    while at < len(lines):
        taken, written = _heading(lines, at, levels)
        if not taken:
            taken, written = _directive(lines, at)
        if not taken:
            taken, written = _table(lines, at)
        if not taken:
            taken, written = 1, [_inline(lines[at])]
        out += written
        at += taken
    return tidy("\n".join(out))


def _heading(lines: list[str], at: int, levels: list[str]) -> tuple[int, list[str]]:
    """Return lines taken and the heading; its level is the order in which its underlines were first seen."""
    line = lines[at]
    below = lines[at + 1] if at + 1 < len(lines) else ""
    if RULE.fullmatch(line) and below.strip() and at + 2 < len(lines) and lines[at + 2].strip() == line.strip():
        style, title, taken = f"over{line[0]}", below.strip(), 3
    elif (
        line.strip()
        and not line[0].isspace()
        and RULE.fullmatch(below)
        and len(below.strip()) >= min(len(line.strip()), 3)
    ):
        if RULE.fullmatch(line) or not re.search(r"\w", line):
            return 0, []
        style, title, taken = below[0], line.strip(), 2
    else:
        return 0, []
    if style not in levels:
        levels.append(style)
    return taken, ["", heading(_inline(title), levels.index(style) + 1), ""]


def _directive(lines: list[str], at: int) -> tuple[int, list[str]]:
    line = lines[at]
    found = re.match(r"(\s*)\.\.(?:\s+(.*))?$", line)
    if not found:
        return 0, []
    indent = len(found.group(1))
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > indent):
        end += 1
    named = re.match(r"(?:\|[^|]+\| )?([\w:.-]+?)::\s*(.*)", found.group(2) or "")
    if not named:
        footnote = re.match(r"(\[[^\]]+\])\s+(.*)", found.group(2) or "")
        if footnote:
            return 1, [f"{footnote.group(1)} {_inline(footnote.group(2))}"]
        # A comment or a target: nothing of it is shown.
        return end - at, [""]
    if named.group(1) in SILENT:
        return (end - at, [""]) if named.group(1) != "figure" else (end - at, _body(lines[at + 1 : end]))
    argument = (
        named.group(2) if named.group(1) not in ("code-block", "code", "sourcecode", "parsed-literal", "math") else ""
    )
    is_code = named.group(1) in ("code-block", "code", "sourcecode", "parsed-literal", "math")
    argument = "" if argument.replace(" ", "").isdigit() else argument
    body = _body(lines[at + 1 : end], verbatim=is_code)
    return end - at, ["", *([_inline(argument)] if argument else []), *body, ""]


def _body(lines: list[str], *, verbatim: bool = False) -> list[str]:
    """Return the content of a directive without its options, moved to the margin."""
    at = 0
    while at < len(lines) and re.match(r"\s+:[\w-]+:", lines[at]):
        at += 1
    kept = lines[at:]
    indent = min((len(line) - len(line.lstrip()) for line in kept if line.strip()), default=0)
    moved = [line[indent:] for line in kept]
    return moved if verbatim else readable("\n".join(moved)).split("\n")


def _table(lines: list[str], at: int) -> tuple[int, list[str]]:
    """Grid tables become rows of cells; simple tables stay as they stand, they are read by eye."""
    if not re.fullmatch(r"\s*\+(?:[-=]+\+)+\s*", lines[at]):
        return 0, []
    end = at
    while end < len(lines) and lines[end].strip().startswith(("+", "|")):
        end += 1
    rows: list[list[str]] = []
    fresh = True
    for line in lines[at:end]:
        if line.strip().startswith("+"):
            fresh = True
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if fresh or len(cells) != len(rows[-1]):
            rows.append(cells)
        else:
            rows[-1] = [f"{old} {new}".strip() for old, new in zip(rows[-1], cells, strict=True)]
        fresh = False
    return end - at, [CELL_SEPARATOR.join(map(_inline, row)) for row in rows]


def _inline(line: str) -> str:
    if TARGET.fullmatch(line.strip()):
        return ""
    line = ROLE.sub(lambda f: re.sub(r"\s*<[^<>]+>$", "", f.group(1)).removeprefix("~").removeprefix("!"), line)
    line = LINK.sub(r"\1 (\2)", line)
    line = re.sub(r"``([^`]+)``", r"\1", line)
    line = re.sub(r"`([^`]+)`_{0,2}", r"\1", line)
    line = re.sub(r"(?<![\w*])\*\*([^*\n]+)\*\*(?![\w*])", r"\1", line)
    line = re.sub(r"(?<![\w*])\*([^*\s][^*\n]*)\*(?![\w*])", r"\1", line)
    return re.sub(r"::\s*$", ":", line) if line.strip() != "::" else ""
