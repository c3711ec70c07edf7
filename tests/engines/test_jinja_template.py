"""Templates that adapters bring along."""

from __future__ import annotations

import pytest

from headwater.core.errors import BadInput
from headwater.core.types import Message
from headwater.engines.jinja_template import render
from headwater.engines.template import CHATML

TURNS = [Message("system", "S"), Message("user", "U"), Message("assistant", "A"), Message("user", "V")]


def test_chatml():
    assert render(CHATML, TURNS, "", "") == (
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n"
        "<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\n"
    )


def test_marks_of_what_was_learnt_leave_no_trace():
    source = (
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}<bot>:{% generation %} {{ m.content }}"
        "{{ eos_token }}{% endgeneration %}\n{% elif m.role == 'user' %}<human>: {{ m.content }}\n{% endif %}"
        "{% endfor %}{% if add_generation_prompt %}<bot>:{% endif %}"
    )
    # As the transformers library renders it, the line feed after a block is dropped.
    assert render(source, TURNS, "<s>", "</s>") == "<s><human>: U\n<bot>: A</s><human>: V\n<bot>:"


def test_transformers_renders_the_same(tmp_path):
    hf = pytest.importorskip("transformers.utils.chat_template_utils")
    source = (
        "{%- for m in messages -%}\n  {%- if m.role == 'user' %}\n[{{ m.content | trim }}]\n  {%- else %}\n"
        "{% generation %}({{ m.content }}){% endgeneration %}\n{% endif %}\n{%- endfor %}\n"
        "{% for n in range(9) %}{% if n == 2 %}{% break %}{% endif %}{{ n }}{% endfor %}"
    )
    messages = [{"role": str(m.role), "content": m.content} for m in TURNS]
    (expected,), _ = hf.render_jinja_template([messages], chat_template=source, add_generation_prompt=True)
    assert render(source, TURNS, "", "") == expected


def test_a_template_may_refuse_and_may_not_reach_out():
    with pytest.raises(BadInput, match="does not take these messages: only users"):
        render("{{ raise_exception('only users') }}", TURNS, "", "")
    with pytest.raises(BadInput, match="does not take these messages"):
        render("{{ messages.__class__.__mro__ }}", TURNS, "", "")
    with pytest.raises(BadInput, match="does not take these messages"):
        render("{% for %}", TURNS, "", "")
