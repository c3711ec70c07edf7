"""The training config: sections of fields, each written once; flags, form, checks and docs follow from here.

The sections are those of research/fine_tuning: what is learned (`data`), by which model (`model`, `adapter`),
how (`train`, `memory`, `parallel`), how it is judged (`eval`), what is kept (`save`, `export`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

S = TypeVar("S", bound="Section")
PREFERENCES = ("dpo", "kto", "orpo", "reward")  # tasks whose rows compare answers
WITH_REFERENCE = ("dpo", "kto")  # those that also ask what the model said before it learned
ONLINE = ("grpo", "rloo", "ppo")


class Section(BaseModel):
    """A part of the config. An unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _all_defaults(section: type[S]) -> Callable[[], S]:
    return lambda: section.model_validate({})


class ModelSection(Section):
    """The base model and how its weights are held."""

    base: str = Field(
        "gemma-270m",
        description="Base model: an installed model, a folder, a .gguf file, or 'tiny' (random, for tests).",
    )
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field("auto", description="Number type of the base weights.")
    quantize: Literal["none", "8bit", "4bit"] = Field("none", description="Hold the frozen base in fewer bits.")
    attention: Literal["auto", "sdpa", "eager", "varlen"] = Field("auto", description="Attention implementation.")
    adapter_from: str | None = Field(None, description="Go on from this adapter folder instead of a fresh one.")


class AdapterSection(Section):
    """Which weights learn."""

    type: Literal["lora", "full"] = Field("lora", description="A low-rank adapter, or every weight.")
    r: int = Field(16, ge=1, le=1024, description="Rank of the adapter.")
    alpha: int = Field(32, ge=1, description="Scale of the adapter; the update is multiplied by alpha / r.")
    dropout: float = Field(0.0, ge=0, lt=1, description="Dropout before the adapter.")
    targets: str = Field("all-linear", description="Layers that get an adapter: all-linear, or names with commas.")
    init: Literal["default", "pissa", "olora", "orthogonal"] = Field("default", description="How the adapter starts.")
    dora: bool = Field(False, description="Also learn the length of each weight column (DoRA).")
    rslora: bool = Field(False, description="Divide alpha by the square root of r (rsLoRA).")


class SourceEntry(Section):
    """One file of rows."""

    path: str = Field(description="File of rows: JSON, JSON Lines, CSV, Parquet, ... from the config's folder.")
    format: str | None = Field(None, description="Format of the rows; told by their fields when unset.")
    mapping: dict[str, str] = Field(default_factory=dict, description="Which column holds what, {field: column}.")
    weight: float = Field(1.0, gt=0, le=100, description="How often its rows are taken: 0.5 half, 2 twice.")
    licence: str | None = Field(None, description="Licence of the data; it goes onto the model card.")


class DataSection(Section):
    """Rows, template, and which tokens are learned."""

    train: tuple[SourceEntry, ...] = Field(min_length=1, description="Files to learn from.")
    valid: float | tuple[SourceEntry, ...] = Field(
        0.02, description="Files to validate on, or the share of training rows that is set aside."
    )
    template: str = Field("human_bot", description="human_bot, chatml, tokenizer (the model's own), or a .jinja file.")
    learn_on: Literal["assistant", "last", "all"] = Field(
        "assistant", description="Learn every answer, only the last one, or every token."
    )
    max_length: int = Field(1024, ge=8, description="Longest row in tokens.")
    overlong: Literal["drop", "truncate", "split", "error"] = Field(
        "drop", description="What becomes of a longer row. Truncating cuts the start of the conversation last."
    )
    max_dropped: float = Field(0.2, ge=0, le=1, description="Share of rows that may be dropped before it is an error.")
    packing: Literal["auto", "buckets", "packed"] = Field(
        "auto", description="Rows of like length in one batch (CPU), or packed without padding (GPU)."
    )
    workers: int = Field(0, ge=0, le=64, description="Processes that make batches ahead.")

    @model_validator(mode="after")
    def _share_is_a_share(self) -> DataSection:
        if isinstance(self.valid, float) and not 0 <= self.valid < 1:
            raise ValueError("valid is a share of the rows, from 0 to below 1, or a list of files")
        return self


class TrainSection(Section):
    """The optimisation."""

    epochs: float = Field(1.0, gt=0, description="How often the rows are seen.")
    max_steps: int | None = Field(None, ge=1, description="Stop after this many steps.")
    tokens_per_step: int = Field(2048, ge=1, description="Learned tokens of one optimiser step, over all devices.")
    micro_tokens: int | None = Field(
        None, ge=8, description="Tokens, padding included, that go through the model at once; planned when unset."
    )
    lr: float = Field(2e-4, gt=0, description="Highest learning rate.")
    schedule: Literal["cosine", "linear", "constant", "cosine_with_min_lr"] = Field(
        "cosine", description="Course of the learning rate after the warm-up."
    )
    warmup: float = Field(0.03, ge=0, lt=1, description="Share of the steps in which the learning rate rises.")
    optimizer: Literal["adamw", "adamw8bit", "sgd", "adafactor"] = Field("adamw", description="The optimiser.")
    weight_decay: float = Field(0.0, ge=0, description="Decay of the weights that learn.")
    clip: float = Field(1.0, ge=0, description="Largest length of the gradient; 0 leaves it as it is.")
    neftune: float = Field(0.0, ge=0, description="Noise on the embeddings while learning (NEFTune alpha).")
    seed: int = Field(1, ge=0, description="Seed of every choice.")
    threads: int | None = Field(None, ge=1, description="CPU threads; the workspace's setting when unset.")
    compile: bool = Field(False, description="Compile the model; slow to start, faster after.")


class PreferenceSection(Section):
    """How answers are compared: for the tasks dpo, kto, orpo and reward."""

    beta: float = Field(0.1, gt=0, description="How close the model stays to what it was (dpo, kto).")
    loss: Literal["sigmoid", "ipo"] = Field("sigmoid", description="Loss of dpo: sigmoid (DPO), or ipo.")
    wanted_weight: float = Field(1.0, gt=0, description="Weight of answers labelled as wanted (kto).")
    unwanted_weight: float = Field(1.0, gt=0, description="Weight of answers labelled as unwanted (kto).")
    odds_weight: float = Field(0.1, gt=0, description="Weight of the odds against the rejected answer (orpo).")
    centre: float = Field(0.0, ge=0, description="Pull of the scores towards zero (reward); 0.01 is usual.")
    shared_prompt: Literal["auto", "on", "off"] = Field(
        "auto", description="Compute the prompt once for both answers, where rows are not packed; auto tries it first."
    )


class MemorySection(Section):
    """What may be traded for memory. The plan chooses what is left at auto."""

    limit_gb: float | None = Field(None, gt=0, description="Memory the run may take; what is free when unset.")
    checkpointing: Literal["auto", "on", "off"] = Field("auto", description="Compute activations twice, store once.")
    offload: Literal["none", "cpu"] = Field("none", description="Keep saved activations in main memory (GPU only).")
    fp8: bool = Field(False, description="8-bit float matrix products (torchao, on GPUs that have them).")


class ParallelSection(Section):
    """More than one device."""

    strategy: Literal["ddp", "fsdp", "deepspeed"] = Field("ddp", description="How several devices share the work.")
    devices: int | None = Field(None, ge=1, description="Processes on this machine; one a GPU when unset.")
    nodes: int = Field(1, ge=1, description="Machines.")
    rendezvous: str | None = Field(None, description="host:port of the first machine, for several machines.")
    ray: str | None = Field(None, description="Address of a Ray cluster that starts the processes.")


class JudgeEntry(Section):
    """A chat model that scores answers; any URL that speaks OpenAI's HTTP."""

    url: str = Field(description="Address, for example http://127.0.0.1:7860/v1.")
    model: str = Field(description="Name of the judging model.")
    key_variable: str | None = Field(None, description="Environment variable that holds the API key.")


class EvalSection(Section):
    """Validation while it trains."""

    every: float = Field(0.25, gt=0, description="Validate after this share of the run, or after N steps when >= 1.")
    metrics: tuple[Literal["perplexity", "bleu", "chrf", "rouge", "exact", "judge"], ...] = Field(
        ("perplexity", "bleu"), description="What is measured."
    )
    samples: int = Field(8, ge=0, description="Validation rows whose answers are written and shown.")
    sample_tokens: int = Field(128, ge=1, description="Longest written answer.")
    early_stop: int | None = Field(None, ge=1, description="Stop after this many validations without a better one.")
    judge: JudgeEntry | None = Field(None, description="The judge, for the metric of that name.")


class SaveSection(Section):
    """What is kept."""

    every: float = Field(0.25, gt=0, description="Checkpoint after this share of the run, or after N steps when >= 1.")
    keep: int = Field(2, ge=1, description="Checkpoints kept besides the best one.")
    best: Literal["perplexity", "loss", "accuracy", "margin", "bleu", "chrf", "rouge", "exact", "judge"] = Field(
        "perplexity",
        description="The metric that chooses the best checkpoint; for preferences perplexity stands for the loss.",
    )
    final: Literal["best", "last"] = Field("best", description="Which checkpoint becomes the result.")


class TrackSection(Section):
    """Trackers, each its own package; nothing leaves the machine unless a remote one is named."""

    to: tuple[Literal["tensorboard", "mlflow", "wandb", "neptune"], ...] = Field(
        (), description="Where metrics go too."
    )


class TrainingConfig(Section):
    """A whole training config."""

    version: Literal[1] = Field(1, description="Version of this format.")
    name: str | None = Field(
        None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="Name of the run and of its adapter."
    )
    task: Literal["sft", "pretrain", "dpo", "kto", "orpo", "reward"] = Field(
        "sft",
        description="Learn answers (sft), text (pretrain), from pairs of answers (dpo, orpo), from labelled answers "
        "(kto), or to score answers (reward).",
    )
    model: ModelSection = Field(default_factory=_all_defaults(ModelSection), description="The base model.")
    adapter: AdapterSection = Field(default_factory=_all_defaults(AdapterSection), description="Which weights learn.")
    data: DataSection = Field(description="What is learned.")
    train: TrainSection = Field(default_factory=_all_defaults(TrainSection), description="The optimisation.")
    preference: PreferenceSection = Field(
        default_factory=_all_defaults(PreferenceSection), description="How answers are compared."
    )
    memory: MemorySection = Field(default_factory=_all_defaults(MemorySection), description="Memory.")
    parallel: ParallelSection = Field(default_factory=_all_defaults(ParallelSection), description="Devices.")
    eval: EvalSection = Field(default_factory=_all_defaults(EvalSection), description="Validation.")
    save: SaveSection = Field(default_factory=_all_defaults(SaveSection), description="Checkpoints.")
    track: TrackSection = Field(default_factory=_all_defaults(TrackSection), description="Trackers.")
    sweep: dict[str, tuple[Any, ...]] = Field(
        default_factory=dict, description="Grid: {section.key: [values]}; one run for each combination."
    )

    @property
    def compares(self) -> bool:
        """Whether rows hold answers that are compared."""
        return self.task in PREFERENCES

    @property
    def best_metric(self) -> str:
        """The metric that chooses the best checkpoint. Compared answers have no perplexity."""
        return "loss" if self.compares and self.save.best == "perplexity" else self.save.best

    @field_validator("task", mode="before")
    @classmethod
    def _is_offline(cls, value: object) -> object:
        if value in ONLINE:
            raise ValueError(
                f"{value} learns from answers it writes while it trains, which is not built; "
                "learn from pairs with dpo or orpo, from labelled answers with kto"
            )
        return value

    @model_validator(mode="after")
    def _can_compare(self) -> TrainingConfig:
        if not self.compares:
            if self.save.best in ("accuracy", "margin"):
                raise ValueError(
                    f"save.best: {self.save.best} is measured where answers are compared, not by {self.task}"
                )
            return self
        if self.data.overlong == "split":
            raise ValueError("data.overlong: split would tear compared answers apart; use drop, truncate or error")
        if self.parallel.strategy != "ddp":
            raise ValueError(f"parallel.strategy: {self.task} runs on one device or with ddp")
        if self.task == "reward" and self.save.best not in ("perplexity", "loss", "accuracy", "margin"):
            raise ValueError(f"save.best: a reward model writes no answers that {self.save.best} could judge")
        return self

    def placed(self, folder: Path) -> TrainingConfig:
        """Return the config with the paths of its files made absolute, starting at `folder`."""
        data = self.data
        valid = data.valid if isinstance(data.valid, float) else _placed(data.valid, folder)
        template = str((folder / data.template).absolute()) if data.template.endswith(".jinja") else data.template
        new = data.model_copy(update={"train": _placed(data.train, folder), "valid": valid, "template": template})
        return self.model_copy(update={"data": new})


def _placed(entries: tuple[SourceEntry, ...], folder: Path) -> tuple[SourceEntry, ...]:
    return tuple(entry.model_copy(update={"path": str((folder / entry.path).absolute())}) for entry in entries)
