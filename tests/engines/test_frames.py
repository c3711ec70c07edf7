"""Frames survive the pipe; a broken pipe ends them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.engines.frames import Frame, read_frame, write_frame


@given(
    st.lists(
        st.tuples(st.dictionaries(st.text(max_size=4), st.text(max_size=9)), st.integers(0, 3), st.integers(0, 4)),
        max_size=4,
    )
)
def test_frames_come_back_equal(contents):
    pipe = io.BytesIO()
    frames = [
        Frame({"values": header}, {"f": np.full((rows, 3), 0.5, np.float32), "i": np.arange(columns, dtype=np.int64)})
        for header, rows, columns in contents
    ]
    for frame in frames:
        write_frame(pipe, frame)
    pipe.seek(0)
    for frame in frames:
        found = read_frame(pipe)
        assert found is not None
        assert found.header == frame.header
        for name, array in frame.arrays.items():
            assert found.arrays[name].dtype == array.dtype
            assert np.array_equal(found.arrays[name], array)
            assert found.arrays[name].shape == array.shape
    assert read_frame(pipe) is None


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_pipe_that_broke_in_mid_frame(length):
    pipe = io.BytesIO()
    write_frame(pipe, Frame({"a": 1}, {"x": np.zeros(9)}))
    assert read_frame(io.BytesIO(pipe.getvalue()[:length])) is None


def test_texts_with_lone_surrogates_and_nul_travel():
    pipe = io.BytesIO()
    write_frame(pipe, Frame({"items": ["\ud800", "a\0b", "é"]}))
    pipe.seek(0)
    found = read_frame(pipe)
    assert found is not None
    assert found.header["items"] == ["\ud800", "a\0b", "é"]
