"""Keys that axolotl and LLaMA-Factory share, because both hand them to transformers' TrainingArguments."""

from __future__ import annotations

from headwater.training.importers.taking import Taking, name_from

OPTIMISERS = {
    "adamw_torch": "adamw", "adamw_torch_fused": "adamw", "adamw_hf": "adamw", "adamw": "adamw",
    "adamw_bnb_8bit": "adamw8bit", "adamw_8bit": "adamw8bit", "paged_adamw_8bit": "adamw8bit",
    "paged_adamw_32bit": "adamw", "sgd": "sgd", "adafactor": "adafactor",
}  # fmt: skip
SCHEDULES = {
    "cosine": "cosine", "linear": "linear", "constant": "constant", "constant_with_warmup": "constant",
    "cosine_with_min_lr": "cosine_with_min_lr",
}  # fmt: skip
ELSEWHERE = {
    "logging_steps": "every step is told",
    "overwrite_output_dir": "a run never writes over another one; give it another name",
    "dataset_prepared_path": "rows are read anew at each start",
    "dataset_processes": "rows are read by one process",
    "preprocessing_num_workers": "rows are read by one process",
    "flash_attention": "the attention is chosen by itself (model.attention)",
    "sdp_attention": "the attention is chosen by itself (model.attention)",
    "flash_attn": "the attention is chosen by itself (model.attention)",
    "ddp_timeout": "processes wait as long as it takes",
    "trust_remote_code": "code that comes with a model is never run",
    "plot_loss": "the page of a run draws its curves",
    "group_by_length": "rows of like length always go together",
    "tf32": "the number type is chosen by model.precision",
}


def take_common(taking: Taking, optimiser: str, schedule: str, epochs: str) -> None:
    """Take what both write, under the names that differ."""
    taking.keep(epochs, "train.epochs")
    taking.choose(optimiser, "train.optimizer", OPTIMISERS)
    taking.choose(schedule, "train.schedule", SCHEDULES)
    steps = taking.get("max_steps")
    if isinstance(steps, int) and steps > 0:
        taking.set("train.max_steps", steps)
    for theirs, ours in (
        ("learning_rate", "train.lr"), ("weight_decay", "train.weight_decay"), ("max_grad_norm", "train.clip"),
        ("seed", "train.seed"), ("neftune_noise_alpha", "train.neftune"), ("warmup_ratio", "train.warmup"),
        ("torch_compile", "train.compile"), ("save_total_limit", "save.keep"), ("lora_alpha", "adapter.alpha"),
        ("lora_dropout", "adapter.dropout"),
    ):  # fmt: skip
        taking.keep(theirs, ours)
    taking.leave("warmup_steps", "the warm-up is a share of the steps here; set train.warmup")
    for key, ours in (("eval_steps", "eval.every"), ("save_steps", "save.every")):
        if isinstance(taking.get(key), int | float):
            taking.keep(key, ours)
    if (checkpointing := taking.get("gradient_checkpointing")) is not None:
        taking.set("memory.checkpointing", "on" if checkpointing else "off")
    if taking.get("bf16") is True:
        taking.set("model.precision", "bf16")
    elif taking.get("fp16") is True:
        taking.set("model.precision", "fp16")
    taking.get("bf16"), taking.get("fp16")
    if (name := name_from(str(taking.get("output_dir", "")))) is not None:
        taking.set("name", name)
    for key, why in ELSEWHERE.items():
        taking.leave(key, why)


def take_batch(taking: Taking, rows_key: str, length: int | None, packed: bool) -> None:
    """A step is measured in learned tokens here. Packed rows are full, so there the number is known."""
    rows, times = taking.get(rows_key, 1), taking.get("gradient_accumulation_steps", 1)
    if packed and length and isinstance(rows, int) and isinstance(times, int):
        taking.set("train.tokens_per_step", rows * times * length)
        return
    why = "a step is measured in learned tokens here (train.tokens_per_step), not in rows"
    taking.leave(rows_key, why)
    taking.leave("gradient_accumulation_steps", why)
