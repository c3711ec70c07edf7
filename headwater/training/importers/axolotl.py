"""A config of axolotl (https://docs.axolotl.ai/docs/config-reference.html) as one of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headwater.training.importers.common_keys import take_batch, take_common
from headwater.training.importers.taking import Taking

FORMATS = {"alpaca": "alpaca", "sharegpt": "sharegpt", "completion": "text", "input_output": None}
TEMPLATES = {"chatml": "chatml", "tokenizer_default": "tokenizer"}
TRACKERS = {"use_tensorboard": "tensorboard", "use_mlflow": "mlflow", "wandb_project": "wandb"}
TASKS = {"dpo": "dpo", "ipo": "dpo", "kto": "kto", "orpo": "orpo"}


def from_axolotl(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return our values, and what was not carried over with its reason."""
    taking = Taking(dict(values))
    taking.keep("base_model", "model.base")
    _data(taking)
    _adapter(taking)
    packed = bool(taking.get("sample_packing"))
    taking.keep("sequence_len", "data.max_length")
    if packed:
        taking.set("data.packing", "packed")
    take_batch(taking, "micro_batch_size", taking.get("sequence_len"), packed)
    take_common(taking, "optimizer", "lr_scheduler", "num_epochs")
    epochs = float(taking.get("num_epochs", 1))
    for key, ours in (("evals_per_epoch", "eval.every"), ("saves_per_epoch", "save.every")):
        if (count := taking.get(key)) and epochs:
            taking.set(ours, round(1 / (count * epochs), 6))
    taking.keep("early_stopping_patience", "eval.early_stop")
    taking.choose("chat_template", "data.template", TEMPLATES)
    if taking.get("train_on_inputs"):
        taking.set("data.learn_on", "all")
    if taking.get("fsdp") or taking.get("fsdp_config"):
        taking.set("parallel.strategy", "fsdp")
    if taking.get("deepspeed"):
        taking.set("parallel.strategy", "deepspeed")
        taking.leave("deepspeed", "ZeRO-3 with settings of our own is used; its file is not read")
    for key, tracker in TRACKERS.items():
        taking.leave(key, f"nothing is sent unless you ask again: add track: {{to: [{tracker}]}}")
    return taking.finish()


def _data(taking: Taking) -> None:
    taking.choose("rl", "task", TASKS)
    if taking.get("rl") == "ipo":
        taking.set("preference.loss", "ipo")
    taking.keep("rl_beta", "preference.beta")
    train = [_source(taking, number, each) for number, each in enumerate(taking.get("datasets", []))]
    taking.set("data.train", train)
    if tests := taking.get("test_datasets"):
        taking.set("data.valid", [_source(taking, number, each, "test_datasets") for number, each in enumerate(tests)])
    size = taking.get("val_set_size")
    if isinstance(size, int | float) and not tests:
        if 0 <= size < 1:
            taking.set("data.valid", float(size))
        else:
            taking.leave("val_set_size", "a share of the rows is set aside here, not a number; set data.valid")


def _source(taking: Taking, number: int, entry: Mapping[str, Any], key: str = "datasets") -> dict[str, Any]:
    path = entry.get("data_files") or entry.get("path", "")
    made: dict[str, Any] = {"path": path[0] if isinstance(path, list) else str(path)}
    kind = entry.get("type")
    if isinstance(kind, str) and FORMATS.get(kind.partition(".")[0]):
        made["format"] = FORMATS[kind.partition(".")[0]]
    if kind == "completion":
        taking.set("task", "pretrain")
    used = {"path", "data_files", "ds_type", "type", "field_messages", "message_property_mappings"}
    if (messages := entry.get("field_messages")) and messages not in ("messages", "conversations"):
        made["mapping"] = {"messages": messages}
    if isinstance(kind, str) and kind not in (
        "chat_template",
        "alpaca",
        "sharegpt",
        "completion",
        "chat_template.default",
    ):
        taking.left[f"{key}.{number}.type"] = f"{kind}: the format is told by the columns; give format or mapping"
    if "." not in made["path"]:
        taking.left[f"{key}.{number}.path"] = f"{made['path']} is no file; download it and name the file"
    for name, value in entry.items():
        if name not in used and value not in (None, "", False):
            taking.left[f"{key}.{number}.{name}"] = "rows are read whole, as their columns say"
    return made


def _adapter(taking: Taking) -> None:
    kind = taking.get("adapter")
    if kind not in (None, "", "lora", "qlora"):
        taking.leave("adapter", f"{kind} has no counterpart here; there are lora and full")
    if not kind:
        taking.set("adapter.type", "full")
    taking.keep("lora_r", "adapter.r")
    taking.keep("peft_use_dora", "adapter.dora")
    taking.keep("peft_use_rslora", "adapter.rslora")
    taking.keep("lora_model_dir", "model.adapter_from")
    modules = taking.get("lora_target_modules")
    linear = taking.get("lora_target_linear")
    if modules and not linear:
        taking.set("adapter.targets", modules if isinstance(modules, str) else ",".join(modules))
    if taking.get("load_in_4bit") or kind == "qlora":
        taking.set("model.quantize", "4bit")
    elif taking.get("load_in_8bit"):
        taking.set("model.quantize", "8bit")
