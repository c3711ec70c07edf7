"""The nouns of fine-tuning in the HTTP API."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from headwater.server.shapes import In, Out

RunState = Literal["queued", "preparing", "running", "pausing", "paused", "stopping", "stopped", "done", "failed"]
Form = Literal["adapter", "adapter_gguf", "merged", "gguf"]


class ConfigIn(In):
    """A config, as values or as a YAML text."""

    config: dict[str, Any] | None = None
    yaml: str | None = Field(None, max_length=200_000)


class ConfigOut(Out):
    """A checked config with every default, as values and as the YAML that the command line takes."""

    config: dict[str, Any]
    yaml: str


class TrainingFormOut(Out):
    """What a new run can be made of: the JSON Schema of a config, bases, your files and data sets."""

    form: dict[str, Any] = Field(description="JSON Schema of a config.")
    bases: list[str]
    files: list[str] = Field(description="Names of uploaded files; a config calls one file:NAME.")
    datasets: list[str] = Field(description="Names of prepared data sets; a config calls one dataset:NAME.")
    installed: bool = Field(description="Whether the extra that trains is installed here.")
    gpu: str | None = Field(description="The GPU that would be used.")
    threads: int


class PlanOut(Out):
    """What a run will take. Sizes in bytes, times in seconds; None where it cannot be told before."""

    parts: dict[str, float]
    peak_bytes: float
    fits: bool
    micro_tokens: int | None
    steps: int | None
    seconds: float | None
    disk_bytes: float
    sentence: str
    advice: list[str] = Field(default_factory=list, description="What would make it fit.")


class TokenOut(Out):
    """A token, and whether it is learned."""

    text: str
    id: int
    learned: bool


class TokenRowOut(Out):
    """A row as tokens."""

    row: str
    tokens: list[TokenOut]


class TurnOut(Out):
    """A message of a row."""

    role: str
    content: str


class TokenPreviewRowOut(TokenRowOut):
    """A row as it was read and as the model sees it. `length` in tokens."""

    turns: list[TurnOut]
    length: int


class TokensPreviewOut(Out):
    """The first rows of the data as they will be learned, and their lengths in tokens."""

    rows: list[TokenPreviewRowOut]
    read: int
    whole: bool = Field(description="Whether these are all rows.")
    kept: int
    refused: dict[str, int] = Field(description="Rows that cannot be learned, by reason.")
    longest: int
    mean: float
    max_length: int
    too_long: int
    learned_share: float
    edges: list[int]
    counts: list[int]


class BestOut(Out):
    """The best validation so far."""

    metric: str
    value: float
    step: int


class RunErrorOut(Out):
    """Why a run failed, and what to do."""

    message: str
    hint: str | None


class RunOut(Out):
    """A training run and how far it is."""

    name: str
    state: RunState
    base: str
    step: int
    steps: int | None
    epoch: float | None
    loss: float | None
    tokens: int | None = Field(description="Learned tokens so far.")
    tokens_per_second: float | None
    seconds: float | None
    eta_seconds: float | None
    peak_memory_bytes: float | None
    best: BestOut | None
    error: RunErrorOut | None
    job_id: str | None
    served: str | None = Field(description="The model that it is asked as.")
    sweep: str | None = Field(description="The grid it is a point of.")
    differs: str
    created: float


class ExportOut(Out):
    """A form in which the result can be taken away."""

    form: Form
    ready: bool
    size: int | None


class RunDetail(RunOut):
    """A run with its plan, what became of its data, and what can be taken away."""

    plan: dict[str, Any] | None
    data: dict[str, Any] | None
    exports: list[ExportOut]
    card: str | None = Field(description="The model card, in Markdown.")


class PointOut(Out):
    """What a step told."""

    step: int
    epoch: float
    tokens: int
    seconds: float
    loss: float
    lr: float
    grad_norm: float | None
    tokens_per_second: float
    memory_bytes: float


class MetricsOut(Out):
    """Metrics after a step. A validation is {step, loss, perplexity, ...}."""

    train: list[PointOut]
    validation: list[dict[str, float]]


class AnsweredRowOut(Out):
    """A validation row answered."""

    row: str
    prompt: str
    expected: str
    answer: str
    loss: float | None
    scores: dict[str, float]
    stopped: bool


class SamplesOut(Out):
    """Answers written after `step`; `steps` are those that have some."""

    step: int | None
    steps: list[int]
    rows: list[AnsweredRowOut]


class RunEventOut(Out):
    """Something that happened."""

    time: float
    kind: str
    text: str


class LogOut(Out):
    """What happened, and the end of what the process printed."""

    events: list[RunEventOut]
    text: str


class GpuLoadOut(Out):
    """What a GPU does now."""

    busy: float = Field(description="From 0 to 1.")
    memory_bytes: float
    whole_bytes: float


class ResourcesOut(Out):
    """What the training process takes now, and the machine beside it."""

    at_work: bool
    memory_bytes: float | None
    cores: float | None = Field(description="Cores in use; None at the first look.")
    machine_cores: int
    machine_load: float = Field(description="Load of the whole machine, average of the last minute.")
    gpu: str | None
    gpus: list[GpuLoadOut] = Field(description="Load of each GPU, where its driver tells.")


class CurveOut(Out):
    """The metrics of one of the compared runs."""

    run: RunOut
    metrics: MetricsOut


class DifferenceOut(Out):
    """A key in which the configs differ, with the value of each run."""

    key: str
    values: list[str]


class CompareOut(Out):
    """Several runs side by side."""

    curves: list[CurveOut]
    differences: list[DifferenceOut]


class ExportIn(In):
    """The form to make."""

    form: Form
