"""Finding a range of cleaned text again among the characters of the page."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headwater.core.types import Box
from headwater.documents.parsers.locate import find_range, meaning, merge_lines

WORDS = st.lists(st.text("abcdefgh", min_size=1, max_size=7), min_size=3, max_size=30)


@given(WORDS, st.data())
def test_a_word_is_found_whatever_happened_to_spaces_and_hyphens(words: list[str], data: st.DataObject) -> None:
    joints = [data.draw(st.sampled_from([" ", "\r\n", "  ", "\ufffe"])) for _ in words]
    shown = "".join(word + joint for word, joint in zip(words, joints, strict=True))
    ours = "".join(word + ("" if joint == "\ufffe" else " ") for word, joint in zip(words, joints, strict=True)).strip()
    start = data.draw(st.integers(0, len(ours) - 1))
    end = data.draw(st.integers(start + 1, len(ours)))
    found = find_range(ours, start, end, meaning(shown))
    wanted = meaning(ours[start:end]).text
    if not wanted:
        assert found is None
    else:
        assert found is not None
        assert meaning(shown[found[0] : found[1] + 1]).text == wanted


def test_ligatures_and_swapped_letters_are_found() -> None:
    shown = meaning("the e\ufb03cient o\ufb03ce")
    assert find_range("the efficient office", 4, 13, shown) == (4, 10)
    assert find_range("abcdefghij one two three", 11, 24, meaning("abcdefghij oen two three")) is not None


def test_the_nearest_of_equal_places_is_taken() -> None:
    text = "same words here and same words there"
    second = text.rindex("same")
    assert find_range(text, second, second + 4, meaning(text)) == (second, second + 3)


def test_other_text_is_not_found() -> None:
    assert find_range("completely different", 0, 10, meaning("zzzz yyyy xxxx")) is None
    assert find_range("   ", 0, 2, meaning("abc")) is None


def test_pieces_of_a_line_join_and_columns_stay_apart() -> None:
    one, two, far, below = (Box(x, y, 0.1, 0.02) for x, y in ((0.1, 0.1), (0.21, 0.101), (0.6, 0.1), (0.1, 0.14)))
    assert merge_lines([one, two]) == [Box(0.1, 0.1, 0.21, 0.021)] or merge_lines([one, two])[0].width > 0.2
    assert len(merge_lines([one, two, far, below])) == 3
