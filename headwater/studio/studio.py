"""The studio: what a person can do with files of rows and data sets. The only file here that knows all the others."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from headwater.core.errors import BadInput, Conflict, NotFound
from headwater.core.protocols import ChatModel
from headwater.core.types import Scope
from headwater.dataprep.generate.grounded import SourceText
from headwater.dataprep.step import Services
from headwater.records.detect import READ_ONLY
from headwater.records.readers.containers import DocumentReader
from headwater.storage.data_sources import DataSourceInfo, DataSources
from headwater.storage.datasets import DatasetInfo, Datasets
from headwater.storage.files import FileStore, StoredFile
from headwater.storage.jobs import JobInfo, JobRows
from headwater.studio import APPLY_EDITS, PREPARE
from headwater.studio.browsing import Wanted, as_row, dropped_page, page_of
from headwater.studio.catalogue import catalogue
from headwater.studio.comparing import compared
from headwater.studio.counting import Slider, StepCount, judge
from headwater.studio.edits import EditedRows, Label, write_format
from headwater.studio.fetching import Elsewhere, Fetching, FetchParts
from headwater.studio.generating import GenerateParts, Generating, Order, Texts
from headwater.studio.looking import Look, Reading, look_at
from headwater.studio.preparing import PREVIOUS_REPORT, Work, load_report, prepare_into, summary_of, swap_in, watched
from headwater.studio.preview import Traces, look, sample, shown
from headwater.studio.recipes import OUTPUT, RecipeDesk, from_yaml, names_of, to_yaml
from headwater.studio.thresholds import AllCounted, MeasuredRuns, Moved

DOWNLOADS = (
    *(f"{split}.{suffix}" for split in ("train", "validation", "test") for suffix in ("jsonl", "parquet")),
    "recipe.yaml", "report.html", "report.json", "dropped.parquet", "quarantine.jsonl", "statistics.parquet",
)  # fmt: skip
EXPORTS = (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".txt")
EXPORT_PREFIX = "export-"


def _nobody() -> None:
    pass


def _no_texts(scope: Scope, collection_id: str) -> tuple[str, Sequence[SourceText]]:
    raise NotFound(f"No collection {collection_id!r}.", "Documents are not kept here.")


def _no_model(name: str | None) -> ChatModel | None:
    return None


@dataclass(frozen=True)
class StudioParts:
    """What the studio works with. `tokenizer` gives a model's tokenizer.json, `outside` what steps need of models."""

    sources: DataSources
    datasets: Datasets
    files: FileStore
    jobs: JobRows
    tokenizer: Callable[[str], Path]
    tokenizers: Callable[[], list[str]]
    outside: Callable[[], Services]
    document: DocumentReader
    wake: Callable[[], None] = _nobody
    texts: Texts = _no_texts
    chat_model: Callable[[str | None], ChatModel | None] = _no_model
    most_bytes: int = 200_000_000
    closed: Path | None = None


class Studio:
    """Uploads, looks, previews, runs, edits, exports: always for a scope, never for anything that is not its own."""

    def __init__(self, parts: StudioParts) -> None:
        self._parts = parts
        self._desk = RecipeDesk(parts.sources, parts.datasets.root, parts.tokenizer)
        self._traces = Traces()
        self._runs = MeasuredRuns()
        self._editing = Lock()
        root, closed = parts.datasets.root, parts.closed or parts.datasets.root
        self.fetching = Fetching(FetchParts(parts.sources, parts.files, parts.jobs, root, parts.most_bytes, closed))
        self.generating = Generating(
            GenerateParts(parts.sources, parts.files, parts.jobs, root, parts.texts, parts.document, parts.chat_model)
        )

    # --- sources -----------------------------------------------------------------------------

    def add_source(self, scope: Scope, name: str, stored: StoredFile) -> DataSourceInfo:
        """Keep an uploaded file. Raises BadInput for an empty one."""
        if stored.size == 0:
            self._parts.files.settle(stored.sha256)
            raise BadInput(f"{name[:120]!r} is empty.", "Choose a file with rows in it.")
        # A colon would make the name look like an address.
        return self._parts.sources.add(scope, name.replace(":", "_"), stored)

    def look(self, scope: Scope, source_id: str, reading: Reading) -> Look:
        """Look at the first rows of a file. Raises NotFound, BadInput, UnreadableDocument."""
        source = self._parts.sources.get(scope, source_id)
        entry: dict[str, Any] = {"sources": [{"path": source.name}], "output": {}}
        with self._desk.laid_out(scope, entry) as recipe:
            return look_at(recipe.source(recipe.file.sources[0]), reading, self._parts.document)

    def delete_source(self, scope: Scope, source_id: str) -> None:
        """Delete a file that no recipe names. Raises NotFound, Conflict."""
        self._parts.sources.delete(scope, source_id, lambda dataset, name: name in names_of(dataset.recipe).files)

    def fetch(self, scope: Scope, wanted: Elsewhere) -> JobInfo:
        """Bring rows from elsewhere as a job; they become a source. Raises BadInput, Forbidden."""
        return self._woken(self.fetching.start(scope, wanted))

    def generate(self, scope: Scope, order: Order) -> JobInfo:
        """Make rows with a chat model as a job; they become a source. Raises NotFound, BadInput."""
        return self._woken(self.generating.start(scope, order))

    def _woken(self, job: JobInfo) -> JobInfo:
        self._parts.wake()
        return job

    # --- recipes -----------------------------------------------------------------------------

    def catalogue(self) -> dict[str, Any]:
        """Steps, tasks and formats."""
        return catalogue(self._parts.outside().embed is not None, self._parts.tokenizers())

    def create(self, scope: Scope, name: str, recipe: Mapping[str, Any] | None) -> DatasetInfo:
        """Begin a data set. Raises BadInput, Conflict."""
        names_of(recipe or {})
        return self._parts.datasets.create(
            scope, name, recipe or {"sources": [], "steps": [], "output": {"path": OUTPUT}}
        )

    def save(self, scope: Scope, dataset_id: str, recipe: Mapping[str, Any]) -> DatasetInfo:
        """Keep a recipe, which may be incomplete. Raises NotFound, BadInput."""
        names_of(recipe)
        return self._parts.datasets.save_recipe(scope, dataset_id, recipe)

    def recipe_text(self, scope: Scope, dataset_id: str) -> str:
        """The recipe as a YAML file. Raises NotFound."""
        return to_yaml(self._parts.datasets.get(scope, dataset_id).recipe)

    def take_recipe(self, scope: Scope, dataset_id: str, text: str) -> DatasetInfo:
        """Use a recipe file; all that is wrong with it is said at once. Raises NotFound, BadInput."""
        recipe = from_yaml(text)
        self._parts.datasets.get(scope, dataset_id)
        self._desk.check(scope, recipe)
        return self._parts.datasets.save_recipe(scope, dataset_id, recipe)

    # --- sample ------------------------------------------------------------------------------

    def preview(self, scope: Scope, dataset_id: str, recipe: Mapping[str, Any], wanted: SampleWanted) -> dict[str, Any]:
        """Take a sample through a recipe. Raises NotFound, BadInput naming every mistake."""
        self._parts.datasets.get(scope, dataset_id)
        tokenizer = self._parts.tokenizer(wanted.tokenizer) if wanted.tokenizer else None
        with self._desk.laid_out(scope, recipe) as loaded:
            taken = sample(loaded, wanted.rows, self._parts.document)
            trace = look(loaded, self._parts.outside(), taken)
            made = shown(trace, taken, tokenizer, wanted.maximum)
        self._traces.keep((scope.user_id, dataset_id), trace)
        return made

    def counts(self, scope: Scope, dataset_id: str, recipe: Mapping[str, Any]) -> list[StepCount]:
        """Count the sample under other thresholds. Raises NotFound, BadInput, Conflict when it must be measured."""
        self._parts.datasets.get(scope, dataset_id)
        trace = self._traces.get((scope.user_id, dataset_id))
        if trace is None:
            raise Conflict("The sample was not looked at yet.", "Ask for the preview first.")
        # A slider asks many times a second; what was measured needs no files any more.
        return judge(trace, self._desk.parsed(recipe)).counts

    def thresholds(self, scope: Scope, dataset_id: str, moved: Sequence[Moved] = ()) -> tuple[AllCounted, list[Slider]]:
        """Count all rows of the last run under other thresholds. Raises NotFound, BadInput, Conflict."""
        dataset = self.prepared(scope, dataset_id)
        run = self._runs.of((scope.user_id, dataset_id, float(dataset.prepared or 0)), dataset.folder)
        return run.count(moved), run.sliders

    # --- running -----------------------------------------------------------------------------

    def start(self, scope: Scope, dataset_id: str) -> JobInfo:
        """Prepare the data set as a job. Raises NotFound, BadInput, Conflict."""
        dataset = self._parts.datasets.get(scope, dataset_id)
        if dataset.state == "preparing":
            raise Conflict(f"{dataset.name!r} is being prepared already.", "Wait for it, or cancel it.")
        self._desk.check(scope, dataset.recipe)
        payload = {"dataset_id": dataset_id, "recipe": dict(dataset.recipe)}
        job = self._parts.jobs.add(scope, PREPARE, dataset.name, payload)
        self._parts.datasets.begin(scope, dataset_id, job.id)
        return self._woken(job)

    def prepare(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Handle a job PREPARE: run its recipe on all rows."""
        dataset_id, recipe = str(job.payload["dataset_id"]), job.payload["recipe"]
        dataset = self._parts.datasets.begin(job.scope, dataset_id, job.id)
        with self._desk.laid_out(job.scope, recipe) as loaded:
            result = prepare_into(dataset.folder, loaded, (self._parts.outside(), self._parts.document), work)
        with self._editing:
            swap_in(dataset.folder, recipe)
        summary = summary_of(result.json)
        self._parts.datasets.finish(job.scope, dataset_id, recipe, summary)
        return {"dataset_id": dataset_id, "rows_in": summary["rows_in"], "rows_out": summary["rows_out"]}

    def give_up(self, job: JobInfo) -> None:
        """Note that a job PREPARE ended without a result."""
        failed = job.state == "failed"
        self._parts.datasets.give_up(
            job.scope, str(job.payload["dataset_id"]), job.id, job.error if failed else None, job.hint
        )

    # --- what came out -----------------------------------------------------------------------

    def prepared(self, scope: Scope, dataset_id: str) -> DatasetInfo:
        """A data set that has files. Raises NotFound, Conflict when it was never prepared."""
        dataset = self._parts.datasets.get(scope, dataset_id)
        if dataset.prepared is None or not dataset.folder.is_dir():
            raise Conflict(f"{dataset.name!r} was not prepared yet.", "Prepare it first.")
        return dataset

    def report(self, scope: Scope, dataset_id: str) -> dict[str, Any]:
        """The report of the last run. Raises NotFound, Conflict."""
        return load_report(self.prepared(scope, dataset_id).folder)

    def compare(self, scope: Scope, dataset_id: str, before_id: str | None = None) -> dict[str, Any]:
        """The last run beside that of another data set, or beside the run before it. Raises NotFound, Conflict."""
        report = self.report(scope, dataset_id)
        if before_id is not None:
            return compared(self.report(scope, before_id), report)
        folder = self.prepared(scope, dataset_id).folder
        if not (folder / PREVIOUS_REPORT).is_file():
            raise Conflict("This data set was prepared once only.", "Compare it with another one.")
        return compared(load_report(folder, PREVIOUS_REPORT), report)

    def rows(self, scope: Scope, dataset_id: str, split: str, wanted: Wanted) -> dict[str, Any]:
        """Some rows. Raises NotFound, Conflict."""
        return page_of(EditedRows(self.prepared(scope, dataset_id).folder), split, wanted)

    def row(self, scope: Scope, dataset_id: str, split: str, number: int) -> dict[str, Any]:
        """One row, whole. Raises NotFound, Conflict."""
        rows = EditedRows(self.prepared(scope, dataset_id).folder)
        return as_row(rows.record(split, number), number, rows.edits(split).get(number))

    def dropped(self, scope: Scope, dataset_id: str, of: tuple[int | None, str | None], at: Wanted) -> dict[str, Any]:
        """Rows that the run dropped, of one (place of a step, reason) or all. Raises NotFound, Conflict."""
        return dropped_page(self.prepared(scope, dataset_id).folder, *of, at.offset, at.limit)

    def change_row(
        self,
        scope: Scope,
        dataset_id: str,
        place: tuple[str, int],
        label: Label | None,
        texts: Mapping[int, str] | None,
    ) -> dict[str, Any]:
        """Label or rewrite the row at (split, number); a job writes the files. Raises NotFound, BadInput, Conflict."""
        dataset = self.prepared(scope, dataset_id)
        if dataset.state == "preparing":
            raise Conflict(f"{dataset.name!r} is being prepared.", "Edit rows when that is done.")
        split, number = place
        with self._editing:
            rows = EditedRows(dataset.folder)
            record = rows.change(split, number, label, texts)
        self._parts.datasets.note_counts(scope, dataset_id, rows.counts())
        self._parts.jobs.add_once(scope, APPLY_EDITS, dataset.name, {"dataset_id": dataset_id})
        self._parts.wake()
        return as_row(record, number, rows.edits(split).get(number))

    def apply_edits(self, job: JobInfo, work: Work) -> Mapping[str, Any]:
        """Handle a job APPLY_EDITS: write the files of a data set with what was done by hand."""
        dataset_id = str(job.payload["dataset_id"])
        dataset = self.prepared(job.scope, dataset_id)
        with self._editing:
            rows = EditedRows(dataset.folder)
            splits = rows.write(str((dataset.summary or {}).get("format") or "headwater"), watched(work))
        counts = {**rows.counts(), "splits": splits, "rows_out": sum(splits.values())}
        self._parts.datasets.note_counts(job.scope, dataset_id, counts)
        return {"dataset_id": dataset_id, **counts}

    def file(self, scope: Scope, dataset_id: str, name: str) -> Path:
        """A file of the data set, one of DOWNLOADS. Raises NotFound, Conflict."""
        path = self.prepared(scope, dataset_id).folder / name
        if name not in DOWNLOADS or not path.is_file():
            raise NotFound(
                f"This data set has no file {name[:80]!r}.", f"Files: {', '.join(self.file_names(scope, dataset_id))}."
            )
        return path

    def file_names(self, scope: Scope, dataset_id: str) -> list[str]:
        """The files that can be downloaded. Raises NotFound, Conflict."""
        folder = self.prepared(scope, dataset_id).folder
        return [name for name in DOWNLOADS if (folder / name).is_file()]

    def export(self, scope: Scope, dataset_id: str, split: str, format_name: str, suffix: str) -> Path:
        """Write a part in another format to a file of its own, which the caller removes. Raises NotFound, BadInput."""
        dataset = self.prepared(scope, dataset_id)
        if suffix not in EXPORTS:
            raise BadInput(f"No file type {suffix[:20]!r} is written.", f"Types: {', '.join(EXPORTS)}.")
        if format_name in READ_ONLY:
            raise BadInput(f"The format {format_name!r} is only read.", "Choose another one.")
        rows = EditedRows(dataset.folder)
        rows.base(split)
        target = dataset.folder / f".{EXPORT_PREFIX}{secrets.token_hex(6)}{suffix}"
        write_format(rows.records(split), target, format_name, lambda _: None)
        return target

    def delete(self, scope: Scope, dataset_id: str) -> None:
        """Delete a data set with its files. Raises NotFound, Conflict."""
        self._parts.datasets.delete(scope, dataset_id)
        self._traces.forget((scope.user_id, dataset_id))


@dataclass(frozen=True)
class SampleWanted:
    """How a preview is made: rows in all, the model in whose tokens lengths are told, its context in tokens."""

    rows: int = 1000
    tokenizer: str | None = None
    maximum: int | None = None
