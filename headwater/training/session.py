"""One run from its folder to its result: this is what the child process does, on each device."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import torch
from transformers import PrinterCallback, TrainingArguments, set_seed

from headwater.core.errors import BadInput, Conflict
from headwater.training import checkpoints
from headwater.training.base import Base, add_adapter, find_base, inner_model, load_model, number_type
from headwater.training.card import write_card
from headwater.training.config import ModelSection, TrainingConfig
from headwater.training.devices.launch import run_pid
from headwater.training.devices.parallel import parallel_arguments
from headwater.training.judging import Judge
from headwater.training.load_config import load_config
from headwater.training.loaded import Loaded
from headwater.training.loss import learn_in_forward
from headwater.training.memory import keep_saved_on_cpu, keep_within, multiply_in_fp8
from headwater.training.on_demand_tokenizer import OnDemandTokenizer
from headwater.training.preference.head import answer_in_forward
from headwater.training.preference.pairs import Pairs
from headwater.training.preference.reference import Interrupted
from headwater.training.preference.session import (
    form_of,
    in_form,
    measure_references,
    objective_of,
    preference_validation,
)
from headwater.training.preference.trainer import PairSteps, PreferenceTrainer
from headwater.training.preference.validation import PreferenceValidation
from headwater.training.progress import RunCallback, peak_memory_bytes
from headwater.training.rows.batches import BatchSettings, Layout, Schedule
from headwater.training.rows.prepare import Prepared, prepare_data, shown_tokens
from headwater.training.run_folder import RunFolder
from headwater.training.trackers import Tracking
from headwater.training.trainer import Steps, TokenTrainer
from headwater.training.validation import Validation, as_json

MICRO_TOKENS = 1024  # where no plan was made
OPTIMISERS = {"adamw": "adamw_torch", "adamw8bit": "adamw_bnb_8bit", "sgd": "sgd", "adafactor": "adafactor"}


def device_kind() -> str:
    """Where this process computes: cuda or cpu."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def layout_of(config: TrainingConfig, device: str) -> Layout:
    """Buckets on a CPU, packs on a GPU, unless the config says."""
    if config.data.packing == "auto":
        return "packed" if device == "cuda" else "buckets"
    return config.data.packing


def run(folder: RunFolder, base_path: Path | None = None) -> dict[str, Any]:
    """Train a run until it ends, is stopped or fails; go on from its last checkpoint if it has one.

    Returns the last state. Raises HeadwaterError; the folder tells the same.
    """
    config = load_config(folder.path / "config.yaml")
    threads = config.train.threads
    if threads is not None:
        torch.set_num_threads(threads)
    main = int(os.environ.get("RANK", "0")) == 0  # noqa: TID251 - torchrun says it only there
    if main:
        folder.set_state(state="preparing", pid=run_pid(), started=time.time(), error=None)
        # The next plan takes it for the memory of a process without a model.
        folder.set_state(runtime_bytes=peak_memory_bytes())
    keep_within(config, folder, device_kind())
    loaded = load_parts(config, folder, find_base(config.model.base, base_path), main)
    trainer, callback = make_trainer(loaded)
    start = checkpoints.latest(folder.checkpoints)
    if start is not None:
        _go_on(trainer, callback, loaded, start)
    if isinstance(trainer, PreferenceTrainer) and not _knows_reference(trainer, callback, loaded):
        return folder.state()
    if main:
        folder.set_state(state="running", steps=loaded.schedule.steps, pid=run_pid())
    trainer.train(resume_from_checkpoint=None if start is None else str(start))
    if main:
        _finish(trainer, callback, loaded)
    return folder.state()


def load_parts(config: TrainingConfig, folder: RunFolder, base: Base, main: bool = True) -> Loaded:
    """Read the data, load the model, decide the batches."""
    set_seed(config.train.seed)
    device = device_kind()
    layout = layout_of(config, device)
    plan = folder.read_json("plan.json") or {}
    asked = config.memory.checkpointing
    recompute = asked == "on" or (asked == "auto" and bool(plan.get("checkpointing")))
    words = OnDemandTokenizer(base)
    with words.in_memory() as tokenizer:
        prepared = prepare_data(config, tokenizer)
        _same_data(folder, prepared)
        model = None
        if config.compares:
            # Whether a prompt can be shared is asked of the model, and batches depend on it.
            model = prepare_model(config, base, device, layout, recompute)
            prepared = in_form(prepared, form_of(config, model, prepared, layout, folder if main else None))
        micro = config.train.micro_tokens or plan.get("micro_tokens") or MICRO_TOKENS
        settings = BatchSettings(config.train.tokens_per_step, int(micro), layout, config.train.seed)
        schedule = Schedule(prepared.train, settings, config.train.epochs, config.train.max_steps)
        if main:
            _write_data(folder, prepared, schedule, tokenizer)
    if model is None:
        model = prepare_model(config, base, device, layout, recompute)
    kind = number_type(config.model.precision, device) if base.kind != "tiny" else next(model.parameters()).dtype
    return Loaded(config, folder, base, words, prepared, model, schedule, layout, settings, kind)


def _write_data(folder: RunFolder, prepared: Prepared, schedule: Schedule, tokenizer: Any) -> None:
    folder.write_json("data.json", prepared.account)
    first = tuple(row for batch in schedule[0].micro_batches for row in batch.rows)
    folder.write_json("first_batch.json", shown_tokens(prepared.train, first, tokenizer))
    told = f"{prepared.account['kept']:,} rows, {prepared.account['target_tokens']:,} learned tokens"
    folder.event("data", f"{told}, {schedule.steps:,} steps")


def prepare_model(
    config: TrainingConfig, base: Base, device: str, layout: Layout = "buckets", recompute: bool = False
) -> Any:
    """Load the base, put the adapter on, let its forward pass give the loss. `recompute` makes activations twice."""
    section = config.model
    if config.adapter.type == "full" and section.precision == "auto":
        # Weights that learn are held in 32 bits; the products are still made in 16 where that is fast.
        section = ModelSection(**{**section.model_dump(), "precision": "fp32"})
    attention: str = "sdpa" if section.attention == "auto" else section.attention
    if attention == "varlen" or (section.attention == "auto" and layout == "packed" and device == "cuda"):
        from headwater.training.attention import register_varlen

        attention = register_varlen()
    base_model = load_model(base, section, device, attention, scored=config.task == "reward")
    model = add_adapter(base_model, config.adapter, section.adapter_from, section.quantize != "none")
    inner = inner_model(model)
    if config.memory.fp8:
        multiply_in_fp8(inner)
    if recompute:
        inner.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        inner.enable_input_require_grads()
    if config.compares:
        answer_in_forward(inner)
    if config.task != "reward":
        learn_in_forward(inner)
    if config.memory.offload == "cpu" and config.parallel.strategy == "ddp":
        keep_saved_on_cpu(inner, pinned=device == "cuda")
    return model


def _same_data(folder: RunFolder, prepared: Prepared) -> None:
    before = folder.read_json("data.json")
    if before is None or checkpoints.latest(folder.checkpoints) is None:
        return
    if before["digest"] == prepared.account["digest"]:
        return
    changed = [
        source["path"]
        for source, old in zip(prepared.account["sources"], before["sources"], strict=False)
        if source["sha256"] != old["sha256"]
    ]
    what = ", ".join(changed) or "other tokens come out"
    raise Conflict(
        f"The data of {folder.name!r} changed since its last checkpoint: {what}",
        "Put the old files back to resume, or start a new run; the checkpoint is untouched.",
    )


def make_trainer(loaded: Loaded) -> tuple[TokenTrainer, RunCallback]:
    """Build the trainer and what it tells."""
    config, folder = loaded.config, loaded.folder
    callback = RunCallback(config, folder, loaded.schedule.steps, len(loaded.prepared.valid) > 0)
    validation = _validation(loaded)

    def validate(trainer: Any) -> dict[str, float]:
        metrics, samples = validation.run(trainer)
        callback.validated(trainer.state.global_step, metrics, as_json(samples), trainer.control)
        return metrics

    def steps(rank: int, world: int) -> Steps | PairSteps:
        rows, pad = loaded.prepared.train, loaded.tokenizer.pad_token_id
        if isinstance(rows, Pairs):
            return PairSteps(rows, loaded.schedule, pad, rank, world)
        return Steps(rows, loaded.schedule, loaded.layout, pad, rank, world)

    given = (steps, folder, loaded.number_type, validate, config.data.workers)
    settings = {
        "model": loaded.model,
        "args": arguments(config, folder, loaded.schedule.steps),
        "callbacks": [callback, Tracking(config, folder)],
        "train_dataset": steps(0, 1),
    }
    if isinstance(validation, PreferenceValidation):
        objective = objective_of(config, loaded.prepared.train, loaded.tokenizer.pad_token_id)
        trainer: TokenTrainer = PreferenceTrainer(objective, validation, *given, **settings)
    else:
        trainer = TokenTrainer(*given, **settings)
    trainer.remove_callback(PrinterCallback)
    callback.trainer, callback.is_main = trainer, trainer.args.process_index == 0
    return trainer, callback


def _validation(loaded: Loaded) -> Validation:
    section, valid = loaded.config.eval, loaded.prepared.valid
    judge = Judge(section.judge) if section.judge and "judge" in section.metrics else None
    if isinstance(valid, Pairs):
        return preference_validation(loaded, judge)
    return Validation(
        valid, loaded.prepared.valid_rows, loaded.prepared.template, loaded.tokenizer, section, loaded.layout,
        loaded.settings.micro_tokens, judge,
    )  # fmt: skip


def arguments(config: TrainingConfig, folder: RunFolder, steps: int) -> TrainingArguments:
    """Return transformers' settings for our config."""
    train = config.train
    return TrainingArguments(
        output_dir=str(folder.checkpoints),
        max_steps=steps,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=1,
        learning_rate=train.lr,
        lr_scheduler_type=train.schedule,
        lr_scheduler_kwargs={"min_lr_rate": 0.1} if train.schedule == "cosine_with_min_lr" else {},
        warmup_steps=round(train.warmup * steps),
        optim=OPTIMISERS[train.optimizer],
        weight_decay=train.weight_decay,
        max_grad_norm=train.clip or float("inf"),
        neftune_noise_alpha=train.neftune or None,
        seed=train.seed,
        use_cpu=device_kind() == "cpu",
        # Our own callback decides when to log, validate and save.
        logging_strategy="no",
        eval_strategy="no",
        save_strategy="no",
        logging_nan_inf_filter=False,
        report_to="none",  # see trackers.py: theirs end the run when they fail
        torch_compile=train.compile,
        remove_unused_columns=False,
        disable_tqdm=True,
        dataloader_pin_memory=False,
        average_tokens_across_devices=False,
        ddp_find_unused_parameters=False,
        push_to_hub=False,
        **parallel_arguments(config),
    )


def _go_on(trainer: TokenTrainer, callback: RunCallback, loaded: Loaded, start: Path) -> None:
    step = checkpoints.step_of(start)
    loaded.folder.cut_metrics(step)
    trainer.targets_seen = int((start / "targets_seen").read_text("utf-8"))
    lines = [line for line in loaded.folder.lines("metrics.jsonl") if "seconds" in line]
    callback.resume(lines[-1]["seconds"] if lines else 0.0, loaded.folder.state().get("best"))
    loaded.folder.event("resume", f"goes on after step {step}")


def _knows_reference(trainer: PreferenceTrainer, callback: RunCallback, loaded: Loaded) -> bool:
    """Measure what the model says before it learns; return False when the run was told to end meanwhile."""
    try:
        measure_references(trainer, loaded.config, loaded.schedule)
    except Interrupted as told:
        if callback.is_main:
            state = "paused" if told.word == "pause" else "stopped"
            loaded.folder.event(state, f"{state} before the first step")
            loaded.folder.set_state(state=state, pid=None)
        return False
    return True


def _finish(trainer: TokenTrainer, callback: RunCallback, loaded: Loaded) -> None:
    folder = loaded.folder
    if callback.ended in ("paused", "stopped"):
        folder.event(callback.ended, f"{callback.ended} after step {trainer.state.global_step}")
        folder.set_state(state=callback.ended, pid=None)
        if callback.ended == "paused" or checkpoints.latest(folder.checkpoints) is None:
            return
    chosen = checkpoints.best(folder.checkpoints) if loaded.config.save.final == "best" else None
    chosen = chosen or checkpoints.latest(folder.checkpoints)
    if chosen is None:
        raise BadInput("The run ended before its first step", "Raise train.epochs or train.max_steps.")
    result = keep_result(loaded, chosen)
    write_card(loaded.config, folder, loaded.base.name, loaded.prepared.account)
    state = "done" if callback.ended == "done" else "stopped"
    folder.event(state, f"{result.name}/ comes from step {checkpoints.step_of(chosen)}")
    folder.set_state(state=state, pid=None, result=result.name, peak_memory_bytes=peak_memory_bytes())


def keep_result(loaded: Loaded, checkpoint: Path) -> Path:
    """Copy the chosen weights out of their checkpoint, with tokenizer, template and a note of the base."""
    full = loaded.config.adapter.type == "full"
    target = loaded.folder.path / ("model" if full else "adapter")
    writing = target.with_name(f".{target.name}")
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir()
    for path in checkpoint.iterdir():
        if path.suffix in (".safetensors", ".json") and path.name != "trainer_state.json":
            shutil.copy2(path, writing / path.name)
    with loaded.tokenizer.in_memory() as tokenizer:
        tokenizer.chat_template = loaded.prepared.template.source
        tokenizer.save_pretrained(writing)
        if full and loaded.config.task != "reward":
            _stop_token(writing, tokenizer)
    (writing / "template.jinja").write_text(loaded.prepared.template.source, "utf-8")
    config, data = loaded.config, loaded.config.data
    note: dict[str, Any] = {"base": config.model.base, "template": data.template, "run": loaded.folder.name}
    note |= {"task": config.task, "max_length": data.max_length}
    RunFolder(writing).write_json("headwater.json", note)
    shutil.rmtree(target, ignore_errors=True)
    writing.rename(target)
    return target


def _stop_token(folder: Path, tokenizer: Any) -> None:
    from transformers import GenerationConfig

    config: Any = GenerationConfig
    config(eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id).save_pretrained(folder)
