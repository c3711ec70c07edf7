"""What makes a folder of weights chat: tokenizer, chat template and the tokens that end an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.core.errors import BadInput

TEMPLATE_FILE = "template.jinja"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json")

_LEARNT = re.compile(r"\{%(-?)\s*(end)?generation\s*(-?)%\}")
_ANSWER = "qzxq"


@dataclass(frozen=True, slots=True)
class Chat:
    """A tokenizer that carries its chat template, and the ids that end an answer, the trained one first.

    `writes_stop` says whether the template itself ends answers with one of them.
    """

    tokenizer: Any
    stop_ids: tuple[int, ...]
    writes_stop: bool

    @property
    def stop_tokens(self) -> tuple[str, ...]:
        """The stops as text."""
        return tuple(self.tokenizer.convert_ids_to_tokens(list(self.stop_ids)))


def read_chat(adapter: Path, base: Path) -> Chat:
    """Take the tokenizer of the adapter's folder, else of the base, with the template it was trained with.

    Raises BadInput where no template is known.
    """
    tokenizer = _load_tokenizer(adapter, base)
    path = adapter / TEMPLATE_FILE
    template = path.read_text("utf-8") if path.is_file() else tokenizer.chat_template
    if not isinstance(template, str) or not template.strip():
        raise BadInput(f"{adapter} names no chat template", f"Put the template it was trained with into {path.name}.")
    tokenizer.chat_template = _portable(template)
    if _lacks_start(tokenizer):
        tokenizer.chat_template = "{{- bos_token -}}" + tokenizer.chat_template
    stops, writes_stop = _stops(tokenizer)
    if not stops:
        raise BadInput(
            f"Neither the template nor the tokenizer of {adapter} has a token that ends an answer",
            "Train with a template that ends answers with {{ eos_token }}.",
        )
    return Chat(tokenizer, stops, writes_stop)


def _load_tokenizer(adapter: Path, base: Path) -> Any:
    from transformers import AutoTokenizer

    if any((adapter / name).is_file() for name in TOKENIZER_FILES):
        return AutoTokenizer.from_pretrained(adapter)
    if base.is_file():
        return AutoTokenizer.from_pretrained(base.parent, gguf_file=base.name)
    return AutoTokenizer.from_pretrained(base)


def _portable(template: str) -> str:
    """Without the marks of what was learnt, which only a trainer understands; white space stays as it was."""
    return _LEARNT.sub(lambda mark: f"{{%{mark[1]} {'endif' if mark[2] else 'if true'} {mark[3]}%}}", template)


def _lacks_start(tokenizer: Any) -> bool:
    """Whether a prompt made by the template misses the token that the tokenizer puts before every text."""
    start = tokenizer.bos_token_id
    if start is None or tokenizer("a")["input_ids"][:1] != [start]:
        return False
    text = tokenizer.apply_chat_template([{"role": "user", "content": "a"}], tokenize=False, add_generation_prompt=True)
    return not text.startswith(tokenizer.bos_token)


def _stops(tokenizer: Any) -> tuple[tuple[int, ...], bool]:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": _ANSWER}]
    after = tokenizer.apply_chat_template(turns, tokenize=False).rpartition(_ANSWER)[2].lstrip()
    ids = tokenizer(after, add_special_tokens=False)["input_ids"][:1] if after else []
    special = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
    written = [token for token in ids if token in special]
    ends = [*written, tokenizer.eos_token_id]
    return tuple(dict.fromkeys(token for token in ends if token is not None)), bool(written)
