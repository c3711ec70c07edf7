"""The signals of sentences, with and without models."""

from __future__ import annotations

import numpy as np

from headwater.chat.answerable import signals
from headwater.chat.evidence import FEATURES, gather
from headwater.engines.hashing import HashEmbedder
from tests.chat.conftest import PARAGRAPHS, SpanReader, hit

HITS = [hit(number, text) for number, text in enumerate(PARAGRAPHS, start=1)]


def test_candidates_are_sentences_of_the_hits() -> None:
    evidence = gather("When was the bridge built?", HITS)
    assert evidence.features.shape == (len(evidence.candidates), len(FEATURES))
    for candidate in evidence.candidates:
        assert HITS[candidate.hit].passage.text[candidate.start : candidate.end] == candidate.text
    assert np.isfinite(evidence.features).all()


def test_words_of_the_question_speak_for_a_sentence() -> None:
    evidence = gather("In which year was the stone bridge built?", HITS)
    best = int(evidence.column("covered").argmax())
    assert "1745" in evidence.candidates[best].text
    assert evidence.column("time_and_date")[best] == 1.0
    assert evidence.column("pairs")[best] > 0
    assert abs(evidence.weights.sum() - 1) < 1e-9


def test_a_missing_name_or_number_is_noticed() -> None:
    there = gather("When did Ines Okafor take office?", HITS)
    absent = gather("When did Ines Lindqvist take office?", HITS)
    wrong = gather("What happened to the bridge in 1913?", HITS)
    rows = [signals(evidence, evidence.column("covered")) for evidence in (there, absent, wrong)]
    assert [row["lacks_name_anywhere"] for row in rows] == [0.0, 1.0, 0.0]
    assert [row["lacks_number"] for row in rows] == [0.0, 0.0, 1.0]
    assert rows[1]["lacks_passage"] > rows[0]["lacks_passage"]


def test_vectors_and_a_reader_add_columns() -> None:
    reader = SpanReader("Johann Krahn")
    plain = gather("Who built it?", HITS)
    full = gather("Who built it?", HITS, HashEmbedder(64), reader)
    assert not plain.column("cosine").any()
    assert full.column("cosine").any()
    assert not full.column("cosine_foreign").any()
    best = int(full.column("span").argmax())
    assert "Johann Krahn" in full.candidates[best].text
    assert full.column("span_share")[best] > 0.9
    assert reader.read_texts == list(PARAGRAPHS)


def test_no_hits_give_no_candidates() -> None:
    evidence = gather("Anything?", [], HashEmbedder(16), SpanReader("x"))
    assert evidence.candidates == ()
    assert evidence.features.shape == (0, len(FEATURES))
