"""Kinds: what the registry knows of a line that a part of this project writes.

The fields themselves stand once, in the struct that is written; a kind says of each what no
struct can say: what it may reveal, what form its text has, and what it means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bicameral.govern.sensitivity import Sensitivity

Family = Literal[
    "capture",
    "session",
    "bypass",
    "refusal",
    "engagement",
    "review",
    "label",
    "calibration",
    "hook_failure",
    "trace",
    "metric",
    "relay",
    "self_check",
    "error",
    "dataset",
    "state",
]
Transmission = Literal["local_only", "explicit_export", "approved_upload"]
TRANSMISSIONS: dict[Transmission, str] = {
    "local_only": "stays out of every export and every upload",
    "explicit_export": "leaves in a file that a person asks for, and in no other way",
    "approved_upload": "may be sent, within the class cap, by an upload that a person approved",
}
RetentionKind = Literal["days", "rotate", "manual", "keep_forever"]

Form = Literal[
    "stamp",
    "hash",
    "id",
    "code",
    "tool",
    "revision",
    "client",
    "number",
    "flag",
    "words",
    "path",
    "text",
    "open",
]
FORMS: dict[Form, str] = {
    "stamp": "a time: UTC, ISO 8601",
    "hash": "16 hexadecimal digits of a salted hash",
    "id": "an opaque id of the ledger's or of ours",
    "code": "one of our codes, names or versions",
    "tool": "the name of one of our tools",
    "revision": "the ledger's revision, a number as text",
    "client": "text of the client's that is opaque to us",
    "number": "a number, or numbers under codes of ours",
    "flag": "true or false",
    "words": "a sentence of ours, without content",
    "path": "a path",
    "text": "what somebody wrote",
    "open": "numbers, codes and ids under names of ours",
}

# What was made elsewhere stands below S2 as its keyed digest, unless we can tell that it is ours.
MADE_ELSEWHERE: frozenset[Form] = frozenset({"client", "id"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a line; `within` are the fields of the objects in it.

    A field without any `within` speaks for all that it holds. `one_of` names the codes that may
    stand in it: no other may, nor be sent as the name of a number; of what was made elsewhere,
    the others are sent as digests.
    """

    name: str
    sensitivity: Sensitivity
    form: Form
    meaning: str
    within: tuple["Field", ...] = ()
    one_of: tuple[str, ...] = ()

    def walk(self, prefix: str = "") -> Iterator[tuple[str, "Field"]]:
        """Yield this field and those within it, by their places (`evidence.words`)."""
        place = f"{prefix}{self.name}"
        yield place, self
        for each in self.within:
            yield from each.walk(f"{place}.")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a line is kept: at most `days` where the kind has a limit, and why."""

    kind: RetentionKind
    reason: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of line: its shape, and what holds for every line of it.

    `shape` is the msgspec struct or dataclass that is written, or that has the same fields
    where a part writes without msgspec. `file` is a pattern below the data home, or none
    for what is not written there; `owner` is the module that writes it.
    """

    id: str
    family: Family
    shape: type
    fields: tuple[Field, ...]
    transmission: Transmission
    retention: Retention | None
    owner: str
    description: str
    file: str | None = None

    def walk(self) -> Iterator[tuple[str, Field]]:
        """Yield every field by its place."""
        for field in self.fields:
            yield from field.walk()

    @property
    def sensitivity(self) -> Sensitivity:
        """The most that any of its fields can reveal."""
        return max(field.sensitivity for _, field in self.walk())
