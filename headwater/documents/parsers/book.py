"""E-books (EPUB 2 and 3): a page a chapter, in reading order, labelled from the table of contents."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote

from headwater.core.types import Extraction, Page
from headwater.documents.parsers.container import Container
from headwater.documents.parsers.encoding import declared_encoding, decode
from headwater.documents.parsers.html_text import anchor_mark, main_text
from headwater.documents.parsers.html_tree import Node, parse_html
from headwater.documents.parsers.markup import Element, NotMarkup, all_named, attribute, local, one_line, parse
from headwater.documents.parsers.reading import Reading, Source, unreadable

PAGES_OF_TEXT = ("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document", "image/svg+xml")
LONGEST_FILE_LABEL = 24
DAMAGED = "Get the book again, or convert it to EPUB anew."


def read(source: Source, reading: Reading) -> Extraction:
    """Read an e-book. Raises UnreadableDocument for one that is locked or has no chapters."""
    container = Container(source, reading)
    _refuse_locked(container)
    package_path = _package_path(container)
    package = _tree(container, package_path)
    if package is None:
        raise unreadable(source.name, "has no list of chapters: it is damaged.", DAMAGED)
    folder = posixpath.dirname(package_path)
    files = _spine(package, folder)
    entries = _contents(container, package, folder)
    reading.budget.pages(len(files))
    pages: list[Page] = []
    label: str | None = None
    for path in files:
        for title, text in _sections(container, reading, path, entries.get(path, {})):
            label = _label(title, path) if title is not None else label
            if text:
                reading.budget.text(len(text))
                pages.append(Page(len(pages) + 1, text, label if entries else _label(None, path)))
    if not pages:
        raise unreadable(source.name, "has no text in its chapters.", DAMAGED)
    title = next((one_line(t.text or "") for t in all_named(package, "title") if t.text), None)
    return Extraction(tuple(pages), True, (), tuple(reading.warnings), "application/epub+zip", title)


def _sections(
    container: Container, reading: Reading, path: str, entries: dict[str, str]
) -> Iterator[tuple[str | None, str]]:
    """Cut a file where a chapter begins; yields (title, or None where the last chapter goes on; text)."""
    data = container.find(path)
    if data is None:
        reading.warn(f"The chapter {path} is missing.")
        return
    root = parse_html(decode(data, declared_encoding(data[:4096])).text)
    text = main_text(root, whole=True, anchors=frozenset(entries) - {""})
    title: str | None = entries.get("")
    start = 0
    for found in re.finditer(f"{anchor_mark('(.*?)')}\n*", text):
        before = text[start : found.start()].strip()
        if before or title is not None:
            yield title, before
        title = entries[found.group(1)]
        start = found.end()
    yield title, text[start:].strip()


def _label(title: str | None, path: str) -> str | None:
    """Return the chapter's title with the name of its file where that is short enough to help."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    if title is None:
        return stem if len(stem) <= LONGEST_FILE_LABEL else None
    return f"{title} ({stem})" if len(stem) <= LONGEST_FILE_LABEL and stem.lower() != title.lower() else title


def _refuse_locked(container: Container) -> None:
    data = container.find("META-INF/encryption.xml")
    # Scrambled fonts are no lock; scrambled chapters are.
    if data and (b".xhtml" in data or b".html" in data or b".htm" in data):
        raise unreadable(container.source.name, "is protected against copying.", "Add a copy without protection.")


def _tree(container: Container, path: str) -> Element | None:
    data = container.find(path)
    if data is None:
        return None
    try:
        return parse(data, container.source.name)
    except NotMarkup:
        return None


def _package_path(container: Container) -> str:
    tree = _tree(container, "META-INF/container.xml")
    found = next((r.get("full-path") for r in all_named(tree, "rootfile")), None) if tree is not None else None
    if found and found in container:
        return found
    return next((part.stored_name for part in container.parts if part.stored_name.endswith(".opf")), "")


def _spine(package: Element, folder: str) -> list[str]:
    """Return the files of the spine; where there is none, every page of text in the manifest."""
    manifest = {item.get("id"): item for item in all_named(package, "item")}
    spine = [manifest.get(itemref.get("idref")) for itemref in all_named(package, "itemref")]
    items = [item for item in spine if item is not None] or list(manifest.values())
    paths = []
    for item in items:
        is_contents = "nav" in (item.get("properties") or "").split()
        if item.get("media-type", "") in PAGES_OF_TEXT and item.get("href") and not is_contents:
            paths.append(_resolved(folder, item.get("href", "")))
    return list(dict.fromkeys(paths))


def _contents(container: Container, package: Element, folder: str) -> dict[str, dict[str, str]]:
    """Return file -> (anchor or "" -> title) of the chapters in the table of contents (EPUB 3, then EPUB 2)."""
    found: dict[str, dict[str, str]] = {}
    for item in all_named(package, "item"):
        path = _resolved(folder, item.get("href", ""))
        entries: list[tuple[str, str]] = []
        if "nav" in (item.get("properties") or "").split():
            data = container.find(path)
            entries = _nav_entries(parse_html(decode(data).text)) if data else []
        elif item.get("media-type") == "application/x-dtbncx+xml" and not found:
            tree = _tree(container, path)
            entries = _ncx_entries(next(all_named(tree, "navMap"), tree)) if tree is not None else []
        for href, title in entries:
            target, _, anchor = href.partition("#")
            found.setdefault(_resolved(posixpath.dirname(path), target), {}).setdefault(unquote(anchor), title)
    return found


def _nav_entries(node: Node) -> list[tuple[str, str]]:
    """Return the links of the outermost list; of the next one where that has a single entry (the book)."""
    contents = next((n for n in node if n.tag == "nav" and "toc" in n.attributes.get("epub:type", "toc")), node)
    outer = contents.find("ol") or contents
    while True:
        items = [child for child in outer.children if isinstance(child, Node) and child.tag == "li"]
        inner = items[0].find("ol") if len(items) == 1 else None
        if inner is None:
            break
        outer = inner
    links = [link for item in items if (link := item.find("a")) is not None]
    return [(link.attributes.get("href", ""), link.text()) for link in links if link.text()]


def _ncx_entries(parent: Element) -> list[tuple[str, str]]:
    points = [point for point in parent if local(point.tag) == "navPoint"]
    if len(points) == 1 and any(local(p.tag) == "navPoint" for p in points[0]):
        return _ncx_entries(points[0])
    entries = []
    for point in points:
        title = next((one_line("".join(t.itertext())) for t in point if local(t.tag) == "navLabel"), "")
        target = next((attribute(c, "src") or "" for c in point if local(c.tag) == "content"), "")
        if title and target:
            entries.append((target, title))
    return entries


def _resolved(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.split("#", 1)[0]))).lstrip("./")
