"""What setup asks of a client's settings, whatever the format they are written in."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

NAME = "bicameral"
Entry = Mapping[str, Any]
# A place in a text, and what shall stand there: (start, end, replacement).
Edit = tuple[int, int, str]


class NotEditable(ValueError):
    """The text cannot be edited without harm; the message says why, and is shown."""


class Settings(Protocol):
    """A format: texts in, texts out. Every method raises `NotEditable`."""

    def entry(self, text: str) -> Entry | None:
        """Return our entry, or None where there is none."""
        ...

    def has_group(self, text: str) -> bool:
        """Tell whether the text has the group that the servers of a client are kept in."""
        ...

    def put(self, text: str, entry: Entry) -> str:
        """Return the text with our entry added or replaced, and nothing else changed."""
        ...

    def remove(self, text: str, *, keeps_group: bool) -> str:
        """Return the text without our entry, and without its group if that is left empty."""
        ...

    def snippet(self, entry: Entry) -> str:
        """Return what a person would paste."""
        ...

    def is_plain(self, text: str) -> bool:
        """Tell whether the strictest reader of the format takes the text."""
        ...


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with the edits made; they must not overlap."""
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def newline_of(text: str) -> str:
    """Return how the text ends its lines: as it ends the first."""
    end = text.find("\n")
    return "\r\n" if end > 0 and text[end - 1] == "\r" else "\n"
