"""Segments of paths: each is looked at, and one that has a word out of the ordinary is found.

Customers, products and people live on in the names of folders.
"""

import re
from collections.abc import Iterable, Iterator

from bicameral.govern.detection.ordinary_words import is_ordinary, strange_words
from bicameral.govern.detection.spans import Span

_SEGMENT = re.compile(r"[^/\\]+")
_EXTENSION = re.compile(
    r"(?<=.)(?:\.(?:test|spec|d|min|stories))?\.(?P<last>[A-Za-z][A-Za-z0-9]{0,9})$"
)
_SHORTEST_EXTENSION = 3
SHORTEST_RELATED = 4
_LONG_DIGITS = re.compile(r"\d{5,}")


def find_segments(path: str) -> Iterator[Span]:
    """Yield the stem of each segment that is not made of ordinary words alone."""
    for start, end in stems_of(path):
        stem = path[start:end]
        if strange_words(stem) or not stem.isascii() or _LONG_DIGITS.search(stem):
            yield Span(start, end, "path_segment")


def segments_of(path: str) -> list[tuple[int, int]]:
    """Return the span of each segment of a path."""
    return [segment.span() for segment in _SEGMENT.finditer(path)]


def stems_of(path: str) -> list[tuple[int, int]]:
    """Return the span of each segment of a path without the extension of the last one."""
    spans = segments_of(path)
    if spans:
        start, end = spans[-1]
        spans[-1] = (start, end - len(extension_of(path[start:end])))
    return spans


def extension_of(name: str) -> str:
    """Return the extension of a file's name if it is one that says nothing, else nothing."""
    found = _EXTENSION.search(name)
    if found is None:
        return ""
    is_plain = is_ordinary(found["last"]) or len(found["last"]) < _SHORTEST_EXTENSION
    return found[0] if is_plain else ""


def widened(path: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Widen each span to whole segments, so that no half of a name stays behind."""
    stems = stems_of(path)
    for span in spans:
        touched = [(a, b) for a, b in stems if a < span.end and span.start < b]
        start = min([span.start, *(a for a, _ in touched)])
        end = max([span.end, *(b for _, b in touched)])
        yield Span(start, end, span.kind, span.is_secret)


def words_in_paths(paths: Iterable[str]) -> frozenset[str]:
    """Return the words out of the ordinary in these paths, case-folded, as texts may have them."""
    words = (word for path in paths for a, b in stems_of(path) for word in strange_words(path[a:b]))
    return frozenset(word.casefold() for word in words if len(word) >= SHORTEST_RELATED)
