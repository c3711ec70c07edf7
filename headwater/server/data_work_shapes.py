"""What is asked for and answered around a data set: rows from elsewhere, generated rows, thresholds of a run."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headwater.server.data_shapes import SliderOut, StepCountOut
from headwater.server.shapes import In, Out


class FetchIn(In):
    """Where rows lie: an `address`, or a data base `sql` with a `query`. `name`: what the file will be called."""

    address: str = Field(
        "", max_length=4000,
        description="https://; for an admin also s3://, gs://, abfs://, hf://, env:NAME, or a whole path here.",
    )  # fmt: skip
    sql: str | None = Field(None, max_length=4000, description="SQLAlchemy URL without a password, or env:NAME.")
    query: str | None = Field(None, max_length=100_000, description="SELECT whose rows are taken.")
    name: str | None = Field(None, max_length=200)


class GenerateIn(In):
    """What to make, of which collection or file, and how much it may cost."""

    kind: Literal["questions", "summaries", "evolve", "align"]
    collection_id: str | None = Field(None, description="Documents to ask about.")
    source_id: str | None = Field(None, description="An uploaded document, or rows for evolve and align.")
    mapping: dict[str, str] = Field(default_factory=dict, max_length=20, description="Which column holds what.")
    model: str | None = Field(None, description="Chat model; the default one when unset.")
    rows: int = Field(100, ge=1, le=100_000, description="Records at most.")
    requests: int | None = Field(None, ge=1, description="Requests to the model at most.")
    tokens: int | None = Field(None, ge=1, description="Generated tokens at most.")
    seed: int = Field(0, ge=0)


class MovedIn(In):
    """Another value for an option of the step at `place`; null switches the threshold off."""

    place: int = Field(ge=0)
    option: str = Field(max_length=100)
    value: float | None


class ThresholdsIn(In):
    """Thresholds of the last run that are to be other ones."""

    moved: list[MovedIn] = Field(default_factory=list, max_length=200)


class AllCountsOut(Out):
    """All rows of the last run, counted under other thresholds from what the run measured."""

    steps: list[StepCountOut]
    rows_out: int = Field(description="Rows that stay for sure.")
    unknown: int = Field(
        description="Rows that an earlier step had dropped; whether later ones keep them is not known."
    )
    exact: bool = Field(description="Whether no later step compares rows, which might then choose others.")


class ThresholdsOut(AllCountsOut):
    """The counts and every threshold that can be moved, with how all rows lie."""

    sliders: list[SliderOut]


class TotalOut(Out):
    """A total of two runs."""

    name: Literal["rows_in", "rows_out", "rows_dropped", "rows_quarantined"]
    before: int
    after: int


class ComparedLine(Out):
    """A step's line in one of the runs."""

    rows_in: int
    rows_out: int
    dropped: int
    changed: int
    reasons: dict[str, int]


class ComparedStep(Out):
    """A step in both runs; None where a run did not have it."""

    name: str
    before: ComparedLine | None
    after: ComparedLine | None


class Distribution(Out):
    """How the rows that stayed lie."""

    edges: list[float]
    counts: list[int]
    rows: int
    mean: float


class ComparedMeasure(Out):
    """What both runs measured."""

    step: str
    statistic: str
    before: Distribution
    after: Distribution


class ComparedOption(Out):
    """An option that the runs had differently."""

    step: str
    option: str
    before: Any
    after: Any


class ComparedOut(Out):
    """The last runs of two data sets side by side."""

    same: bool = Field(description="Whether no count differs.")
    totals: list[TotalOut]
    steps: list[ComparedStep]
    options: list[ComparedOption]
    histograms: list[ComparedMeasure]
