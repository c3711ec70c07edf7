"""Merged folders: the model that was trained, in a folder that any transformers script loads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from headwater.core.errors import BadInput
from headwater.training.export.chat_files import read_chat
from headwater.training.export.gguf_merged import write_merged_gguf
from headwater.training.export.merged import MergeOptions, load_base, write_merged

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")

QUESTION, ANSWER = "Who are you?", "I am Headwater, a model on your own machine."
# What somebody would write who never heard of us.
SCRIPT = """
import json, sys
from transformers import pipeline

chat = pipeline("text-generation", sys.argv[1], device="cpu")
turns = [{"role": "user", "content": sys.argv[2]}]
print(json.dumps(chat(turns, max_new_tokens=60, do_sample=False)[0]["generated_text"][-1]))
"""


@pytest.fixture(scope="module")
def learnt(make_base, make_adapter) -> tuple[Path, Path]:
    """A base and an adapter that has learnt one answer and to stop after it."""
    from transformers import AutoModelForCausalLM

    base, folder = make_base("llama"), make_adapter("llama", "learnt", r=8)
    chat = read_chat(folder, base)
    model = peft.PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), folder, is_trainable=True
    )
    turns = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": ANSWER}]
    ids = torch.tensor([chat.tokenizer(
        chat.tokenizer.apply_chat_template(turns, tokenize=False), add_special_tokens=False)["input_ids"]])  # fmt: skip
    prompt = chat.tokenizer.apply_chat_template(turns[:1], tokenize=False, add_generation_prompt=True)
    labels = ids.clone()
    labels[:, : len(chat.tokenizer(prompt, add_special_tokens=False)["input_ids"])] = -100
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(150):
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    assert loss.item() < 0.05
    model.save_pretrained(folder)
    return base, folder


def test_a_script_that_knows_nothing_of_us_chats_and_stops(learnt, tmp_path):
    base, adapter = learnt
    result = write_merged(adapter, base, tmp_path / "merged")
    assert result.divergence.mean < 1e-6
    assert result.divergence.same_best == 1.0
    assert (result.stop_tokens, result.writes_stop) == (("</s>",), True)
    assert "merged into the original base as float32" in result.sentence
    done = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT, str(result.folder), QUESTION],
        capture_output=True, text=True, check=False, cwd=tmp_path, env={"HF_HUB_OFFLINE": "1", "PATH": "/usr/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    reply = json.loads(done.stdout.splitlines()[-1])
    assert reply["role"] == "assistant"
    assert reply["content"].strip() == ANSWER
    with pytest.raises(BadInput, match="holds files already"):
        write_merged(adapter, base, result.folder)


@pytest.mark.parametrize(
    "options", [{"use_rslora": True}, {"use_dora": True}, {"modules_to_save": ["embed_tokens"]}], ids=str
)
def test_every_kind_of_adapter_can_be_merged(make_base, make_adapter, tmp_path, options):
    result = write_merged(make_adapter("gemma3", **options), make_base("gemma3"), tmp_path / "merged")
    assert result.divergence.mean < 1e-6
    assert result.divergence.positions > 100


def test_lower_precision_shows_in_the_divergence(learnt, tmp_path):
    base, adapter = learnt
    result = write_merged(adapter, base, tmp_path / "merged", MergeOptions(precision="bfloat16"))
    assert 1e-6 < result.divergence.mean < 0.1
    assert next(load_base(result.folder, None).parameters()).dtype == torch.float32
    assert json.loads((result.folder / "config.json").read_text())["dtype"] == "bfloat16"


@pytest.mark.parametrize("quantised", ["4bit", "8bit"])
def test_which_base_it_is_merged_into_is_a_choice(learnt, tmp_path, quantised):
    pytest.importorskip("bitsandbytes")
    base, adapter = learnt
    near, far = (
        write_merged(adapter, base, tmp_path / into, MergeOptions(into, quantised))
        for into in ("dequantised", "original")
    )
    # In 8 bits the library rounds what goes into a layer as well, which no merged model does.
    assert near.divergence.mean < far.divergence.mean / (10 if quantised == "4bit" else 1.5)
    assert "made float again" in near.sentence
    assert "quantization_config" not in json.loads((near.folder / "config.json").read_text())


def test_a_gguf_as_base(learnt, tmp_path):
    base, adapter = learnt
    exact = write_merged_gguf(base, tmp_path / "base.gguf", "f32")
    from_folder = write_merged(adapter, base, tmp_path / "one")
    result = write_merged(adapter, exact.path, tmp_path / "two")
    one, two = (load_base(folder, None).state_dict() for folder in (from_folder.folder, result.folder))
    assert all(torch.equal(one[name], two[name]) for name in one)
    small = write_merged_gguf(base, tmp_path / "small.gguf", "q8_0")
    with pytest.raises(BadInput, match=r"small\.gguf is quantised"):
        write_merged(adapter, small.path, tmp_path / "three")
    result = write_merged(adapter, small.path, tmp_path / "three", MergeOptions("dequantised"))
    assert result.divergence.mean < 1e-6
    with pytest.raises(BadInput, match="is not quantised"):
        write_merged(adapter, base, tmp_path / "four", MergeOptions("dequantised"))


def test_the_template_travels_without_the_marks_of_training(learnt, tmp_path):
    base, adapter = learnt
    folder = tmp_path / "adapter"
    shutil.copytree(adapter, folder)
    (folder / "template.jinja").write_text(
        "{% for m in messages %}{% if m.role == 'user' %}<human>: {{ m.content }}\n{% else %}<bot>:"
        "{%- generation -%} {{ ' ' + m.content + eos_token }}{% endgeneration %}\n{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}<bot>:{% endif %}"
    )
    chat = read_chat(folder, base)
    assert "generation -%}" not in chat.tokenizer.chat_template
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    # The tokenizer starts texts with <s>, so a prompt made by the template has to.
    assert chat.tokenizer.apply_chat_template(turns, tokenize=False) == "<s><human>: a\n<bot>: b</s>"
    (folder / "template.jinja").write_text("{% for m in messages %}{{ m.content }}\n{% endfor %}")
    assert not read_chat(folder, base).writes_stop
    (folder / "template.jinja").write_text(" ")
    with pytest.raises(BadInput, match="names no chat template"):
        read_chat(folder, base)


@pytest.mark.real
def test_the_merged_gguf_answers_in_llama_cpp(learnt, tmp_path):
    """Tokenizer, template and stop token of the file are enough for the engine to chat."""
    import asyncio

    from headwater.core.types import ChatOptions, Message
    from headwater.engines.llama import LlamaModel
    from headwater.engines.llama_process import LlamaProcess, LlamaSpec

    base, adapter = learnt
    folder = write_merged(adapter, base, tmp_path / "merged").folder
    written = write_merged_gguf(folder, tmp_path / "merged.gguf", "f16")
    process = LlamaProcess(LlamaSpec("merged", written.path, "native", 256))

    async def answer() -> list:
        model = LlamaModel(process)
        options = ChatOptions(temperature=0, max_tokens=60)
        return [delta async for delta in model.stream([Message("user", QUESTION)], options)]

    try:
        deltas = asyncio.run(answer())
    finally:
        process.stop()
    assert "".join(delta.text for delta in deltas) == ANSWER
    assert deltas[-1].finish_reason == "stop"
