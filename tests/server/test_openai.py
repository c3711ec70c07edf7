"""The official client, unmodified, against a real server."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import openai
import pytest

from headwater.core.errors import ContextOverflow, EngineFailed
from headwater.core.types import Scope

HI: list[Any] = [{"role": "user", "content": "one two three"}]


@pytest.fixture
def client(live: Any, ben_key: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{live.url}/v1", api_key=ben_key, max_retries=0) as made:
        yield made


@pytest.fixture
def shelf(house: Any, ben: Scope) -> str:
    made = house.collections.create(ben, "shelf")
    house.add_text(ben, made.id, "ferry.txt", "The night ferry leaves at 22:40.")
    return made.id


def test_models(client: openai.OpenAI) -> None:
    listed = client.models.list().data
    assert [model.id for model in listed] == ["echo", "hash"]
    assert (listed[0].object, listed[0].owned_by) == ("model", "headwater")
    assert client.models.retrieve("echo").id == "echo"
    with pytest.raises(openai.NotFoundError, match="Known: echo, hash"):
        client.models.retrieve("gpt-99")


def test_chat(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="echo", messages=HI)
    assert reply.object == "chat.completion" and reply.id.startswith("chatcmpl-") and reply.model == "echo"
    (choice,) = reply.choices
    assert (choice.index, choice.message.role, choice.message.content) == (0, "assistant", "one two three")
    assert (choice.finish_reason, choice.logprobs, choice.message.refusal) == ("stop", None, None)
    assert reply.usage is not None
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (4, 3, 7)
    assert not hasattr(reply, "headwater")


def test_chat_without_a_model_takes_the_default(live: Any, ben_key: str) -> None:
    with live.client(ben_key) as client:
        assert client.post("/v1/chat/completions", json={"messages": HI}).json()["model"] == "echo"


def test_chat_streams(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="echo", messages=HI, stream=True))
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two three"
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert all(chunk.usage is None for chunk in chunks)


def test_usage_of_a_stream(client: openai.OpenAI) -> None:
    options: Any = {"include_usage": True}
    chunks = list(client.chat.completions.create(model="echo", messages=HI, stream=True, stream_options=options))
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None and chunks[-1].usage.total_tokens == 7


def test_stop(client: openai.OpenAI) -> None:
    stops: list[Any] = ["two", ["four", "two"]]
    for stop in stops:
        whole = client.chat.completions.create(model="echo", messages=HI, stop=stop)
        assert whole.choices[0].message.content == "one "
        chunks = client.chat.completions.create(model="echo", messages=HI, stop=stop, stream=True)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one "


def test_length(client: openai.OpenAI) -> None:
    for limit in ({"max_tokens": 2}, {"max_completion_tokens": 2}):
        reply = client.chat.completions.create(model="echo", messages=HI, **limit)
        assert reply.choices[0].finish_reason == "length"
        assert reply.choices[0].message.content == "one two"


def test_options_and_messages_reach_the_model(client: openai.OpenAI, house: Any) -> None:
    house.install("recording")
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    messages: list[Any] = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "part one"}, {"type": "text", "text": "part two"}]},
        {"role": "assistant", "content": "Yes."},
        {"role": "user", "content": "go", "name": "ben"},
    ]
    client.chat.completions.create(
        model="recording",
        messages=messages,
        temperature=0,
        top_p=0.5,
        seed=42,
        frequency_penalty=1,
        presence_penalty=-1,
        user="someone",
        metadata={"a": "b"},
        response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}},
    )
    asked, options = house.supervisor.models["recording"].asked[-1]
    assert [(m.role, m.content) for m in asked] == [
        ("system", "Be brief."),
        ("user", "part one\npart two"),
        ("assistant", "Yes."),
        ("user", "go"),
    ]
    assert (options.temperature, options.top_p, options.seed, options.json_schema) == (0, 0.5, 42, schema)
    assert (options.frequency_penalty, options.presence_penalty) == (1, -1)
    client.chat.completions.create(model="recording", messages=HI, response_format={"type": "json_object"})
    assert house.supervisor.models["recording"].asked[-1][1].json_schema == {"type": "object"}


def test_a_reply_can_be_sent_back(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="echo", messages=HI)
    turns: list[Any] = [*HI, reply.choices[0].message, {"role": "user", "content": "again"}]
    assert client.chat.completions.create(model="echo", messages=turns).choices[0].message.content == "again"
    dumped = [*HI, reply.choices[0].message.model_dump(), {"role": "user", "content": "again"}]
    assert client.chat.completions.create(model="echo", messages=dumped).choices[0].message.content == "again"


def test_answers_from_documents(client: openai.OpenAI, shelf: str) -> None:
    question: Any = [{"role": "user", "content": "When does the ferry leave?"}]
    for wanted in (shelf, "shelf"):
        reply = client.chat.completions.create(
            model="echo", messages=question, extra_body={"headwater": {"collections": [wanted]}}
        )
        assert reply.choices[0].message.content == "The night ferry leaves at 22:40. [1]"
        found = reply.headwater  # type: ignore[attr-defined]
        assert found["mode"] == "quote"
        assert found["citations"][0]["quote"] == "The night ferry leaves at 22:40."
        assert found["citations"][0]["document"] == "ferry.txt"
    with pytest.raises(openai.NotFoundError, match="no such"):
        client.chat.completions.create(
            model="echo", messages=question, extra_body={"headwater": {"collections": ["no such"]}}
        )


@pytest.mark.parametrize("usage", [False, True])
def test_streamed_answers_from_documents(client: openai.OpenAI, shelf: str, usage: bool) -> None:
    options: Any = {"include_usage": usage}
    chunks = list(
        client.chat.completions.create(
            model="echo",
            messages=[{"role": "user", "content": "When does the ferry leave?"}],
            stream=True,
            stream_options=options,
            extra_body={"headwater": {"collections": [shelf]}},
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "The night ferry leaves at 22:40. [1]"
    last: Any = chunks[-1]
    assert last.headwater["citations"][0]["number"] == 1 and last.headwater["mode"] == "quote"
    assert not hasattr(chunks[0], "headwater")
    assert (last.usage is not None) == usage


def test_documents_can_be_asked_without_a_chat_model(live: Any, house: Any, ben_key: str, shelf: str) -> None:
    house.defaults["chat"] = "not-pulled"
    body = {"messages": [{"role": "user", "content": "When does the ferry leave?"}]}
    with live.client(ben_key) as client:
        reply = client.post("/v1/chat/completions", json={**body, "headwater": {"collections": ["shelf"]}}).json()
        assert (reply["model"], reply["headwater"]["mode"]) == ("none", "quote")
        plain = client.post("/v1/chat/completions", json=body)
        assert plain.status_code == 404 and "not-pulled" in plain.json()["error"]["message"]


def test_errors_are_the_clients_own(client: openai.OpenAI, live: Any, house: Any) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-99", messages=HI)
    assert missing.value.code == "unknown" and "gpt-99" in missing.value.message
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=f"{live.url}/v1", api_key="hw_bad", max_retries=0).models.list()
    house.break_model("echo", ContextOverflow("The prompt has 9000 tokens.", "Shorten it."), 0)
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError, match="9000 tokens"):
            client.chat.completions.create(model="echo", messages=HI, stream=stream)
    house.break_model("echo", EngineFailed("The engine died.", "Ask again."), 0)
    with pytest.raises(openai.InternalServerError, match="engine died"):
        client.chat.completions.create(model="echo", messages=HI)
    house.break_model("echo", RuntimeError("/secret/path"), 0)
    with pytest.raises(openai.InternalServerError) as hidden:
        client.chat.completions.create(model="echo", messages=HI)
    assert "secret" not in str(hidden.value)


def test_an_error_in_the_middle_of_a_stream_is_raised(client: openai.OpenAI, house: Any) -> None:
    house.break_model("echo", EngineFailed("The engine died.", "Ask again."), 2)
    seen = []
    with pytest.raises(openai.APIError, match="engine died"):
        for chunk in client.chat.completions.create(model="echo", messages=HI, stream=True):
            seen.append(chunk.choices[0].delta.content)
    assert seen == ["", "word ", "word "]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"n": 2}, "n is 2"),
    ({"logprobs": True}, "logprobs"),
    ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
    ({"logit_bias": {"50256": -100}}, "logit_bias"),
    ({"modalities": ["audio"]}, "modalities"),
    ({"temperature": 3}, "temperature"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_tokens": 5, "max_completion_tokens": 6}, "differ"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"messages": []}, "messages"),
    ({"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "'tool'"),
    ({"messages": [{"role": "user", "content": None}]}, "content is missing"),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}]},
        "pictures",
    ),
    ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, "input_audio"),
    ({"response_format": {"type": "json_schema"}}, "json_schema"),
    ({"extra_body": {"no_such_field": 1}}, "no_such_field"),
    ({"extra_body": {"headwater": {"collection": ["x"]}}}, "headwater.collection"),
    (
        {"messages": [{"role": "assistant", "content": "x"}], "extra_body": {"headwater": {"collections": []}}},
        "last message",
    ),
]


def test_what_cannot_be_done_is_refused(client: openai.OpenAI) -> None:
    for fields, says in REFUSED:
        with pytest.raises(openai.BadRequestError) as refused:
            client.chat.completions.create(**{"model": "echo", "messages": HI, **fields})
        assert says in refused.value.message, fields
        assert refused.value.type == "invalid_request_error"


def test_neutral_values_are_taken(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(
        model="echo", messages=HI, n=1, logprobs=False, tools=[], tool_choice="none", modalities=["text"], logit_bias={}
    )
    assert reply.choices[0].message.content == "one two three"


def test_completions(client: openai.OpenAI) -> None:
    reply = client.completions.create(model="echo", prompt="Once upon", max_tokens=50)
    assert reply.object == "text_completion" and reply.id.startswith("cmpl-")
    assert (reply.choices[0].text, reply.choices[0].finish_reason) == ("Once upon and so on", "stop")
    assert reply.usage is not None and reply.usage.completion_tokens == 5
    several = client.completions.create(model="echo", prompt=["a", "b"], max_tokens=50)
    assert [(choice.index, choice.text) for choice in several.choices] == [(0, "a and so on"), (1, "b and so on")]
    assert several.usage is not None and several.usage.completion_tokens == 8


def test_completions_stream(client: openai.OpenAI) -> None:
    options: Any = {"include_usage": True}
    chunks = list(client.completions.create(model="echo", prompt=["a", "b"], stream=True, stream_options=options))
    texts = {0: "", 1: ""}
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert texts == {0: "a and so on", 1: "b and so on"}
    assert chunks[-1].usage is not None and chunks[-1].usage.completion_tokens == 8


def test_completions_that_cannot_be(client: openai.OpenAI, house: Any) -> None:
    prompts: list[Any] = [[1, 2, 3], [[1], [2]], []]
    for prompt in prompts:
        with pytest.raises(openai.BadRequestError):
            client.completions.create(model="echo", prompt=prompt)
    for fields in ({"echo": True}, {"suffix": "x"}, {"best_of": 3}, {"logprobs": 2}):
        with pytest.raises(openai.BadRequestError, match=next(iter(fields))):
            client.completions.create(model="echo", prompt="x", **fields)
    house.install("endless")
    with pytest.raises(openai.BadRequestError, match="does not continue plain text"):
        client.completions.create(model="endless", prompt="x")


def test_embeddings(client: openai.OpenAI) -> None:
    texts = ["the cat sat", "the cat sat", "quite something else"]
    reply = client.embeddings.create(model="hash", input=texts)
    assert [row.index for row in reply.data] == [0, 1, 2]
    assert reply.data[0].embedding == reply.data[1].embedding != reply.data[2].embedding
    assert np.linalg.norm(reply.data[0].embedding) == pytest.approx(1, abs=1e-5)
    numbers = client.embeddings.create(model="hash", input="the cat sat", encoding_format="float")
    assert numbers.data[0].embedding == pytest.approx(reply.data[0].embedding)


def test_embeddings_in_base64(live: Any, ben_key: str) -> None:
    body = {"input": "the cat sat", "model": "hash"}
    with live.client(ben_key) as client:
        plain = client.post("/v1/embeddings", json=body).json()
        packed = client.post("/v1/embeddings", json={**body, "encoding_format": "base64"}).json()
    numbers = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), "<f4")
    assert numbers.tolist() == plain["data"][0]["embedding"]
    assert set(plain["usage"]) == {"prompt_tokens", "total_tokens"}


def test_embeddings_that_cannot_be(client: openai.OpenAI) -> None:
    bad: list[Any] = ["", ["a", ""], [], [1, 2], ["x"] * 2049]
    for given in bad:
        with pytest.raises(openai.BadRequestError):
            client.embeddings.create(model="hash", input=given)
    with pytest.raises(openai.BadRequestError, match="64 numbers"):
        client.embeddings.create(model="hash", input="x", dimensions=32)
    assert len(client.embeddings.create(model="hash", input="x", dimensions=64).data[0].embedding) == 64
    with pytest.raises(openai.NotFoundError, match="embedder"):
        client.embeddings.create(model="echo", input="x")


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_stops_the_work(live: Any, house: Any, ben_key: str, stream: bool) -> None:
    house.install("endless")
    endless = house.supervisor.models["endless"]
    body = {"model": "endless", "messages": HI, "stream": stream}
    with live.client(ben_key) as client:
        if stream:
            with client.stream("POST", "/v1/chat/completions", json=body) as response:
                assert next(response.iter_lines()).startswith("data: ")
        else:
            with pytest.raises(httpx.ReadTimeout):
                client.post("/v1/chat/completions", json=body, timeout=0.5)
    assert endless.began.wait(10)
    assert endless.left.wait(10), "the model was left"
    with live.client(ben_key) as client:
        for _ in range(house.settings.answers_at_once + 1):
            assert client.post("/v1/chat/completions", json={"messages": HI}).status_code == 200, "its place is free"


def test_a_stream_ends_with_done(live: Any, ben_key: str) -> None:
    with live.client(ben_key) as client:
        text = client.post("/v1/chat/completions", json={"messages": HI, "stream": True}).text
    lines = [line for line in text.split("\n\n") if line]
    assert lines[-1] == "data: [DONE]"
    assert all(json.loads(line.removeprefix("data: "))["object"] == "chat.completion.chunk" for line in lines[:-1])


def test_a_session_may_chat_too_with_proof(visit: Any, ben: Scope) -> None:
    client = visit("ben")
    assert client.post("/v1/chat/completions", json={"messages": HI}).status_code == 200
    del client.headers["X-Headwater"]
    assert client.post("/v1/chat/completions", json={"messages": HI}).status_code == 403
