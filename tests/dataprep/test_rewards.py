"""Reward scores: from the outputs of a local graph, from a server, from nowhere with an honest error."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt
import pytest

from headwater.core.errors import BadInput, EngineFailed, Forbidden, MissingExtra
from headwater.dataprep.recipe import Recipe, parse_recipe
from headwater.dataprep.rewards import RewardServer, local_reward, score_of
from headwater.dataprep.run import RunSettings, prepare
from headwater.dataprep.step import Services

PAIRS = [("a?", "good"), ("a?", "bad!"), ("b?", "good and long")]


class Graph:
    """A model whose logit is the length of the answer less four."""

    name = "long-is-good"

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def run(self, question: str, texts: Sequence[str]) -> list[dict[str, npt.NDArray[Any]]]:
        self.asked.append((question, len(texts)))
        segments = np.zeros(5, np.int8)
        return [{"logits": np.array([len(text) - 4.0]), "segments": segments, "offsets": segments} for text in texts]


def test_a_local_model_scores_pairs_by_question() -> None:
    graph = Graph()
    scores = local_reward(graph)(PAIRS)
    assert scores[:2] == [0.5, 0.5]
    assert scores[2] > 0.99
    assert graph.asked == [("a?", 2), ("b?", 1)]


def test_what_counts_as_a_score() -> None:
    assert score_of({"logits": np.array([[0.0]])}, "m") == 0.5
    assert score_of({"any": np.array([-800.0])}, "m") == 0.0
    assert score_of({"logits": np.array([1.0, 3.0])}, "m") == pytest.approx(1 / (1 + np.exp(-2)))
    with pytest.raises(BadInput, match="reader gives no score of a pair but start of 7, end of 7"):
        score_of({"start": np.zeros(7), "end": np.zeros(7)}, "reader")


def answering(*answers: httpx.Response | Exception) -> tuple[httpx.MockTransport, list[dict[str, Any]]]:
    left = list(answers)
    asked: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        asked.append({**body, "path": request.url.path, "key": request.headers.get("Authorization")})
        if left:
            first = left.pop(0)
            if isinstance(first, Exception):
                raise first
            return first
        results = [{"index": n, "relevance_score": len(text)} for n, text in enumerate(body["documents"])]
        return httpx.Response(200, json={"results": results[::-1]})

    return httpx.MockTransport(answer), asked


def server(transport: httpx.MockTransport, waits: list[float], url: str = "http://host/v1") -> RewardServer:
    return RewardServer(url, url, "judge", "hush", transport, waits.append)


def test_a_server_scores_in_order() -> None:
    transport, asked = answering()
    assert server(transport, [])(PAIRS) == [4.0, 4.0, 13.0]
    assert sorted(one["query"] for one in asked) == ["a?", "b?"]
    assert {(one["path"], one["model"], one["key"]) for one in asked} == {("/v1/rerank", "judge", "Bearer hush")}
    assert "hush" not in repr(server(transport, []))


def test_a_busy_server_is_asked_again() -> None:
    transport, _ = answering(httpx.Response(503), httpx.ConnectError("refused"))
    waits: list[float] = []
    assert server(transport, waits)(PAIRS[:1]) == [4.0]
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([httpx.Response(404, text="no such model")], "refuses: HTTP 404 no such model"),
        ([httpx.Response(200, json={"results": []})], "no score for each text"),
        ([httpx.Response(200, text="hello")], "no score for each text"),
        ([httpx.Response(503)] * 5, "does not answer: HTTP 503"),
    ],
)
def test_a_server_that_does_not_score(answers: list[httpx.Response], said: str) -> None:
    transport, _ = answering(*answers)
    with pytest.raises(EngineFailed, match=said):
        server(transport, [])(PAIRS[:1])


def laid(folder: Path, **options: object) -> Recipe:
    rows = [{"question": f"q{n}?", "answer": "x" * n} for n in range(1, 9)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    value = {
        "version": 1,
        "sources": [{"path": "rows.jsonl"}],
        "steps": [{"reward": options}],
        "output": {"path": "out"},
    }
    return parse_recipe(value, folder)


def test_a_recipe_with_an_installed_model(tmp_path: Path) -> None:
    given = laid(tmp_path, model="long-is-good", minimum=0.5)
    asked: list[str] = []

    def named(name: str) -> Any:
        asked.append(name)
        return local_reward(Graph())

    report = prepare(given, RunSettings(services=Services(reward_named=named))).json
    assert (report["rows_dropped"], report["steps"][0]["reasons"]) == (3, {"low reward": 3})
    assert set(asked) == {"long-is-good"}
    with pytest.raises(MissingExtra, match="needs a model for 'reward'"):
        prepare(given)


def test_a_recipe_with_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            scores = [{"index": n, "relevance_score": len(text) / 8} for n, text in enumerate(body["documents"])]
            assert self.headers["Authorization"] == "Bearer hush"
            answer = json.dumps({"results": scores}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    held = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=held.serve_forever, args=(0.01,))
    thread.start()
    monkeypatch.setenv("JUDGE_KEY", "hush")
    given = laid(tmp_path, url=f"http://127.0.0.1:{held.server_address[1]}/v1", key="env:JUDGE_KEY", minimum=0.5)
    try:
        assert prepare(given).json["rows_dropped"] == 3
    finally:
        held.shutdown()
        thread.join()
        held.server_close()
    with pytest.raises(Forbidden, match="other servers are closed"):
        prepare(given, RunSettings(remote_allowed=False))
    assert "hush" not in (tmp_path / "out/report.json").read_text("utf-8")


@pytest.mark.parametrize("options", [{"url": "host"}, {"url": "https://me:hush@host/v1"}, {"key": "hush"}])
def test_a_recipe_holds_no_secret(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(BadInput) as caught:
        laid(tmp_path, **options)
    assert "reward" in caught.value.message
    assert "hush" not in f"{caught.value.message} {caught.value.hint}"
