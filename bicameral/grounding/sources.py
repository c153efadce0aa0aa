"""A file's bytes as text: UTF-8 for the parser, the original bytes for the raw digest.

Nothing is lost on the way: every span of the text leads back to the very bytes
that were in the file, whatever their encoding.
"""

import re
from bisect import bisect_right
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

BINARY_SAMPLE_BYTES = 8000
_LINE_END = re.compile(rb"\n")
_WIDE = ((BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file.

    `text` is UTF-8 without a byte order mark, and all offsets are offsets into it.
    `bom` and `encoding` say how the file spelled it. `line_starts` holds the offset
    of each line's first byte; lines end with `\\n` and are counted from 1.
    """

    text: bytes
    encoding: str
    bom: bytes
    line_starts: tuple[int, ...]

    @property
    def line_count(self) -> int:
        """Return the number of lines; a last line without its `\\n` counts, an empty one not."""
        return len(self.line_starts)

    @property
    def is_binary(self) -> bool:
        """Tell whether the content has a NUL byte near its start, as git judges it."""
        return b"\0" in self.text[:BINARY_SAMPLE_BYTES]

    def line_at(self, offset: int) -> int:
        """Return the number of the line that holds the byte at `offset`."""
        return max(1, bisect_right(self.line_starts, offset))

    def span_of_lines(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets of lines `first` to `last`, without the last line's ending."""
        start = self.line_starts[first - 1] if self.line_starts else 0
        end = self.line_starts[last] if last < self.line_count else len(self.text)
        return start, start + len(self.text[start:end].removesuffix(b"\n").removesuffix(b"\r"))

    def without_blanks(self, start: int, end: int) -> tuple[int, int]:
        """Return a span without the white space at its ends."""
        span = self.text[start:end]
        return start + len(span) - len(span.lstrip()), start + len(span.rstrip())

    def raw(self, start: int, end: int) -> bytes:
        """Return the bytes that the file itself has between two offsets of the text.

        The byte order mark belongs to the whole file alone.
        """
        span = self.text[start:end]
        if self.encoding != "utf-8":
            span = span.decode("utf-8").encode(self.encoding)
        return self.bom + span if (start, end) == (0, len(self.text)) else span


def read_source(content: bytes) -> Source:
    """Decode a file: UTF-8 or UTF-16 with or without a mark, else Latin-1, which fits any bytes."""
    for bom, encoding in _WIDE:
        if content.startswith(bom) and (text := _decoded(content[2:], encoding)) is not None:
            return _source(text.encode("utf-8"), encoding, bom)
    bom = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    body = content.removeprefix(bom)
    if _decoded(body, "utf-8") is not None:
        return _source(body, "utf-8", bom)
    return _source(content.decode("latin-1").encode("utf-8"), "latin-1", b"")


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _source(text: bytes, encoding: str, bom: bytes) -> Source:
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    if starts[-1] == len(text):
        starts.pop()
    return Source(text, encoding, bom, tuple(starts))
