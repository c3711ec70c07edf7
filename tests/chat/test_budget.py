"""What fits is counted exactly; what does not is refused with numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.chat.budget import LEAST_ANSWER, fit
from headwater.core.errors import ContextOverflow
from headwater.core.types import Message
from headwater.engines.echo import EchoModel


def build(sizes: list[int]):
    return lambda count: [Message("user", " ".join(["w"] * sum(sizes[:count])))]


@given(st.lists(st.integers(1, 60), max_size=12), st.integers(80, 400))
async def test_takes_as_much_as_fits_and_never_more(sizes: list[int], context: int) -> None:
    model = EchoModel(context_tokens=context)
    fitted = await fit(model, build(sizes), len(sizes), 70)
    assert fitted.prompt_tokens == await model.count_tokens(fitted.messages)
    assert fitted.prompt_tokens + fitted.answer_tokens <= context
    if fitted.taken < len(sizes):
        assert 1 + sum(sizes[: fitted.taken + 1]) + 70 > context


async def test_the_answer_shrinks_before_the_last_thing_goes() -> None:
    model = EchoModel(context_tokens=200)
    fitted = await fit(model, build([100]), 1, 150, least=1)
    assert (fitted.taken, fitted.answer_tokens) == (1, 99)


async def test_what_cannot_fit_is_refused_with_numbers() -> None:
    model = EchoModel(context_tokens=100)
    with pytest.raises(ContextOverflow, match="51 tokens") as caught:
        await fit(model, build([50]), 1, 60, least=1)
    assert 51 + LEAST_ANSWER > 100
    assert caught.value.hint is not None
