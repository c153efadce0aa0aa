"""The files that commits changed, and the symbols in them that were not there before.

Only these can be where code went that vanished from its place. Nothing is read or parsed
before something has vanished, and then the files first that share most of its lines.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bicameral.grounding.alignment import aligned
from bicameral.grounding.cache import ParseCache, ParsedFile
from bicameral.grounding.changes import Change
from bicameral.grounding.digests import raw_digest_of
from bicameral.grounding.gains import Gains, Told
from bicameral.grounding.language_table import language_of
from bicameral.grounding.regions import (
    Region,
    own_name,
    region_of_lines,
    region_of_symbol,
    span_of,
)
from bicameral.grounding.selectors import base_name
from bicameral.grounding.similarity import Pairs, pairs_of
from bicameral.grounding.symbols import Symbol
from bicameral.ledger.columns import MOST_KEY_BYTES, MOST_LONG_KEY_BYTES, why_unstorable

MOST_FILES_READ = 2_000
MOST_FILES_PARSED = 12

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


class ChangedFiles:
    """What differs between two commits, for finding in it what vanished in between.

    `read_before` and `read_now` return the content of paths at the older and newer commit.
    """

    def __init__(
        self, changes: Sequence[Change], *, read_before: Read, read_now: Read, cache: ParseCache
    ) -> None:
        self._old_paths = {c.path: c.old_path or c.path for c in changes if c.status != "deleted"}
        self._now = {old_path: path for path, old_path in self._old_paths.items()}
        self._renamed = {c.old_path: c.path for c in changes if c.status == "renamed"}
        self._added = [each.path for each in changes if each.status == "added"]
        self._read_before = read_before
        self._read_now = read_now
        self._cache = cache
        self._before: dict[str, bytes | None] = {}
        self._new: dict[str, tuple[Code, ...]] = {}

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

    def text_before(self, region: Region) -> bytes | None:
        """Return the text of a region as it was; None where that is not known any more.

        Most regions are whole lines, and then nothing is parsed for it.
        """
        content = self._content_before(region.path)
        if content is None:
            return None
        source = self._cache.open(region.path, content).source
        if 0 < region.end_line <= source.line_count:
            span = source.without_blanks(*source.span_of_lines(region.start_line, region.end_line))
            if raw_digest_of(source.raw(*span)) == region.raw_digest:
                return source.text[slice(*span)]
        before = self.code_before(region)
        return None if before is None else before.text

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

    def lines_now(self, region: Region, path: str) -> Region | None:
        """Return bound lines that were edited, where the lines around them have left them.

        `path` is their file's name now. None where that is not known: the file is not among
        the changed ones, or its older text is not the one in which they stood.
        """
        if path not in self.contents or self.text_before(region) is None:
            return None
        before = self._cache.open(region.path, self._content_before(region.path) or b"").source
        file = self._cache.open(path, self.contents[path])
        old, new = _stripped(before.text), _stripped(file.source.text)
        first, last = aligned(old, new, region.start_line, region.end_line)
        # Where nothing is left of them, as many lines as they were are shown of what follows.
        last = max(last, min(first + region.line_count - 1, len(new))) if last < first else last
        return region_of_lines(file, first, last) if first <= last else None

    def likely(self, region: Region, name: str = "") -> list[str]:
        """Return the files that may hold a region's code now: its lines, its words, its name.

        Its own file comes first where it kept or gained some of it, then those that gained
        most of its lines, then of its words; at most `MOST_FILES_PARSED`.
        """
        told = Told.of(self.text_before(region) or b"", name)
        ranked = sorted((-lines, -words, path) for (lines, words), path in self._gains.likely(told))
        own = self._now.get(region.path, "")
        first = [own] if own in self._gains and told.may_be_in(self._gains.of(own)) else []
        found = dict.fromkeys([*first, *(path for *_, path in ranked)])
        return list(found)[:MOST_FILES_PARSED]

    @cached_property
    def _gains(self) -> Gains:
        """What the files gained that can hold symbols."""
        held = {path: text for path, text in self.contents.items() if language_of(path)}
        before = {path: self._content_before(self._old_paths[path]) for path in held}
        return Gains(held, before)

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


def _stripped(text: bytes) -> list[bytes]:
    """Return the lines of a text as they are counted, without their margins."""
    return [line.strip() for line in text.removesuffix(b"\n").split(b"\n")] if text else []


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


def _file_name(path: str) -> str:
    return path.rpartition("/")[2]


def _is_storable(text: str, most_bytes: int = MOST_LONG_KEY_BYTES) -> bool:
    """Tell whether the ledger could hold it as a place; a name that is not UTF-8 it cannot."""
    return why_unstorable(text, most_bytes=most_bytes) is None
