"""The nouns of the Data Studio in the HTTP API."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headwater.server.shapes import In, Out
from headwater.storage.datasets import DatasetInfo

DatasetState = Literal["draft", "preparing", "ready", "failed"]
Label = Literal["relevant", "not_relevant", "none"]


class TextOut(Out):
    """A text of a row. `field` is system, context, user, assistant, tool, completion, chosen or rejected."""

    field: str
    text: str


class BadRowOut(Out):
    """A row that cannot be read, and why."""

    file: str
    row: int
    reason: str
    excerpt: str


class SourceOut(Out):
    """A file of rows."""

    id: str
    name: str
    size: int = Field(description="Bytes.")
    created: float
    origin: str = Field("", description="Address, query or model it came from; empty for an upload.")


class SampleOut(Out):
    """A record as it was read."""

    id: str
    task: str
    texts: list[TextOut]


class LookOut(Out):
    """What the first rows of a file hold. Without a `format` a mapping is needed; `mapping` is then a guess."""

    name: str
    format: str | None
    title: str | None
    detected: bool
    share: float | None = Field(description="Share of rows that fit the format.")
    others: list[str]
    columns: list[str]
    mapping: dict[str, str]
    rows: int
    records: int
    whole: bool = Field(description="Whether the file was read to its end; else these are its first rows.")
    samples: list[SampleOut]
    raw: list[dict[str, str]] = Field(description="The first rows by column, as they stand in the file.")
    tasks: dict[str, int]
    bad: int
    bad_rows: list[BadRowOut]
    problem: str | None


class LookIn(In):
    """How to read the file; told by its fields when nothing is given."""

    format: str | None = None
    mapping: dict[str, str] = Field(default_factory=dict, max_length=20)
    text_unit: Literal["line", "paragraph", "file"] = "line"


class StepOut(Out):
    """A step that a recipe may have. `options` is its JSON Schema."""

    name: str
    title: str
    stage: Literal["mix", "clean", "quality", "convert", "fit"]
    summary: str
    description: str
    options: dict[str, Any]
    file_options: list[str] = Field(description="Options that name uploaded files.")
    model_options: list[str] = Field(description="Options that name a model whose tokens are counted.")
    note: str | None = Field(description="What cannot be used here, and why.")


class TaskOut(Out):
    """What a set teaches, with the steps to begin with."""

    name: str
    title: str
    about: str
    needs: list[str]
    format: str
    steps: list[str | dict[str, Any]]


class FormatOut(Out):
    """A format of rows. `nested` ones do not fit a table such as CSV."""

    name: str
    title: str
    tasks: list[str]
    written: bool
    nested: bool


class CatalogueOut(Out):
    """Everything that can be chosen."""

    stages: list[str]
    steps: list[StepOut]
    tasks: list[TaskOut]
    formats: list[FormatOut]
    tokenizers: list[str] = Field(description="Models whose tokens can be counted.")


class SummaryOut(Out):
    """The counts of the last run. `edited`, `relevant`, `not_relevant`: rows corrected or labelled by hand since."""

    rows_in: int
    rows_out: int
    rows_dropped: int
    rows_quarantined: int
    rows_added: int
    balanced: bool
    seconds: float
    format: str
    splits: dict[str, int]
    bytes: int
    edited: int
    relevant: int
    not_relevant: int


class DatasetOut(Out):
    """A data set. `changed`: the recipe is not the one that its files were made by."""

    id: str
    name: str
    state: DatasetState
    recipe: dict[str, Any]
    job_id: str | None
    summary: SummaryOut | None
    prepared: float | None
    changed: bool
    error: str | None
    hint: str | None
    created: float
    updated: float

    @classmethod
    def of(cls, info: DatasetInfo) -> DatasetOut:
        """Read a data set; where its folder is stays inside."""
        return cls.model_validate(info)


class DatasetIn(In):
    """A new data set."""

    name: str = Field(max_length=1000)
    recipe: dict[str, Any] | None = None


class DatasetChange(In):
    """Another name, another recipe."""

    name: str | None = Field(default=None, max_length=1000)
    recipe: dict[str, Any] | None = None


class PreviewIn(In):
    """The recipe to try, and how many rows to try it on. `tokenizer`: the model in whose tokens lengths are told."""

    recipe: dict[str, Any]
    rows: int = Field(1000, ge=1, le=5000)
    tokenizer: str | None = None
    maximum: int | None = Field(None, ge=1, description="Tokens that fit; rows over it are counted.")


class RecipeIn(In):
    """A recipe."""

    recipe: dict[str, Any]


class RecipeText(In):
    """A recipe file."""

    yaml: str


class StepCountOut(Out):
    """What a step does to the sample."""

    place: int
    name: str
    title: str
    rows_in: int
    rows_out: int
    dropped: int
    changed: int
    added: int
    reasons: dict[str, int]


class CountsOut(Out):
    """The steps' lines under the thresholds that were asked about."""

    steps: list[StepCountOut]


class SliderOut(Out):
    """A threshold that can be moved without measuring again; `value` None while it is off."""

    place: int
    step: str
    option: str
    label: str
    statistic: str
    bound: Literal["minimum", "maximum"]
    value: float | None
    low: float
    high: float
    whole: bool
    edges: list[float]
    counts: list[int]


class ChangeOut(Out):
    """A text before and after a step."""

    place: int
    step: str
    field: str
    before: str
    after: str


class FateOut(Out):
    """Where a row was dropped, why, and the value that decided."""

    place: int
    step: str
    reason: str
    value: str | None


class PreviewRowOut(Out):
    """A row on its way through the steps."""

    number: int
    id: str
    file: str
    row: int
    task: str
    before: list[TextOut]
    after: list[TextOut]
    changes: list[ChangeOut]
    dropped: FateOut | None


class LengthsOut(Out):
    """How long the kept rows are."""

    unit: Literal["tokens", "words"]
    edges: list[float]
    counts: list[int]
    rows: int
    median: float
    nine_of_ten: float
    most: float
    total: float
    over: int | None = Field(description="Rows above the maximum that was asked about.")


class PreviewOut(Out):
    """A sample taken through the recipe; nothing is written."""

    rows: int
    bad: int
    bad_rows: list[BadRowOut]
    kept: int
    steps: list[StepCountOut]
    sliders: list[SliderOut]
    samples: list[PreviewRowOut]
    lengths: LengthsOut | None


class RowOut(Out):
    """A row of a prepared data set. `relevant` is what a person said; `cut`: a text is longer than shown."""

    number: int
    id: str
    task: str
    file: str
    row: int
    score: float | None
    language: str | None
    texts: list[TextOut]
    cut: bool
    relevant: bool | None
    edited: bool


class LabelCounts(Out):
    """Rows that a person worked on."""

    edited: int
    relevant: int
    not_relevant: int


class RowsOut(Out):
    """Some rows, and how many there are in all."""

    rows: list[RowOut]
    total: int
    splits: list[str]
    counts: LabelCounts


class TextChange(In):
    """A new text; `place` counts the row's texts from 0."""

    place: int = Field(ge=0)
    text: str


class RowChange(In):
    """What to do to a row; what is not given stays."""

    label: Label | None = None
    texts: list[TextChange] = Field(default_factory=list, max_length=1000)


class DroppedRowOut(Out):
    """A row that the run left out."""

    place: int
    step: str
    reason: str
    value: str | None
    id: str
    file: str
    row: int
    texts: list[TextOut]


class DroppedOut(Out):
    """Some of the rows that the run left out."""

    rows: list[DroppedRowOut]
    total: int


class FilesOut(Out):
    """Files that can be downloaded."""

    names: list[str]


class YamlOut(Out):
    """A recipe as a file."""

    yaml: str
