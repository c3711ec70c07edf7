"""Check every row of a facts.jsonl: is the text found, on the right page, and does each file behave as described?

    python benchmarks/facts/run.py [--data ../shared/data] [--no-ocr]

Prints JSON: {"facts", "found", "share", "missed": [...], "behaviours": {name: bool or what went wrong},
"seconds", "bars": {...}}. The exit code is 1 when a bar is missed (>= 97 % of facts, every behaviour).
Comparison: white space collapsed, end-of-line hyphens joined; where the note says so, cell by cell.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path

from headwater.core.errors import UnreadableDocument
from headwater.core.types import Extraction, Member, Page
from headwater.documents.extract import Extractor
from headwater.documents.parsers.limits import ExtractLimits

SHARE_BAR = 0.97
PASSWORD_NOTE = re.compile(r"password is:? (\S+?)[;,. ]|password is:? (\S+)$")


def normal(text: str) -> str:
    """Join end-of-line hyphens and collapse white space."""
    return re.sub(r"\s+", " ", re.sub(r"-[ \t]*\n\s*", "", text)).strip()


def members_of(extraction: Extraction) -> list[Member]:
    """All members, members of members included."""
    return [found for m in extraction.members for found in (m, *members_of(m.extraction))]


def pages_for(extraction: Extraction, page: int | str | None) -> list[Page]:
    """The pages a fact names: a number, a label (sheet, chapter), a member, or anywhere."""
    everywhere = list(extraction.pages)
    if page is None:
        return everywhere + [p for m in members_of(extraction) for p in m.extraction.pages]
    if isinstance(page, int):
        return [p for p in everywhere if p.number == page]
    inside = [
        p for m in members_of(extraction) if m.name == page or m.name.endswith(f"/{page}") for p in m.extraction.pages
    ]
    row = re.fullmatch(r"row (\d+)", page)
    if row:
        return [p for p in everywhere if holds_row(p.label or "", int(row.group(1)))]
    return inside or [p for p in everywhere if p.label and (p.label == page or page in re.split(r"[ ()]+", p.label))]


def holds_row(label: str, row: int) -> bool:
    """Whether a label such as `rows 1-200` covers a row."""
    found = re.fullmatch(r"rows? (\d+)(?:-(\d+))?", label)
    return bool(found) and int(found.group(1)) <= row <= int(found.group(2) or found.group(1))


def is_found(fact: dict[str, object], pages: list[Page]) -> bool:
    """Whether the text of a fact stands on one of the pages."""
    wanted = str(fact["must_contain"])
    text = "\n".join(page.text for page in pages)
    if "cell by cell" in str(fact["note"]) or (" | " in wanted and str(fact["file"]).endswith(".xlsx")):
        cells = [cell.strip() for cell in wanted.split("|")]
        return any([c.strip() for c in line.split("|")][: len(cells)] == cells for line in text.split("\n"))
    return normal(wanted) in normal(text)


def behaviours(extractor: Extractor, root: Path, read: dict[str, Extraction]) -> dict[str, bool | str]:
    """What the notes say of whole files."""
    checks: dict[str, bool | str] = {}
    for name in ("encrypted/password.pdf", "encrypted/onyx_encrypted.pdf"):
        try:
            extractor.extract(root / name)
            checks[f"{name}: error without password"] = "it was read"
        except UnreadableDocument as error:
            checks[f"{name}: error without password"] = "password" in error.message and Path(name).name in error.message
    try:
        pages = extractor.extract(root / "broken/multi_page_truncated.pdf")
        checks["truncated PDF: repaired pages and a warning"] = any(p.text for p in pages.pages) and bool(
            pages.warnings
        )
    except UnreadableDocument as error:
        checks["truncated PDF: a clear error"] = "damaged" in error.message
    with Extractor(ExtractLimits(ocr=False)) as blind:
        scan = blind.extract(root / "image-based-pdf-sample.pdf")
        checks["scan without OCR: says that the page has no text"] = any("no text" in w for w in scan.warnings)
    rows = [[cell.strip() for cell in line.split("|")] for line in read["example.xlsx"].pages[0].text.split("\n")]
    profit = rows[0].index("Profit")
    checks["example.xlsx: 700 rows"] = len(rows) == 701
    checks["example.xlsx: sum of Profit"] = abs(sum(float(row[profit]) for row in rows[1:]) - 16893702.26) < 0.01
    checks["example.xlsx: 140 rows of Canada"] = sum(row[1] == "Canada" for row in rows) == 140
    strikes = read["csv/birdstrikes.csv"].pages
    header = strikes[0].text.split("\n")[0]
    checks["birdstrikes.csv: 10,000 rows"] = sum(len(p.text.split("\n")) - 1 for p in strikes) == 10_000
    checks["birdstrikes.csv: 14 columns on every page"] = len(header.split(",")) == 14 and all(
        p.text.startswith(header) for p in strikes
    )
    last = strikes[-1].text.split("\n")[-1]
    checks["birdstrikes.csv: last row"] = all(cell in last for cell in ("EMB-145", "Pennsylvania", "2002-07-25"))
    checks["test-documents.zip: 9 members"] = len(read["zip/test-documents.zip"].members) == 9
    checks["test-documents.zip: every member read"] = not [
        m for m in members_of(read["zip/test-documents.zip"]) if m.error
    ]
    checks["complex.mbox: 3 messages"] = len(read["email/complex.mbox"].pages) == 3
    duck = "\n".join(p.text for p in read["html/wiki_duck.html"].pages)
    checks["wiki_duck.html: no menus, languages, scripts"] = not re.search(
        r"Random article|Create account|Afrikaans|Deutsch|function\s*\(|mw\.config", duck
    )
    tex = "\n".join(p.text for p in read["tex/otsl_main.tex"].pages)
    checks["otsl_main.tex: no comments"] = not re.search(r"^\s*%", tex, re.M)
    checks["irs manual: 400 pages"] = len(read["pdf/irs_manual_2.3.59_400p.pdf"].pages) == 400
    return checks


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--no-ocr", action="store_true")
    options = parser.parse_args()
    root = options.data / "documents"
    facts = [json.loads(line) for line in (root / "facts.jsonl").read_text("utf-8").splitlines() if line.strip()]
    started = time.perf_counter()
    read: dict[str, Extraction] = {}
    missed: list[dict[str, object]] = []
    textual = [fact for fact in facts if fact["must_contain"] is not None]
    with Extractor(ExtractLimits(ocr=not options.no_ocr)) as extractor:
        for fact in textual:
            name = fact["file"]
            found = PASSWORD_NOTE.search(str(fact["note"]) + " ")
            password = (found.group(1) or found.group(2)).rstrip(";") if found else None
            try:
                if name not in read:
                    read[name] = extractor.extract(root / name, password=password)
                if not is_found(fact, pages_for(read[name], fact["page"])):
                    missed.append({key: fact[key] for key in ("file", "page", "must_contain")})
            except UnreadableDocument as error:
                missed.append({"file": name, "page": fact["page"], "error": error.message})
        seconds = time.perf_counter() - started
        checks = behaviours(extractor, root, read)
    share = 1 - len(missed) / len(textual)
    bars = {"share >= 0.97": share >= SHARE_BAR, "every behaviour": all(value is True for value in checks.values())}
    report = {
        "facts": len(textual),
        "found": len(textual) - len(missed),
        "share": round(share, 4),
        "missed": missed,
        "behaviours": checks,
        "seconds": round(seconds, 2),
        "bars": bars,
    }
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
