"""Where sentences begin and end, in any language, as exact character ranges.

Rule based: a break needs an end mark (or a line that ends a list item, a table row, a heading or a
paragraph) and must survive the exceptions: abbreviations, initials, decimals, ordinals, a
continuation in lower case. Scripts without spaces or without case have their own end marks.
"""

from __future__ import annotations

import re
from itertools import pairwise


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LINE_END = re.compile(r"\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
BULLET = re.compile(r"[ \t]*(?:[-*+•‣▪◦–—·●○■□►✓➢]|#{1,6}|[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4})[.)\]])(?=\s)")
TABLE_ROW = re.compile(r"[ \t]*\||.*(?:\|.*\||\t.*\S)|[ \t]*[-=_]{3,}[ \t]*$")
FIELD = re.compile(r"[ \t]*[^\W\d_][^:.!?]{0,40}:[ \t]+\S")

# Marks that end a sentence only before white space, and those that end it anywhere.
CLOSERS = "\"'”’»›)\\]}*_"
SPACED_END = re.compile(rf"[.!?…؟۔։።।॥။។‽]+[{CLOSERS}]*(?:\[[\w ,]{{1,12}}\])*(?=\s|$)")
WIDE_END = re.compile(r"[。！？｡]+[」』”’）》〉】]*(?:\[[^\[\]\n]{1,12}\])*")

# Thai, Lao, Burmese and Khmer end a sentence, or a clause, with a space.
UNMARKED = re.compile(r"[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]{12}")
UNMARKED_SPACE = re.compile(
    r"(?<=[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff])\s+(?=[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff])"
)
LONG_UNMARKED, LEAST_UNMARKED = 160, 80

LAST_WORD = re.compile(r"[^\s(\[{\"'“„«‘]+$")
FIRST_WORD = re.compile(r"[\W_]*(\w[\w'’-]*)")

# Before a name, a number or a noun: a sentence does not end here.
LEADING = _words(
    """
    mr mrs ms dr prof st sen rep gov gen col lt sgt capt cmdr adm rev hon pres supt fr messrs mme mlle
    no nos nr vol vols fig figs tab eq eqs sec sect ch chap art pp p pt par para ed eds vs v cf viz al
    ca approx est dept univ assn bros e.g i.e eg ie resp incl excl max min jan feb mar apr jun jul aug
    sep sept oct nov dec mt ft ave blvd rd hwy tel ext
    abb abs bd bzw bzgl d.h dipl evtl ggf hrsg hl inkl jh kap lat mio mrd nachf o.ä s sog str teilw
    u.a u.ä usf v.a v.chr n.chr vgl z.b z.t zzgl zt
    sr sra srta dña ee ud uds d.ª pág págs núm cap fig aprox p.ej p.e av avda dpto ej etc.a
    m mm mgr vol chap éd env art boul c.-à-d cf ex
    sig dott ing avv rag prof.ssa
    т.е т.д т.п т.к т.н г гг в вв им св ул рис стр см ср ок тыс млн млрд проф акад д.р
    """
)
# These may close a sentence: only a clear opening word after them shows that they did.
TRAILING = _words(
    """
    inc ltd co corp llc jr sr phd ph.d m.d b.a m.a a.m p.m u.s u.k u.n e.u a.d b.c b.c.e d.c usw etc
    s.a ee.uu c.v н.э и.о р.х
    """
)
OPENERS = _words(
    """
    the a an this that these those it its he she they we you i his her their our my in on at by for from
    with after before when while although however but and so if as since there here during some many most
    der die das ein eine es er sie wir ich im in am auf bei nach vor mit für von zu und aber doch dies diese
    el la los las un una lo en por para con de del al pero y se su sus esta este como cuando
    le les l' une des il elle ils elles nous dans en sur par pour avec et mais ce cette ces
    il lo gli i uno nel nella con per ma e questo questa
    o os as um uma no na nos nas com por mas e este esta
    в на с по из к от и но а он она они это эти этот как при после до для
    """
)
MONTHS = _words(
    """
    januar februar märz april mai juni juli august september oktober november dezember jänner
    januari februari maart mei augustus oktober december jahrhundert jahrhunderts jahrtausend jh
    """
)
GERMANIC = re.compile(r"\b(?:der|die|das|und|nicht|wurde|ist|het|een|og|och|ei|av)\b")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, in order, trimmed of white space.

    Every character that is not white space lies in exactly one range. List items, table rows,
    headings and paragraphs are ranges of their own even without an end mark.
    """
    ordinals = _writes_ordinals_with_dots(text)
    breaks = _line_breaks(text)
    breaks.update(match.end() for match in WIDE_END.finditer(text))
    breaks.update(match.end() for match in SPACED_END.finditer(text) if _ends(text, match, ordinals))
    ranges = []
    start = 0
    for stop in [*sorted(breaks), len(text)]:
        piece = text[start:stop]
        kept = piece.strip()
        if kept:
            first = start + len(piece) - len(piece.lstrip())
            ranges += _unmarked(text, first, first + len(kept))
        start = stop
    return ranges


def _unmarked(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut a long range of a script that writes no end marks at its spaces, which end clauses there."""
    if end - start <= LONG_UNMARKED or not UNMARKED.search(text, start, end):
        return [(start, end)]
    ranges = []
    for match in UNMARKED_SPACE.finditer(text, start, end):
        if match.start() - start >= LEAST_UNMARKED and end - match.end() >= LEAST_UNMARKED // 2:
            ranges.append((start, match.start()))
            start = match.end()
    return [*ranges, (start, end)]


def _writes_ordinals_with_dots(text: str) -> bool:
    """Whether the text is in a language that writes "3. Oktober" (judged on its first part)."""
    head = text[:4000]
    return 25 * len(GERMANIC.findall(head)) >= len(head.split())


def _line_breaks(text: str) -> set[int]:
    """Return the line ends that also end a sentence; other line ends are only wrapping."""
    lines = []
    start = 0
    for match in LINE_END.finditer(text):
        lines.append((start, match.start(), match.end()))
        start = match.end()
    lines.append((start, len(text), len(text)))
    breaks = set()
    for (start, stop, end), (next_start, next_stop, _) in pairwise(lines):
        line, following = text[start:stop], text[next_start:next_stop]
        if not line.strip() or not following.strip() or _stands_alone(line, following):
            breaks.add(end)
    return breaks


def _stands_alone(line: str, following: str) -> bool:
    """Whether a line and the one after it are separate statements rather than one wrapped text."""
    if BULLET.match(following) or TABLE_ROW.match(following) or TABLE_ROW.match(line) or line.lstrip().startswith("#"):
        return True
    if FIELD.match(following) and FIELD.match(line):
        return True
    opening = FIRST_WORD.match(following)
    fresh = opening is not None and not opening.group(1)[0].islower()
    width, room = len(line.rstrip()), len(following.rstrip())
    return fresh and ((width < 40 and room > 1.6 * width) or width < 30)


def _ends(text: str, match: re.Match[str], ordinals: bool) -> bool:
    """Whether the mark at `match` ends a sentence."""
    rest = text[match.end() : match.end() + 60]
    opening = FIRST_WORD.match(rest)
    if opening is None:
        return True
    word = opening.group(1)
    if word[0].islower():
        return False
    if not match.group().startswith(".") or match.group().startswith(".."):
        return True
    if len(word) == 1 and rest[opening.end() : opening.end() + 1] == ".":
        word = ""  # another initial, not the opening word "I"
    before = LAST_WORD.search(text, max(0, match.start() - 24), match.start())
    return before is None or _dot_ends(before.group(), word, ordinals, _begins_line(text, before.start()))


def _dot_ends(last: str, word: str, ordinals: bool, begins_line: bool) -> bool:
    """Whether one full stop after the word `last` and before `word` ends a sentence."""
    last, opens = last.casefold(), word.casefold() in OPENERS
    if last in LEADING:
        return False
    if last.isdigit() and len(last) <= 3:
        if begins_line or word.casefold() in MONTHS:
            return False
        return opens or not (ordinals and len(last) <= 2 and word[:1].isalpha())
    initial = last.isalpha() and len(last) <= (1 if last.lower() != last.upper() else 2)
    spelled = "." in last and all(len(part) <= 2 for part in last.split("."))
    if initial or spelled or last in TRAILING:
        return opens
    return True


def _begins_line(text: str, start: int) -> bool:
    """Whether only white space lies between `start` and the line's beginning."""
    head = text[max(0, start - 8) : start].rstrip(" \t([")
    return not head or LINE_END.search(head[-1]) is not None
