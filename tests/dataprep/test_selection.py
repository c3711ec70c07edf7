from __future__ import annotations

import math
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.dataprep.block import Block
from headwater.dataprep.characters import DIGIT, LETTER, SPACE
from headwater.records.record import Record, Task, Turn

letters = st.sampled_from(list("ab ab ab\n ,.Üé中文7😀"))
texts = st.lists(st.text(letters, max_size=60), min_size=1, max_size=8)


def block_of(values: list[str]) -> Block:
    return Block.of([Record(Task.PRETRAINING, completion=text) for text in values])


def naive_words(text: str) -> list[str]:
    """Words as the module's docstring defines them, the slow way."""
    out, current = [], ""
    for character in text:
        wide = "\u4e00" <= character <= "\u9fff"
        if wide or character.isspace():
            if current:
                out.append(current.lower())
            current = ""
            if wide:
                out.append(character)
        else:
            current += character
    return [*out, current.lower()] if current else out


def naive_repeats(items: list[object]) -> tuple[int, int, int, int]:
    counts = Counter(items)
    repeated = sorted((n for n in counts.values() if n > 1), reverse=True)
    most = min(int(math.sqrt(len(counts))), len(repeated))
    return len(items), len(counts), sum(repeated), sum(repeated[:most])


@settings(max_examples=80, deadline=None)
@given(texts)
def test_features_equal_the_slow_way(values: list[str]) -> None:
    selection = block_of(values).select()
    repeats, words = selection.character_repeats(4), selection.word_repeats(2)
    runs, starts = selection.shingles(2)
    for n, text in enumerate(values):
        assert selection.characters[n] == len(text)
        assert selection.count(SPACE)[n] == sum(c.isspace() for c in text)
        assert selection.count(LETTER)[n] == sum(c.isalpha() for c in text)
        assert selection.count(DIGIT)[n] == text.count("7")
        own = naive_words(text)
        assert selection.word_counts[n] == len(own)
        got = tuple(int(a[n]) for a in (repeats.total, repeats.different, repeats.repeated, repeats.top))
        assert got == naive_repeats([text[i : i + 4] for i in range(len(text) - 3)])
        pairs = [(own[i], own[i + 1]) for i in range(len(own) - 1)]
        assert tuple(int(a[n]) for a in (words.total, words.different, words.repeated, words.top)) == naive_repeats(
            pairs
        )
        assert starts[n + 1] - starts[n] == len(set(pairs))
        assert (np.diff(runs[starts[n] : starts[n + 1]].astype(object)) > 0).all()


@settings(max_examples=40, deadline=None)
@given(texts, texts)
def test_a_run_has_the_same_hash_wherever_it_stands(first: list[str], second: list[str]) -> None:
    one, two = block_of(first).select(), block_of([*second, *first]).select()
    runs, starts = one.shingles(2)
    others, other_starts = two.shingles(2)
    for n in range(len(first)):
        m = n + len(second)
        assert runs[starts[n] : starts[n + 1]].tolist() == others[other_starts[m] : other_starts[m + 1]].tolist()


RECORDS = [
    Record(
        Task.CONVERSATION,
        (Turn("user", "q"), Turn("assistant", "a", {"k": 1}), Turn("system", "mid"), Turn("user", "r")),
        system="s",
        id="1",
        origin="o",
        score=0.5,
        language="en",
        meta={"m": [1]},
    ),
    Record(Task.PREFERENCE, (Turn("user", "q"),), chosen="c", rejected="d", id="2"),
    Record(Task.PREFERENCE, (Turn("user", "q"), Turn("tool", "t")), completion="c", label=False, id="3"),
    Record(Task.SUMMARISATION, context="long", completion="", id="4"),
    Record(Task.QUESTION_ANSWERING, (Turn("user", "q"), Turn("assistant", "a")), context="", system="", id="5"),
]


def test_a_block_gives_its_records_back() -> None:
    assert Block.of(RECORDS).records() == RECORDS


def test_dropping_and_taking_keep_texts_with_their_rows() -> None:
    block = Block.of(RECORDS)
    block.alive[[0, 3]] = False
    assert block.records() == [RECORDS[1], RECORDS[2], RECORDS[4]]
    block.compact()
    assert block.records() == [RECORDS[1], RECORDS[2], RECORDS[4]]
    assert block.take(np.array([2, 0, 0])).records() == [RECORDS[4], RECORDS[1], RECORDS[1]]


def test_fields_select_their_texts() -> None:
    block = Block.of(RECORDS)
    assert block.select(("question",)).texts.to_list() == ["q\nr", "q", "q", "", "q"]
    assert block.select(("completion",), joined=False).texts.to_list() == ["c", ""]
