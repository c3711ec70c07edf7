"""Ids and labels are those of transformers' own chat template with `{% generation %}`, row by row, and by both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from headwater.training.load_config import check_config
from headwater.training.rows.conversations import Conversation
from headwater.training.rows.examples import Encoder
from headwater.training.rows.template import ChatTemplate, Rendered, load_template
from headwater.training.rows.token_places import MANY_ROWS, TokenPlaces, byte_lengths
from headwater.training.tiny import tiny_tokenizer

ODD = (
    "Straße",
    "naïve  ",
    "😀👩‍👧",
    "水が流れる。",
    "\t\tx",
    " \n\n",
    "▁",
    "<bot>:",
    "plain words here",
    "<eos> inside",
)
TEXTS = [f"{left}{word} and {right}{word * 2}" for left in ODD for right in ODD for word in ("", "river", "é ")]


def byte_level() -> Any:
    """A trained byte-level BPE, as GPT-2, Llama 3 and Qwen have it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    letters = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<pad>", "<bos>", "<eos>"], initial_alphabet=letters, show_progress=False
    )
    tokenizer.train_from_iterator([text.removesuffix("<eos> inside") for text in TEXTS], trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>")


def byte_fallback() -> Any:
    """A BPE of characters that falls back to bytes, as Gemma has it."""
    words = [
        "<pad>",
        "<bos>",
        "<eos>",
        "<unk>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        "▁",
        *"riveandplswoh",
        "▁▁",
    ]
    words += ["an", "▁an"]
    merges = [("▁", "▁"), ("a", "n"), ("▁", "an")]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.add_special_tokens(["<pad>", "<bos>", "<eos>"])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>")


TOKENIZERS = {"tiny": tiny_tokenizer(), "byte level": byte_level(), "byte fallback": byte_fallback()}


def rows() -> list[Conversation]:
    made = []
    for number, text in enumerate(TEXTS):
        turns = [{"role": "system", "content": "Be brief. é"}] if number % 3 == 0 else []
        for part in range(1 + number % 3):
            answer = TEXTS[(number * 7 + part) % len(TEXTS)]
            turns += [{"role": "user", "content": f"{text}{part}"}, {"role": "assistant", "content": answer}]
        made.append(Conversation(f"r{number}", tuple(turns)))
    return made


def encoder_of(tokenizer: Any, template: ChatTemplate, **data: Any) -> Encoder:
    section = {"train": [{"path": "x"}], "max_length": 60, "overlong": "truncate", **data}
    return Encoder(tokenizer, template, check_config({"model": {"base": "tiny"}, "data": section}).data)


def by_transformers(tokenizer: Any, template: ChatTemplate, turns: Any, longest: int) -> tuple[list[int], list[int]]:
    """What transformers makes of a row: TRL's `assistant_only_loss` learns its mask."""
    made = tokenizer.apply_chat_template(
        list(turns), chat_template=template.marked, return_assistant_tokens_mask=True, return_dict=True
    )
    marks = made["assistant_masks"][:longest]
    ids = made["input_ids"][:longest]
    return ids, [token if mark else -100 for token, mark in zip(ids, marks, strict=True)]


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("template_name", ["human_bot", "chatml"])
def test_ids_and_labels_are_those_of_transformers(name: str, template_name: str) -> None:
    tokenizer = TOKENIZERS[name]
    template = load_template(template_name, tokenizer)
    many = rows()
    assert len(many) >= MANY_ROWS  # so that places come from bytes
    examples = encoder_of(tokenizer, template).encode(many).examples
    expected = {row.row: by_transformers(tokenizer, template, row.turns, 60) for row in many}
    expected = {row: made for row, made in expected.items() if any(label != -100 for label in made[1][1:])}
    assert list(examples.rows) == list(expected)
    for number, (ids, labels) in enumerate(expected.values()):
        own_ids, learned = examples.row(number)
        assert own_ids.tolist() == ids, many[number]
        assert np.where(learned, own_ids, -100).tolist() == labels, many[number]


@pytest.mark.parametrize("name", TOKENIZERS)
def test_bytes_and_offsets_tell_the_same(name: str) -> None:
    tokenizer = TOKENIZERS[name]
    template = load_template("human_bot", tokenizer)
    texts = [template.learn(row.turns) for row in rows()]
    quick, slow = (TokenPlaces(tokenizer.backend_tokenizer, count) for count in (MANY_ROWS, 1))
    for one, other in zip(quick.encode(texts), slow.encode(texts), strict=True):
        assert np.array_equal(one, other)
    assert byte_lengths(tokenizer.backend_tokenizer) is not None


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(words, words, words), min_size=1, max_size=4), st.sampled_from(sorted(TOKENIZERS)))
def test_any_text_and_any_range(parts: list[tuple[str, str, str]], name: str) -> None:
    texts = [Rendered("".join(part), ((len(part[0]), len(part[0]) + len(part[1])),)) for part in parts]
    quick, slow = (TokenPlaces(TOKENIZERS[name].backend_tokenizer, count) for count in (MANY_ROWS, 1))
    for one, other in zip(quick.encode(texts), slow.encode(texts), strict=True):
        assert np.array_equal(one, other), texts


def test_a_row_whose_bytes_do_not_add_up_gives_its_offsets() -> None:
    """An added token that eats the spaces around it makes the row shorter than its text."""
    tokenizer = byte_level()
    from tokenizers import AddedToken

    tokenizer.add_tokens([AddedToken("[x]", lstrip=True, rstrip=True, normalized=False)])
    texts = [Rendered(text, ((2, 9),)) for text in ("plain words", "ab  [x]  cd", "more words é")]
    quick, slow = (TokenPlaces(tokenizer.backend_tokenizer, count) for count in (MANY_ROWS, 1))
    assert byte_lengths(tokenizer.backend_tokenizer) is not None
    for one, other in zip(quick.encode(texts), slow.encode(texts), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("change", ["prefix space", "normalizer", "truncation", "missing byte", "unigram"])
def test_a_tokenizer_that_may_add_to_the_text_gives_offsets(change: str) -> None:
    backend = byte_level().backend_tokenizer
    if change == "prefix space":
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    elif change == "normalizer":
        backend.normalizer = normalizers.Prepend("▁")
    elif change == "truncation":
        backend.enable_truncation(8)
    elif change == "missing byte":
        told = json.loads(backend.to_str())
        del told["model"]["vocab"]["!"]
        told["model"]["merges"] = []
        backend = Tokenizer.from_str(json.dumps(told))
    else:
        backend = Tokenizer(models.Unigram([("a", -1.0)]))
    backend.post_processor = processors.ByteLevel()
    assert byte_lengths(backend) is None


def test_marks_in_a_template_of_somebody_else_tell_what_is_learned(tmp_path: Path) -> None:
    source = (
        "{% for m in messages %}{{ m.role }}: {% if m.role == 'assistant' %}{% generation %}{{ m.content }}"
        "{{ eos_token }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{{ '\\n' }}{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}"
    )
    (tmp_path / "own.jinja").write_text(source)
    template = load_template(str(tmp_path / "own.jinja"), TOKENIZERS["tiny"])
    turns = ({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"})
    rendered = template.learn((*turns, *turns))
    assert rendered.text == template.render((*turns, *turns)) == "user: a\nassistant: b<eos>\n" * 2
    assert [rendered.text[start:end] for start, end in rendered.learned] == ["b<eos>", "b<eos>"]
    assert [rendered.text[start:end] for start, end in template.learn((*turns, *turns), "last").learned] == ["b<eos>"]


@pytest.mark.parametrize("name", ["human_bot", "chatml"])
def test_marks_and_prompts_tell_the_same_ranges(name: str) -> None:
    """The range of an answer is what the text gains over its prompt, which any template can be asked for."""
    marked = load_template(name, TOKENIZERS["tiny"])
    plain = ChatTemplate(marked.source, marked.bos_token, marked.eos_token)
    assert "generation %}" not in marked.source
    for row in rows():
        assert marked.learn(row.turns) == plain.learn(row.turns)
        assert marked.learn(row.turns, "last") == plain.learn(row.turns, "last")
