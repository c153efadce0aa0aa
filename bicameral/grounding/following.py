"""Where code went that vanished from its place, and by what it was recognised there.

By digest first: the same meaning elsewhere, or the same but for its own name. Then by a
similarity with a stated threshold. Two candidates that cannot be told apart are named and
neither is taken: a verdict that was carried to the wrong code would never be asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bicameral.grounding.cache import ParseCache
from bicameral.grounding.candidates import ChangedFiles, Code
from bicameral.grounding.evidence import Evidence, Outcome
from bicameral.grounding.parts import Part, parts_of
from bicameral.grounding.regions import (
    Comparison,
    Region,
    classify,
    compared,
    overlap,
    own_name,
    place_of,
)
from bicameral.grounding.selectors import base_name
from bicameral.grounding.similarity import THRESHOLD, TIE, similarity

LEAST_TOKENS = 10
"""Code that says less is known again by its digest and name alone: too many are alike."""
LEAST_LINES_LOST, LEAST_SHARE_LOST = 3, 0.2
"""Code that is still in its place and lost less than this was not split."""

GONE = Comparison("removed", None)


def follow(
    old: Region, changed: ChangedFiles, cache: ParseCache, *, threshold: float = THRESHOLD
) -> Comparison:
    """Find a region again that is not in its place any more; `removed` where it is nowhere."""
    target = changed.renamed_to(old.path)
    if target is not None:
        found = classify(old, changed.contents[target], path=target, cache=cache)
        if found.outcome == "changed":
            found = realigned(old, target, changed) or found
        if found.region is not None:
            return _in_renamed_file(old, found.region, found.outcome, changed)
    return _among_symbols(old, changed, threshold) if old.kind == "symbol" else GONE


def realigned(old: Region, path: str, changed: ChangedFiles) -> Comparison | None:
    """Say what became of lines that were edited, by the lines around them; None for others."""
    new = changed.lines_now(old, path) if old.kind == "lines" else None
    return None if new is None else compared(old, new)


def _in_renamed_file(
    old: Region, new: Region, outcome: Outcome, changed: ChangedFiles
) -> Comparison:
    if twins := changed.twins_of(new.path, old.path):
        places = [replace(new, path=path) for path in (new.path, *twins)]
        return _ambiguous(Evidence("digest", place_of(old)), places)
    if outcome != "changed":
        return _found(old, new, Evidence("digest", place_of(old)))
    before, now = changed.code_before(old), changed.code_now(new)
    alike = similarity(before.pairs, now.pairs) if before else None
    return Comparison("changed", new, Evidence("name", place_of(old), alike))


def _found(old: Region, new: Region, evidence: Evidence) -> Comparison:
    outcome: Outcome = "moved" if _last(old) == _last(new) else "renamed"
    return Comparison(outcome, new, evidence)


def _last(region: Region) -> str:
    """Return what a region itself is called: a symbol's own name, or a file's."""
    if region.kind == "symbol":
        return own_name(region)
    return region.path.rpartition("/")[2] if region.kind == "file" else ""


def _among_symbols(old: Region, changed: ChangedFiles, threshold: float) -> Comparison:
    paths = changed.likely(old, own_name(old))
    candidates = [each for path in paths for each in changed.new_in(path)]
    if not candidates:
        return GONE
    before = changed.code_before(old)
    by_digest = _by_digest(old, before, candidates)
    if by_digest:
        return _the_one(old, by_digest, Evidence("digest", place_of(old)))
    if before is None or before.size < LEAST_TOKENS:
        return GONE
    others = [each for each in candidates if each.is_new_name]
    parts = parts_of(before, others)
    if parts:
        return _split(parts[0].region, before, parts)
    return _by_similarity(before, others, threshold)


def split_in_place(old: Region, new: Region, changed: ChangedFiles) -> Comparison | None:
    """Tell whether code that has shrunk gave parts of itself to new symbols; None if not."""
    lost = old.line_count - new.line_count
    if lost < max(LEAST_LINES_LOST, LEAST_SHARE_LOST * old.line_count):
        return None
    paths = changed.likely(old) if new.path in changed.contents else []
    others = [each for path in paths for each in changed.new_in(path) if each.is_new_name]
    before = changed.code_before(old) if others else None
    if before is None or before.size < LEAST_TOKENS:
        return None
    parts = parts_of(before, [changed.code_now(new), *others])
    return _split(new, before, parts) if parts else None


def _split(new: Region, before: Code, parts: Sequence[Part]) -> Comparison:
    places = tuple(place_of(part.region) for part in parts)
    held = sum(part.held for part in parts)
    evidence = Evidence("similarity", place_of(before.region), held, places)
    return Comparison("split", new, evidence)


def _by_digest(old: Region, before: Code | None, candidates: Sequence[Code]) -> list[Region]:
    """Return the candidates with the same meaning, of which the best known stand alone."""
    same = [each.region for each in candidates if each.region.digest == old.digest]
    if not same and before and before.nameless and before.size >= LEAST_TOKENS:
        same = [each.region for each in candidates if each.nameless == before.nameless]
    qualified = base_name(old.symbol or "")
    return _narrowed(same, lambda region: base_name(region.symbol or "") == qualified)


def _narrowed(regions: list[Region], is_better: Callable[[Region], bool]) -> list[Region]:
    return [each for each in regions if is_better(each)] or regions


def _the_one(old: Region, found: Sequence[Region], evidence: Evidence) -> Comparison:
    if len(found) == 1:
        return _found(old, found[0], evidence)
    return _ambiguous(evidence, found)


def _ambiguous(evidence: Evidence, found: Sequence[Region]) -> Comparison:
    return replace(GONE, evidence=replace(evidence, places=tuple(map(place_of, found))))


def _by_similarity(before: Code, candidates: Sequence[Code], threshold: float) -> Comparison:
    scored = [(similarity(before.pairs, each.pairs), each.region) for each in candidates]
    likely = sorted((s for s in scored if s[0] >= threshold), key=lambda s: -s[0])
    if not likely:
        return GONE
    best, region = likely[0]
    evidence = Evidence("similarity", place_of(before.region), best)
    # What stands around the best or inside it is the same code told twice.
    tied = [each for alike, each in likely if best - alike < TIE and not overlap(region, each)]
    name = own_name(before.region)
    best_named = _narrowed([region, *tied], lambda each: own_name(each) == name)
    if len(best_named) > 1:
        return _ambiguous(evidence, best_named)
    alike = next(score for score, each in likely if each == best_named[0])
    return Comparison("changed", best_named[0], replace(evidence, similarity=alike))
