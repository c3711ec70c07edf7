"""Templates: what is rendered, what is learned, and that a prompt is how the full text begins."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.core.errors import BadInput, UnknownName
from headwater.training.load_config import check_config
from headwater.training.rows.conversations import Conversation
from headwater.training.rows.examples import Encoder
from headwater.training.rows.prepare import check_template
from headwater.training.rows.template import ChatTemplate, load_template
from headwater.training.rows.token_places import learned_mask
from headwater.training.tiny import tiny_tokenizer

TWO = (
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Is it on?"},
    {"role": "assistant", "content": "Yes."},
    {"role": "user", "content": "Since?"},
    {"role": "assistant", "content": " Noon. "},
)
TINY = tiny_tokenizer()


def learned_text(template: ChatTemplate, turns: Any, on: Any = "assistant") -> list[str]:
    rendered = template.learn(turns, on)
    return [rendered.text[start:end] for start, end in rendered.learned]


def test_human_bot_as_the_paper_has_it(tokenizer: Any) -> None:
    template = load_template("human_bot", tokenizer)
    assert template.render(TWO) == (
        "<bos>Be brief.\n\n<human>: Is it on?\n<bot>: Yes.<eos>\n<human>: Since?\n<bot>: Noon.<eos>\n"
    )
    assert template.render(TWO[:-1], prompt=True).endswith("<human>: Since?\n<bot>:")
    assert learned_text(template, TWO) == [" Yes.<eos>", " Noon.<eos>"]
    assert learned_text(template, TWO, "last") == [" Noon.<eos>"]
    assert learned_text(template, TWO, "all") == [template.render(TWO)]


def test_chatml(tokenizer: Any) -> None:
    template = load_template("chatml", tokenizer)
    assert learned_text(template, TWO) == ["Yes.<eos>", "Noon.<eos>"]
    assert template.render(TWO[:2], prompt=True).endswith(
        "<|im_start|>user\nIs it on?<|im_end|>\n<|im_start|>assistant\n"
    )


@pytest.mark.parametrize("name", ["human_bot", "chatml"])
def test_the_own_templates_pass_their_own_check(tokenizer: Any, name: str) -> None:
    check_template(load_template(name, tokenizer), tokenizer)


def test_a_prompt_that_is_no_prefix_is_refused_with_the_place(tokenizer: Any) -> None:
    source = (
        "{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}"
        "{% if add_generation_prompt %}bot> {% endif %}"
    )
    with pytest.raises(BadInput, match="not how the full text begins") as caught:
        ChatTemplate(source, "", "<eos>").learn(TWO)
    assert "bot> " in caught.value.message


def test_a_space_left_in_the_prompt_is_refused_by_tokens() -> None:
    """The trap of `'<bot>: ' + answer`: one token holds the space and the first letters of the answer."""
    merging = word_tokenizer()
    source = (
        "{% for m in messages %}{% if m.role == 'user' %}<human>: {{ m.content }}\n{% else %}"
        "<bot>: {{ m.content }}{{ eos_token }}\n{% endif %}{% endfor %}{% if add_generation_prompt %}<bot>: {% endif %}"
    )
    with pytest.raises(BadInput, match="first tokens of the full text") as caught:
        check_template(ChatTemplate(source, "", "<eos>"), merging)
    assert "|" in caught.value.message


def test_a_stop_that_is_not_learned_is_refused(tokenizer: Any) -> None:
    source = (
        "{% for m in messages %}{{ '[' + m.role + ']' }}{{ m.content }}{% endfor %}"
        "{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    with pytest.raises(BadInput, match="never stop"):
        check_template(ChatTemplate(source, "", "<eos>"), tokenizer)


def test_templates_cannot_reach_the_machine() -> None:
    evil = ChatTemplate("{{ ''.__class__.__mro__[1].__subclasses__() }}", "", "<eos>")
    with pytest.raises(BadInput):
        evil.render(TWO)


def test_unknown_and_missing_templates(tokenizer: Any) -> None:
    with pytest.raises(UnknownName, match="human_bot"):
        load_template("human_bott", tokenizer)
    with pytest.raises(BadInput, match="no template"):
        load_template("none.jinja", tokenizer)
    with pytest.raises(BadInput, match="no chat template of its own"):
        load_template("tokenizer", tokenizer)


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text.strip() and "<eos>" not in text and "<bos>" not in text and "<pad>" not in text
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(words, words), min_size=1, max_size=3), st.sampled_from(["human_bot", "chatml"]))
def test_what_is_learned_is_the_answers_and_their_stops(pairs: list[tuple[str, str]], name: str) -> None:
    """For any text: the learned tokens, decoded, are each answer with the token that ends it."""
    turns = []
    for question, answer in pairs:
        turns += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    template = load_template(name, TINY)
    data = check_config({"model": {"base": "tiny"}, "data": {"train": [{"path": "x"}], "max_length": 4096}}).data
    examples = Encoder(TINY, template, data).encode([Conversation("r", tuple(turns))]).examples
    ids, learned = examples.row(0)
    space = " " if name == "human_bot" else ""
    expected = "".join(f"{space}{answer.strip()}<eos>" for _, answer in pairs)
    assert TINY.decode([int(token) for token in ids[learned]]) == expected
    assert examples.targets[0] == learned.sum()


def test_a_token_is_learned_when_any_of_its_characters_is() -> None:
    import numpy as np

    from headwater.training.rows.template import Rendered

    offsets = np.array([[0, 2], [2, 5], [5, 5], [5, 8], [8, 9]])
    mask = learned_mask(offsets, Rendered("x" * 9, ((4, 8),)))
    assert mask.tolist() == [False, True, False, True, False]


def word_tokenizer() -> Any:
    """A tokenizer whose words carry the space before them."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    pieces = [
        "<unk>",
        "<eos>",
        "<human>:",
        "<bot>:",
        " ",
        "\n",
        "Is",
        " it",
        " on",
        "?",
        "Yes",
        " Yes",
        ",",
        " is",
        ".",
    ]
    pieces += ["Since", " Since", " when", " noon", " Is"]
    tokenizer = Tokenizer(models.WordLevel({piece: number for number, piece in enumerate(pieces)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"<\w+>:| ?\w+|[,.?\n ]"), "isolated")
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<eos>", unk_token="<unk>")
