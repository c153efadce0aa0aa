"""Text as the topic search sees it: words, split and stemmed, without those that say nothing.

English words are stemmed with Snowball; `camelCase` and `snake_case` are split and kept whole
too; scripts without spaces are cut into pairs of characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

import Stemmer

from bicameral.ledger.common_words import COMMON, STOP

MOST_CONTENT_TERMS = 500

_WORD = re.compile(r"[^\W_]+(?:_[^\W_]+)*")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+)")
_LONGEST = 40
_SHORTEST = 2

_stemmer = Stemmer.Stemmer("english", 0)  # no cache of its own: see `_stem`
_stemmer_lock = Lock()  # a stemmer keeps the word it works on in itself


def terms_of(text: str) -> list[str]:
    """Return the terms of a text in order, with repeats; numbers alone and stop words left out."""
    return list(_terms(text))


def distinct_terms(text: str, *, most: int) -> list[str]:
    """Return the first `most` distinct terms of a text in order, reading no further."""
    seen: dict[str, None] = {}
    for term in _terms(text):
        if len(seen) == most:
            break
        seen[term] = None
    return list(seen)


def words_by_term(text: str) -> dict[str, str]:
    """Return each term of a text with the first word that gave it, to show to people."""
    found: dict[str, str] = {}
    for word in _WORD.findall(unicodedata.normalize("NFKC", text)):
        for term in _terms_of_word(word):
            found.setdefault(term, word)
    return found


def content_terms(text: str) -> frozenset[str]:
    """Return the distinct terms that carry meaning (no common word).

    Looks at the first `MOST_CONTENT_TERMS` distinct terms, so that a long text costs no more.
    """
    return frozenset(distinct_terms(text, most=MOST_CONTENT_TERMS)) - COMMON_STEMS


def _terms(text: str) -> Iterator[str]:
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    for word in _WORD.findall(folded):
        # What most words are, and the rest of this module would come to the same.
        if word.isascii() and word.isalpha() and word[1:].islower():
            if stem := _stem(word.lower()):
                yield stem
        else:
            yield from _terms_of_word(word)


def _terms_of_word(word: str) -> Iterator[str]:
    # Split by a group, every second piece is a run of a script without spaces.
    for number, piece in enumerate(_UNSPACED.split(word)):
        if number % 2:
            yield from (piece[at : at + 2] for at in range(max(1, len(piece) - 1)))
        else:
            yield from _terms_of_piece(piece.strip("_"))


def _terms_of_piece(word: str) -> Iterator[str]:
    parts = _HUMP.findall(word) if word.isascii() else word.split("_")
    if len(parts) > 1:
        yield from (stem for part in parts if (stem := _stem(part.casefold())))
        word = word.replace("_", "")
    if stem := _stem(word.casefold()):
        yield stem


def stem_of(word: str) -> str:
    """Return the stem of an English word in small letters; other words mostly stay as they are."""
    with _stemmer_lock:
        return str(_stemmer.stemWord(word))


@lru_cache(maxsize=4_096)
def _stem(word: str) -> str:
    if word in STOP or word.isdigit() or not _SHORTEST <= len(word) <= _LONGEST:
        return ""
    return stem_of(word)


COMMON_STEMS: frozenset[str] = frozenset(filter(None, map(_stem, COMMON)))
