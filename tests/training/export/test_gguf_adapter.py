"""Adapters as GGUF: llama.cpp with the adapter says what PEFT says, token by token."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from headwater.core.errors import BadInput
from headwater.engines.llama import LlamaModel
from headwater.engines.llama_process import Adapter, LlamaProcess, LlamaSpec
from headwater.training.export.gguf_adapter import base_in_folder, base_in_gguf, write_adapter_gguf
from headwater.training.export.gguf_merged import write_merged_gguf
from headwater.training.export.greedy_check import TorchModel, check_greedy

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

TEXTS = ("Headwater is", "The river", "<human>: hi\n<bot>:", "a b c d e f g h")


def load_adapted(base: Path, adapter: Path):
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    return peft.PeftModel.from_pretrained(model, adapter).eval()


def prompts_of(base: Path) -> list[list[int]]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    return [tokenizer(text)["input_ids"] for text in TEXTS]


def asking(model: LlamaModel) -> Callable[[Sequence[int], int], Sequence[int]]:
    return lambda prompt, count: asyncio.run(model.greedy_tokens(prompt, count))


@pytest.mark.real
@pytest.mark.parametrize(
    ("family", "options"),
    [
        ("llama", {}),
        ("llama", {"use_rslora": True}),
        ("llama", {"rank_pattern": {"layers.1.*q_proj": 2}, "alpha_pattern": {"v_proj": 3}, "use_rslora": True}),
        ("llama3", {"target_modules": ["q_proj", "k_proj"]}),
        ("gemma3", {"use_rslora": True}),
        ("qwen2", {}),
        ("qwen3", {}),
    ],
    ids=["llama", "rslora", "patterns", "llama3", "gemma3", "qwen2", "qwen3"],
)
def test_llama_cpp_says_what_peft_says(make_base, make_adapter, tmp_path, family, options):
    base, adapter = make_base(family), make_adapter(family, **options)
    model_file = write_merged_gguf(base, tmp_path / "base.gguf", "f32").path
    written = write_adapter_gguf(adapter, base_in_gguf(model_file), tmp_path / "loud.gguf")
    again = write_adapter_gguf(adapter, base_in_folder(base), tmp_path / "again.gguf")
    assert again.path.read_bytes() == written.path.read_bytes()
    spec = LlamaSpec("tiny", model_file, "human_bot", 256, adapters=(Adapter("loud", written.path),))
    process = LlamaProcess(spec)
    trained = TorchModel(load_adapted(base, adapter), stop_ids=(1,))
    try:
        engines = asking(LlamaModel(process, "loud")), asking(LlamaModel(process))
        check = check_greedy(prompts_of(base), trained, *engines, quantised=False)
    finally:
        process.stop()
    assert check.passed, check.sentence
    assert check.changed == len(TEXTS)
    assert check.equal_prompts >= len(TEXTS) / 2  # the rest part at a tie
    assert f"{check.equal_prompts} of 4 prompts give the same 24 tokens" in check.sentence


@pytest.mark.real
def test_on_a_quantised_base_the_result_says_which_check_was_made(make_base, make_adapter, tmp_path):
    base, adapter = make_base("llama"), make_adapter("llama")
    model_file = write_merged_gguf(base, tmp_path / "base.gguf", "q8_0").path
    written = write_adapter_gguf(adapter, base_in_gguf(model_file), tmp_path / "loud.gguf")
    process = LlamaProcess(LlamaSpec("tiny", model_file, "human_bot", 256, adapters=(Adapter("a", written.path),)))
    trained = TorchModel(load_adapted(base, adapter), stop_ids=(1,))
    try:
        engines = asking(LlamaModel(process, "a")), asking(LlamaModel(process))
        check = check_greedy(prompts_of(base), trained, *engines, quantised=True)
    finally:
        process.stop()
    assert check.kind == "first"
    assert check.passed, check.sentence
    assert "not required to be equal" in check.sentence


class Script:
    """A trained model that always says 1, with 2 as near as `nearness`."""

    def __init__(self, nearness: float) -> None:
        self.nearness = nearness

    def greedy(self, prompt, count):
        return [1] * count

    def gap(self, prompt, token, other):
        assert (list(prompt), token, other) == ([0, *[1] * 23], 1, 2)
        return self.nearness


def test_a_check_fails_where_texts_differ_or_nothing_changed():
    one, two = (lambda prompt, count: [1] * count), (lambda prompt, count: [1] * (count - 1) + [2])
    assert not check_greedy([[0]], Script(0.5), two, one, quantised=False).passed
    idle = check_greedy([[0]], Script(0.0), one, one, quantised=False)
    assert not idle.passed
    assert "the adapter changes none of them" in idle.sentence
    assert check_greedy([[0]], Script(0.5), two, one, quantised=True).passed

    def mostly(prompt, count):
        return two(prompt, count) if prompt == [0] else one(prompt, count)

    check = check_greedy([[0], [5]], Script(0.001), mostly, lambda prompt, count: [3], quantised=False)
    assert (check.passed, check.equal_prompts, check.ties) == (True, 1, 1)
    assert "1 part where two tokens are equally likely" in check.sentence


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"modules_to_save": ["embed_tokens"]}, "modules_to_save"),
        ({"target_modules": ["q_proj", "lm_head"]}, "lm_head"),
        ({"target_modules": ["q_proj", "embed_tokens"]}, "embed_tokens"),
        ({"init_lora_weights": "pissa"}, "init_lora_weights=pissa"),
        ({"bias": "lora_only"}, "bias=lora_only"),
    ],
)
def test_what_an_adapter_file_cannot_hold_is_refused(make_base, make_adapter, tmp_path, options, said):
    folder = make_adapter("qwen2", **options)
    with pytest.raises(BadInput, match=said) as caught:
        write_adapter_gguf(folder, base_in_folder(make_base("qwen2")), tmp_path / "out.gguf")
    assert "merged" in str(caught.value.hint)
    assert not (tmp_path / "out.gguf").exists()


def test_an_adapter_of_another_base_is_refused(make_base, make_adapter, tmp_path):
    model_file = write_merged_gguf(make_base("gemma3"), tmp_path / "base.gguf", "f16").path
    with pytest.raises(BadInput, match="not trained for base"):
        write_adapter_gguf(make_adapter("llama"), base_in_gguf(model_file), tmp_path / "out.gguf")


def test_damaged_numbers_are_refused(make_base, make_adapter, tmp_path):
    from safetensors.numpy import load_file, save_file

    folder = make_adapter("llama")
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    name = next(iter(tensors))
    tensors[name][0, 0] = np.nan
    save_file(tensors, path)
    with pytest.raises(BadInput, match="not finite"):
        write_adapter_gguf(folder, base_in_folder(make_base("llama")), tmp_path / "out.gguf")


def test_the_folder_says_what_is_wrong_with_it(make_base, tmp_path):
    base = base_in_folder(make_base("llama"))
    with pytest.raises(BadInput, match=r"no adapter_config\.json"):
        write_adapter_gguf(tmp_path, base, tmp_path / "out.gguf")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "IA3"}))
    with pytest.raises(BadInput, match="IA3 adapter"):
        write_adapter_gguf(tmp_path, base, tmp_path / "out.gguf")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA"}))
    with pytest.raises(BadInput, match=r"adapter_model\.safetensors does not exist"):
        write_adapter_gguf(tmp_path, base, tmp_path / "out.gguf")
    with pytest.raises(BadInput, match=r"no config\.json"):
        base_in_folder(tmp_path)
