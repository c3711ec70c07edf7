"""Tiny random models of every family that is exported, with adapters that change what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}<bot>: {{ m.content }}{{ eos_token }}\n"
    "{% else %}<human>: {{ m.content }}\n{% endif %}{% endfor %}{% if add_generation_prompt %}<bot>:{% endif %}"
)


def build_config(family: str, vocabulary: int) -> Any:
    """A configuration whose head width, group size and width differ, so that nothing fits by chance."""
    import transformers as hf

    shared = {
        "vocab_size": vocabulary, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16, "max_position_embeddings": 512,
        "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1, "initializer_range": 0.25,
    }  # fmt: skip
    if family == "gemma3":
        return hf.Gemma3TextConfig(
            **{**shared, "num_hidden_layers": 7, "head_dim": 32, "initializer_range": 0.05},
            query_pre_attn_scalar=32, sliding_window=64, final_logit_softcapping=None,
        )  # fmt: skip
    if family == "llama3":
        rope = {
            "rope_type": "llama3", "rope_theta": 10000.0, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 64,
        }  # fmt: skip
        return hf.LlamaConfig(**shared, rope_parameters=rope, tie_word_embeddings=True)
    if family == "qwen2":
        shared.pop("head_dim")
        return hf.Qwen2Config(**shared, tie_word_embeddings=False)
    return {"llama": hf.LlamaConfig, "qwen3": hf.Qwen3Config}[family](**shared, tie_word_embeddings=False)


def build_tokenizer() -> Any:
    """A byte-level BPE learnt from the text of this repository."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=600, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    tokenizer.train([str(ROOT / "README.md"), str(ROOT / "CONTRIBUTING.md")], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="</s>")
    fast.chat_template = TEMPLATE
    return fast


@pytest.fixture(scope="session")
def make_base(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a tiny random model of a family, made once."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("peft")
    import transformers as hf

    made: dict[str, Path] = {}

    def make(family: str) -> Path:
        if family not in made:
            folder = tmp_path_factory.mktemp(family) / "base"
            tokenizer = build_tokenizer()
            torch.manual_seed(3)
            model = hf.AutoModelForCausalLM.from_config(build_config(family, len(tokenizer)), dtype=torch.float32)
            with torch.no_grad():  # norms and biases start as constants, which would hide a wrong place
                for parameter in model.parameters():
                    if parameter.ndim == 1:
                        parameter.add_(torch.randn_like(parameter) * 0.2)
            model.generation_config.eos_token_id = 1
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            made[family] = folder
        return made[family]

    return make


@pytest.fixture(scope="session")
def make_adapter(make_base: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return the PEFT folder of a random adapter, as training leaves it."""

    def make(family: str, name: str = "loud", seed: int = 7, **options: Any) -> Path:
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        base = make_base(family)
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        settings = {"r": 4, "lora_alpha": 8, "target_modules": LINEAR, "task_type": "CAUSAL_LM", **options}
        adapted = get_peft_model(model, LoraConfig(**settings))
        torch.manual_seed(seed)
        with torch.no_grad():
            for key, parameter in adapted.named_parameters():
                if "lora_B" in key:
                    parameter.normal_(0, 0.3)
        folder = tmp_path_factory.mktemp("adapter") / name
        adapted.save_pretrained(folder)
        (folder / "template.jinja").write_text(TEMPLATE)
        (folder / "headwater.json").write_text(json.dumps({"base": str(base), "template": "human_bot", "run": name}))
        build_tokenizer().save_pretrained(folder)
        return folder

    return make
