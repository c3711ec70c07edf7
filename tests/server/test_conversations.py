from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from headwater.core.errors import EngineFailed
from headwater.core.types import Scope
from headwater.server.app import create_app
from headwater.server.routes.messages import title_from


def events(response: httpx.Response) -> Iterator[tuple[int, str, Any]]:
    """Server-sent events of a response as (id, event, data)."""
    found: dict[str, str] = {}
    for line in response.iter_lines():
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            found[name] = value
        elif found:
            yield int(found.get("id", 0)), found["event"], json.loads(found["data"])
            found = {}


def follow(client: httpx.Client, message_id: str, after: int | None = None) -> list[tuple[int, str, Any]]:
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    with client.stream("GET", f"/api/messages/{message_id}/events", headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        return list(events(response))


@pytest.fixture
def client(live: Any, ben_key: str) -> Iterator[httpx.Client]:
    with live.client(ben_key) as made:
        yield made


def begin(client: httpx.Client, **fields: Any) -> str:
    made = client.post("/api/conversations", json=fields)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def ask(
    client: httpx.Client, conversation: str, content: str, parent: str | None = None, **more: Any
) -> dict[str, Any]:
    answer = client.post(
        f"/api/conversations/{conversation}/messages", json={"content": content, "parent_id": parent, **more}
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_an_answer_is_streamed_and_kept(client: httpx.Client) -> None:
    conversation = begin(client)
    asked = ask(client, conversation, "one two three")
    assert asked["user"]["content"] == "one two three" and asked["user"]["streaming"] is False
    assert asked["answer"]["streaming"] is True and asked["answer"]["parent_id"] == asked["user"]["id"]
    seen = follow(client, asked["answer"]["id"])
    assert [number for number, _, _ in seen] == list(range(1, len(seen) + 1))
    assert "".join(data["text"] for _, kind, data in seen if kind == "text") == "one two three"
    assert seen[-1][1] == "done"
    done = seen[-1][2]
    assert (done["content"], done["mode"], done["streaming"], done["error"]) == ("one two three", "chat", False, None)
    detail = client.get(f"/api/conversations/{conversation}").json()
    assert detail["messages"] == [asked["user"], done]
    assert detail["title"] == "one two three"
    assert detail["leaf_id"] == done["id"]


def test_answers_from_documents_carry_hits_and_citations(client: httpx.Client, house: Any, ben: Scope) -> None:
    shelf = house.collections.create(ben, "shelf")
    house.add_text(ben, shelf.id, "ferry.txt", "The night ferry leaves at 22:40.")
    conversation = begin(client, collection_ids=[shelf.id])
    seen = follow(client, ask(client, conversation, "When does the ferry leave?")["answer"]["id"])
    assert [kind for _, kind, _ in seen] == ["status", "hits", "text", "done"]
    assert seen[0][2] == {"status": "searching"}
    assert seen[1][2]["hits"][0]["document"] == "ferry.txt"
    done = seen[3][2]
    assert done["mode"] == "quote" and done["hits"] == seen[1][2]["hits"]
    (cited,) = done["citations"]
    assert (cited["number"], cited["document"], cited["quote"]) == (1, "ferry.txt", "The night ferry leaves at 22:40.")
    page = client.get(f"/api/documents/{cited['document_id']}/pages/{cited['page_number']}").json()
    assert page["text"][cited["start"] : cited["end"]] == cited["quote"]
    nothing = follow(client, ask(client, conversation, "Who is Zaphod?", done["id"])["answer"]["id"])
    assert nothing[-1][2]["mode"] == "not_found"


def test_a_stream_is_taken_up_after_the_last_event_seen(client: httpx.Client) -> None:
    answer = ask(client, begin(client), "a b c d e")["answer"]["id"]
    everything = follow(client, answer)
    for seen in (0, 1, len(everything) - 1):
        assert follow(client, answer, seen) == everything[seen:]
    assert follow(client, answer, len(everything)) == everything[-1:], "the end is told again"
    assert follow(client, answer, 10**9) == everything[-1:]
    assert client.get(f"/api/messages/{answer}/events", headers={"Last-Event-ID": "x"}).status_code == 400


def test_an_answer_goes_on_when_the_tab_closes_and_can_be_watched_by_two(
    client: httpx.Client, house: Any, live: Any, ben_key: str
) -> None:
    endless = house.supervisor.models["endless"]
    house.defaults["chat"] = "echo"
    house.install("endless")
    answer = ask(client, begin(client, model="endless"), "go")["answer"]["id"]
    with client.stream("GET", f"/api/messages/{answer}/events") as first:
        assert next(events(first))[1:] == ("text", {"text": "word "})
        assert endless.began.wait(10)
    assert not endless.left.is_set(), "closing the tab does not stop the answer"
    with live.client(ben_key) as other, other.stream("GET", f"/api/messages/{answer}/events") as second:
        stream = events(second)
        assert next(stream)[1:] == ("text", {"text": "word "})
        stopped = client.post(f"/api/messages/{answer}/stop").json()
        assert (stopped["content"], stopped["finish_reason"], stopped["streaming"]) == ("word ", "cancelled", False)
        assert next(stream)[1] == "done"
    assert endless.left.is_set(), "stopping reaches the model"
    again = client.post(f"/api/messages/{answer}/stop").json()
    assert again == stopped


def test_regenerating_and_editing_make_siblings(client: httpx.Client) -> None:
    conversation = begin(client)
    first = ask(client, conversation, "one")
    follow(client, first["answer"]["id"])
    again = client.post(f"/api/messages/{first['answer']['id']}/regenerate")
    assert again.status_code == 202
    other = again.json()["answer"]
    assert other["parent_id"] == first["user"]["id"] and other["id"] != first["answer"]["id"]
    assert follow(client, other["id"])[-1][2]["content"] == "one"
    edited = ask(client, conversation, "uno", first["user"]["parent_id"])
    follow(client, edited["answer"]["id"])
    second = ask(client, conversation, "two", other["id"])
    follow(client, second["answer"]["id"])
    messages = {m["id"]: m for m in client.get(f"/api/conversations/{conversation}").json()["messages"]}
    assert len(messages) == 7
    assert [m["content"] for m in messages.values() if m["parent_id"] is None] == ["one", "uno"]
    assert messages[second["user"]["id"]]["parent_id"] == other["id"]
    wrong = client.post(f"/api/messages/{first['user']['id']}/regenerate")
    assert wrong.status_code == 400
    parent = {"content": "x", "parent_id": first["user"]["id"]}
    assert client.post(f"/api/conversations/{conversation}/messages", json=parent).status_code == 400


def test_the_model_reads_the_branch_and_the_options(client: httpx.Client, house: Any) -> None:
    recording = house.supervisor.models["recording"]
    house.install("recording")
    conversation = begin(client, model="recording")
    first = ask(client, conversation, "first")
    follow(client, first["answer"]["id"])
    second = ask(
        client,
        conversation,
        "second",
        first["answer"]["id"],
        options={"temperature": 0, "max_tokens": 5, "seed": 7},
    )
    follow(client, second["answer"]["id"])
    messages, options = recording.asked[-1]
    assert [(m.role, m.content) for m in messages] == [("user", "first"), ("assistant", "first"), ("user", "second")]
    assert (options.temperature, options.max_tokens, options.seed) == (0, 5, 7)


def test_what_cannot_be_asked(client: httpx.Client, house: Any, ben: Scope) -> None:
    conversation = begin(client)
    url = f"/api/conversations/{conversation}/messages"
    assert client.post(url, json={"content": "  "}).status_code == 400
    assert client.post(url, json={"content": ""}).status_code == 422
    assert client.post(url, json={"content": "x", "options": {"temperature": 9}}).status_code == 422
    assert client.post("/api/conversations", json={"model": "gpt-99"}).status_code == 404
    assert client.post("/api/conversations", json={"model": "/etc/passwd"}).status_code == 404
    house.defaults["chat"] = "not-here"
    missing = client.post(url, json={"content": "x"})
    assert missing.status_code == 404 and "not-here" in missing.json()["error"]["message"]
    assert client.get(f"/api/conversations/{conversation}").json()["messages"] == [], "nothing half done is stored"
    shelf = house.collections.create(ben, "shelf")
    with_documents = begin(client, collection_ids=[shelf.id])
    assert ask(client, with_documents, "x")["answer"]["streaming"], "documents can be asked without a chat model"
    house.collections.delete(ben, shelf.id)
    gone = client.post(f"/api/conversations/{with_documents}/messages", json={"content": "x"})
    assert gone.status_code == 404 and "collection" in gone.json()["error"]["message"]


@pytest.mark.parametrize("after", [0, 2])
def test_an_engine_that_dies_leaves_its_reason_in_the_message(client: httpx.Client, house: Any, after: int) -> None:
    house.break_model("echo", EngineFailed("The engine died.", "Ask again."), after)
    conversation = begin(client)
    answer = ask(client, conversation, "x")["answer"]["id"]
    seen = follow(client, answer)
    assert [kind for _, kind, _ in seen] == ["text"] * after + ["error"]
    assert seen[-1][2]["error"]["message"] == "The engine died." and seen[-1][2]["error"]["hint"] == "Ask again."
    kept = client.get(f"/api/conversations/{conversation}").json()["messages"][1]
    assert kept["error"] == seen[-1][2]["error"]
    assert (kept["content"], kept["streaming"]) == ("word " * after, False)


def test_answers_at_once_are_limited(client: httpx.Client, house: Any, live: Any) -> None:
    house.install("endless")
    conversation = begin(client, model="endless")
    answers = [ask(client, conversation, "go")["answer"]["id"] for _ in range(house.settings.answers_at_once)]
    refused = client.post(f"/api/conversations/{conversation}/messages", json={"content": "one more"})
    assert refused.status_code == 429
    assert "answers_at_once" in refused.json()["error"]["hint"]
    chat = {"messages": [{"role": "user", "content": "hi"}]}
    assert client.post("/v1/chat/completions", json=chat).status_code == 429
    client.post(f"/api/messages/{answers[0]}/stop")
    assert client.post("/v1/chat/completions", json=chat).status_code == 200
    for answer in answers[1:]:
        client.post(f"/api/messages/{answer}/stop")


def test_deleting_a_conversation_stops_its_answers(client: httpx.Client, house: Any) -> None:
    endless = house.supervisor.models["endless"]
    house.install("endless")
    conversation = begin(client, model="endless")
    answer = ask(client, conversation, "go")["answer"]["id"]
    assert endless.began.wait(10)
    assert client.delete(f"/api/conversations/{conversation}").json() == {"done": True}
    assert endless.left.is_set()
    assert client.get(f"/api/messages/{answer}/events").status_code == 404


def test_an_answer_that_a_crash_cut_off_says_so(house: Any, ben: Scope, visit: Any) -> None:
    conversation = house.conversations.create(ben, "talk")
    question = house.conversations.add_message(ben, conversation.id, None, "user", "q")
    answer = house.conversations.add_message(ben, conversation.id, question.id, "assistant", "", {"streaming": True})
    client = visit("ben")
    kept = client.get(f"/api/conversations/{conversation.id}").json()["messages"][1]
    assert kept["streaming"] is False and kept["error"]["code"] == "interrupted"
    assert "Regenerate" in kept["error"]["hint"]
    followed = client.get(f"/api/messages/{answer.id}/events", headers={"Last-Event-ID": "41"})
    assert "id: 42" in followed.text and "event: error" in followed.text and "interrupted" in followed.text


def test_a_server_that_stops_says_so_in_the_message(
    house: Any, static: Any, ben: Scope, ben_key: str, running: Any
) -> None:
    house.install("endless")
    with running(house, create_app(house, static=static)) as live, live.client(ben_key) as client:
        conversation = begin(client, model="endless")
        ask(client, conversation, "go")
        assert house.supervisor.models["endless"].began.wait(10)
    (_, answer) = house.conversations.get(ben, conversation).messages
    assert answer.content == "word "
    assert "stopped" in answer.details["error"]["message"] and "streaming" not in answer.details


def test_rating(client: httpx.Client) -> None:
    asked = ask(client, begin(client), "x")
    answer = asked["answer"]["id"]
    follow(client, answer)
    assert client.patch(f"/api/messages/{answer}", json={"rating": 1}).json()["rating"] == 1
    assert client.patch(f"/api/messages/{answer}", json={"rating": None}).json()["rating"] is None
    assert client.patch(f"/api/messages/{answer}", json={"rating": 5}).status_code == 422
    assert client.patch(f"/api/messages/{asked['user']['id']}", json={"rating": 1}).status_code == 400
    assert client.get(f"/api/messages/{asked['user']['id']}/events").status_code == 400


def test_changing_a_conversation(client: httpx.Client, house: Any, ben: Scope) -> None:
    shelf = house.collections.create(ben, "shelf")
    conversation = begin(client, title="Old", collection_ids=[shelf.id], model="echo")
    url = f"/api/conversations/{conversation}"
    assert client.patch(url, json={"title": "New"}).json() | {"updated": 0, "created": 0} == {
        "id": conversation,
        "title": "New",
        "collection_ids": [shelf.id],
        "model": "echo",
        "leaf_id": None,
        "created": 0,
        "updated": 0,
    }
    assert client.patch(url, json={"model": None}).json()["model"] is None
    assert client.patch(url, json={"collection_ids": []}).json()["collection_ids"] == []
    assert client.patch(url, json={"model": "gpt-99"}).status_code == 404
    assert client.patch(url, json={}).status_code == 400
    assert [c["title"] for c in client.get("/api/conversations?query=new").json()] == ["New"]
    assert client.get("/api/conversations?query=old").json() == []
    assert client.get("/api/conversations", params={"query": "%_\"'*"}).json() == []


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("When does the ferry leave?", "When does the ferry leave?"),
        ("  several\n lines\there ", "several lines here"),
        ("word " * 40, "word word word word word word word word word word word word…"),
        ("x" * 100, "x" * 60 + "…"),
    ],
)
def test_titles(question: str, title: str) -> None:
    assert title_from(question) == title
