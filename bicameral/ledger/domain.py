"""What the ledger speaks of, as frozen values: decisions, regions, bindings, verdicts.

Status is not among the fields of a decision: it is derived (`status.py`), never stored.
"""

from dataclasses import dataclass
from typing import Literal

from bicameral.capture.sizes import check_session_id

SignOff = Literal[
    "proposed", "ratified", "rejected", "collision_pending", "context_pending", "superseded"
]
Status = Literal["ungrounded", "drifted", "pending", "partial", "reflected"]
VerdictKind = Literal["compliant", "drifted", "partial", "not_relevant"]
Level = Literal["L1", "L2", "L3"]
SourceType = Literal["adr", "document", "direct"]
RegionKind = Literal["symbol", "lines", "file"]
Origin = Literal["explicit", "inferred"]
Presence = Literal["present", "removed"]
QuestionKind = Literal["collision", "context"]

MAIN = ""
"""The branch name under which what holds on the main branch is stored."""
UNCOMMITTED = ""
"""The commit of code that was seen in a work tree and may never be committed."""
REMOVED = "removed"
"""The digest of code that is no longer there."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a decision was found. `decided_on` is an ISO date or empty.

    `stated_status` is the status as the source words it, `stated_signoff` what it amounts to.
    """

    type: SourceType
    ref: str
    excerpt: str = ""
    decided_on: str = ""
    participants: tuple[str, ...] = ()
    stated_status: str = ""
    stated_signoff: SignOff = "proposed"
    content_digest: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a decision says. `warnings` name text that tries to instruct its reader."""

    title: str
    description: str = ""
    rationale: str = ""
    search_text: str = ""
    feature_group: str = ""
    level: Level = "L2"
    warnings: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        """The text that is searched beside the title."""
        return body_of(self.search_text, self.description, self.rationale)


def body_of(search_text: str, description: str, rationale: str) -> str:
    """Return the text of a decision that is searched beside its title."""
    return search_text or f"{description}\n{rationale}"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as it stands. Times are milliseconds since the epoch, UTC."""

    id: str
    number: int
    repository_id: str
    content: Content
    source: Source
    signoff: SignOff
    parent_id: str | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Region:
    """A place in the code: its identity (`id`), which outlives any one version of it.

    `path` and `selector` are where it stands as the reader sees it, which may be elsewhere
    than where it was bound. `selector` is the qualified name of a symbol, `10-20` for lines,
    or empty for the file.
    """

    id: str
    repository_id: str
    path: str
    kind: RegionKind
    selector: str


@dataclass(frozen=True, slots=True)
class RegionState:
    """How a region stood at a commit on a branch (`MAIN` for the main branch).

    Code that is gone has the digest `REMOVED`, which can be judged like any other.
    `copies` says how often a run of lines stood in its file. `path` and `selector` are where
    it stands (empty: where it was bound), `evidence` how it was found there or sought, as
    JSON; empty where nothing but the place itself had to be looked at.
    """

    branch: str
    commit: str
    presence: Presence
    start_line: int
    end_line: int
    digest: str
    raw_digest: str
    backend: str = "tree-sitter"
    capability: str = "full"
    fallback_reason: str = ""
    copies: int = 1
    path: str = ""
    selector: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Grounding:
    """A binding as one branch sees it: the region, its state there, the current verdict."""

    decision_id: str
    region: Region
    state: RegionState
    origin: Origin
    verdict: VerdictKind | None
    was_compliant: bool
    """Whether a standing verdict, on any digest of this region, says that it once complied.

    `drifted` says so too: it is only accepted where something complied before.
    """


@dataclass(frozen=True, slots=True)
class Question:
    """Something that waits for a person: a collision with another decision, or a question."""

    id: str
    repository_id: str
    decision_id: str
    kind: QuestionKind
    text: str
    other_decision_id: str | None
    answer: str | None
    created_at: int


@dataclass(frozen=True, slots=True)
class View:
    """Through which eyes the ledger is read: one repository on one branch."""

    repository_id: str
    branch: str = MAIN

    @property
    def branches(self) -> tuple[str, ...]:
        """The branches whose records count here: main's always, and the branch's own."""
        return (MAIN,) if self.branch == MAIN else (MAIN, self.branch)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes: kept in every audit row.

    Raises `InputRefused` for a session id that is empty or longer than 512 characters.
    """

    session_id: str
    tool: str
    preflight_id: str | None = None

    def __post_init__(self) -> None:
        check_session_id(self.session_id)
