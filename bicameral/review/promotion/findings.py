"""Findings: what in a text may be private, where it stands, and how it is shown.

A secret is never shown, in whole or in part, neither itself nor beside another finding.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from bicameral.govern.detection.spans import Span
from bicameral.govern.detection.spans import merged as joined

Action = Literal["replace", "generalise", "keep"]

SECRETS = "secrets"
"""The name of all kinds of secret together."""
UNCERTAIN = "name_or_word"
"""A word that is also a name: only a person can tell which, so no sweeping answer covers it."""
_CONTEXT_CHARACTERS = 48
_ID_DIGITS = 12
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding: `stem` begins its placeholder, `meaning` says it to a person."""

    name: str
    stem: str
    meaning: str
    proposed: Action = "replace"


# Where findings overlap, the one that stands first here names them all.
KINDS = {
    kind.name: kind
    for kind in (
        Kind("url", "url", "an address on the web", "generalise"),
        Kind("email", "person", "an e-mail address"),
        Kind("card_number", "card", "a payment card's number (its check digit is right)"),
        Kind("iban", "account", "a bank account's number (its check digits are right)"),
        Kind("phone", "phone", "a telephone number"),
        Kind("national_id", "id", "a number that identifies a person"),
        Kind("home_folder", "path", "a folder of a person's own", "generalise"),
        Kind("absolute_path", "path", "a path from the root of somebody's machine", "generalise"),
        Kind("host", "host", "the name of a machine or a site"),
        Kind("ip_address", "address", "an address in a network", "generalise"),
        Kind("mac_address", "mac", "the address of a network card"),
        Kind("uuid", "id", "an identifier that is unique in the world"),
        Kind("hex_id", "id", "a digest or a commit's id"),
        Kind("ticket", "ticket", "the key of a ticket"),
        Kind("person_name", "person", "a person in this repository's history or settings"),
        Kind("organisation", "org", "an owner, a host or a domain of this repository's"),
        Kind("repository_name", "name", "this repository's own name"),
        Kind("path_segment", "part", "a name in a path that is no ordinary word", "generalise"),
        Kind("related_word", "word", "a word that a path or an address in this row has, too"),
        Kind("handle", "person", "somebody's handle"),
        Kind("number", "number", "a long number", "generalise"),
        Kind(UNCERTAIN, "name", "a word that is also a name known here"),
    )
}
_RANKS = {name: rank for rank, name in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: `place` names the field (`topic`, `decisions[d1].title`), `id` is stable.

    The id is salted, so that it says nothing about the text, and stays the same as long as
    the same text stands in the same field.
    """

    id: str
    place: str
    start: int
    end: int
    kind: str
    is_secret: bool
    text: str = field(repr=False)

    @property
    def shown(self) -> str:
        """The finding as a person may see it."""
        return masked(self.kind, self.text) if self.is_secret else self.text

    @property
    def proposed(self) -> Action | None:
        """What to do unless the person says otherwise; None where only a person can tell."""
        if self.is_secret:
            return "replace"
        return None if self.kind == UNCERTAIN else KINDS[self.kind].proposed

    @property
    def meaning(self) -> str:
        """What it is, in words."""
        return "a secret" if self.is_secret else KINDS[self.kind].meaning


def masked(kind: str, text: str) -> str:
    """Return what stands for a secret on a screen: its kind and its length."""
    return f"[{kind}, {len(text)} characters]"


def merged(spans: Iterable[Span]) -> list[Span]:
    """Join what overlaps: secrets name a stretch before all else, then as kinds are listed."""
    return joined(spans, lambda span: -1 if span.is_secret else _RANKS[span.kind])


def make_findings(place: str, text: str, spans: Sequence[Span], salt: bytes) -> list[Finding]:
    """Give each span of a field's text its id; the spans do not overlap."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for span in spans:
        part = text[span.start : span.end]
        number = seen[span.kind, part] = seen.get((span.kind, part), 0) + 1
        content = "\0".join((span.kind, place, str(number), part)).encode("utf-8", "replace")
        digest = sha256(salt + b"\0finding\0" + content).hexdigest()[:_ID_DIGITS]
        found.append(Finding(digest, place, span.start, span.end, span.kind, span.is_secret, part))
    return found


def in_context(finding: Finding, text: str, others: Iterable[Finding]) -> tuple[str, str, str]:
    """Return the words before a finding, the finding as shown, and the words after it.

    `others` are the findings of the same text; the secrets among them are masked too.
    """
    before, after, position = "", "", 0
    for each in sorted(others, key=lambda other: other.start):
        between = text[position : each.start]
        shown = "" if each == finding else each.shown
        if each.start <= finding.start:
            before += between + shown
        else:
            after += between + shown
        position = each.end
    return _tail(before), finding.shown, _head(after + text[position:])


def _tail(text: str) -> str:
    flat = _BLANKS.sub(" ", text)
    return flat if len(flat) <= _CONTEXT_CHARACTERS else f"…{flat[-_CONTEXT_CHARACTERS:]}"


def _head(text: str) -> str:
    flat = _BLANKS.sub(" ", text)
    return flat if len(flat) <= _CONTEXT_CHARACTERS else f"{flat[:_CONTEXT_CHARACTERS]}…"
