"""A region of code as it was when a decision was bound to it, and what became of it.

A snapshot holds digests, never code. Comparing takes the snapshot and the file's new
content and touches nothing else: any history can be judged again from its data alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from bicameral.errors import InputRefused
from bicameral.grounding.cache import ParseCache, ParsedFile
from bicameral.grounding.digests import Digests, raw_digest_of
from bicameral.grounding.evidence import Evidence, Outcome
from bicameral.grounding.languages import Backend, Backing, Capability
from bicameral.grounding.selectors import Selector, base_name, checked_lines, symbol_named
from bicameral.grounding.symbols import Symbol

RegionKind = Literal["symbol", "lines", "file"]

# Each place tried costs a walk over its syntax; text that moved far is found by its bytes.
NEAREST_PLACES = 40


@dataclass(frozen=True, slots=True)
class Region:
    """A snapshot of a symbol, a run of lines, or a whole file.

    `symbol` is the qualified name for the kind `symbol`, else None. `within` is the
    smallest symbol around a run of lines. Lines count from 1, both ends included (0 to 0
    in an empty file). `copies` says how many runs of lines the file had with the same
    bytes, or close by with the same meaning, this one among them.
    """

    path: str
    kind: RegionKind
    symbol: str | None
    start_line: int
    end_line: int
    digest: str
    raw_digest: str
    backend: Backend
    capability: Capability
    fallback_reason: str | None
    within: str | None = None
    copies: int = 1

    @property
    def line_count(self) -> int:
        """Return the number of lines."""
        return self.end_line - self.start_line + 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of a region, and its new snapshot; None when it was removed.

    `evidence` says how it was recognised where it is not in its place any more.
    """

    outcome: Outcome
    region: Region | None
    evidence: Evidence | None = None


def locate(selector: Selector, content: bytes, *, cache: ParseCache | None = None) -> Region:
    """Take the snapshot of what a selector names in a file's content.

    Raises `SelectorUnknown` or `SelectorAmbiguous`; `InputRefused` for a selector
    without a file.
    """
    if selector.path is None:
        raise InputRefused(
            f"{selector.symbol!r} does not say which file it is in",
            next_step="write it as path::name",
        )
    file = (cache or ParseCache()).open(selector.path, content)
    if selector.symbol is not None:
        return region_of_symbol(file, symbol_named(selector.symbol, file.skeleton(), selector.path))
    if selector.first_line is None:
        return _of_file(file)
    first, last = checked_lines(selector, file.source.line_count)
    region = region_of_lines(file, first, last)
    return replace(region, copies=sum(map(len, _copies(region, file))))


def symbols_of(path: str, content: bytes, *, cache: ParseCache | None = None) -> tuple[str, ...]:
    """Return the qualified names a file defines, in order; none where it is read as text."""
    symbols = (cache or ParseCache()).open(path, content).skeleton().symbols
    return tuple(symbol.qualified_name for symbol in symbols)


def place_of(region: Region) -> str:
    """Return where a region stands, as one would select it."""
    if region.kind == "symbol":
        return f"{region.path}::{region.symbol}"
    if region.kind == "lines":
        return f"{region.path}:{region.start_line}-{region.end_line}"
    return region.path


def own_name(region: Region) -> str:
    """Return what a symbol itself is called, without its owners; empty for other regions."""
    return base_name(region.symbol or "").rpartition(".")[2]


def overlap(one: Region, other: Region) -> bool:
    """Tell whether two regions share a line."""
    is_apart = one.end_line < other.start_line or other.end_line < one.start_line
    return one.path == other.path and not is_apart


def span_of(region: Region, file: ParsedFile) -> tuple[int, int]:
    """Return where in its file's text a region stands."""
    if region.kind == "file":
        return 0, len(file.source.text)
    if region.kind == "symbol":
        for symbol in file.skeleton().symbols:
            if symbol.qualified_name == region.symbol:
                return symbol.start_byte, symbol.end_byte
    return file.source.span_of_lines(region.start_line, region.end_line)


def classify(
    old: Region, content: bytes | None, *, path: str | None = None, cache: ParseCache | None = None
) -> Comparison:
    """Say what became of a region, given the file's new content (None: it is gone).

    `path` is the file's new name when it was renamed. The same bytes are `unchanged`
    wherever in the file they are found again; the same meaning is `cosmetic`.
    """
    if content is None:
        return Comparison("removed", None)
    file = (cache or ParseCache()).open(path or old.path, content)
    return compared(old, _FOLLOW[old.kind](old, file))


def compared(old: Region, new: Region | None) -> Comparison:
    """Say what became of a region that is known to stand as `new` now (None: nowhere)."""
    if new is None:
        return Comparison("removed", None)
    if new.raw_digest == old.raw_digest:
        return Comparison("unchanged", new)
    return Comparison("cosmetic" if new.digest == old.digest else "changed", new)


def _of_file(file: ParsedFile, old: Region | None = None) -> Region:
    lines = file.source.line_count
    digests = _digests(file, (0, len(file.source.text)), old)
    return _region(file, "file", digests, min(1, lines), lines)


def region_of_symbol(file: ParsedFile, symbol: Symbol, old: Region | None = None) -> Region:
    """Take the snapshot of a symbol of a file."""
    digests = _digests(file, (symbol.start_byte, symbol.end_byte), old)
    region = _region(file, "symbol", digests, symbol.start_line, symbol.end_line)
    return replace(region, symbol=symbol.qualified_name)


def region_of_lines(file: ParsedFile, first: int, last: int) -> Region:
    """Take the snapshot of lines `first` to `last` of a file."""
    digests = file.digests(*file.source.span_of_lines(first, last))
    region = _region(file, "lines", digests, first, last)
    return replace(region, within=_within(file, first, last))


def _digests(file: ParsedFile, span: tuple[int, int], old: Region | None) -> Digests:
    """Digest a span; the same bytes keep the digest that verdicts were given for.

    That holds even where this installation has another grammar or none, and it spares
    the walk over the syntax.
    """
    if old is None or raw_digest_of(file.source.raw(*span)) != old.raw_digest:
        return file.digests(*span)
    backing = Backing(old.backend, old.capability, old.fallback_reason)
    return Digests(old.digest, old.raw_digest, backing)


def _region(file: ParsedFile, kind: RegionKind, digests: Digests, first: int, last: int) -> Region:
    return Region(
        path=file.path,
        kind=kind,
        symbol=None,
        start_line=first,
        end_line=last,
        digest=digests.digest,
        raw_digest=digests.raw_digest,
        backend=digests.backing.backend,
        capability=digests.backing.capability,
        fallback_reason=digests.backing.fallback_reason,
    )


def _within(file: ParsedFile, first: int, last: int) -> str | None:
    symbol = file.skeleton().enclosing(first, last)
    return symbol.qualified_name if symbol else None


def _follow_file(old: Region, file: ParsedFile) -> Region:
    return _of_file(file, old)


def _follow_symbol(old: Region, file: ParsedFile) -> Region | None:
    """Find a symbol by its name, and among several of that name by its content."""
    skeleton = file.skeleton()
    if skeleton.backing.backend == "text":
        found = _follow_lines(old, file)
        return found and replace(found, kind="symbol", symbol=old.symbol)
    name = base_name(old.symbol or "")
    likes = [s for s in skeleton.symbols if base_name(s.qualified_name) == name]
    regions = [region_of_symbol(file, symbol, old) for symbol in likes]
    if len(regions) < 2:  # noqa: PLR2004  # nothing to choose from
        return regions[0] if regions else None
    return (
        _first(regions, lambda r: (r.symbol, r.raw_digest) == (old.symbol, old.raw_digest))
        or _first(regions, lambda r: r.raw_digest == old.raw_digest)
        or _first(regions, lambda r: r.digest == old.digest)
        or _first(regions, lambda r: r.symbol == old.symbol)
    )


def _follow_lines(old: Region, file: ParsedFile) -> Region | None:
    """Find a run of lines: in its place, else where its bytes went, else by its meaning."""
    if _is_same_text(old, file, old.start_line):
        return _anchored(old, file, old.start_line, copies=old.copies)
    same, alike = _copies(old, file)
    # With fewer copies than before, the one that is left may never have been ours.
    if len(same) + len(alike) >= old.copies:
        for first in filter(partial(_is_at_home, old, file), same):
            return _anchored(old, file, first, copies=len(same) + len(alike))
        for first in filter(partial(_is_at_home, old, file), alike):
            return region_of_lines(file, first, first + old.line_count - 1)
    last = min(old.end_line, file.source.line_count)
    return region_of_lines(file, old.start_line, last) if old.start_line <= last else None


def _anchored(old: Region, file: ParsedFile, first: int, *, copies: int) -> Region:
    last = first + old.line_count - 1
    within = _within(file, first, last)
    return replace(
        old, path=file.path, start_line=first, end_line=last, within=within, copies=copies
    )


_FOLLOW: dict[RegionKind, Callable[[Region, ParsedFile], Region | None]] = {
    "symbol": _follow_symbol,
    "lines": _follow_lines,
    "file": _follow_file,
}


def _copies(region: Region, file: ParsedFile) -> tuple[list[int], list[int]]:
    """Return the first lines of the runs with a region's bytes, and of those near it with
    only its meaning; both nearest first.
    """
    firsts = range(1, file.source.line_count - region.line_count + 2)
    nearest = sorted(firsts, key=lambda first: abs(first - region.start_line))
    same = [first for first in nearest if _is_same_text(region, file, first)]
    others = [first for first in nearest[:NEAREST_PLACES] if first not in same]
    return same, [first for first in others if _means_the_same(region, file, first)]


def _is_same_text(region: Region, file: ParsedFile, first: int) -> bool:
    last = first + region.line_count - 1
    if last > file.source.line_count:
        return False
    span = file.source.span_of_lines(first, last)
    if region.kind == "symbol":
        # A symbol's bytes begin at its first word, not at the margin.
        span = file.source.without_blanks(*span)
    return raw_digest_of(file.source.raw(*span)) == region.raw_digest


def _means_the_same(region: Region, file: ParsedFile, first: int) -> bool:
    span = file.source.span_of_lines(first, first + region.line_count - 1)
    return file.digests(*span, is_kept=False).digest == region.digest


def _is_at_home(region: Region, file: ParsedFile, first: int) -> bool:
    """Tell whether lines are inside the symbol that the region was in."""
    if region.within is None:
        return True
    return _within(file, first, first + region.line_count - 1) == region.within


def _first(regions: list[Region], wanted: Callable[[Region], bool]) -> Region | None:
    return next((region for region in regions if wanted(region)), None)
