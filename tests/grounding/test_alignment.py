"""Lines by their neighbours: where an edit has left them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.grounding.alignment import MOST_GROWTH, aligned

a_line = st.sampled_from([b"a", b"b", b"c", b"d", b"", b"}", b"return x"])
some_lines = st.lists(a_line, max_size=12)
few_lines = st.lists(a_line, max_size=MOST_GROWTH)
OLD = b"one two three four five six".split()


@pytest.mark.parametrize(
    ("new", "place"),
    [
        ("one two THREE four five six", (3, 3)),
        ("zero nil one two THREE four five six", (5, 5)),
        ("one two three and more four five six", (3, 3)),
        ("one two THREE and more four five six", (3, 5)),
        ("one TWO THREE four five six", (2, 3)),
        ("one 1 2 3 4 5 6 six", (4, 4)),
        ("one two four five six", (3, 2)),
        ("", (1, 0)),
    ],
)
def test_a_line_stands_between_the_lines_around_it(new: str, place: tuple[int, int]) -> None:
    """Whatever was put above it, and whatever it has become."""
    assert aligned(OLD, new.encode().split(), 3, 3) == place


@given(before=some_lines, code=few_lines, after=some_lines, above=some_lines, below=some_lines)
def test_what_is_put_around_lines_does_not_change_where_they_end_up(
    before: list[bytes],
    code: list[bytes],
    after: list[bytes],
    above: list[bytes],
    below: list[bytes],
) -> None:
    """Between two lines that stay, an edit is what stands between them afterwards."""
    old = [b"<", *before, b"{{", b"line", b"}}", *after, b">"]
    new = [*above, b"<", *before, b"{{", *code, b"}}", *after, b">", *below]
    place = len(before) + 3

    first, last = aligned(old, new, place, place)

    assert new[first - 1 : last] == code


@given(old=some_lines.filter(bool), new=some_lines, data=st.data())
def test_any_lines_have_a_place_in_any_text(
    old: list[bytes], new: list[bytes], data: st.DataObject
) -> None:
    """However little the two have in common, and in the order they had."""
    first = data.draw(st.integers(1, len(old)))
    last = data.draw(st.integers(first, len(old)))

    start, end = aligned(old, new, first, last)

    assert 1 <= start <= end + 1 <= len(new) + 1


@given(text=some_lines.filter(bool), data=st.data())
def test_in_the_same_text_every_line_is_where_it_was(
    text: list[bytes], data: st.DataObject
) -> None:
    """Repeated lines too."""
    first = data.draw(st.integers(1, len(text)))

    assert aligned(text, text, first, first) == (first, first)
