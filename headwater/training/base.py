"""The base model: found, loaded in the number type that the machine is fast in, quantised, given its adapter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from headwater.core.errors import BadInput
from headwater.core.settings import environment_value
from headwater.training.config import AdapterSection, ModelSection
from headwater.training.gguf_base import light_folder
from headwater.training.tiny import tiny_config, tiny_model, tiny_tokenizer

TINY = "tiny"
Kind = Literal["tiny", "gguf", "folder"]


@dataclass(frozen=True, slots=True)
class Base:
    """Where a base model lies. `path` is a folder or a .gguf file; None for `tiny`."""

    name: str
    kind: Kind
    path: Path | None = None

    @property
    def loading(self) -> tuple[str, dict[str, Any]]:
        """What transformers' from_pretrained takes: a folder, and the name of a GGUF file in it."""
        if self.path is None:
            raise BadInput("'tiny' is made in code and lies in no folder", "Save it first.")
        if self.kind == "gguf":
            return str(self.path.parent), {"gguf_file": self.path.name}
        return str(self.path), {}

    @property
    def light(self) -> tuple[str, dict[str, Any]]:
        """The same for what needs no weights: of an installed GGUF model a folder that is quick to read."""
        folder = light_folder(self.path) if self.kind == "gguf" and self.path is not None else None
        return self.loading if folder is None else (str(folder), {})


def find_base(name: str, installed: Path | None = None) -> Base:
    """Return where a base lies: `tiny`, the file of an installed model, or a path. Raises BadInput."""
    if name == TINY:
        return Base(TINY, "tiny")
    path = installed or Path(name).expanduser()
    if path.is_file() and path.suffix == ".gguf":
        return Base(name, "gguf", path.absolute())
    if path.is_dir() and (path / "config.json").is_file():
        return Base(name, "folder", path.absolute())
    if path.is_dir() and (path / "model.gguf").is_file():
        return Base(name, "gguf", (path / "model.gguf").absolute())
    raise BadInput(
        f"No base model {name!r}",
        "Name an installed chat model (`headwater models list`), a folder with config.json and safetensors, "
        "a .gguf file, or 'tiny'.",
    )


def load_tokenizer(base: Base) -> Any:
    """Return the fast tokenizer of a base. Raises BadInput."""
    if base.kind == "tiny":
        return tiny_tokenizer()
    from transformers import AutoTokenizer

    place, more = base.light
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, local_files_only=True, **more)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{base.name!r} has no tokenizer that can be read: {error}", "Take a complete model.") from error
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_architecture(base: Base) -> Any:
    """Return the architecture of a base without its weights. Raises BadInput."""
    if base.kind == "tiny":
        return tiny_config()
    from transformers import AutoConfig

    place, more = base.light
    try:
        return AutoConfig.from_pretrained(place, local_files_only=True, **more)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"{base.name!r} has no architecture that can be read: {error}", "Take a complete model."
        ) from error


def number_type(precision: str, device: str) -> Any:
    """Return the torch type for the base's weights: on auto, bf16 where the hardware multiplies it, else fp32."""
    import torch

    if precision == "auto":
        if device == "cuda":
            precision = "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
        else:
            precision = "bf16" if _cpu_multiplies_bf16() else "fp32"
    return {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[precision]


def _cpu_multiplies_bf16() -> bool:
    import torch

    abilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))


def load_model(base: Base, section: ModelSection, device: str, attention: str, scored: bool = False) -> Any:
    """Load a base's weights, frozen bits and all; `scored` with a new head of one number. Raises BadInput."""
    if base.kind == "tiny":
        if section.quantize == "none":
            kind = number_type("fp32" if section.precision == "auto" else section.precision, device)
            model = tiny_model(scored=scored).to(kind)
            model.set_attn_implementation(attention)
            return model
        return _quantised_tiny(section, device, scored)
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    place, more = base.loading
    kind = number_type(section.precision, device)
    quantisation = _quantisation(section, base, kind)
    architecture = load_architecture(base)  # without it a GGUF file would be read once more
    if scored:
        architecture.num_labels = 1
    if device == "cuda" and quantisation is not None:
        more["device_map"] = {"": int(environment_value("LOCAL_RANK") or 0)}
    try:
        make: Any = AutoModelForSequenceClassification if scored else AutoModelForCausalLM
        model = make.from_pretrained(
            place, config=architecture, local_files_only=True, dtype=kind, attn_implementation=attention,
            quantization_config=quantisation, **more,
        )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{base.name!r} cannot be loaded: {error}", "Take a complete model of a known kind.") from error
    if section.quantize == "4bit":
        keep_gradients_exact(model)
    return model


def _quantised_tiny(section: ModelSection, device: str, scored: bool) -> Any:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        tiny_model().save_pretrained(folder)
        return load_model(Base(TINY, "folder", Path(folder)), section, device, "sdpa", scored)


def _quantisation(section: ModelSection, base: Base, kind: Any) -> Any:
    if section.quantize == "none":
        if base.kind == "gguf":
            from transformers import GgufConfig

            return GgufConfig(dequantize=True)
        return None
    if base.kind == "gguf":
        raise BadInput(
            "A GGUF base is opened in full numbers, it cannot be held in 8 or 4 bits for training",
            "Set model.quantize to none, or take the model's safetensors folder.",
        )
    _need_bitsandbytes()
    from transformers import BitsAndBytesConfig

    make: Any = BitsAndBytesConfig  # it has no types
    if section.quantize == "8bit":
        return make(load_in_8bit=True)
    return make(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=kind,
        # uint8 storage cannot be sharded by FSDP2; the same bits in another type can.
        bnb_4bit_quant_storage=kind,
    )


def _need_bitsandbytes() -> None:
    from importlib.util import find_spec

    from headwater.core.errors import MissingExtra

    if find_spec("bitsandbytes") is None:
        raise MissingExtra.needed("Training on an 8- or 4-bit base", "train")


def keep_gradients_exact(model: Any) -> None:
    """Switch off bitsandbytes' repacking of 4-bit weights on CPUs with AVX512-BF16.

    The repacked form has no gradient: after the first evaluation the adapter's gradient would be 90 % wrong
    without a word (bitsandbytes 0.50, `Linear4bit.forward`).
    """
    from bitsandbytes.nn.modules import Linear4bit

    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def add_adapter(model: Any, section: AdapterSection, adapter_from: str | None = None, quantised: bool = False) -> Any:
    """Return the model with what learns: an adapter in 32-bit numbers, or all weights. Raises BadInput."""
    import torch

    if section.type == "full":
        if quantised:
            raise BadInput(
                "A quantised base cannot learn itself", "Set adapter.type to lora, or model.quantize to none."
            )
        for weight in model.parameters():
            weight.requires_grad_(True)
        return model
    from peft import LoraConfig, PeftModel, get_peft_model

    if adapter_from is not None:
        adapted: Any = PeftModel.from_pretrained(model, adapter_from, is_trainable=True)
    else:
        targets: str | list[str] = section.targets
        if section.targets != "all-linear":
            targets = [name.strip() for name in section.targets.split(",")]
        config = LoraConfig(
            r=section.r,
            lora_alpha=section.alpha,
            lora_dropout=section.dropout,
            target_modules=targets,
            init_lora_weights=True if section.init == "default" else section.init,
            use_dora=section.dora,
            use_rslora=section.rslora,
            # The score head of such a model is learned whole and kept beside the adapter.
            task_type="SEQ_CLS" if hasattr(model, "score") else "CAUSAL_LM",
        )
        try:
            adapted = get_peft_model(model, config)
        except ValueError as error:
            raise BadInput(f"No adapter can be put on {section.targets!r}: {error}", "Use all-linear.") from error
    for weight in adapted.parameters():
        if weight.requires_grad and weight.dtype != torch.float32:
            # In 16 bits half of the weights would not move at a small learning rate.
            weight.data = weight.data.float()
    return adapted


def inner_model(model: Any) -> Any:
    """Return the transformers model under a PEFT model."""
    return model.get_base_model() if hasattr(model, "peft_config") else model
