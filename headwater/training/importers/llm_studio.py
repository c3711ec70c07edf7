"""A config of H2O LLM Studio (the YAML its experiments keep and its command takes) as one of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.training.importers.taking import Taking, name_from
from headwater.training.results import flat

TASKS = {
    "text_causal_language_modeling": "sft", "text_dpo_modeling": "dpo", "text_kto_modeling": "kto"
}  # fmt: skip
DTYPES = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}
BITS = {"int8": "8bit", "int4": "4bit"}
METRICS = {"bleu": "bleu", "perplexity": "perplexity"}
OPTIMISERS = {"adamw": "adamw", "adamw8bit": "adamw8bit", "sgd": "sgd"}
SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant"}
MARKS = {"dataset.text_prompt_start": "<|prompt|>", "dataset.text_answer_separator": "<|answer|>"}
WHY = {
    "training.batch_size": "a step is measured in learned tokens here (train.tokens_per_step), not in rows",
    "training.grad_accumulation": "a step is measured in learned tokens here (train.tokens_per_step), not in rows",
    "training.warmup_epochs": "the warm-up is a share of the steps here; set train.warmup",
    "training.loss_function": "the loss is the mean over learned tokens",
    "training.lora_unfreeze_layers": "beside the adapter nothing learns",
    "environment.trust_remote_code": "code that comes with a model is never run",
    "environment.gpus": "all GPUs are used; set parallel.devices for fewer",
    "logging.logger": "nothing is sent unless you ask again: set track.to",
    "prediction.metric_gpt_model": "a judge is named by its address: eval.judge",
    "prediction.metric_gpt_template": "the judge has one template",
    "architecture.pretrained_weights": "a checkpoint of weights is no adapter; name a base, or model.adapter_from",
}


def from_llm_studio(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return our values, and what was not carried over with its reason."""
    taking = Taking({key: value for key, value in flat(values).items() if not key.rpartition(".")[2].startswith("_")})
    taking.keep("llm_backbone", "model.base")
    taking.choose("problem_type", "task", TASKS)
    name = name_from(str(taking.get("experiment_name", "") or taking.get("output_directory", "")))
    taking.get("output_directory")
    if name is not None:
        taking.set("name", name)
    _data(taking)
    _model(taking)
    _training(taking)
    taking.choose("prediction.metric", "save.best", METRICS)
    if taking.made.get("save.best"):
        taking.set("eval.metrics", list(dict.fromkeys(("perplexity", taking.made["save.best"]))))
    taking.keep("prediction.max_length_inference", "eval.sample_tokens")
    for key, why in WHY.items():
        taking.leave(key, why)
    return taking.finish()


def _data(taking: Taking) -> None:
    prompts = taking.get("dataset.prompt_column", "instruction")
    columns = [prompts] if isinstance(prompts, str) else list(prompts)
    mapping = {"question": columns[0]}
    if len(columns) > 1:
        mapping["context"] = columns[1]
    if len(columns) > 2:
        taking.leave("dataset.prompt_column", f"a question has two columns at most; {', '.join(columns[2:])} is left")
    answer = taking.get("dataset.answer_column", "output")
    rejected = taking.get("dataset.rejected_answer_column")
    mapping |= {"chosen": answer, "rejected": rejected} if rejected else {"answer": answer}
    if (system := taking.get("dataset.system_column")) and system != "None":
        mapping["system"] = system
    parent = taking.get("dataset.parent_id_column")
    train: dict[str, Any] = {"path": str(taking.get("dataset.train_dataframe", ""))}
    if parent and parent != "None":
        train["format"] = "llm_studio"  # its columns are told by their usual names
        usual = {"question": "instruction", "answer": "output"}
        odd = [f"{field}: {column}" for field, column in mapping.items() if usual.get(field, column) != column]
        if odd:
            taking.leave("dataset.parent_id_column", f"trees have the columns instruction, output; rename {odd}")
    else:
        train["mapping"] = mapping
    taking.get("dataset.id_column")
    taking.set("data.train", [train])
    other = taking.get("dataset.validation_dataframe")
    if taking.get("dataset.validation_strategy") == "custom" and other and other != "None":
        taking.set("data.valid", [{**train, "path": str(other)}])
    else:
        taking.keep("dataset.validation_size", "data.valid")
    taking.keep("tokenizer.max_length", "data.max_length")
    if taking.get("dataset.mask_prompt_labels") is False:
        taking.set("data.learn_on", "all")
    elif taking.get("dataset.only_last_answer"):
        taking.set("data.learn_on", "last")
    for key, plain in MARKS.items():
        taking.leave(key, f"turns are written by a template here (data.template); {plain} needs a .jinja file")
    for key in ("system", "prompt", "answer"):
        taking.get(f"dataset.add_eos_token_to_{key}")


def _model(taking: Taking) -> None:
    dtype = taking.get("architecture.backbone_dtype")
    if dtype in BITS:
        taking.set("model.quantize", BITS[dtype])
    else:
        taking.choose("architecture.backbone_dtype", "model.precision", DTYPES)
    if (checkpointing := taking.get("architecture.gradient_checkpointing")) is not None:
        taking.set("memory.checkpointing", "on" if checkpointing else "off")
    taking.choose("training.attention_implementation", "model.attention", {"auto": "auto", "eager": "eager",
                                                                           "sdpa": "sdpa"})  # fmt: skip
    taking.get("architecture.pretrained")
    if taking.get("training.lora") is False:
        taking.set("adapter.type", "full")
    for theirs, ours in (("r", "r"), ("alpha", "alpha"), ("dropout", "dropout")):
        taking.keep(f"training.lora_{theirs}", f"adapter.{ours}")
    taking.keep("training.use_dora", "adapter.dora")
    taking.keep("training.use_rslora", "adapter.rslora")
    if targets := taking.get("training.lora_target_modules"):
        taking.set("adapter.targets", str(targets).replace(" ", ""))


def _training(taking: Taking) -> None:
    for theirs, ours in (
        ("training.epochs", "train.epochs"), ("training.learning_rate", "train.lr"),
        ("training.weight_decay", "train.weight_decay"), ("training.gradient_clip", "train.clip"),
        ("augmentation.neftune_noise_alpha", "train.neftune"), ("environment.compile_model", "train.compile"),
        ("environment.number_of_workers", "data.workers"), ("training.beta", "preference.beta"),
    ):  # fmt: skip
        taking.keep(theirs, ours)
    seed = taking.get("environment.seed")
    if isinstance(seed, int) and seed >= 0:
        taking.set("train.seed", seed)
    taking.choose("training.optimizer", "train.optimizer", OPTIMISERS)
    if taking.get("training.min_learning_rate_ratio"):
        taking.leave("training.min_learning_rate_ratio", "schedule cosine_with_min_lr goes down to a tenth")
    taking.choose("training.schedule", "train.schedule", SCHEDULES)
    epochs, every = taking.get("training.epochs", 1), taking.get("training.evaluation_epochs")
    if every and epochs:
        taking.set("eval.every", min(0.999999, round(every / epochs, 6)))
        taking.set("save.every", taking.made["eval.every"])
    taking.choose("training.save_checkpoint", "save.final", {"best": "best", "last": "last"})
    if taking.get("environment.use_deepspeed"):
        taking.set("parallel.strategy", "deepspeed")
    taking.get("environment.mixed_precision"), taking.get("environment.mixed_precision_dtype")
