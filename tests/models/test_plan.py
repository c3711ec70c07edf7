"""Memory plans from header facts."""

from __future__ import annotations

import pytest

from headwater.models.gguf import GgufHeader
from headwater.models.plan import kv_cache_bytes, plan_encoder, plan_gguf, plan_weights, readable_bytes
from headwater.models.starter import builtin_manifests


def header(architecture="llama", size=1_000_000_000, **keys):
    shape = {
        "block_count": 4, "embedding_length": 64, "attention.head_count": 8, "attention.head_count_kv": 2,
    }  # fmt: skip
    shape.update({key.replace("__", "."): value for key, value in keys.items()})
    metadata = {f"{architecture}.{key}": value for key, value in shape.items()}
    return GgufHeader({"general.architecture": architecture, **metadata}, (), 0, size)


def test_cache_of_a_plain_model():
    # 4 layers x 2 heads x (8 key + 8 value) numbers x 2 bytes = 256 bytes a token
    assert kv_cache_bytes(header(), 1000, 1) == 256_000
    assert kv_cache_bytes(header(), 1000, 3) == 768_000


def test_cache_of_all_heads_where_the_file_names_no_fewer():
    whole = GgufHeader({k: v for k, v in header().metadata.items() if "kv" not in k}, (), 0, 1)
    assert kv_cache_bytes(whole, 1000, 1) == 4 * 256_000


def test_cache_with_heads_by_layer():
    assert kv_cache_bytes(header(attention__head_count_kv=(2, 0, 0, 2)), 1000, 1) == 128_000


def test_cache_of_gemma_is_what_llama_cpp_reports():
    # llama.cpp at 2 x 2048 tokens: 12.00 MiB for 3 full layers and 30.00 MiB for 15 window layers.
    manifest = builtin_manifests()["gemma-270m"]
    known = GgufHeader(manifest.header, (), 0, manifest.size_bytes)
    assert kv_cache_bytes(known, 2048, 2) == 42 << 20


def test_window_layers_by_list_by_number_and_unknown():
    window = {"attention__sliding_window": 100}
    listed = header(**window, attention__sliding_window_pattern=(True, True, True, False))
    assert kv_cache_bytes(listed, 10_000, 1) == 64 * 3 * 768 + 64 * 10_000  # 100 + 512, rounded to 768
    assert kv_cache_bytes(header(**window, attention__sliding_window_pattern=4), 10_000, 1) == kv_cache_bytes(
        listed, 10_000, 1
    )
    assert kv_cache_bytes(header(**window), 10_000, 1) == 256 * 10_000  # never planned too small


def test_a_short_context_is_smaller_than_the_window():
    narrow = header(attention__sliding_window=4096, attention__sliding_window_pattern=4)
    assert kv_cache_bytes(narrow, 512, 1) == 256 * 512


def test_the_sentence_says_yes_and_no_with_numbers():
    yes = plan_gguf(header(), 4096, 2, 8_000_000_000)
    assert yes.fits
    assert yes.needs_bytes == sum(yes.parts.values())
    assert yes.sentence.startswith("Fits: needs 1.1 GB (1.0 GB weights, 2 MB key-value cache, ")
    assert yes.sentence.endswith(" for 2 x 4096 tokens of context; 8.0 GB of memory is free.")
    no = plan_gguf(header(), 4096, 2, 500_000_000)
    assert not no.fits
    assert no.sentence.startswith("Does not fit: needs 1.1 GB")
    assert no.sentence.endswith("; 500 MB of memory is free.")


def test_other_formats():
    assert plan_encoder(35_000_000, 10**9).parts["weights"] == 35_000_000
    assert plan_encoder(35_000_000, 10**9).needs_bytes > 100_000_000
    assert plan_weights(5, 4).fits is False


@pytest.mark.parametrize(
    ("count", "text"), [(0, "1 MB"), (253_113_024, "253 MB"), (999_999_999, "1000 MB"), (1_400_000_000, "1.4 GB")]
)
def test_readable_bytes(count, text):
    assert readable_bytes(count) == text
