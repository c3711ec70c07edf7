"""A chat template that comes with an adapter, rendered here as the transformers library renders it.

It is a program from a file of somebody else, so it runs in Jinja's sandbox. Marks around what was
learnt (`{% generation %}`) are understood and leave no trace in the prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from headwater.core.errors import BadInput
from headwater.core.types import Message


class _Generation(Extension):
    """`{% generation %}...{% endgeneration %}` is the text inside it."""

    tags = {"generation"}  # noqa: RUF012 the name and kind Jinja asks for

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def render(source: str, messages: Sequence[Message], start_token: str, end_token: str) -> str:
    """Return the prompt, open for the assistant's answer. Raises BadInput where the template refuses."""
    values = {
        "messages": [{"role": str(message.role), "content": message.content} for message in messages],
        "add_generation_prompt": True,
        "enable_thinking": False,
        "bos_token": start_token,
        "eos_token": end_token,
    }
    try:
        return _compiled(source).render(values)
    except (TemplateError, TypeError, ValueError) as error:
        raise BadInput(
            f"The adapter's chat template does not take these messages: {error}",
            "Send the roles it was trained with, in their order.",
        ) from error


@lru_cache(maxsize=64)
def _compiled(source: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    environment.globals["raise_exception"] = _refuse
    return environment.from_string(source)


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
