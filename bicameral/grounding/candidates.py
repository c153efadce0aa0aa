"""The files that commits changed, and the symbols in them that were not there before.

Only these can be where code went that vanished from its place. Nothing is read or parsed
before something has vanished, and then the files first that share most of its lines.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bicameral.grounding.cache import ParseCache, ParsedFile
from bicameral.grounding.changes import Change
from bicameral.grounding.digests import raw_digest_of
from bicameral.grounding.regions import Region, own_name, region_of_symbol, span_of
from bicameral.grounding.selectors import base_name
from bicameral.grounding.similarity import Pairs, pairs_of
from bicameral.grounding.sources import read_source
from bicameral.grounding.symbols import Symbol
from bicameral.ledger.columns import MOST_KEY_BYTES, MOST_LONG_KEY_BYTES, why_unstorable

MOST_FILES_READ = 2_000
MOST_FILES_PARSED = 12
LEAST_LINES_SHARED = 0.1
LEAST_WORDS_SHARED = 0.5
# Brackets and keywords alone stand in every file.
_SHORTEST_LINE = 6
_WORD = re.compile(rb"\w{3,}")

Read = Callable[[Iterable[str]], Mapping[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Code:
    """A region with its code: its bytes, and what it says with its own name left blank.

    `nameless` is the digest of that (None where the syntax cannot be trusted), `size` its
    number of tokens. `is_new_name`: no symbol of its file was called so before.
    """

    region: Region
    text: bytes
    nameless: str | None
    size: int
    pairs: Pairs
    is_new_name: bool = False


@dataclass(frozen=True, slots=True)
class _Text:
    """The telling lines of a file, and its words."""

    lines: frozenset[bytes]
    words: frozenset[bytes]


class ChangedFiles:
    """What differs between two commits, for finding in it what vanished in between.

    `read_before` and `read_now` return the content of paths at the older and newer commit.
    """

    def __init__(
        self, changes: Sequence[Change], *, read_before: Read, read_now: Read, cache: ParseCache
    ) -> None:
        self._old_paths = {c.path: c.old_path or c.path for c in changes if c.status != "deleted"}
        self._renamed = {c.old_path: c.path for c in changes if c.status == "renamed"}
        self._added = [each.path for each in changes if each.status == "added"]
        self._read_before = read_before
        self._read_now = read_now
        self._cache = cache
        self._before: dict[str, bytes | None] = {}
        self._new: dict[str, tuple[Code, ...]] = {}
        self._texts: dict[str, _Text] = {}

    def renamed_to(self, path: str) -> str | None:
        """Return the new name of a file that git takes for renamed."""
        target = self._renamed.get(path)
        return target if target in self.contents else None

    def twins_of(self, path: str, old_path: str) -> list[str]:
        """Return the added files that git could as well have taken for the renamed one.

        Of files with the same bytes it prefers one that kept its name; so do we.
        """
        name, text = _file_name(old_path), self.contents[path]
        same = [each for each in self._added if self.contents.get(each) == text]
        kept = _file_name(path) == name
        return [each for each in same if not kept or _file_name(each) == name]

    @cached_property
    def contents(self) -> dict[str, bytes]:
        """The changed files as they are now; links to elsewhere and submodules are none."""
        paths = [path for path in self._old_paths if _is_storable(path)][:MOST_FILES_READ]
        return {path: text for path, text in self._read_now(paths).items() if text is not None}

    def code_before(self, region: Region) -> Code | None:
        """Return a region with its code as it was; None where that is not known any more."""
        content = self._content_before(region.path)
        if content is None:
            return None
        file = self._cache.open(region.path, content)
        return next(
            (
                _code(file, span, region)
                for span in _spans(region, file)
                if raw_digest_of(file.source.raw(*span)) == region.raw_digest
            ),
            None,
        )

    def code_now(self, region: Region) -> Code:
        """Return a region of a changed file with its code."""
        file = self._cache.open(region.path, self.contents[region.path])
        return _code(file, span_of(region, file), region)

    def likely(self, code: bytes, name: str) -> list[str]:
        """Return the files that may hold some code now: its lines, its words, or its name.

        Those with most of its lines come first, then of its words; at most
        `MOST_FILES_PARSED`.
        """
        lines, words = _lines_of(code), _words_of(code)
        found = []
        for path in self.contents:
            held = self._text_of(path)
            by_lines = len(lines & held.lines) / max(1, len(lines))
            by_words = len(words & held.words) / max(1, len(words))
            if (
                by_lines > LEAST_LINES_SHARED
                or by_words > LEAST_WORDS_SHARED
                or name.encode() in held.words
            ):
                found.append((-by_lines, -by_words, path))
        return [path for *_, path in sorted(found)[:MOST_FILES_PARSED]]

    def new_in(self, path: str) -> tuple[Code, ...]:
        """Return the symbols of a changed file that are not as they were in it before."""
        if path not in self._new:
            self._new[path] = tuple(self._find_new(path))
        return self._new[path]

    def _find_new(self, path: str) -> Iterator[Code]:
        old_path = self._old_paths[path]
        old = self._cache.open(old_path, self._content_before(old_path) or b"")
        known = {symbol.qualified_name: symbol for symbol in old.skeleton().symbols}
        file = self._cache.open(path, self.contents[path])
        for symbol in file.skeleton().symbols:
            name, before = symbol.qualified_name, known.get(symbol.qualified_name)
            is_as_before = before is not None and _is_same(file, symbol, old, before)
            if not is_as_before and _is_storable(name, MOST_KEY_BYTES):
                span, region = _span(symbol), region_of_symbol(file, symbol)
                yield _code(file, span, region, is_new_name=before is None)

    def _content_before(self, path: str) -> bytes | None:
        if path not in self._before:
            # One process for all that will be asked for, where a second one is likely.
            wanted = {path, *(self._old_paths.values() if self._before else ())}
            self._before |= self._read_before(sorted(wanted - self._before.keys()))
        return self._before[path]

    def _text_of(self, path: str) -> _Text:
        """Return what a changed file holds, whatever its encoding."""
        if path not in self._texts:
            text = read_source(self.contents[path]).text
            self._texts[path] = _Text(_lines_of(text), _words_of(text))
        return self._texts[path]


def _code(
    file: ParsedFile, span: tuple[int, int], region: Region, *, is_new_name: bool = False
) -> Code:
    found = file.wording(*span, name=own_name(region))
    return Code(
        region=region,
        text=file.source.text[slice(*span)],
        nameless=found.digest,
        size=len(found.tokens),
        pairs=pairs_of(found.tokens),
        is_new_name=is_new_name,
    )


def _span(symbol: Symbol) -> tuple[int, int]:
    return symbol.start_byte, symbol.end_byte


def _is_same(file: ParsedFile, symbol: Symbol, old: ParsedFile, before: Symbol) -> bool:
    """Tell whether a symbol means what it meant; most have the same bytes, and cost nothing."""
    span, old_span = _span(symbol), _span(before)
    if file.source.text[slice(*span)] == old.source.text[slice(*old_span)]:
        return True
    return file.digests(*span).digest == old.digests(*old_span).digest


def _spans(region: Region, file: ParsedFile) -> Iterator[tuple[int, int]]:
    """Yield where in the file the region may have stood when it was last seen."""
    if region.kind == "symbol":
        for symbol in file.skeleton().symbols:
            if base_name(symbol.qualified_name) == base_name(region.symbol or ""):
                yield symbol.start_byte, symbol.end_byte
    elif region.end_line <= file.source.line_count:
        yield span_of(region, file)


def _lines_of(text: bytes) -> frozenset[bytes]:
    lines = (line.strip() for line in text.splitlines())
    return frozenset(line for line in lines if len(line) >= _SHORTEST_LINE)


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _words_of(text: bytes) -> frozenset[bytes]:
    return frozenset(_WORD.findall(text))


def _is_storable(text: str, most_bytes: int = MOST_LONG_KEY_BYTES) -> bool:
    """Tell whether the ledger could hold it as a place; a name that is not UTF-8 it cannot."""
    return why_unstorable(text, most_bytes=most_bytes) is None
