"""A small, forgiving HTML tree: enough to find the main text of a page, whatever the page gets wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from headwater.documents.parsers.vocabulary import words

VOID = words("area base br col embed hr img input link meta param source track wbr")
BLOCKS = words(
    "address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre search "
    "section summary table tbody td tfoot th thead title tr ul"
)
# An opening tag ends these, where they are still open (HTML lets their end tags be left out).
ENDS = {
    "li": {"li", "p"},
    "dt": {"dt", "dd", "p"},
    "dd": {"dt", "dd", "p"},
    "tr": {"tr", "td", "th", "p"},
    "td": {"td", "th", "p"},
    "th": {"td", "th", "p"},
    "tbody": {"tr", "td", "th", "thead"},
    "option": {"option"},
}
# ... but not across these.
WALLS = words("table ul ol dl body html div article section")
DEEPEST = 150


class Node:
    """An element with its children; strings are text."""

    __slots__ = ("attributes", "children", "tag")

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node | str] = []

    def __iter__(self) -> Iterator[Node]:
        """Every element below this one, in document order."""
        waiting = [child for child in reversed(self.children) if isinstance(child, Node)]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += [child for child in reversed(node.children) if isinstance(child, Node)]

    def find(self, tag: str) -> Node | None:
        """Return the first element with this tag below this one."""
        return next((node for node in self if node.tag == tag), None)

    def text(self) -> str:
        """All text below, white space collapsed."""
        pieces: list[str] = []
        _gather(self, pieces)
        return " ".join("".join(pieces).split())


def _gather(node: Node, pieces: list[str]) -> None:
    for child in node.children:
        if isinstance(child, str):
            pieces.append(child)
        else:
            if child.tag in BLOCKS or child.tag == "br":
                pieces.append(" ")
            _gather(child, pieces)
            if child.tag in BLOCKS:
                pieces.append(" ")


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("document", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if ":" in tag:
            tag = tag.split(":", 1)[1]
        self._close_implied(tag)
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID and len(self.open) < DEEPEST:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID and tag not in BLOCKS and self.open[-1].tag == tag:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.split(":", 1)[1]
        for depth in range(len(self.open) - 1, 0, -1):
            if self.open[depth].tag == tag:
                del self.open[depth:]
                return
            if self.open[depth].tag in ("table", "td", "body") and tag not in BLOCKS:
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def _close_implied(self, tag: str) -> None:
        if (tag in BLOCKS and self.open[-1].tag == "p" and tag != "p") or (tag == "p" and self.open[-1].tag == "p"):
            self.open.pop()
        for depth in range(len(self.open) - 1, 0, -1):
            here = self.open[depth].tag
            if here in ENDS.get(tag, ()):
                del self.open[depth:]
                return self._close_implied(tag)
            if here in WALLS or tag not in ENDS:
                return None
        return None


def parse_html(text: str) -> Node:
    """Parse HTML or XHTML. Never fails: what cannot be parsed is read as text without its tags."""
    builder = _Builder()
    try:
        builder.feed(text)
        builder.close()
    except (AssertionError, RecursionError, ValueError):
        plain = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>", " ", text)
        root = Node("document", {})
        root.children.append(re.sub(r"(?s)<[^>]*>", " ", plain))
        return root
    return builder.root
