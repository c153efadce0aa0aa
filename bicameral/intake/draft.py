"""What intake hands on: decision drafts, and the documents it passed over with the reason.

A draft is what a document says, no more: nothing here has been stored, ratified or checked
against the repository.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

LONGEST_TITLE = 300
LONGEST_TEXT = 8_000
LONGEST_EXCERPT = 500
LONGEST_STATUS = 300
LONGEST_SEARCH_TEXT = 20_000

SignOff = Literal["proposed", "ratified", "rejected", "superseded"]
SourceType = Literal["adr", "document", "direct"]
Level = Literal["L1", "L2", "L3"]


@dataclass(frozen=True, slots=True)
class Reference:
    """One decision naming another.

    `text` is verbatim, link and all. `target` is the `source_ref` of the draft meant, or ""
    while nothing fits. `partial` is true when only a part of the decision is superseded.
    """

    text: str
    target: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Flag:
    """Text that may be trying to instruct an agent: what kind, why, and where (<= 200 chars)."""

    kind: str
    reason: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class DecisionDraft:
    """One decision as its source states it.

    `title` is one line without its number. `description` is what was decided, `rationale` the
    context and consequences. `source_ref` is the repository-relative POSIX path, with
    `#fragment` for one decision of several in a document; it is the key, since numbers repeat.
    `excerpt` is verbatim. `source_status` is the status as written, "" when none is stated.
    `number` is as written ("0012"), "" when none. `level` is what the document states, else L2.
    `mentions` are unchecked candidates. `search_text` leaves rejected options out.
    `content_digest` is the SHA-256 (hex) of the source text that made this draft.
    """

    title: str
    description: str
    rationale: str
    source_type: SourceType
    source_ref: str
    excerpt: str
    source_status: str
    signoff: SignOff
    decided_on: date | None
    participants: tuple[str, ...]
    number: str
    supersedes: tuple[Reference, ...]
    superseded_by: tuple[Reference, ...]
    feature_group: str
    level: Level
    mentions: tuple[str, ...]
    search_text: str
    instruction_flags: tuple[Flag, ...]
    content_digest: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document, or a pattern, that gave no draft, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference of the draft at `source_ref` that names no draft of the set, and why."""

    source_ref: str
    reference: Reference
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that came of reading one document or many."""

    drafts: tuple[DecisionDraft, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
