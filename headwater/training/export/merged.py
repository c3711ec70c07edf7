"""An adapter and its base as one folder that any program loads which knows transformers models."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from headwater.core.errors import BadInput, MissingExtra
from headwater.core.progress import Progress, Report, silent
from headwater.training.export.chat_files import Chat, read_chat
from headwater.training.export.divergence import PROMPTS, Divergence, divergence, log_probabilities

Into = Literal["original", "dequantised"]
Quantised = Literal["4bit", "8bit"]
Precision = Literal["auto", "float32", "float16", "bfloat16"]
KEPT = ("README.md", "LICENSE", "NOTICE", "headwater.json")


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """How to merge.

    `into`: the base at full precision ("original"), or the base as the adapter saw it when that was
    quantised, made float again ("dequantised"). The first is the better model as a rule, the second is
    nearer to what was trained. `quantised` says how the base was loaded for training. `precision` of the
    written weights, "auto" for that of the base. `prompts` are rendered as questions for the comparison.
    """

    into: Into = "original"
    quantised: Quantised | None = None
    precision: Precision = "auto"
    prompts: tuple[str, ...] = PROMPTS


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What was written and how far it is from the model that was trained."""

    folder: Path
    into: Into
    precision: str
    divergence: Divergence
    stop_tokens: tuple[str, ...]
    writes_stop: bool

    @property
    def sentence(self) -> str:
        """The result for a person."""
        return f"{self.folder}: {self.told}"

    @property
    def told(self) -> str:
        """The same without the place."""
        apart = self.divergence
        base = {"original": "the original base", "dequantised": "the quantised base, made float again"}[self.into]
        stop = f"stops at {' '.join(self.stop_tokens)}"
        if not self.writes_stop:
            stop += ", which its template does not write: it may not stop by itself"
        return (
            f"merged into {base} as {self.precision}; KL to the trained model"
            f" {apart.mean:.2e} on average, {apart.largest:.2e} at most, the same best token at"
            f" {apart.same_best:.1%} of {apart.positions} places; {stop}."
        )


def write_merged(
    adapter: Path, base: Path, target: Path, options: MergeOptions | None = None, report: Report = silent
) -> MergeResult:
    """Merge the PEFT adapter into `base` (a folder in transformers form, or a GGUF file) and write `target`.

    Works in float32 on the CPU. Raises BadInput when the chosen base is not there or `target` holds
    files, MissingExtra without the trainer's libraries.
    """
    chosen = options or MergeOptions()
    _check(adapter, base, target, chosen)
    steps = ("reading the adapter", "measuring the trained model", "merging", "measuring the merged model")
    report(Progress(0, len(steps), "steps", steps[0]))
    chat = read_chat(adapter, base)
    prompts = [_prompt(chat.tokenizer, text) for text in chosen.prompts]
    report(Progress(1, len(steps), "steps", steps[1]))
    trained = _with_adapter(load_base(base, chosen.quantised), adapter, chat)
    expected = log_probabilities(trained, prompts)
    report(Progress(2, len(steps), "steps", steps[2]))
    precision = _save(_merged(trained, adapter, base, chat, chosen), chat, base, target, chosen.precision)
    for name in KEPT:
        if (adapter / name).is_file():
            shutil.copyfile(adapter / name, target / name)
    del trained
    report(Progress(3, len(steps), "steps", steps[3]))
    found = log_probabilities(load_base(target, None), prompts)
    report(Progress(4, len(steps), "steps", "done"))
    return MergeResult(target, chosen.into, precision, divergence(expected, found), chat.stop_tokens, chat.writes_stop)


def load_base(base: Path, quantised: Quantised | None) -> Any:
    """Load a model in float32, or its linear layers in 8 or 4 bits as training had them. Raises BadInput."""
    import torch
    from transformers import AutoModelForCausalLM

    place, settings = (base.parent, {"gguf_file": base.name}) if base.is_file() else (base, {})
    bits = _quantisation(base, quantised)
    device = None if quantised is None else "cpu"
    model: Any = AutoModelForCausalLM.from_pretrained(
        place, dtype=torch.float32, quantization_config=bits, device_map=device, **settings
    )
    for module in model.modules():
        # Its fast path for some processors repacks the weights on the first look, and they cannot be read again.
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False
    return model.eval()


def _quantisation(base: Path, quantised: Quantised | None) -> Any:
    import torch
    import transformers

    library: Any = transformers
    if base.is_file():  # otherwise the weights may stay packed, where nothing can be merged into them
        return library.GgufConfig(dequantize=True)
    if quantised == "8bit":
        return library.BitsAndBytesConfig(load_in_8bit=True)
    if quantised == "4bit":
        return library.BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.float32,
        )
    return None


def _check(adapter: Path, base: Path, target: Path, options: MergeOptions) -> None:
    try:
        import peft  # noqa: F401 asked for before anything is loaded
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError:
        raise MissingExtra.needed("Merging an adapter", "train") from None
    if not (adapter / "adapter_config.json").is_file():
        raise BadInput(f"{adapter} is no adapter: it has no adapter_config.json", "Give adapter/ of a run.")
    if target.exists() and any(target.iterdir()):
        raise BadInput(f"{target} holds files already", "Give a new folder.")
    if base.is_file() and options.into == "original" and is_quantised(base):
        raise BadInput(
            f"{base.name} is quantised, so the original weights are not in it",
            "Merge into the dequantised base, or name a folder with the original weights.",
        )
    if not base.is_file() and options.into == "dequantised" and options.quantised is None:
        raise BadInput(f"{base} is not quantised", "Merge into the original base, or say how training quantised it.")


def is_quantised(path: Path) -> bool:
    """Whether a GGUF file holds some tensor in fewer than 16 bits."""
    from gguf import GGMLQuantizationType, GGUFReader

    exact = (GGMLQuantizationType.F32, GGMLQuantizationType.F16, GGMLQuantizationType.BF16)
    return any(tensor.tensor_type not in exact for tensor in GGUFReader(str(path)).tensors)


def _prompt(tokenizer: Any, text: str) -> list[int]:
    turns = [{"role": "user", "content": text}]
    rendered = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    ids: list[int] = tokenizer(rendered, add_special_tokens=False)["input_ids"]
    return ids


def _with_adapter(model: Any, adapter: Path, chat: Chat) -> Any:
    from peft import PeftModel

    if len(chat.tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(chat.tokenizer))
    return PeftModel.from_pretrained(model, str(adapter)).eval()


def _merged(trained: Any, adapter: Path, base: Path, chat: Chat, options: MergeOptions) -> Any:
    """The merged model in float32; `trained` may be used up."""
    if not base.is_file() and options.quantised is not None:
        model = load_base(base, options.quantised if options.into == "dequantised" else None)
        trained = _with_adapter(_in_float32(model) if options.into == "dequantised" else model, adapter, chat)
    try:
        return trained.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise BadInput(f"{adapter} cannot be merged: {error}", "Take another checkpoint of the run.") from error


def _in_float32(model: Any) -> Any:
    return model.dequantize(dtype=_torch_type("float32"))


def _torch_type(name: str) -> Any:
    import torch

    return getattr(torch, name)


def _save(model: Any, chat: Chat, base: Path, target: Path, precision: Precision) -> str:
    from transformers import AutoConfig

    if precision == "auto":
        known = None if base.is_file() else AutoConfig.from_pretrained(base).dtype
        name = str(known).removeprefix("torch.") if known is not None else "float32"
    else:
        name = precision
    model = model.to(_torch_type(name))
    model.config.name_or_path = ""
    settings = model.generation_config
    settings.eos_token_id = list(chat.stop_ids)
    settings.bos_token_id = chat.tokenizer.bos_token_id
    pad = chat.tokenizer.pad_token_id
    settings.pad_token_id = chat.stop_ids[0] if pad is None else pad
    model.config.eos_token_id = settings.eos_token_id
    unfinished = target.with_name(f".{target.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    model.save_pretrained(unfinished)
    chat.tokenizer.save_pretrained(unfinished)
    if target.exists():
        target.rmdir()
    unfinished.rename(target)
    return name
