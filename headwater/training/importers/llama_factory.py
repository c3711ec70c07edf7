"""A config of LLaMA-Factory (its examples/*.yaml and data/README.md) as one of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headwater.training.importers.common_keys import take_batch, take_common
from headwater.training.importers.taking import Taking

TASKS = {"sft": "sft", "pt": "pretrain", "dpo": "dpo", "kto": "kto", "rm": "reward"}
KINDS = {"lora": "lora", "full": "full"}
TEMPLATES = {"qwen": "chatml", "chatml": "chatml"}
COLUMNS = {
    "prompt": "question", "query": "context", "response": "answer", "system": "system", "messages": "messages",
    "chosen": "chosen", "rejected": "rejected", "kto_tag": "label",
}  # fmt: skip
# Columns that are called so anyway; such rows are told by their fields.
USUAL = {"prompt": "instruction", "query": "input", "response": "output", "messages": "conversations"}


def from_llama_factory(values: Mapping[str, Any], folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Return our values, and what was not carried over. `folder` is where its paths begin."""
    taking = Taking(dict(values))
    taking.keep("model_name_or_path", "model.base")
    taking.keep("adapter_name_or_path", "model.adapter_from")
    taking.choose("stage", "task", TASKS)
    if taking.get("pref_loss") in ("orpo", "simpo"):
        taking.choose("pref_loss", "task", {"orpo": "orpo"})
    else:
        taking.choose("pref_loss", "preference.loss", {"sigmoid": "sigmoid", "ipo": "ipo"})
    taking.keep("pref_beta", "preference.beta")
    taking.get("do_train")
    _adapter(taking)
    _data(taking, folder)
    packed = bool(taking.get("packing") or taking.get("neat_packing"))
    taking.get("packing"), taking.get("neat_packing")
    if packed:
        taking.set("data.packing", "packed")
    taking.keep("cutoff_len", "data.max_length")
    take_batch(taking, "per_device_train_batch_size", taking.get("cutoff_len"), packed)
    taking.leave("per_device_eval_batch_size", "validation uses batches of the size of training")
    take_common(taking, "optim", "lr_scheduler_type", "num_train_epochs")
    taking.get("eval_strategy")
    template = taking.get("template")
    if template is not None:
        taking.set("data.template", TEMPLATES.get(template, "tokenizer"))
        if template not in TEMPLATES:
            taking.leave("template", f"{template}: the model's own template is taken; check it with the preview")
    if taking.get("train_on_prompt"):
        taking.set("data.learn_on", "all")
    elif taking.get("mask_history"):
        taking.set("data.learn_on", "last")
    if taking.get("deepspeed"):
        taking.set("parallel.strategy", "deepspeed")
        taking.leave("deepspeed", "ZeRO-3 with settings of our own is used; its file is not read")
    if taking.get("report_to") not in (None, "none", ["none"]):
        taking.leave("report_to", "nothing is sent unless you ask again: set track.to")
    return taking.finish()


def _adapter(taking: Taking) -> None:
    taking.choose("finetuning_type", "adapter.type", KINDS)
    taking.keep("lora_rank", "adapter.r")
    if "lora_rank" in taking.flat and taking.flat.get("lora_alpha") is None:
        taking.set("adapter.alpha", int(taking.flat["lora_rank"]) * 2)  # its default
    taking.keep("use_dora", "adapter.dora")
    taking.keep("use_rslora", "adapter.rslora")
    if taking.get("pissa_init"):
        taking.set("adapter.init", "pissa")
    targets = taking.get("lora_target")
    if targets is not None:
        taking.set("adapter.targets", "all-linear" if targets == "all" else str(targets).replace(" ", ""))
    taking.choose("quantization_bit", "model.quantize", {4: "4bit", 8: "8bit"})


def _data(taking: Taking, folder: Path) -> None:
    place = folder / str(taking.get("dataset_dir", "data"))
    known = _known(place / "dataset_info.json")
    taking.set("data.train", [_source(taking, name, place, known) for name in _names(taking.get("dataset"))])
    if names := _names(taking.get("eval_dataset")):
        taking.set("data.valid", [_source(taking, name, place, known) for name in names])
    size = taking.get("val_size")
    if isinstance(size, int | float) and not names:
        if 0 <= size < 1:
            taking.set("data.valid", float(size))
        else:
            taking.leave("val_size", "a share of the rows is set aside here, not a number; set data.valid")
    taking.leave("max_samples", "all rows are read; cut the file, or set data.train weight below 1")


def _names(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(each).strip() for each in (value if isinstance(value, list) else str(value).split(","))]


def _known(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _source(taking: Taking, name: str, place: Path, known: Mapping[str, Any]) -> dict[str, Any]:
    entry = known.get(name)
    if not isinstance(entry, dict) or "file_name" not in entry:
        where = f"{place / 'dataset_info.json'} names no file for it"
        taking.left[f"dataset.{name}"] = f"{where}; put the path of its rows into data.train"
        return {"path": name}
    made: dict[str, Any] = {"path": str(place / entry["file_name"])}
    columns = entry.get("columns") or {}
    mapping = {COLUMNS[theirs]: column for theirs, column in columns.items() if theirs in COLUMNS}
    if any(USUAL.get(theirs) != column for theirs, column in columns.items()):
        made["mapping"] = mapping
    for theirs in columns:
        if theirs not in COLUMNS:
            taking.left[f"dataset.{name}.columns.{theirs}"] = "there is no such field in a mapping"
    return made
