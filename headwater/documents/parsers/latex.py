"""LaTeX: the text an author wrote, without comments and set-up; headings and tables; formulas as they stand."""

from __future__ import annotations

import re

from headwater.core.types import Extraction
from headwater.documents.parsers.markup import CELL_SEPARATOR, heading, one_line, tidy
from headwater.documents.parsers.plain import decoded_text
from headwater.documents.parsers.reading import Reading, Source, parts

LEVELS = {"title": 1, "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5}
HEADING = re.compile(rf"\\({'|'.join(LEVELS)})\*?(?:\[[^\]]*\])?\s*" r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
VERBATIM = re.compile(r"\\begin\{(verbatim\*?|lstlisting|minted|alltt|comment)\}(.*?)\\end\{\1\}", re.S)
COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\n]*")
TABULAR = re.compile(
    r"\\begin\{(tabular[xy*]?|longtable|array|supertabular)\}(?:\[[^\]]*\])?(?:\{[^{}]*\})?\{(?:[^{}]|\{[^{}]*\})*\}(.*?)\\end\{\1\}",
    re.S,
)
MATH = re.compile(
    r"\\begin\{((?:equation|align|alignat|gather|multline|eqnarray|displaymath|math|flalign)\*?)\}(.*?)\\end\{\1\}",
    re.S,
)
# Commands that set something up: they go with their arguments.
SET_UP = re.compile(
    r"\\(?:documentclass|usepackage|RequirePackage|newcommand|renewcommand|providecommand|def|let|setlength|addtolength|"
    r"bibliographystyle|pagestyle|thispagestyle|input|include|includegraphics|vspace|hspace|label|hypersetup|setcounter|"
    r"newtheorem|DeclareMathOperator|graphicspath|definecolor|color|fontsize|selectfont|cline|cmidrule|multirow|index|"
    r"bibliography|titlerunning|authorrunning|newenvironment|institute|email|orcidID)\*?(?=[^a-zA-Z])"
    r"(?:\s*(?:\[[^\]]*\]|\((?:[^()]*)\)|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}|\\[a-zA-Z]+(?=\s*[\[{])))*"
)
# Their argument is the text of the document even though they set something up.
SHOWN_SET_UP = ("institute", "email", "titlerunning", "authorrunning")
ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
           "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328", "r": "\u030a"}  # fmt: skip
LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "aa": "å", "AA": "Å",
    "i": "ı", "dots": "…", "ldots": "…", "textendash": "–", "textemdash": "—", "copyright": "©", "S": "§", "P": "¶",
    "pounds": "£", "euro": "€", "textasciitilde": "~", "textbackslash": "\\", "LaTeX": "LaTeX", "TeX": "TeX",
    "quad": " ", "qquad": " ", "today": "",
}  # fmt: skip


def read(source: Source, reading: Reading) -> Extraction:
    """Read a LaTeX file."""
    text = decoded_text(source, reading)
    title = re.search(r"\\title(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}", text)
    shown = readable(text)
    return Extraction(
        parts(shown),
        False,
        (),
        tuple(reading.warnings),
        "application/x-latex",
        _inline(title.group(1)) if title else None,
    )


def readable(text: str) -> str:
    """Turn LaTeX into text that reads well.

    >>> readable(r"\\section{Ducks} % note")
    '## Ducks'
    """
    kept: list[str] = []

    def keep(piece: str) -> str:
        kept.append(piece)
        return f"\ue0f0{len(kept) - 1}\ue0f1"

    text = VERBATIM.sub(lambda f: "" if f.group(1) == "comment" else keep(f"\n\n{f.group(2).strip()}\n\n"), text)
    text = COMMENT.sub(r"\1", text)
    text = re.sub(r"\\verb\*?(\W)(.*?)\1", lambda f: keep(f.group(2)), text)
    head, mark, body = text.partition("\\begin{document}")
    if mark:
        text = "\n\n".join(
            [*re.findall(r"\\(?:title|author|date)(?:\[[^\]]*\])?\{(?:[^{}]|\{[^{}]*\})*\}", head), body]
        )
        text = text.split("\\end{document}")[0]
    text = MATH.sub(lambda f: keep(f"\n\n{f.group(2).strip()}\n\n"), text)
    text = re.sub(
        r"\$\$.*?\$\$|\$[^$\n]+(?:\n[^$\n]+)*\$|\\\(.*?\\\)|\\\[.*?\\\]", lambda f: keep(f.group()), text, flags=re.S
    )
    text = TABULAR.sub(lambda f: keep(f"\n\n{_table(f.group(2), kept)}\n\n"), text)
    text = _blocks(text)
    for _ in range(3):
        text = re.sub("\ue0f0(\\d+)\ue0f1", lambda f: kept[int(f.group(1))], text)
    return tidy(re.sub(r"[ \t]+", " ", text))


def _blocks(text: str) -> str:
    text = HEADING.sub(lambda f: f"\n\n{heading(_inline(f.group(2)), LEVELS[f.group(1)])}\n\n", text)
    text = SET_UP.sub(lambda f: _argument(f.group()) if f.group()[1:].startswith(SHOWN_SET_UP) else " ", text)
    text = re.sub(r"\\bibitem(?:\[[^\]]*\])?\{([^{}]*)\}", r"\n\n[\1] ", text)
    text = re.sub(r"\s*\\item\b\s*(?:\[([^\]]*)\])?", lambda f: f"\n- {f.group(1) + ' ' if f.group(1) else ''}", text)
    text = re.sub(r"\\(?:begin|end)\{abstract\}", "\n\n", text)
    text = re.sub(r"\\begin\{[^{}]*\}(?:\[[^\]]*\])?(?:\{[^{}]*\})*|\\end\{[^{}]*\}", "\n\n", text)
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(_lines(paragraph) for paragraph in paragraphs)


def _lines(paragraph: str) -> str:
    """Join the lines of a paragraph; items of a list keep theirs."""
    items = re.split(r"\n(?=- )", paragraph.strip("\n"))
    return "\n".join(text for item in items if (text := _inline(item)) and text != "-")


def _argument(command: str) -> str:
    found = re.search(r"\{(.*)\}", command, re.S)
    return f" {found.group(1)} " if found else " "


def _inline(text: str) -> str:
    text = re.sub(r"\\(?:\\|newline|linebreak)(?:\*|\[[^\]]*\])*", " ", text)
    text = re.sub(r"\\(['`^\"~=.])\s*\{?\\?([A-Za-zı])\}?|\\([cvuHkr])(?:\s+|\s*\{)([A-Za-z])\}?", _accent, text)
    text = re.sub(r"\\(?:cite|citep|citet|ref|eqref|autoref|cref|pageref)\*?(?:\[[^\]]*\])*\{([^{}]*)\}", r"[\1]", text)
    text = re.sub(r"\\footnote(?:text)?\{((?:[^{}]|\{[^{}]*\})*)\}", r" (\1)", text)
    text = re.sub(r"\\href\{([^{}]*)\}\{([^{}]*)\}", r"\2 (\1)", text)
    text = re.sub(
        r"\\([A-Za-z]+)\*?(?:\s*\{\}|\s+|(?![A-Za-z]))", lambda f: LETTERS.get(f.group(1), "") + _space(f), text
    )
    text = text.replace("``", "“").replace("''", "”").replace("---", "—").replace("--", "–")
    text = re.sub(r"(?<!\\)[{}]", "", re.sub(r"(?<!\\)~", " ", text))
    text = re.sub(r"\\([%&_#${}])", r"\1", re.sub(r"\\[,;:!> ]", " ", text))
    return one_line(text)


def _space(found: re.Match[str]) -> str:
    """A command that made no letter stood between words; one that made a letter swallowed its space."""
    return "" if LETTERS.get(found.group(1)) or found.group()[-1:] not in " \t\n" else " "


def _accent(found: re.Match[str]) -> str:
    import unicodedata

    mark, letter = (found.group(1), found.group(2)) if found.group(1) else (found.group(3), found.group(4))
    return unicodedata.normalize("NFC", letter.replace("ı", "i") + ACCENTS[mark])


def _table(body: str, kept: list[str]) -> str:
    body = re.sub(r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|centering)\b", "", body)
    body = re.sub(r"\\multirow\{[^{}]*\}(?:\[[^\]]*\])?\{[^{}]*\}", "", body)
    body = re.sub(r"\\multicolumn\{[^{}]*\}\{[^{}]*\}", "", SET_UP.sub(" ", body))
    rows = re.split(r"\\\\(?:\*|\[[^\]]*\])?|\\tabularnewline", body)
    lines = []
    for row in rows:
        cells = [_inline(cell) for cell in re.split(r"(?<!\\)&", row)]
        if any(cells):
            lines.append(CELL_SEPARATOR.join(cells).rstrip(" |"))
    return "\n".join(lines)
