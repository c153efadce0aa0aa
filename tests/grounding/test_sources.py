"""A file's text and its way back to the bytes, in every encoding met in practice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.grounding.sources import read_source

UMLAUT = "x = 'größe'\ny = 2\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_the_text_is_the_same_in_every_encoding(encoding: str) -> None:
    """Symbols and digests must not depend on how an editor saved the file."""
    assert read_source(UMLAUT.encode(encoding)).text == UMLAUT.encode("utf-8")


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_can_be_read_and_lead_back_to_themselves(content: bytes) -> None:
    """The raw digest is of the file's own bytes, whatever they are."""
    source = read_source(content)
    assert source.raw(0, len(source.text)) == content


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_lines_partition_the_text(content: bytes) -> None:
    """Every byte is in exactly one line."""
    source = read_source(content)
    lines = [source.span_of_lines(n, n) for n in range(1, source.line_count + 1)]
    joined = [source.text[start:end] for start, end in lines]
    assert b"".join(joined).replace(b"\r", b"") == source.text.translate(None, b"\r\n")
    for number, (start, end) in enumerate(lines, 1):
        assert source.line_at(start) == number
        assert source.line_at(max(start, end - 1)) == number


def test_raw_bytes_of_a_part_are_in_the_files_encoding() -> None:
    """A part has no byte order mark; the whole file has it."""
    content = b"\xef\xbb\xbfab\r\ncd\r\n"
    source = read_source(content)

    assert source.raw(*source.span_of_lines(1, 1)) == b"ab"
    assert source.raw(*source.span_of_lines(1, 2)) == b"ab\r\ncd"
    assert source.raw(0, len(source.text)) == content
    latin = read_source("é=1\nü=2".encode("latin-1"))
    assert latin.raw(*latin.span_of_lines(2, 2)) == "ü=2".encode("latin-1")


def test_lines_are_counted_as_editors_count_them() -> None:
    """A last line ending adds no line."""
    assert read_source(b"").line_count == 0
    assert read_source(b"a").line_count == 1
    assert read_source(b"a\n").line_count == 1
    assert read_source(b"a\n\n").line_count == 2
    assert read_source(b"").span_of_lines(1, 1) == (0, 0)


def test_binary_content_is_told_from_text() -> None:
    """A picture with a source file's name is not parsed."""
    assert read_source(b"\x89PNG\0\0").is_binary
    assert not read_source("ä".encode("utf-16")).is_binary


def test_a_damaged_wide_file_is_read_as_single_bytes() -> None:
    """A mark is a claim; the bytes after it decide."""
    damaged = b"\xff\xfe\x00\xd8"
    assert read_source(damaged).encoding == "latin-1"
