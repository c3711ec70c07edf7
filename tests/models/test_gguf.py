"""The header reader against the reference writer and reader, and against broken files."""

from __future__ import annotations

import gguf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.core.errors import BadInput
from headwater.models.gguf import read_header


def test_reads_what_the_reference_wrote(write_gguf):
    path = write_gguf(template="{{ messages }}", llama__attention__sliding_window=128)
    header = read_header(path)
    reference = gguf.GGUFReader(path)
    assert header.architecture == "llama"
    assert header.of_model("attention.sliding_window") == 128
    assert header.of_model("nothing", 5) == 5
    assert header.chat_template == "{{ messages }}"
    assert header.metadata["tokenizer.ggml.tokens"][:2] == ("t0", "t1")
    assert header.data_start == reference.data_offset
    found = {t.name: (t.shape, t.size_bytes, header.data_start + t.offset) for t in header.tensors}
    expected = {t.name: (tuple(int(n) for n in t.shape), t.n_bytes, t.data_offset) for t in reference.tensors}
    assert found == expected
    assert header.parameters == 50 * 64 + 64 * 64


def test_block_sizes_are_those_of_the_reference():
    from headwater.models.gguf import _BLOCKS

    known = {int(kind): sizes for kind, sizes in gguf.GGML_QUANT_SIZES.items()}
    assert {kind: known[kind] for kind in _BLOCKS} == _BLOCKS


def test_long_arrays_keep_their_length_only(write_gguf):
    header = read_header(write_gguf(vocabulary=300), longest_array=100)
    assert header.metadata["tokenizer.ggml.tokens"] == 300
    assert header.parameters == 300 * 64 + 64 * 64


def test_a_file_cut_off_in_its_weights(write_gguf):
    path = write_gguf()
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(BadInput, match=r"small\.gguf was cut off: its tensors end at byte \d+"):
        read_header(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 bytes"),
        (b"PK\x03\x04" + bytes(100), "starts with b'PK"),
        (b"GGUF" + (99).to_bytes(4, "little") + bytes(100), "version 99"),
        (b"GGUF" + (3).to_bytes(4, "little") + b"\xff" * 100, "claims"),
    ],
)
def test_what_is_no_gguf(tmp_path, content, message):
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=message):
        read_header(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(4, 700), value=st.integers(0, 255), length=st.integers(24, 4000))
def test_a_damaged_header_is_bad_input_or_readable(write_gguf, tmp_path, place, value, length):
    source = tmp_path / "small.gguf"
    content = bytearray((source if source.exists() else write_gguf()).read_bytes()[:length])
    if place < len(content):
        content[place] = value
    path = tmp_path / "damaged.gguf"
    path.write_bytes(content)
    try:
        read_header(path)
    except BadInput as error:
        assert "damaged.gguf" in error.message


@pytest.mark.real
def test_gemma(starter_models):
    from headwater.models.starter import builtin_manifests

    header = read_header(starter_models / "gemma-270m" / "model.gguf")
    manifest = builtin_manifests()["gemma-270m"]
    assert header.parameters == manifest.parameters
    assert header.of_model("context_length") == manifest.context_tokens
    assert header.chat_template is None
    for key, value in manifest.header.items():
        assert header.metadata[key] == value
