"""Generated data as a job: a chat model asks about documents or rewrites instructions, every answer is checked.

What comes out is one of the person's files of rows. Answers of the model are kept for a week by the hash of their
request, so a job that was stopped, or one with a larger budget, asks nothing twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from headwater.core.errors import BadInput
from headwater.core.progress import Progress
from headwater.core.protocols import ChatModel
from headwater.core.types import ChatOptions, Delta, Message, Scope
from headwater.dataprep.generate.asking import Asker, Budget
from headwater.dataprep.generate.generated import Generated
from headwater.dataprep.generate.grounded import GroundedSettings, SourceText, from_documents
from headwater.dataprep.generate.kinds import Kind, improve
from headwater.records.mapping import FIELDS
from headwater.records.readers.containers import DocumentReader, holds_rows
from headwater.records.reading import SourceSettings, read_records
from headwater.records.record import Record
from headwater.records.writing import write_records
from headwater.storage.data_sources import DataSources
from headwater.storage.datasets import DESK
from headwater.storage.files import FileStore
from headwater.storage.jobs import JobInfo, JobRows
from headwater.studio import GENERATE
from headwater.studio.preparing import Work
from headwater.studio.recipes import place_file

FROM_TEXTS: tuple[Kind, ...] = ("questions", "summaries")
NAMES: dict[Kind, str] = {
    "questions": "Questions about", "summaries": "Summaries of", "evolve": "Harder instructions from",
    "align": "Better answers to",
}  # fmt: skip
MOST_BYTES = 10_000_000_000
Texts = Callable[[Scope, str], tuple[str, Sequence[SourceText]]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, of which collection or which uploaded file, by which model, and how much it may cost."""

    kind: Kind
    collection_id: str | None = None
    source_id: str | None = None
    mapping: Mapping[str, str] | None = None
    model: str | None = None
    rows: int = 100
    requests: int | None = None
    tokens: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class GenerateParts:
    """What generating needs. `texts`: name and documents of a collection; `document`: the text of a file."""

    sources: DataSources
    files: FileStore
    jobs: JobRows
    root: Path
    texts: Texts
    document: DocumentReader
    chat_model: Callable[[str | None], ChatModel | None]


class Generating:
    """Takes orders for generated data and carries them out."""

    def __init__(self, parts: GenerateParts) -> None:
        self._parts = parts

    def start(self, scope: Scope, order: Order) -> JobInfo:
        """Generate as a job. Raises NotFound, BadInput."""
        name = self._name(scope, order)
        self._model(order)
        return self._parts.jobs.add_once(
            scope, GENERATE, f"{NAMES[order.kind]} {name}", asdict(order), unless=("queued", "running")
        )

    def run(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Handle a job GENERATE: make the rows and keep them as a source."""
        order = Order(**job.payload)
        name = self._name(job.scope, order)
        model = Interruptible(self._model(order), work.check)

        def tell(progress: Progress) -> None:
            work.check()
            work.report(progress)

        cache = self._parts.root / DESK / f"answers-{job.owner_id}" / "answers.db"
        with Asker(model, cache, Budget(order.requests, order.tokens)) as asker:
            made = self._made(job.scope, order, asker, tell)
        told = made.to_json()
        if not made.records:
            raise BadInput(
                f"Nothing came of it. {_why(told)}", "Try other documents, a larger budget or another model."
            )
        with tempfile.TemporaryDirectory(prefix="headwater-generated-") as folder:
            path = Path(folder) / "rows.jsonl"
            write_records(made.records, path, "headwater")
            stored = self._parts.files.put(path, MOST_BYTES)
        called = f"{NAMES[order.kind]} {name.rpartition('/')[2]}.jsonl".replace(":", "_")
        source = self._parts.sources.add(job.scope, called, stored, f"made by {model.name}")
        return {"source_id": source.id, "name": source.name, "size": source.size, "kind": order.kind, **told}

    @contextmanager
    def _laid_out(self, scope: Scope, source_id: str) -> Iterator[Path]:
        """The file under its own name, which says how it is read, until the block ends."""
        source = self._parts.sources.get(scope, source_id)
        with tempfile.TemporaryDirectory(prefix="headwater-generating-") as folder:
            place_file(self._parts.sources.path(scope, source_id), Path(folder), source.name)
            yield Path(folder) / source.name

    def _name(self, scope: Scope, order: Order) -> str:
        if (order.collection_id is None) == (order.source_id is None):
            raise BadInput("Rows are generated from a collection or from a file.", "Name one of them.")
        if order.source_id is not None:
            return Path(self._parts.sources.get(scope, order.source_id).name).stem
        if order.kind not in FROM_TEXTS:
            raise BadInput(
                f"{order.kind!r} begins with instructions, and a collection holds documents.",
                "Choose a file with questions or instructions.",
            )
        return self._parts.texts(scope, str(order.collection_id))[0]

    def _model(self, order: Order) -> ChatModel:
        found = self._parts.chat_model(order.model)
        if found is None:
            raise BadInput("There is no chat model to ask.", "Install one on the page Models.")
        return found

    def _made(self, scope: Scope, order: Order, asker: Asker, report: Callable[[Progress], None]) -> Generated:
        if order.kind in FROM_TEXTS:
            asked: Literal["questions", "summaries"] = "questions" if order.kind == "questions" else "summaries"
            settings = GroundedSettings(asked, seed=order.seed, most=order.rows)
            return from_documents(asker, self._texts(scope, order), settings, report)
        return improve(order.kind, asker, self._records(scope, order), (order.rows, order.seed), report)

    def _texts(self, scope: Scope, order: Order) -> Sequence[SourceText]:
        if order.collection_id is not None:
            found = self._parts.texts(scope, order.collection_id)[1]
            if not found:
                raise BadInput("This collection holds no document that can be read.", "Add documents to it first.")
            return found
        with self._laid_out(scope, str(order.source_id)) as path:
            if path.suffix.lower() != ".txt" and holds_rows(path):
                raise BadInput(
                    f"{path.name} holds rows, and questions are asked about documents.",
                    "Choose a document or a text, or a kind that begins with rows.",
                )
            return [SourceText(path.name, self._parts.document(path))]

    def _records(self, scope: Scope, order: Order) -> list[Record]:
        with self._laid_out(scope, str(order.source_id)) as path:
            unknown = sorted(set(order.mapping or {}) - set(FIELDS))
            if unknown:
                raise BadInput(f"No field {unknown[0][:60]!r} in a mapping.", f"Fields: {', '.join(FIELDS)}.")
            read = read_records(path, SourceSettings(None, dict(order.mapping or {}), None))
            found = [record for record in read if isinstance(record, Record) and record.prompt.strip()]
        if not found:
            raise BadInput(f"{path.name} holds no instruction to begin with.", "Choose rows with questions.")
        return found


class Interruptible:
    """A chat model that stops in the middle of an answer when the job is to stop."""

    def __init__(self, model: ChatModel, check: Callable[[], None]) -> None:
        self._model, self._check = model, check
        self.name, self.context_tokens = model.name, model.context_tokens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    async def stream(self, messages: Sequence[Message], options: ChatOptions) -> AsyncIterator[Delta]:
        """Yield what the model says. Raises Cancelled."""
        async for delta in self._model.stream(messages, options):
            self._check()
            yield delta


def _why(told: Mapping[str, Any]) -> str:
    refused = ", ".join(f"{count:,} times: {reason}" for reason, count in list(told["refused"].items())[:3])
    return " ".join(part for part in (f"Refused {refused}." if refused else "", told["stopped"] or "") if part)
