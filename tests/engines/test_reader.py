"""Readings from the raw outputs of a pair model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headwater.core.errors import EngineFailed
from headwater.core.protocols import Reader
from headwater.engines.encoder import PairEncoder
from headwater.engines.encoder_model import EncoderModel
from headwater.engines.encoder_process import EncoderProcess
from headwater.engines.reader import OnnxReader


@pytest.fixture(scope="module")
def process():
    process = EncoderProcess(threads=1)
    yield process
    process.stop()


def test_a_reading_holds_the_tokens_of_the_text_alone(process, tiny_reader):
    reader: Reader = OnnxReader(PairEncoder(tiny_reader, process))
    text = "the bridge was built of stone"
    first, second = reader.read("old river", [text, "sea"])
    assert reader.name == "reader-1"
    assert [text[start:end] for start, end in first.offsets] == text.split()
    raw = EncoderModel(tiny_reader).run(["old river", text])
    # [CLS] old river [SEP] the bridge ... stone [SEP]
    assert np.array_equal(first.starts, raw["token_logits"][4:-1, 0])
    assert np.array_equal(first.ends, raw["token_logits"][4:-1, 1])
    assert first.relevance == float(raw["pair_logits"][0])
    assert len(second.starts) == 1
    assert 0.0 <= first.share(4, 10) <= 1.0


def test_a_model_with_other_outputs_is_named(process, tiny_encoder):
    wrong = replace(tiny_encoder, name="vectors-1", pairs=True)
    with pytest.raises(EngineFailed, match="'vectors-1' is no reader: it has no output pair_logits, token_logits"):
        OnnxReader(PairEncoder(wrong, process)).read("river", ["sea"])
