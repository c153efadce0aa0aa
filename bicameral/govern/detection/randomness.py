"""Randomness: runs of characters that a machine made, told from words that people put together.

What a person writes changes its class of character (upper, lower, digit) seldom and keeps
vowels among the consonants; what a generator writes does neither.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from bicameral.govern.detection.ordinary_words import is_ordinary
from bicameral.govern.detection.spans import Span

_SHORTEST = 20
_RUN = re.compile(rf"[A-Za-z0-9+/_=-]{{{_SHORTEST},}}")
_PIECE = re.compile(r"[A-Za-z0-9+=]+")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?(?:[0-9a-f]{16,}|[0-9A-F]{16,})(?![0-9A-Za-z])")
# Identifiers, which are found among the addresses.
_ULID = re.compile(r"(?:[a-z]{2,5}_)?[0-7][0-9A-HJKMNP-TV-Z]{25}")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_LETTERS = re.compile(r"[A-Za-z]+")
_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]{6,}", re.IGNORECASE)
_HEX_BITS = 2.8
_LONG_DIGEST = 32
_COMMIT_ID = 40
_MIXED_BITS = 3.4
_CHANGES = 0.3
_CHANGES_OF_CASE = 0.42
_LOWER_LENGTH = 20
_FEW_VOWELS = 0.24
_MOST_ORDINARY = 0.5
_LONG_LETTERS = 24


def find_random(text: str) -> Iterator[Span]:
    """Yield the runs that look random, as secrets; short digests and commits as `hex_id`.

    Shannon's entropy, in bits a character, is the first test; it alone would flag prose.
    """
    for run in _HEX.finditer(text):
        digits = run[0].removeprefix("0x")
        if _is_hex(digits):
            is_public = len(digits) < _LONG_DIGEST or len(digits) == _COMMIT_ID
            kind = "hex_id" if is_public else "random_digits"
            yield Span(run.start(), run.end(), kind, is_secret=not is_public)
    for run in _RUN.finditer(text):
        is_named_otherwise = _HEX.fullmatch(run[0]) or _ULID.fullmatch(run[0])
        if not is_named_otherwise and looks_random(run[0]):
            yield Span(run.start(), run.end(), "random_text", is_secret=True)


def looks_random(run: str) -> bool:
    """Tell whether a run of characters was made by a generator."""
    if _is_wordy(run):
        return False
    # What is left of an address when the commit in it is known for what it is.
    run = _HEX.sub("", _UUID.sub("", run))
    pieces = [piece for piece in _PIECE.findall(run) if len(piece) >= _SHORTEST]
    whole = re.sub(r"[/_=-]", "", run)
    return any(map(_is_mixed, {*pieces, whole})) or any(map(_is_gibberish, pieces))


def entropy_of(text: str) -> float:
    """Return Shannon's entropy of a text in bits a character; 0 for an empty one."""
    length = len(text)
    return -sum(n / length * math.log2(n / length) for n in Counter(text).values())


def _is_hex(run: str) -> bool:
    has_both = any(char.isdigit() for char in run) and any(char.isalpha() for char in run)
    return has_both and entropy_of(run) >= _HEX_BITS


def _is_wordy(run: str) -> bool:
    """Tell whether most of the letters are in ordinary words, as in paths and identifiers."""
    words = [hump for part in _LETTERS.findall(run) for hump in _humps(part)]
    letters = sum(map(len, words))
    known = sum(len(word) for word in words if len(word) > 2 and is_ordinary(word))  # noqa: PLR2004
    return letters > 0 and known / letters > _MOST_ORDINARY


def _humps(run: str) -> list[str]:
    return re.findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+", run)


def _is_mixed(run: str) -> bool:
    """Tell whether letters and digits change as often as chance would have it."""
    if len(run) < _SHORTEST or not (_has(run, str.isdigit) and _has(run, str.isalpha)):
        return len(run) >= _LONG_LETTERS and _changes(run) >= _CHANGES_OF_CASE
    return entropy_of(run) >= _MIXED_BITS and _changes(run) >= _CHANGES


def _is_gibberish(run: str) -> bool:
    """Tell whether letters without humps or digits are no words of any language."""
    if len(run) < _LOWER_LENGTH or not run.isalpha():
        return False
    vowels = sum(char in "aeiouyAEIOUY" for char in run)
    return vowels / len(run) < _FEW_VOWELS or bool(_CONSONANTS.search(run))


def _has(run: str, test: Callable[[str], bool]) -> bool:
    return any(test(char) for char in run)


def _changes(run: str) -> float:
    classes = ["d" if c.isdigit() else "u" if c.isupper() else "l" for c in run if c.isalnum()]
    pairs = list(pairwise(classes))
    return sum(a != b for a, b in pairs) / len(pairs) if pairs else 0.0
