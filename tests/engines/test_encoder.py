"""Embedders and readers over the real worker process, with tiny random models."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest

from headwater.core.errors import EngineFailed
from headwater.core.protocols import Embedder
from headwater.engines.encoder import OnnxEmbedder, PairEncoder
from headwater.engines.encoder_model import EncoderModel, EncoderSpec
from headwater.engines.encoder_process import EncoderProcess

TEXTS = ["the river flows into the sea", "old bridge", "", "the \ud800 sea", "stone " * 500]


def wait_until(condition):
    event = threading.Event()
    for _ in range(4000):
        if condition():
            return
        event.wait(0.005)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def process():
    process = EncoderProcess(threads=2)
    yield process
    process.stop()


def test_vectors_are_those_of_the_model(process, tiny_encoder):
    embedder: Embedder = OnnxEmbedder(tiny_encoder, process)
    vectors = embedder.embed(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), embedder.dimensions) == (5, 32)
    model = EncoderModel(tiny_encoder)
    assert np.array_equal(vectors, np.stack([model.run(text)["embedding"] for text in TEXTS]))
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, 32)
    assert embedder.name == "tiny-1"


def test_a_vector_does_not_depend_on_its_company(process, tiny_encoder):
    embedder = OnnxEmbedder(tiny_encoder, process)
    together = embedder.embed(TEXTS * 40)
    assert np.array_equal(together[: len(TEXTS)], together[-len(TEXTS) :])
    assert np.array_equal(embedder.embed(TEXTS[:1], "query")[0], together[0])


def test_padding_of_the_file_is_ignored_and_long_texts_are_cut(tiny_encoder):
    model = EncoderModel(tiny_encoder)
    whole = model.run("stone " * 62)["embedding"]  # 62 words and two marks are 64 tokens
    assert np.array_equal(model.run("stone " * 500)["embedding"], whole)
    assert not np.array_equal(model.run("stone " * 61)["embedding"], whole)


def test_pairs_come_back_raw_with_offsets(process, tiny_reader):
    question, texts = "old bridge", ["the bridge was built of stone", "river"]
    rows = PairEncoder(tiny_reader, process).run(question, texts)
    for row, text in zip(rows, texts, strict=True):
        count = 3 + 2 + len(text.split())
        assert row["token_logits"].shape == (count, 2)
        assert row["pair_logits"].shape == (1,)
        words = [
            text[start:end] for (start, end), part in zip(row["offsets"], row["segments"], strict=True) if part == 1
        ]
        assert words == text.split()
        assert row["segments"].tolist().count(-1) == 3
    again = PairEncoder(tiny_reader, process).run(question, texts[::-1], lane="bulk")
    assert np.array_equal(again[1]["token_logits"], rows[0]["token_logits"])


def test_long_pairs_keep_the_question(tiny_reader):
    row = EncoderModel(tiny_reader).run(["old bridge", "stone " * 300])
    assert (row["segments"] == 0).sum() == 2
    assert len(row["segments"]) == 64


def test_many_threads_share_the_process(process, tiny_encoder):
    embedder = OnnxEmbedder(tiny_encoder, process)
    expected = embedder.embed(TEXTS)
    results: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda kind=kind: results.append(embedder.embed(TEXTS, kind)))
        for kind in ("query", "passage") * 6
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 12
    assert all(np.array_equal(found, expected) for found in results)


def test_a_query_overtakes_bulk_work(tiny_encoder):
    process = EncoderProcess(threads=1)
    embedder = OnnxEmbedder(tiny_encoder, process)
    embedder.embed(["warm"])
    order: list[str] = []
    bulk = threading.Thread(target=lambda: (embedder.embed(["stone " * 60] * 1500), order.append("bulk")))
    bulk.start()
    wait_until(lambda: process.idle_seconds == 0)
    embedder.embed(["river"], "query")
    order.append("query")
    bulk.join()
    process.stop()
    assert order == ["query", "bulk"]


def test_a_crash_fails_what_ran_and_the_next_request_finds_a_new_worker(process, tiny_encoder):
    embedder = OnnxEmbedder(tiny_encoder, process)
    expected = embedder.embed(["river"])
    first = process.pid
    failures: list[EngineFailed] = []

    def bulk() -> None:
        try:
            embedder.embed(["stone " * 60] * 100_000)
        except EngineFailed as error:
            failures.append(error)

    thread = threading.Thread(target=bulk)
    thread.start()
    wait_until(lambda: any(pending.started for pending in list(process._pending.values())))
    os.kill(first, signal.SIGKILL)
    thread.join()
    assert failures[0].message.startswith("The encoder died: killed by SIGKILL")
    assert np.array_equal(embedder.embed(["river"]), expected)
    assert process.pid != first


def test_a_request_that_only_waited_survives_a_crash(process, tiny_encoder):
    embedder = OnnxEmbedder(tiny_encoder, process)
    expected = embedder.embed(["river"])
    first = process.pid
    os.kill(first, signal.SIGSTOP)  # it takes requests and starts none
    found: list[np.ndarray] = []
    thread = threading.Thread(target=lambda: found.append(embedder.embed(["river"])))
    thread.start()
    wait_until(lambda: any(pending.sends for pending in list(process._pending.values())))
    os.kill(first, signal.SIGKILL)
    thread.join()
    assert np.array_equal(found[0], expected)
    assert process.pid != first


def test_a_model_that_cannot_be_loaded_fails_alone(process, tiny_encoder, tmp_path):
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    broken = OnnxEmbedder(replace(tiny_encoder, name="broken-1", model=tmp_path / "broken.onnx"), process)
    with pytest.raises(EngineFailed, match=r"'broken-1' failed: .*Protobuf parsing failed") as failure:
        broken.embed(["river"] * 5)
    assert failure.value.hint == "Check its files: `headwater models verify`."
    pid = process.pid
    assert OnnxEmbedder(tiny_encoder, process).embed(["river"]).shape == (1, 32)
    assert process.pid == pid


def test_a_worker_that_does_not_start_says_why_and_rests(tiny_encoder):
    process = EncoderProcess(threads=1, module="no_such_module_of_headwater", clock=lambda: 5.0)
    embedder = OnnxEmbedder(tiny_encoder, process)
    for _ in range(2):
        with pytest.raises(EngineFailed, match=r"The encoder did not start: ended with code 1(?s:.*)No module named"):
            embedder.embed(["river"])
    with pytest.raises(EngineFailed, match="The encoder failed 2 times in a row"):
        embedder.embed(["river"])


def test_an_idle_worker_is_ended_a_busy_one_is_not(tiny_encoder):
    now = [0.0]
    process = EncoderProcess(threads=1, clock=lambda: now[0])
    embedder = OnnxEmbedder(tiny_encoder, process)
    assert not process.stop_if_idle(0)
    embedder.embed(["river"])
    now[0] = 10.0
    assert process.idle_seconds == 10.0
    assert not process.stop_if_idle(11)
    assert process.stop_if_idle(10)
    assert process.pid is None
    assert embedder.embed(["river"]).shape == (1, 32)
    process.stop()


def test_a_spec_survives_the_pipe(tiny_reader):
    assert EncoderSpec.from_json(tiny_reader.to_json()) == tiny_reader


@pytest.mark.real
def test_minilm_knows_what_belongs_together(starter_models, process):
    folder = starter_models / "minilm"
    spec = EncoderSpec("minilm-int8-1", folder / "model.onnx", folder / "tokenizer.json", 384)
    embedder = OnnxEmbedder(spec, process)
    passages = embedder.embed(
        ["The invoice must be paid within thirty days.", "Rome is the capital of Italy.", "Cells divide by mitosis."]
    )
    queries = embedder.embed(
        ["What is Italy's capital city?", "How do cells multiply?", "When is payment due?"], "query"
    )
    assert (queries @ passages.T).argmax(1).tolist() == [1, 2, 0]


def test_tokens_are_counted_as_the_model_reads_them(tiny_encoder: EncoderSpec) -> None:
    embedder = OnnxEmbedder(tiny_encoder, EncoderProcess(threads=1))
    assert embedder.count_tokens(["the river flows", "the sea"]) == (3 + 2) + (2 + 2)
    assert embedder.count_tokens(["river " * 500]) == tiny_encoder.max_tokens
