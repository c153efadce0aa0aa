"""What each file of a commit gained and lost, line by line; and who gained what, looked up.

Code that went somewhere is among what its new file gained. The question is put to the rarest
of its lines and words first, so it costs what the code is long, however large the commit is.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bicameral.grounding.sources import read_source

LEAST_LINES_SHARED = 0.1
LEAST_WORDS_SHARED = 0.5
MOST_COMPARED = 48
"""Where more files than this gained what is rare in some code, it is rare in none of them."""
# Brackets and keywords alone stand in every file.
_SHORTEST_LINE = 6
_WORD = re.compile(rb"\w{3,}")

Lines = Counter[bytes]


@dataclass(frozen=True, slots=True)
class Gain:
    """The telling lines that a file gained, the words in them, and the lines that it lost."""

    lines: frozenset[bytes]
    words: frozenset[bytes]
    lost: Lines


@dataclass(frozen=True, slots=True)
class Told:
    """The telling lines and the words of some code, and its own name."""

    lines: Lines
    words: frozenset[bytes]
    name: bytes

    @classmethod
    def of(cls, code: bytes, name: str) -> "Told":
        """Read code as text in UTF-8."""
        return cls(_lines_of(code), _words_of(code), name.encode())

    def likeness(self, gain: Gain) -> tuple[float, float] | None:
        """Return which shares of the lines and words a file gained; None for too little."""
        by_lines = len(self.lines.keys() & gain.lines) / max(1, len(self.lines))
        by_words = len(self.words & gain.words) / max(1, len(self.words))
        is_likely = (
            by_lines > LEAST_LINES_SHARED
            or by_words > LEAST_WORDS_SHARED
            or self.name in gain.words
        )
        return (by_lines, by_words) if is_likely else None

    def may_be_in(self, gain: Gain) -> bool:
        """Tell whether the file that had the code may have it still: it kept or gained some.

        Code without telling lines may be there whatever was lost.
        """
        kept = (self.lines - gain.lost).total()
        has_kept = not self.lines or kept > LEAST_LINES_SHARED * self.lines.total()
        return has_kept or self.likeness(gain) is not None


class Gains:
    """What the changed files gained, by the paths they have now.

    `now` and `before` are their contents; a file without one before gained all it holds.
    """

    def __init__(self, now: Mapping[str, bytes], before: Mapping[str, bytes | None]) -> None:
        self._now = now
        self._before = before
        self._of: dict[str, Gain] = {}

    def __contains__(self, path: object) -> bool:
        return path in self._now

    def of(self, path: str) -> Gain:
        """Return what a file gained and lost."""
        if path not in self._of:
            self._of[path] = _gain(self._now[path], self._before.get(path))
        return self._of[path]

    def likely(self, told: Told) -> Iterator[tuple[tuple[float, float], str]]:
        """Yield the files that may have gained some code, each with its `Told.likeness`."""
        found: dict[str, None] = {}
        for paths in self._telling(told):
            found |= dict.fromkeys(paths[: MOST_COMPARED - len(found)])
        for path in found:
            likeness = told.likeness(self.of(path))
            if likeness is not None:
                yield likeness, path

    def _telling(self, told: Told) -> list[list[str]]:
        """Return who gained the rarest lines and words, rarest first.

        Whoever shares more of the lines, or the words, than is asked for at least, holds one
        of any so many of them.
        """
        by_line, by_word = self._by_line, self._by_word
        lines = sorted((by_line.get(each, []) for each in told.lines), key=len)
        words = sorted((by_word.get(each, []) for each in told.words), key=len)
        few = lines[: len(lines) - int(LEAST_LINES_SHARED * len(lines))]
        few += words[: len(words) - int(LEAST_WORDS_SHARED * len(words))]
        return sorted((each for each in [*few, by_word.get(told.name, [])] if each), key=len)

    @cached_property
    def _by_line(self) -> Mapping[bytes, list[str]]:
        return _inverted((path, self.of(path).lines) for path in self._now)

    @cached_property
    def _by_word(self) -> Mapping[bytes, list[str]]:
        return _inverted((path, self.of(path).words) for path in self._now)


def _words_of(text: bytes) -> frozenset[bytes]:
    """Return the words of a text."""
    return frozenset(_WORD.findall(text))


def _gain(now: bytes, before: bytes | None) -> Gain:
    new = _lines_of(read_source(now).text)
    old = _lines_of(read_source(before).text) if before else Lines()
    gained = new - old
    return Gain(frozenset(gained), _words_of(b"\n".join(gained)), old - new)


def _lines_of(text: bytes) -> Lines:
    lines = (line.strip() for line in text.splitlines())
    return Counter(line for line in lines if len(line) >= _SHORTEST_LINE)


def _inverted(held: Iterable[tuple[str, Iterable[bytes]]]) -> Mapping[bytes, list[str]]:
    found: defaultdict[bytes, list[str]] = defaultdict(list)
    for path, keys in held:
        for key in keys:
            found[key].append(path)
    return found
