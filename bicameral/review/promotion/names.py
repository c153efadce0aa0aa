"""Names that are known here, found in a text as whole words.

Names are compared as they are written. One that is also an ordinary word, or stands in other
letters than its owner writes it in, is only asked about: `Will` may be a person, `will` is
a verb, and `Sprint` is nobody's company until somebody says so.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bicameral.govern.detection.ordinary_words import is_ordinary, strange_words, words_of
from bicameral.govern.detection.spans import Span
from bicameral.review.promotion.findings import UNCERTAIN

_TOKEN = re.compile(r"[^\W_]+(?:[-.'\u2019][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")
_PARTICLES = frozenset(
    "al bin da das de del della den der des di do dos du el la le los van von zu".split()
)
_LONGEST_PHRASE = 4
_SHORTEST_PART = 2
_SURE_LENGTH = 3


@dataclass(frozen=True, slots=True)
class Known:
    """One name that is known here, as its owner writes it, and what kind of finding it is."""

    text: str
    kind: str


@dataclass(slots=True)
class _Entry:
    kind: str
    spellings: set[str]


class NameFinder:
    """Finds the names in texts; its cost follows the text, not the number of names."""

    def __init__(self, names: Iterable[Known]) -> None:
        self._phrases: dict[str, _Entry] = {}
        self._words: dict[str, _Entry] = {}
        self._unspaced: dict[str, str] = {}
        for name in names:
            self._add(name)

    def find(self, text: str) -> Iterator[Span]:
        """Yield each name in a text, and each word that may be one."""
        yield from self._find_phrases(text)
        yield from self._find_words(text)
        for name, kind in self._unspaced.items():
            for found in re.finditer(re.escape(name), text):
                yield Span(found.start(), found.end(), kind)

    def _add(self, name: Known) -> None:
        text = " ".join(name.text.split())
        tokens = _TOKEN.findall(text)
        if not tokens:
            return
        if _UNSPACED.fullmatch(text):
            self._unspaced[text] = name.kind
        _enter(self._phrases, " ".join(tokens), name.kind)
        if len(tokens) > _LONGEST_PHRASE:
            _enter(self._phrases, " ".join(tokens[:_LONGEST_PHRASE]), name.kind)
        for part in re.findall(r"[^\W\d_]+", text):
            if len(part) >= _SHORTEST_PART and part not in _PARTICLES:
                _enter(self._words, part, name.kind)

    def _find_phrases(self, text: str) -> Iterator[Span]:
        tokens = list(_TOKEN.finditer(text))
        for at, first in enumerate(tokens):
            for last in tokens[at : at + _LONGEST_PHRASE]:
                phrase = " ".join(_TOKEN.findall(text[first.start() : last.end()]))
                entry = self._phrases.get(_fold(phrase))
                kind = _kind_of(phrase, entry) if entry else None
                if kind:
                    yield Span(first.start(), last.end(), kind)

    def _find_words(self, text: str) -> Iterator[Span]:
        for start, end in words_of(text):
            entry = self._words.get(_fold(text[start:end]))
            kind = _kind_of(text[start:end], entry) if entry else None
            if kind:
                yield Span(start, end, kind)


def find_words(text: str, wanted: frozenset[str], kind: str) -> Iterator[Span]:
    """Yield the words of a text that are among those wanted, which are given case-folded."""
    for start, end in words_of(text):
        if text[start:end].casefold() in wanted:
            yield Span(start, end, kind)


def _kind_of(text: str, entry: _Entry) -> str | None:
    """Return what an occurrence of a name is; None where it is an ordinary word."""
    is_as_written = text in entry.spellings
    if is_as_written and " " in text and text[:1].isupper():
        return entry.kind
    if not strange_words(text) and all(map(is_ordinary, re.findall(r"[^\W\d_]+", text))):
        return UNCERTAIN if text[:1].isupper() and not text.isdigit() else None
    if len(text) < _SURE_LENGTH:
        return UNCERTAIN if is_as_written and text[:1].isupper() else None
    is_titled = text.istitle() and text.casefold() in entry.spellings
    return entry.kind if is_as_written or is_titled else UNCERTAIN


def _enter(entries: dict[str, _Entry], text: str, kind: str) -> None:
    entry = entries.setdefault(_fold(text), _Entry(kind, set()))
    entry.spellings.add(text)


def _fold(text: str) -> str:
    """Return a text without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
