"""Decisions given directly, in a conversation or by a script, as drafts like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bicameral.intake.draft import (
    LONGEST_EXCERPT,
    LONGEST_SEARCH_TEXT,
    DecisionDraft,
    Level,
    Reference,
)
from bicameral.intake.instructions import find_instructions
from bicameral.intake.markup import sha256_hex
from bicameral.intake.mentions import candidate_names


@dataclass(frozen=True, slots=True)
class Given:
    """A decision as somebody states it. `ref` says where it was made, or is empty."""

    title: str
    description: str = ""
    rationale: str = ""
    ref: str = ""
    feature_group: str = ""
    level: Level = "L2"
    participants: Sequence[str] = ()
    decided_on: date | None = None
    supersedes: Sequence[str] = ()


def draft_of(given: Given) -> DecisionDraft:
    """Return a given decision as a draft; always proposed, for saying is not signing.

    Without a `ref` its words are its key, so that giving it again adds nothing.
    """
    text = f"{given.title}\n{given.description}\n{given.rationale}"
    rest = (given.feature_group, given.level, *given.participants, str(given.decided_on or ""))
    return DecisionDraft(
        title=given.title,
        description=given.description,
        rationale=given.rationale,
        source_type="direct",
        source_ref=given.ref or f"direct:{sha256_hex(text)[:16]}",
        excerpt=given.description[:LONGEST_EXCERPT],
        source_status="",
        signoff="proposed",
        decided_on=given.decided_on,
        participants=tuple(given.participants),
        number="",
        supersedes=tuple(Reference(text=ref, target=ref) for ref in given.supersedes),
        superseded_by=(),
        feature_group=given.feature_group,
        level=given.level,
        mentions=candidate_names(text, path=""),
        search_text=text[:LONGEST_SEARCH_TEXT],
        instruction_flags=find_instructions(text, "markdown"),
        content_digest=sha256_hex("\0".join((text, *rest))),
    )
