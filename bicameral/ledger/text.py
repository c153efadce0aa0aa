"""Text as the topic search sees it: words, split and stemmed, without those that say nothing.

English words are stemmed with Snowball; `camelCase` and `snake_case` are split and kept whole
too; scripts without spaces are cut into pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer

from bicameral.ledger.common_words import COMMON, STOP

_WORD = re.compile(r"[^\W_]+(?:_[^\W_]+)*")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LONGEST = 40
_SHORTEST = 2

_stemmer = snowballstemmer.stemmer("english")


def terms_of(text: str) -> list[str]:
    """Return the terms of a text in order, with repeats; numbers alone and stop words left out."""
    folded = unicodedata.normalize("NFKC", text)
    return [term for word in _WORD.findall(folded) for term in _terms_of_word(word)]


def content_terms(text: str) -> frozenset[str]:
    """Return the distinct terms of a text that carry meaning (no common word)."""
    return frozenset(term for term in terms_of(text) if term not in COMMON_STEMS)


def _terms_of_word(word: str) -> Iterator[str]:
    if _UNSPACED.search(word):
        for run in _UNSPACED.findall(word):
            yield from (run[at : at + 2] for at in range(max(1, len(run) - 1)))
        return
    parts = _HUMP.findall(word) if word.isascii() else word.split("_")
    if len(parts) > 1:
        yield from (stem for part in parts if (stem := _stem(part.casefold())))
        word = word.replace("_", "")
    if stem := _stem(word.casefold()):
        yield stem


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    if word in STOP or word.isdigit() or not _SHORTEST <= len(word) <= _LONGEST:
        return ""
    return str(_stemmer.stemWord(word))


COMMON_STEMS: frozenset[str] = frozenset(filter(None, map(_stem, COMMON)))
