"""Redaction of a line, in this order: allow-list, class cap, scrub, truncation.

The order is the promise: what is not registered is not even looked at, what is above the cap
is not either, and nothing is cut before its secrets are out, for half a secret is not known
for one.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bicameral.govern.kinds import MADE_ELSEWHERE, Field, Form, Kind
from bicameral.govern.schemas import PATTERNS
from bicameral.govern.scrubbing import Digest, is_ours, scrub
from bicameral.govern.sensitivity import Sensitivity, is_within

Why = Literal["not registered", "above the cap", "malformed", "private", "too long"]
LONGEST_TEXT = 1_000
_CUT = "…"
_DEEPEST = 8
_PATTERNS = {form: re.compile(str(p["pattern"])) for form, p in PATTERNS.items() if "pattern" in p}
_ANYTHING: frozenset[Form] = frozenset({"open", "text"})
_HOLDS_NAMES: frozenset[Form] = frozenset({"number", *_ANYTHING})


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that was taken out: where it stood and why; never what it was.

    A name that nobody registered is content too, and stands as `?`.
    """

    place: str
    why: Why
    kind: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.why}{f' ({self.kind})' if self.kind else ''}"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A line as it may be shown, and what was taken out of it."""

    row: dict[str, object]
    notes: tuple[Note, ...]


def redact(kind: Kind, row: Mapping[str, object], *, cap: Sensitivity, digest: Digest) -> Redacted:
    """Return a line of this kind with nothing above `cap` and nothing private in it.

    Below S2 the client's own opaque text, and an id that is none of ours, stands as its digest.
    """
    work = _Redaction(cap, digest)
    found = work.fields(kind.fields, row, "")
    return Redacted(found, tuple(work.notes))


class _Redaction:
    """One line being redacted; collects what is taken out."""

    def __init__(self, cap: Sensitivity, digest: Digest) -> None:
        self._cap = cap
        self._digest = digest
        self.notes: list[Note] = []

    def fields(
        self, fields: tuple[Field, ...], row: Mapping[str, object], prefix: str
    ) -> dict[str, object]:
        """Return the fields that are registered and within the cap, scrubbed."""
        known = {field.name: field for field in fields}
        kept: dict[str, object] = {}
        for name, value in row.items():
            field = known.get(name)
            if field is None:
                self.notes.append(Note(f"{prefix}?", "not registered"))
            elif not is_within(field.sensitivity, self._cap):
                self.notes.append(Note(f"{prefix}{name}", "above the cap"))
            else:
                kept |= dict(self._field(field, value, f"{prefix}{name}"))
        return kept

    def _field(self, field: Field, value: object, place: str) -> Iterator[tuple[str, object]]:
        if field.within:
            if isinstance(value, Mapping):
                yield field.name, self.fields(field.within, value, f"{place}.")
                return
            if isinstance(value, list | tuple) and all(isinstance(e, Mapping) for e in value):
                yield (
                    field.name,
                    [self.fields(field.within, each, f"{place}.") for each in value],
                )
                return
        elif _fits(field, value):
            yield field.name, self._value(field, value, place)
            return
        self.notes.append(Note(place, "malformed"))

    def _value(self, field: Field, value: object, place: str, depth: int = 0) -> object:
        if isinstance(value, str):
            return self._text(field, value, place)
        if not isinstance(value, list | tuple | Mapping):
            return value
        if depth == _DEEPEST:
            self.notes.append(Note(place, "malformed"))
            return None
        if isinstance(value, Mapping):
            return {
                self._name(field, str(name), place): self._value(field, inner, place, depth + 1)
                for name, inner in value.items()
            }
        return [self._value(field, inner, place, depth + 1) for inner in value]

    def _name(self, field: Field, name: str, place: str) -> str:
        """Return a name within an open object: below S2 only one that the registry knows."""
        if name in field.one_of:
            return name
        if not is_within("S2", self._cap):
            return self._digest(name)
        return self._text(field, name, place)

    def _text(self, field: Field, text: str, place: str) -> str:
        if field.form in MADE_ELSEWHERE and not is_within("S2", self._cap):
            is_known = text in field.one_of or (field.form == "id" and is_ours(text))
            return text if is_known else self._digest(text)
        scrubbed = scrub(text, self._digest)
        self.notes += [Note(place, "private", kind) for kind in scrubbed.found]
        if len(scrubbed.text) <= LONGEST_TEXT:
            return scrubbed.text
        self.notes.append(Note(place, "too long"))
        return scrubbed.text[: LONGEST_TEXT - 1] + _CUT


def _fits(field: Field, value: object) -> bool:
    """Tell whether a value has the form that its field is registered with."""
    if isinstance(value, list | tuple):
        return all(_fits(field, each) for each in value)
    if isinstance(value, Mapping):
        return field.form in _HOLDS_NAMES and all(_fits(field, each) for each in value.values())
    if isinstance(value, str):
        return field.form not in {"number", "flag"} and _has_form(field, value)
    if isinstance(value, bool):
        return field.form in {"flag", *_ANYTHING}
    if isinstance(value, int | float):
        return field.form in {"number", *_ANYTHING} and math.isfinite(value)
    return value is None


def _has_form(field: Field, text: str) -> bool:
    if field.one_of and field.form not in MADE_ELSEWHERE:
        return text in field.one_of
    pattern = _PATTERNS.get(field.form)
    return pattern is None or pattern.fullmatch(text) is not None
