"""Merged folders as GGUF: equal tensors, equal tokens, refusals."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from headwater.core.errors import BadInput
from headwater.training.export.gguf_merged import write_merged_gguf

FAMILIES = ("llama", "llama3", "gemma3", "qwen2", "qwen3")
torch = pytest.importorskip("torch")
pytest.importorskip("transformers")


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("precision", ["f32", "f16"])
def test_transformers_reads_the_same_tensors_back(make_base, tmp_path, family, precision):
    from transformers import AutoConfig, AutoModelForCausalLM

    base = make_base(family)
    result = write_merged_gguf(base, tmp_path / "model.gguf", precision)
    before = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).state_dict()
    # Its reader takes the head width of Qwen 3 for given instead of reading it.
    known = {"config": AutoConfig.from_pretrained(base)} if family == "qwen3" else {}
    after = AutoModelForCausalLM.from_pretrained(
        tmp_path, gguf_file="model.gguf", dtype=torch.float32, **known
    ).state_dict()
    assert set(before) == set(after)
    assert result.parameters >= sum(t.numel() for n, t in before.items() if n != "lm_head.weight")
    for name, tensor in before.items():
        expected = tensor.half().float() if precision == "f16" and tensor.ndim > 1 else tensor
        if tensor.ndim == 1 and family == "gemma3":  # written as 1 + weight
            assert torch.allclose(after[name], expected, atol=1.2e-7, rtol=0), name
        else:
            assert torch.equal(after[name], expected), name


def test_q8_0_is_near_and_says_what_stayed_f16(make_base, tmp_path):
    from gguf import GGUFReader
    from gguf.quants import dequantize

    base = make_base("llama")
    result = write_merged_gguf(base, tmp_path / "model.gguf", "q8_0")
    assert result.kept_f16 == ()
    full = write_merged_gguf(base, tmp_path / "full.gguf", "f32")
    exact = {tensor.name: tensor for tensor in GGUFReader(str(full.path)).tensors}
    for tensor in GGUFReader(str(result.path)).tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        blocks = np.abs(np.asarray(exact[tensor.name].data))
        assert np.abs(values - exact[tensor.name].data).max() <= blocks.max() / 127 * 0.51
    assert result.size_bytes < full.size_bytes / 3


@pytest.mark.parametrize(
    ("family", "change", "said"),
    [
        ("llama", {"model_type": "gpt2"}, "'gpt2' cannot be written"),
        ("gemma3", {"query_pre_attn_scalar": 7}, "query_pre_attn_scalar"),
        ("gemma3", {"layer_types": ["full_attention"] * 7}, "layer_types"),
        ("llama", {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "'yarn'"),
        ("qwen2", {"layer_types": ["sliding_attention"] * 2}, "sliding window"),
    ],
)
def test_what_llama_cpp_would_run_otherwise_is_refused(make_base, tmp_path, family, change, said):
    folder = tmp_path / "odd"
    shutil.copytree(make_base(family), folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(BadInput, match=said):
        write_merged_gguf(folder, tmp_path / "model.gguf")
    assert not (tmp_path / "model.gguf").exists()


def test_a_tokenizer_that_cannot_be_converted_is_copied_or_refused(make_base, tmp_path):
    folder = tmp_path / "odd"
    shutil.copytree(make_base("llama"), folder)
    original = write_merged_gguf(folder, tmp_path / "original.gguf", "f32")
    description = json.loads((folder / "tokenizer.json").read_text())
    description["pre_tokenizer"] = {"type": "Whitespace"}
    (folder / "tokenizer.json").write_text(json.dumps(description))
    with pytest.raises(BadInput, match="splits text in a way"):
        write_merged_gguf(folder, tmp_path / "model.gguf")
    copied = write_merged_gguf(folder, tmp_path / "model.gguf", "f32", tokenizer_from=original.path)
    assert copied.tokenizer == "copied from original.gguf"
    assert copied.path.read_bytes()[-4096:] == original.path.read_bytes()[-4096:]
    from gguf import GGUFReader

    one, two = (GGUFReader(str(path)).fields for path in (original.path, copied.path))
    assert [one[key].contents() for key in sorted(one) if "tokenizer" in key] == [
        two[key].contents() for key in sorted(two) if "tokenizer" in key
    ]


@pytest.mark.real
def test_llama_cpp_reads_the_same_tokens(make_base, tmp_path):
    """A BPE learnt here, and the byte tokenizer of the `tiny` base, whose merges are none."""
    import asyncio

    from transformers import AutoTokenizer

    from headwater.engines.llama import LlamaModel
    from headwater.engines.llama_http import tokens
    from headwater.engines.llama_process import LlamaProcess, LlamaSpec
    from headwater.training.tiny import tiny_model, tiny_tokenizer

    tiny = tmp_path / "tiny"
    tiny_model().save_pretrained(tiny)
    tiny_tokenizer().save_pretrained(tiny)
    texts = ["Hello  world, it's 1234!\n\n\tünïcode 汉字 🙂", "</s><eos><bos> plain", " a b  c   d\r\n"]

    async def read(model: LlamaModel) -> list[tuple[int, ...]]:
        async with model._server() as (http, _):
            return [await tokens(http, text, control=True, start=True) for text in texts]

    for folder in (make_base("llama"), tiny):
        tokenizer = AutoTokenizer.from_pretrained(folder)
        path = write_merged_gguf(folder, tmp_path / f"{folder.name}.gguf", "f16").path
        process = LlamaProcess(LlamaSpec("tiny", path, "human_bot", 128))
        try:
            assert asyncio.run(read(LlamaModel(process))) == [tuple(tokenizer(text)["input_ids"]) for text in texts]
        finally:
            process.stop()
