"""What a config asks for that cannot be done here: refused before the start, or told, never passed over in silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput
from headwater.training.config import AdapterSection, EvalSection, ParallelSection, TrainingConfig
from headwater.training.resources import gpu_name

# Metrics of written answers; they need eval.samples.
OF_ANSWERS = ("bleu", "chrf", "rouge", "exact", "judge")
TRACKERS = {"tensorboard": "tensorboard", "mlflow": "mlflow", "wandb": "wandb", "neptune": "neptune"}
# How an adapter is built, and what its own configuration calls that.
OF_ADAPTER = {"r": "r", "alpha": "lora_alpha", "dropout": "lora_dropout", "dora": "use_dora", "rslora": "use_rslora"}
FP8_CAPABILITY = (8, 9)


def check_possible(config: TrainingConfig, device: str | None = None) -> None:
    """Raise BadInput naming everything that cannot be done here."""
    found = list(refusals(config, device))
    if found:
        lines = "\n  ".join(found)
        raise BadInput(
            f"{len(found)} thing(s) of the config cannot be done:\n  {lines}", "Change them and start again."
        )


def refusals(config: TrainingConfig, device: str | None = None) -> Iterator[str]:
    """Yield what cannot be done, a sentence each. `device` (cpu, cuda) is looked up when unset; no torch is loaded."""
    where = device or ("cuda" if gpu_name() is not None else "cpu")
    yield from _of_model(config, where)
    yield from _of_memory(config, where)
    yield from _of_parallel(config.parallel)
    yield from _of_judging(config)
    for name in config.track.to:
        if find_spec(TRACKERS[name]) is None:
            yield f"track.to: {name} is not installed; pip install {TRACKERS[name]}, or leave it out"


def _of_model(config: TrainingConfig, device: str) -> Iterator[str]:
    model, adapter = config.model, config.adapter
    if model.attention == "varlen" and (device == "cpu" or config.data.packing == "buckets"):
        yield "model.attention: varlen is for packed rows on a GPU; use auto"
    if model.quantize != "none" and adapter.type == "full":
        yield "model.quantize: a quantised base cannot learn itself; set adapter.type to lora, or quantize to none"
    if model.adapter_from is None:
        return
    if adapter.type == "full":
        yield "model.adapter_from: every weight learns (adapter.type: full); merge that adapter into the base first"
        return
    yield from _other_than(model.adapter_from, adapter)


def _other_than(folder: str, adapter: AdapterSection) -> Iterator[str]:
    """An adapter that is gone on from keeps its form: another one that was asked for would mean nothing."""
    try:
        known: dict[str, Any] = json.loads((Path(folder) / "adapter_config.json").read_text("utf-8"))
    except (OSError, ValueError):
        yield f"model.adapter_from: {folder} is no adapter folder (it has no adapter_config.json that can be read)"
        return
    plain = AdapterSection.model_validate({})
    for key, theirs in OF_ADAPTER.items():
        asked = getattr(adapter, key)
        if asked not in (getattr(plain, key), known.get(theirs)):
            yield f"adapter.{key}: {asked}, but the adapter of model.adapter_from has {known.get(theirs)}; leave it out"


def _of_memory(config: TrainingConfig, device: str) -> Iterator[str]:
    memory = config.memory
    if memory.offload == "cpu" and device == "cpu":
        yield "memory.offload: there is no GPU here; on a CPU what is saved lies in main memory already; use none"
    if not memory.fp8:
        return
    if device == "cpu":
        yield "memory.fp8: 8-bit float products need a GPU that has them (Ada, Hopper or later); there is none here"
    elif find_spec("torchao") is None:
        yield "memory.fp8: it needs torchao; pip install torchao"
    elif config.model.quantize != "none":
        yield "memory.fp8: a base in 8 or 4 bits makes no 8-bit float products; use one of the two"


def _of_parallel(parallel: ParallelSection) -> Iterator[str]:
    if parallel.ray is not None:
        if parallel.nodes != 1 or parallel.rendezvous is not None:
            yield "parallel: Ray places the workers itself; leave nodes and rendezvous out, devices says how many"
        if parallel.strategy == "deepspeed":
            yield "parallel.ray: DeepSpeed is started by torchrun only; use strategy ddp or fsdp on Ray"
        if find_spec("ray") is None:
            yield "parallel.ray: Ray is not installed; pip install 'headwater[cluster]'"
    elif parallel.nodes == 1 and parallel.rendezvous is not None:
        yield "parallel.rendezvous: it is for several machines; set parallel.nodes, or leave it out"
    elif parallel.nodes > 1 and parallel.rendezvous is None:
        yield f"parallel.nodes: {parallel.nodes} machines need parallel.rendezvous, where the machines meet: host:port"


def _of_judging(config: TrainingConfig) -> Iterator[str]:
    judging: EvalSection = config.eval
    if config.data.valid == 0.0:
        if judging.early_stop is not None:
            yield "eval.early_stop: nothing is validated (data.valid: 0), so nothing can stop it early"
        return
    if "judge" in judging.metrics and judging.judge is None:
        yield "eval.metrics: judge is among them, but eval.judge does not say which model judges"
    if judging.judge is not None and "judge" not in judging.metrics:
        yield "eval.judge: it is never asked; add judge to eval.metrics, or leave it out"
    best = config.save.best
    if best in OF_ANSWERS and (best not in judging.metrics or judging.samples == 0):
        yield f"save.best: {best} is not measured; add it to eval.metrics, with eval.samples above 0"


def unused(config: TrainingConfig) -> list[str]:
    """Return keys that were changed and mean nothing beside the others, a sentence each. They are told, not refused."""
    found: list[str] = []
    plain = AdapterSection.model_validate({})
    if config.adapter.type == "full":
        keys = ("r", "alpha", "dropout", "targets", "init", "dora", "rslora")
        changed = [f"adapter.{key}" for key in keys if getattr(config.adapter, key) != getattr(plain, key)]
        if changed:
            found.append(f"{', '.join(changed)}: every weight learns, there is no adapter.")
    if config.task == "pretrain" and config.data.learn_on != "assistant":
        found.append("data.learn_on: every token of a text is learned.")
    if config.data.valid == 0.0 and config.save.final == "best":
        found.append("save.final: nothing is validated (data.valid: 0), so the last checkpoint is the result.")
    return found
