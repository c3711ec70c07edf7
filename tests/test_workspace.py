"""The workspace opens parts once, works without models, and notices models that come later."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from headwater.core.errors import NotFound, UnknownName
from headwater.core.settings import Endpoint, Settings
from headwater.core.types import ChatOptions, Filters
from headwater.engines.remote import RemoteModel
from headwater.workspace import Workspace

FERRY = "The night ferry to Skarvik leaves at 22:40 from pier 6. Bicycles travel free."


@pytest.fixture
def workspace(tmp_path: Path):
    opened = Workspace.open(Settings(data_dir=tmp_path / "data", threads=1))
    yield opened
    opened.close()


def ask(ws: Workspace, path: Path, question: str):
    filters = ws.folders.sync(ws.owner, [path]).filters
    return asyncio.run(ws.answer(question, ws.owner, filters, None))


def test_without_any_model_documents_are_quoted(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "ferry.txt"
    path.write_text(FERRY, "utf-8")
    assert workspace.embedder is None
    answer = ask(workspace, path, "From which pier does the night ferry leave?")
    assert (answer.mode, answer.model) == ("quote", None)
    citation = answer.citations[0]
    assert FERRY[citation.start : citation.end] == citation.quote
    assert "pier 6" in answer.text


def test_plain_chat_without_a_model_says_what_to_do(workspace: Workspace) -> None:
    with pytest.raises(NotFound, match="No chat model is installed"):
        workspace.reply("Hello", (), workspace.owner, None, None)


def test_a_named_model_that_is_not_there_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(UnknownName, match="nonesuch"):
        workspace.reply("Hello", (), workspace.owner, Filters(), "nonesuch")


def test_the_answerer_follows_the_models_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ws = Workspace.open(Settings(data_dir=tmp_path, threads=1, embedder="hash"))
    try:
        first = ws.answerer
        assert ws.answerer is first
        monkeypatch.setattr(ws, "default_model", lambda _: None)
        assert ws.answerer is not first
    finally:
        ws.close()


def test_an_endpoint_of_the_settings_is_a_model(tmp_path: Path) -> None:
    endpoint = Endpoint(name="big", url="http://127.0.0.1:9/v1", model="m", context_tokens=1000)
    ws = Workspace.open(Settings(data_dir=tmp_path, threads=1, endpoints=(endpoint,)))
    try:
        model = ws.chat_model("big")
        assert isinstance(model, RemoteModel)
        assert (model.name, model.context_tokens) == ("big", 1000)
    finally:
        ws.close()


def test_deleting_a_document_takes_it_out_of_search(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "ferry.txt"
    path.write_text(FERRY, "utf-8")
    filters = workspace.folders.sync(workspace.owner, [path]).filters
    document = workspace.documents.list(workspace.owner, filters.collection_ids[0])[0]
    assert workspace.search("ferry", workspace.owner, filters, 5)
    workspace.documents.delete(workspace.owner, document.id)
    assert workspace.search("ferry", workspace.owner, filters, 5) == []


@pytest.mark.real
async def test_the_starter_models_search_and_write(tmp_path: Path, starter_models: Path) -> None:
    ws = Workspace.open(Settings(data_dir=tmp_path / "data", threads=1, parallel=1), models_dir=starter_models)
    try:
        path = tmp_path / "ferry.txt"
        path.write_text(FERRY, "utf-8")
        filters = ws.folders.sync(ws.owner, [path]).filters
        answer = await ws.answer("What time does the boat at night go?", ws.owner, filters, None)
        assert "22:40" in answer.text
        assert answer.hits[0].dense is not None
        events = [e async for e in ws.reply("Say hello.", (), ws.owner, None, None, ChatOptions(max_tokens=8, seed=1))]
        assert events[-1].answer is not None
        assert events[-1].answer.model == "starter"
        assert events[-1].answer.text
    finally:
        ws.close()
