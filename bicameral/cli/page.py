"""A page for a person: lines wrapped to the terminal, in colour where that is wanted.

Decision texts come from many hands, so nothing that could steer a terminal gets through.
"""

import os
import re
import sys
import textwrap
from collections.abc import Mapping
from typing import IO, Literal

Style = Literal["plain", "bold", "dim", "red", "green", "yellow"]

DEFAULT_WIDTH = 80
NARROWEST, WIDEST = 40, 100
_CODES: dict[Style, str] = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
_MARK, _PLAIN = "\x1b[1;36m", "\x1b[0m"
_TWO_DIGITS = 0x100
# Control characters, and the marks that reverse the direction of what follows.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Page:
    """Lines as they are added; `text` is the page as a terminal takes it.

    `marked` is a word that stands out wherever it comes up, in colour.
    """

    def __init__(
        self, *, width: int = DEFAULT_WIDTH, has_colour: bool = False, marked: str = ""
    ) -> None:
        self._width = width
        self._has_colour = has_colour
        self._marked = marked
        self._lines: list[str] = []

    def line(
        self,
        text: str = "",
        *,
        indent: int = 0,
        style: Style = "plain",
        is_wrapped: bool = True,
    ) -> None:
        """Add a text, each of its lines indented, and wrapped but for what is to be copied.

        Names are never broken.
        """
        width = self._width if is_wrapped else sys.maxsize
        for each in text.splitlines() or [""]:
            self._lines += [self._styled(part, style) for part in _wrap(each, indent, width)]

    def facts(self, *facts: str, indent: int = 0, style: Style = "dim") -> None:
        """Add one line of the facts that are not empty, if there are any."""
        if any(facts):
            self.line(" · ".join(filter(None, facts)), indent=indent, style=style)

    def text(self) -> str:
        """Return the page, each line ended."""
        return "".join(f"{line}\n" for line in self._lines)

    def _styled(self, text: str, style: Style) -> str:
        if not self._has_colour or not text:
            return text
        begin = f"\x1b[{_CODES[style]}m" if style in _CODES else ""
        if self._marked:
            text = text.replace(self._marked, f"{_MARK}{self._marked}{_PLAIN}{begin}")
        return f"{begin}{text}{_PLAIN}" if begin else text


def _wrap(text: str, indent: int, width: int) -> list[str]:
    first = " " * indent
    return textwrap.wrap(
        visible(text),
        width,
        initial_indent=first,
        subsequent_indent=first,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def visible(text: str) -> str:
    """Return a text with what could steer a terminal written out (`\\x1b`); tabs are blanks."""
    return _STEERING.sub(_written_out, text.replace("\t", "    "))


def _written_out(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < _TWO_DIGITS else f"\\u{code:04x}"


def make_page(variables: Mapping[str, str], stream: IO[str], *, marked: str = "") -> Page:
    """Return an empty page for a stream: as wide as it is, in colour if it is a terminal."""
    return Page(
        width=terminal_width(variables, stream),
        has_colour=has_colour(variables, stream),
        marked=marked,
    )


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def terminal_width(variables: Mapping[str, str], stream: IO[str] | None = None) -> int:
    """Return the width to write in: `COLUMNS`, the terminal's own, or 80."""
    columns = variables.get("COLUMNS", "")
    width = int(columns) if columns.isascii() and columns.isdigit() else _own_width(stream)
    return min(max(width, NARROWEST), WIDEST)


def has_colour(variables: Mapping[str, str], stream: IO[str]) -> bool:
    """Tell whether colour is wanted: on a terminal, and not with NO_COLOR or TERM=dumb."""
    return stream.isatty() and not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"


def _own_width(stream: IO[str] | None) -> int:
    try:
        return os.get_terminal_size(stream.fileno() if stream else 1).columns
    except (OSError, ValueError):  # not a terminal, or no descriptor at all
        return DEFAULT_WIDTH
