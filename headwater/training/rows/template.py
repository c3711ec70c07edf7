"""One template renders training, validation, serving and export; it tells which characters are learned.

A template may mark what the assistant says (`{% generation %}`, as transformers has it); then one rendering tells.
Without marks an answer's characters are those that the rendering gains over the prompt before it. So any Jinja chat
template works, and one whose prompt is no prefix of the full text is refused: a model trained with it would meet
prompts it never saw.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from headwater.core.errors import BadInput, UnknownName

NAMED = ("human_bot", "chatml")
_MARKS = re.compile(r"{%-?\s*(?:end)?generation\s*-?%}")
LearnOn = Literal["assistant", "last", "all"]
Turns = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of a conversation and the character ranges that are learned."""

    text: str
    learned: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ChatTemplate:
    """A Jinja chat template with the two special tokens it may write.

    `marked` is the same template with marks around what the assistant says, where there is one.
    """

    source: str
    bos_token: str = ""
    eos_token: str = ""
    marked: str | None = None

    @cached_property
    def _compiled(self) -> Any:
        return compiled(self.source)

    @cached_property
    def _mark(self) -> str:
        """Stands at the ends of what is learned while a text is made; no row can hold it by chance or by intent."""
        return f"\0{secrets.token_hex(16)}\0"

    @cached_property
    def _compiled_marked(self) -> Any:
        assert self.marked is not None
        return compiled(self.marked, self._mark)

    def render(self, turns: Turns, prompt: bool = False) -> str:
        """Return the text of the turns; with `prompt`, open for the next answer. Raises BadInput."""
        return self._rendered(self._compiled, turns, prompt)

    def _rendered(self, program: Any, turns: Turns, prompt: bool = False) -> str:
        from jinja2 import TemplateError

        try:
            text = program.render(
                messages=list(turns), add_generation_prompt=prompt, bos_token=self.bos_token, eos_token=self.eos_token
            )
        except TemplateError as error:
            raise BadInput(f"The chat template refuses these turns: {error}", "Look at the order of roles.") from error
        return str(text)

    def learn(self, turns: Turns, on: LearnOn = "assistant") -> Rendered:
        """Return the text and what of it is learned: each answer with the token that ends it. Raises BadInput."""
        if self.marked is not None and on != "all":
            return self._learn_marked(turns, on)
        text = self.render(turns)
        if on == "all":
            return Rendered(text, ((0, len(text)),))
        places = [place for place, turn in enumerate(turns) if turn["role"] == "assistant"]
        ranges = []
        for place in places if on == "assistant" else places[-1:]:
            start, end = self._range(turns, place, text)
            ranges.append((start, end))
        return Rendered(text, tuple(ranges))

    def _learn_marked(self, turns: Turns, on: LearnOn) -> Rendered:
        pieces = self._rendered(self._compiled_marked, turns).split(self._mark)
        ends = list(accumulate(map(len, pieces)))
        ranges = list(zip(ends[::2], ends[1::2], strict=False))
        return Rendered("".join(pieces), tuple(ranges if on == "assistant" else ranges[-1:]))

    def _range(self, turns: Turns, place: int, text: str) -> tuple[int, int]:
        prompt = self.render(turns[:place], prompt=True)
        until = text if place + 1 == len(turns) else self.render(turns[: place + 1])
        if not text.startswith(prompt) or not text.startswith(until):
            raise BadInput(
                f"With this template the prompt of turn {place + 1} is not how the full text begins: "
                f"{_difference(prompt if not text.startswith(prompt) else until, text)}",
                "The model would be asked in another form than it learned. Use human_bot, chatml, or another template.",
            )
        end = len(until)
        if self.eos_token and (stop := until.rfind(self.eos_token, len(prompt))) >= 0:
            end = stop + len(self.eos_token)
        else:
            end = len(prompt) + len(until[len(prompt) :].rstrip())
        return len(prompt), end


def compiled(source: str, mark: str = "") -> Any:
    """Compile a template; `mark` is written at both ends of what `{% generation %}` encloses. Raises BadInput."""
    from jinja2 import TemplateError
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Templates come with downloaded models: they are hostile until proven otherwise.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_generation(mark), loopcontrols]
    )
    environment.globals["raise_exception"] = _refuse
    try:
        program = environment.from_string(source)
    except TemplateError as error:
        raise BadInput(f"The chat template is no valid Jinja: {error}", "Correct the template.") from error
    # Jinja copies the globals for every text; a chain of mappings takes it ten times as long as a dictionary.
    program.globals = dict(program.globals)
    return program


def _generation(mark: str) -> type[Any]:
    from jinja2 import nodes
    from jinja2.ext import Extension

    class Generation(Extension):
        """What the assistant says, between two marks."""

        tags = {"generation"}  # noqa: RUF012 the name and kind Jinja asks for

        def parse(self, parser: Any) -> list[nodes.Node]:
            next(parser.stream)
            inside = parser.parse_statements(("name:endgeneration",), drop_needle=True)
            if not mark:
                return list(inside)
            return [nodes.Output([nodes.TemplateData(mark)]), *inside, nodes.Output([nodes.TemplateData(mark)])]

    return Generation


def _refuse(message: str) -> None:
    from jinja2 import TemplateError

    raise TemplateError(message)


def _difference(prompt: str, text: str) -> str:
    at = next((i for i, (a, b) in enumerate(zip(prompt, text, strict=False)) if a != b), min(len(prompt), len(text)))
    return f"at character {at} the prompt has {prompt[at : at + 30]!r}, the text {text[at : at + 30]!r}"


def load_template(name: str, tokenizer: Any) -> ChatTemplate:
    """Return a template by name: human_bot, chatml, tokenizer, or the path of a .jinja file. Raises BadInput."""
    bos, eos = tokenizer.bos_token or "", tokenizer.eos_token or ""
    if not eos:
        raise BadInput(
            "The tokenizer has no token that ends a text", "Take a model whose tokenizer names an eos_token."
        )
    if name == "tokenizer":
        own = tokenizer.chat_template
        if not isinstance(own, str):
            raise BadInput(
                "The model's tokenizer brings no chat template of its own", "Use human_bot, chatml, or a .jinja file."
            )
        return _foreign(own, bos, eos)
    if name.endswith(".jinja"):
        path = Path(name)
        if not path.is_file():
            raise BadInput(f"There is no template {name}", "Give the path of a Jinja file.")
        return _foreign(path.read_text("utf-8"), bos, eos)
    if name not in NAMED:
        raise UnknownName.among("template", name, (*NAMED, "tokenizer"))
    marked = (Path(__file__).parent / "templates" / f"{name}.jinja").read_text("utf-8")
    # The marks are for learning only: the template that goes with an adapter is read by programs that know none.
    return ChatTemplate(_MARKS.sub("", marked), bos, eos, marked)


def _foreign(source: str, bos: str, eos: str) -> ChatTemplate:
    return ChatTemplate(source, bos, eos, source if _MARKS.search(source) else None)
