"""The kinds of generated data behind one door, from files to records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from headwater.core.errors import BadInput
from headwater.core.progress import Report
from headwater.dataprep.generate.align import AlignSettings, align
from headwater.dataprep.generate.asking import Asker
from headwater.dataprep.generate.evolve import EvolveSettings, evolve
from headwater.dataprep.generate.generated import Generated
from headwater.dataprep.generate.grounded import GroundedSettings, SourceText, from_documents
from headwater.records.reading import read_records
from headwater.records.record import Record

Kind = Literal["questions", "summaries", "evolve", "align"]


def make(
    kind: Kind, asker: Asker, source: Path, text_of: Callable[[Path], str], amount: tuple[int, int], report: Report
) -> Generated:
    """Make records of a kind; `amount` is (rows at most, seed); `text_of` reads a document.

    Raises BadInput when the source holds nothing to begin with.
    """
    rows, seed = amount
    if kind in ("questions", "summaries"):
        files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        if not files or not source.exists():
            raise BadInput(f"No document at {source}", "Give a file or a folder with files.")
        texts = (SourceText(path.name, text_of(path)) for path in files)
        chosen = GroundedSettings("questions" if kind == "questions" else "summaries", seed=seed, most=rows)
        return from_documents(asker, texts, chosen, report)
    records = [record for record in read_records(source) if isinstance(record, Record) and record.prompt.strip()]
    if not records:
        raise BadInput(f"{source} holds no instruction to begin with", "Give rows with questions or instructions.")
    return improve(kind, asker, records, amount, report)


def improve(kind: Kind, asker: Asker, records: Sequence[Record], amount: tuple[int, int], report: Report) -> Generated:
    """Make harder instructions (evolve) or better answers (align) of records; `amount` is (rows at most, seed)."""
    rows, seed = amount
    if kind == "evolve":
        return evolve(asker, records, EvolveSettings(rows=rows, seed=seed), report)
    return align(asker, records[:rows], AlignSettings(seed=seed), report)
