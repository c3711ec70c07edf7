"""More than one device: what transformers and accelerate are told for each strategy, and what cannot go together."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from headwater.core.errors import BadInput, MissingExtra
from headwater.core.settings import environment_value
from headwater.training.config import TrainingConfig


def parallel_arguments(config: TrainingConfig) -> dict[str, Any]:
    """Return the keywords of TrainingArguments for the config's strategy. DDP needs none.

    Raises BadInput for combinations that would be wrong without a word, MissingExtra for DeepSpeed.
    """
    strategy = config.parallel.strategy
    if strategy == "ddp":
        return {}
    if strategy == "fsdp":
        if config.model.quantize == "8bit":
            raise BadInput(
                "8-bit weights cannot be sharded by FSDP",
                "Use model.quantize: 4bit or none, or parallel.strategy: ddp.",
            )
        if int(environment_value("WORLD_SIZE") or 1) == 1:
            raise BadInput(
                "parallel.strategy: FSDP shares a model out over several processes, here is one",
                "Set parallel.devices, or use ddp.",
            )
        return {
            "fsdp": True,
            "fsdp_config": {
                "version": 2,
                "state_dict_type": "FULL_STATE_DICT",
                "cpu_offload": config.memory.offload == "cpu",
                "activation_checkpointing": config.memory.checkpointing == "on",
            },
        }
    if find_spec("deepspeed") is None:
        raise MissingExtra("DeepSpeed is not installed", "pip install deepspeed, or use parallel.strategy: fsdp.")
    if config.model.quantize != "none":
        raise BadInput("ZeRO-3 cannot shard a quantised base", "Use model.quantize: none, or parallel.strategy: ddp.")
    return {"deepspeed": zero3(config)}


def zero3(config: TrainingConfig) -> dict[str, Any]:
    """DeepSpeed's settings for ZeRO-3; "auto" is filled in by transformers."""
    offload = {"device": "cpu", "pin_memory": True} if config.memory.offload == "cpu" else {"device": "none"}
    return {
        "zero_optimization": {
            "stage": 3,
            "offload_optimizer": offload,
            "offload_param": offload,
            "overlap_comm": True,
            "contiguous_gradients": True,
            "stage3_gather_16bit_weights_on_model_save": True,
        },
        "bf16": {"enabled": "auto"},
        "gradient_clipping": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        # Our steps hold their own micro-batches, so DeepSpeed must see each backward pass as part of one step.
        "gradient_accumulation_steps": 1,
    }
