"""Write the main text of an HTML tree: headings, paragraphs, lists and tables; no menus, no scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from headwater.documents.parsers.html_tree import BLOCKS, Node
from headwater.documents.parsers.markup import heading, one_line, rows_as_text, tidy
from headwater.documents.parsers.vocabulary import words

NEVER_SHOWN = words(
    "script style noscript template iframe frame object embed canvas audio video svg head select button textarea "
    "datalist input annotation map"
)
SITE_PARTS = words("nav footer aside menu search dialog")
SITE_ROLES = words("navigation banner contentinfo search complementary menu menubar tablist toolbar")
SITE_WORDS = words(
    "nav navbar navbox navigation menu sidebar footer breadcrumb breadcrumbs cookie cookies advert advertisement ads "
    "social share sharing noprint popup modal editsection catlinks skiplink"
)
HEADINGS = words("h1 h2 h3 h4 h5 h6")
MENU_TAGS = words("ul ol div table section p td dl")
# A part that holds this share of all text is the page itself, whatever its class says.
TOO_MUCH_TO_DROP = 0.4
LINKS_OF_A_MENU = 5
LONGEST_MENU_ENTRY = 35
LINK_SHARE_OF_A_MENU = 0.8


def main_text(root: Node, *, whole: bool = False, anchors: frozenset[str] = frozenset()) -> str:
    """Return the text of a page. `whole` keeps everything that is shown (chapters of a book, mail).

    Where an element with an id among `anchors` begins, a line with `anchor_mark(id)` is written.
    """
    _drop_hidden(root)
    body = root.find("body") or root
    if not whole:
        sizes = _Sizes(body)
        main = _main_part(body, sizes)
        if main is not None:
            body = main
        _drop_site_parts(body, sizes, inside_article=main is not None)
    return tidy(_Writer(anchors).write(body))


def anchor_mark(name: str) -> str:
    """Return the line that marks where an anchor is; its characters are in no ordinary text."""
    return f"\ue0f0{name}\ue0f1"


def page_title(root: Node) -> str | None:
    """Return the title in the head, or the first heading."""
    for tag in ("title", "h1"):
        node = root.find(tag)
        if node and node.text():
            return node.text()
    return None


def _drop_hidden(node: Node) -> None:
    kept: list[Node | str] = []
    for child in node.children:
        if isinstance(child, Node):
            if (child.tag in NEVER_SHOWN and child.tag != "head") or _is_hidden(child):
                continue
            if child.tag == "head":
                continue
            _drop_hidden(child)
        kept.append(child)
    node.children = kept


def _is_hidden(node: Node) -> bool:
    style = node.attributes.get("style", "").replace(" ", "").lower()
    if "display:none" in style or "visibility:hidden" in style:
        return True
    return "hidden" in node.attributes or (
        node.attributes.get("aria-hidden") == "true" and node.tag not in ("body", "main")
    )


@dataclass(frozen=True, slots=True)
class _Size:
    """Characters of text below an element; number of links there, and characters inside them."""

    length: int
    links: int
    linked: int


class _Sizes:
    """The sizes of all elements of a page, counted once."""

    def __init__(self, body: Node) -> None:
        self._sizes: dict[Node, _Size] = {}
        self.total = max(1, self._count(body).length)

    def __getitem__(self, node: Node) -> _Size:
        return self._sizes[node]

    def _count(self, node: Node) -> _Size:
        length = links = linked = 0
        for child in node.children:
            if isinstance(child, str):
                length += len(one_line(child))
            else:
                inner = self._count(child)
                length, links, linked = length + inner.length, links + inner.links, linked + inner.linked
        if node.tag == "a" and "href" in node.attributes:
            links, linked = links + 1, length
        self._sizes[node] = _Size(length, links, linked)
        return self._sizes[node]


def _main_part(body: Node, sizes: _Sizes) -> Node | None:
    mains = [node for node in body if node.tag == "main" or node.attributes.get("role") == "main"]
    if not mains:
        mains = [node for node in body if node.tag == "article"]
    if len(mains) != 1:
        return None
    return mains[0] if sizes[mains[0]].length > max(200, 0.3 * sizes.total) else None


def _drop_site_parts(node: Node, sizes: _Sizes, *, inside_article: bool) -> None:
    kept: list[Node | str] = []
    before = ""
    for child in node.children:
        if isinstance(child, Node):
            # A list of links that a heading announces is content ("See also"), not a menu.
            announced, before = before in HEADINGS, child.tag
            is_small = sizes[child].length < TOO_MUCH_TO_DROP * sizes.total
            if is_small and _is_site_part(child, inside_article):
                continue
            if is_small and child.tag in MENU_TAGS and not announced and _is_menu(sizes[child]):
                continue
            _drop_site_parts(child, sizes, inside_article=inside_article or child.tag in ("article", "main"))
        kept.append(child)
    node.children = kept


def _is_site_part(node: Node, inside_article: bool) -> bool:
    if node.tag in SITE_PARTS or node.attributes.get("role", "").lower() in SITE_ROLES:
        return not (inside_article and node.tag in ("aside", "footer"))
    if node.tag == "header" and not inside_article:
        return node.find("h1") is None
    if node.tag not in BLOCKS and node.tag != "span":
        return False
    words = re.split(r"[^a-z]+", f"{node.attributes.get('class', '')} {node.attributes.get('id', '')}".lower())
    return not SITE_WORDS.isdisjoint(words)


def _is_menu(size: _Size) -> bool:
    """Whether a block is little else than short links."""
    if size.links < LINKS_OF_A_MENU or size.linked / size.links >= LONGEST_MENU_ENTRY:
        return False
    return size.linked > LINK_SHARE_OF_A_MENU * (size.length - size.links * 3)


class _Writer:
    """Writes blocks separated by empty lines; inline text is collapsed as a browser does."""

    def __init__(self, anchors: frozenset[str] = frozenset()) -> None:
        self.anchors = anchors
        self.blocks: list[str] = []
        self.line: list[str] = []

    def write(self, node: Node) -> str:
        self.children(node)
        self.flush()
        return "\n\n".join(self.blocks)

    def flush(self) -> None:
        text = "\n".join(one_line(line) for line in "".join(self.line).replace("\u00a0", " ").split("\x00"))
        text = text.strip()
        if text:
            self.blocks.append(text)
        self.line = []

    def children(self, node: Node) -> None:
        for child in node.children:
            if isinstance(child, str):
                self.line.append(child)
            else:
                self.element(child)

    def element(self, node: Node) -> None:
        tag = node.tag
        self.mark_anchors(node)
        if tag == "br":
            self.line.append("\x00")
        elif tag == "hr":
            self.flush()
        elif tag == "pre":
            self.flush()
            self.blocks.append("".join(_verbatim(node)).strip("\n"))
        elif tag in ("ul", "ol", "menu", "dir"):
            self.flush()
            self.blocks.append(_list(node, 0))
        elif tag == "table":
            self.flush()
            self.table(node)
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self.flush()
            text = node.text()
            if text:
                self.blocks.append(heading(text, int(tag[1])))
        elif tag in BLOCKS:
            self.flush()
            self.children(node)
            self.flush()
        else:
            self.children(node)

    def mark_anchors(self, node: Node) -> None:
        """Write the marks of this element's id, and of those inside it where it is written in one go."""
        if self.anchors:
            inside = node if node.tag[:1] == "h" or node.tag in ("pre", "ul", "ol", "table") else ()
            for name in (n.attributes.get("id") or n.attributes.get("name", "") for n in (node, *inside)):
                if name in self.anchors:
                    self.flush()
                    self.blocks.append(anchor_mark(name))

    def table(self, node: Node) -> None:
        """Write rows with separators, or the contents one after the other where the table only lays out."""
        rows = [[cell for cell in row.children if isinstance(cell, Node)] for row in _rows(node)]
        if _is_layout(node, rows):
            for row in rows:
                for cell in row:
                    self.children(cell)
                    self.flush()
            return
        caption = node.find("caption")
        if caption:
            self.blocks.append(caption.text())
        self.blocks.append(rows_as_text([[cell.text() for cell in row] for row in rows]))


def _verbatim(node: Node) -> list[str]:
    pieces: list[str] = []
    for child in node.children:
        if isinstance(child, str):
            pieces.append(child)
        else:
            pieces += ["\n"] if child.tag == "br" else _verbatim(child)
    return pieces


def _rows(table: Node) -> list[Node]:
    """Rows of this table, not of tables inside its cells."""
    rows: list[Node] = []
    for child in table.children:
        if isinstance(child, Node):
            if child.tag == "tr":
                rows.append(child)
            elif child.tag in ("tbody", "thead", "tfoot"):
                rows += _rows(child)
    return rows


def _is_layout(table: Node, rows: list[list[Node]]) -> bool:
    widest = max((len(row) for row in rows), default=0)
    if widest <= 1:
        return True
    if table.find("th") is not None and table.find("table") is None:
        return False
    cells = [cell for row in rows for cell in row]
    return any(
        node.tag in ("table", "h1", "h2", "h3", "form") or len(cell.text()) > 800
        for cell in cells
        for node in [cell, *cell]
    )


def _list(node: Node, depth: int) -> str:
    """Write a list; items of an inner list are indented by two spaces a level."""
    lines = []
    number = 0
    for item in node.children:
        if not isinstance(item, Node):
            continue
        if item.tag in ("ul", "ol", "menu", "dir"):
            lines.append(_list(item, depth + 1))
            continue
        number += 1
        mark = f"{number}. " if node.tag == "ol" else "- "
        inner = [
            child for child in item.children if isinstance(child, Node) and child.tag in ("ul", "ol", "menu", "dir")
        ]
        own = Node("span", {})
        own.children = [child for child in item.children if child not in inner]
        text = one_line(_Writer().write(own).replace("\n", " "))
        if text:
            lines.append("  " * depth + mark + text)
        lines += [_list(child, depth + 1) for child in inner]
    return "\n".join(line for line in lines if line)
