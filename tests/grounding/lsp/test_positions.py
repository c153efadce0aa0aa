"""Places in a text: the same byte, whatever the two sides count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.grounding.lsp.positions import (
    ENCODINGS,
    Encoding,
    Position,
    encoding_named,
    offset_at,
    position_at,
)
from bicameral.grounding.sources import read_source


@given(
    st.text(st.sampled_from("ab é€😀\n"), max_size=40), st.sampled_from(ENCODINGS), st.integers(0)
)
def test_every_character_is_found_again(text: str, encoding: Encoding, number: int) -> None:
    """A place that is told to a server and told back is the same byte."""
    source = read_source(text.encode("utf-8"))
    starts = [len(text[:at].encode("utf-8")) for at, each in enumerate(text) if each != "\n"]
    if starts:
        offset = starts[number % len(starts)]
        assert offset_at(source, position_at(source, offset, encoding), encoding) == offset


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 9), ("utf-16", 6), ("utf-32", 5)])
def test_characters_are_counted_as_was_agreed(encoding: Encoding, character: int) -> None:
    """An emoji is four bytes, two units of UTF-16, and one character."""
    source = read_source("x\nsé😀 f()\n".encode())
    offset = source.text.index(b"f()")

    assert position_at(source, offset, encoding) == Position(1, character - 1)
    assert offset_at(source, Position(1, character - 1), encoding) == offset


@pytest.mark.parametrize(
    ("position", "encoding"),
    [
        (Position(5, 0), "utf-8"),
        (Position(0, 99), "utf-8"),
        (Position(0, 2), "utf-16"),
        (Position(0, 3), "utf-8"),
    ],
)
def test_a_place_that_the_text_does_not_have_is_none(
    position: Position, encoding: Encoding
) -> None:
    """Beyond the end, or in the middle of a character: nobody means that."""
    assert offset_at(read_source("a😀b\n".encode()), position, encoding) is None


def test_an_empty_file_has_no_places() -> None:
    """Nothing is said of what is not there."""
    assert offset_at(read_source(b""), Position(0, 0), "utf-8") is None
    assert position_at(read_source(b""), 0, "utf-8") == Position(0, 0)


@pytest.mark.parametrize(
    ("name", "found"), [("utf-8", "utf-8"), ("utf-16", "utf-16"), ("ucs-2", None), (8, None)]
)
def test_only_encodings_that_were_offered_are_taken(name: object, found: str | None) -> None:
    """Counting otherwise than the server would bind the wrong place."""
    assert encoding_named(name) == found
