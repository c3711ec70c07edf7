"""HashEmbedder: unit vectors, shared words are near, the same everywhere."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from headwater.core.errors import BadInput
from headwater.core.protocols import Embedder
from headwater.engines.hashing import HashEmbedder


def test_vectors_are_unit_and_named_by_size():
    embedder: Embedder = HashEmbedder(64)
    vectors = embedder.embed(["the river flows", "", "...", "x" * 10_000])
    assert vectors.shape == (4, 64)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert embedder.name == "hash-64" != HashEmbedder().name
    assert embedder.embed([]).shape == (0, 64)


def test_shared_words_are_near():
    query, same, other = HashEmbedder().embed(
        ["bridge over the river", "The rivers' BRIDGE", "quarterly invoice total"]
    )
    assert query @ same > 0.4 > 0.2 > query @ other


def test_the_same_in_another_process():
    code = "from headwater.engines.hashing import HashEmbedder; print(HashEmbedder(32).embed(['déjà vu'])[0].tolist())"
    other = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert other.strip() == str(HashEmbedder(32).embed(["déjà vu"])[0].tolist())


def test_too_few_dimensions():
    with pytest.raises(BadInput, match="0 dimensions"):
        HashEmbedder(0)
