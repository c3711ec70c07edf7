from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import headwater.client
from headwater.client import Answer, Headwater, HeadwaterFailed, Text
from headwater.core.errors import EngineFailed


@pytest.fixture
def client(live: Any, ben_key: str) -> Iterator[Headwater]:
    with Headwater(f"{live.url}/", ben_key) as made:
        yield made


@pytest.fixture
def ferry(tmp_path: Path) -> Path:
    path = tmp_path / "ferry.txt"
    path.write_text("The night ferry leaves at 22:40.\fBicycles travel free.")
    return path


def test_upload_ask_and_search(client: Headwater, ferry: Path) -> None:
    document = client.upload(ferry, "Timetables")
    assert (document.name, document.state, document.page_count) == ("ferry.txt", "searchable", 2)
    answer = client.ask("When does the ferry leave?", ["Timetables"])
    assert answer.grounded and answer.mode == "quote"
    assert answer.text == "The night ferry leaves at 22:40. [1]"
    assert (answer.citations[0].document, answer.citations[0].page) == ("ferry.txt", 1)
    assert client.ask("Who is Zaphod?").mode == "not_found"
    (hit,) = client.search("bicycles", ["Timetables"])
    assert (hit.document, hit.page, hit.text) == ("ferry.txt", 2, "Bicycles travel free.")
    (collection,) = client.collections()
    assert (collection.name, collection.document_count) == ("Timetables", 1)
    assert [each.name for each in client.documents(collection.id)] == ["ferry.txt"]


def test_a_file_again_is_not_read_again(client: Headwater, ferry: Path) -> None:
    first = client.upload(ferry, "Timetables")
    assert client.upload(ferry, "Timetables", wait_seconds=0).id == first.id
    assert len(client.documents("Timetables")) == 1


def test_chat_streams(client: Headwater, ferry: Path) -> None:
    pieces = list(client.chat([{"role": "user", "content": "one two three"}]))
    assert pieces[:-1] == [Text("one"), Text(" two"), Text(" three")]
    assert pieces[-1] == Answer("one two three", "chat", (), "echo")
    client.upload(ferry, "Timetables")
    *_, last = client.chat([{"role": "user", "content": "When does the ferry leave?"}], ["Timetables"])
    assert isinstance(last, Answer) and last.mode == "quote" and last.citations[0].number == 1


def test_what_goes_wrong_says_what_to_do(client: Headwater, live: Any, house: Any, tmp_path: Path) -> None:
    with pytest.raises(HeadwaterFailed, match="No collection 'x'") as missing:
        client.search("y", ["x"])
    assert missing.value.status == 404
    with pytest.raises(HeadwaterFailed) as unknown:
        client.ask("y", ["x"])
    assert (unknown.value.status, unknown.value.code) == (404, "not_found")
    with pytest.raises(HeadwaterFailed) as refused, Headwater(live.url, "hw_bad") as stranger:
        stranger.collections()
    assert (refused.value.status, refused.value.code) == (401, "sign_in")
    picture = tmp_path / "picture.txt"
    picture.write_bytes(b"\xff\xfe")
    with pytest.raises(HeadwaterFailed, match=r"picture.txt is not text. Send a text file."):
        client.upload(picture, "Pictures")
    big = tmp_path / "big.txt"
    big.write_bytes(b"x" * 1_500_000)
    with pytest.raises(HeadwaterFailed, match="larger than 1 MB"):
        client.upload(big, "Pictures")
    house.break_model("echo", EngineFailed("The engine died.", "Ask again."), 1)
    stream = client.chat([{"role": "user", "content": "x"}])
    assert next(stream) == Text("word ")
    with pytest.raises(HeadwaterFailed, match="The engine died"):
        next(stream)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(HeadwaterFailed, match="was not reached") as failed, Headwater("http://127.0.0.1:9", "k") as c:
        c.collections()
    assert failed.value.status == 0


def test_leaving_a_stream_stops_the_work(client: Headwater, house: Any) -> None:
    house.install("endless")
    stream = client.chat([{"role": "user", "content": "x"}], model="endless")
    assert next(stream) == Text("word ")
    stream.close()  # type: ignore[attr-defined]
    assert house.supervisor.models["endless"].left.wait(10)


def test_the_client_imports_nothing_else_of_ours() -> None:
    for path in Path(headwater.client.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert all(not n.startswith("headwater") or n.startswith("headwater.client") for n in names), path
