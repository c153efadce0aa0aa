"""Drafts into the ledger: added, amended or left alone, superseded, and set against others.

The same draft again changes nothing. A changed source amends its decision; what people did
to it since (sign-off, bindings, verdicts) stays, unless the source itself now says otherwise.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from bicameral.errors import TransitionRefused
from bicameral.intake.collisions import find_collision
from bicameral.intake.draft import DecisionDraft, Level, Reference, SourceType
from bicameral.intake.markup import slug
from bicameral.ledger.decisions import (
    add_decision,
    add_link,
    amend_decision,
    find_by_content,
    find_by_source,
    get_decision,
    set_signoff,
)
from bicameral.ledger.domain import Content, Decision, Source
from bicameral.ledger.questions import ask
from bicameral.ledger.transaction import Transaction

LONGEST_FRAGMENT = 120
UNSTATED_LEVEL: Level = "L2"
"""The level of a draft whose source states none."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one draft; `collides_with` is the id of a decision it collides with."""

    draft: DecisionDraft
    decision: Decision
    outcome: str
    collides_with: str = ""
    superseded: tuple[str, ...] = ()
    """The titles of the decisions that gave way to this one just now."""


def store_drafts(
    transaction: Transaction,
    repository_id: str,
    drafts: Sequence[DecisionDraft],
    *,
    source_exists: Callable[[str], bool],
) -> list[Stored]:
    """Store drafts in order. `source_exists` tells whether a source ref is still there.

    Outcomes: `added`, `amended`, `moved` (same content, another place), `unchanged`.
    """
    shelf = _Shelf(transaction, repository_id, drafts, source_exists)
    stored = []
    for draft in map(shelf.placed, drafts):
        stored.append(_store(transaction, repository_id, draft, shelf.find(draft)))
        shelf.add(draft, stored[-1].decision)
    related, ended = _link(transaction, repository_id, stored)
    stored = _set_against_others(transaction, stored, related)
    return [replace(each, superseded=tuple(ended.get(each.decision.id, ()))) for each in stored]


class _Shelf:
    """What the ledger already has of some drafts: by their source, else by their content."""

    def __init__(
        self,
        transaction: Transaction,
        repository_id: str,
        drafts: Sequence[DecisionDraft],
        source_exists: Callable[[str], bool],
    ) -> None:
        refs = [_key(draft) for draft in drafts]
        refs += [_key(_apart(draft)) for draft in drafts if draft.source_type == "direct"]
        digests = [draft.content_digest for draft in drafts]
        self._known = find_by_source(transaction.connection, repository_id, refs)
        self._same = find_by_content(transaction.connection, repository_id, digests)
        self._source_exists = source_exists
        self._taken = {decision.id for decision in self._known.values()}

    def placed(self, draft: DecisionDraft) -> DecisionDraft:
        """Return a draft under a key of its own: one meeting decides more than one thing."""
        there = self._known.get(_key(draft)) if draft.source_type == "direct" else None
        if there is None or there.source.content_digest == draft.content_digest:
            return draft
        is_the_one = slug(there.content.title) == slug(draft.title)
        return draft if is_the_one else _apart(draft)

    def find(self, draft: DecisionDraft) -> Decision | None:
        """Return the decision that a draft is about; None when it is new.

        The same content at a source that is gone has moved here.
        """
        known = self._known.get(_key(draft))
        old = self._same.get(draft.content_digest)
        if known or old is None or old.id in self._taken or old.source.type != draft.source_type:
            return known
        return None if self._source_exists(old.source.ref) else old

    def add(self, draft: DecisionDraft, decision: Decision) -> None:
        """Remember what became of a draft: the same one may be given twice."""
        self._known[_key(draft)] = decision
        self._taken.add(decision.id)


def _key(draft: DecisionDraft) -> tuple[SourceType, str]:
    return draft.source_type, draft.source_ref


def _apart(draft: DecisionDraft) -> DecisionDraft:
    fragment = slug(draft.title, limit=LONGEST_FRAGMENT)
    return replace(draft, source_ref=f"{draft.source_ref}#{fragment}")


def _store(
    transaction: Transaction,
    repository_id: str,
    draft: DecisionDraft,
    existing: Decision | None,
) -> Stored:
    content, source = content_of(draft), source_of(draft)
    if existing is None:
        decision = add_decision(transaction, repository_id, content, source, signoff=draft.signoff)
        return Stored(draft, decision, "added")
    content = _keeping_what_people_said(existing, content, source)
    changed = amend_decision(transaction, existing, content, source)
    if existing.source.stated_signoff != draft.signoff:
        _follow_source(transaction, existing, draft)
    outcome = "unchanged" if not changed else "amended"
    if existing.source.ref != draft.source_ref:
        outcome = "moved"
    return Stored(draft, get_decision(transaction.connection, existing.id), outcome)


def _keeping_what_people_said(existing: Decision, content: Content, source: Source) -> Content:
    """Let a source speak only of what is new in it, or what it says of the grouping at all."""
    own = existing.content
    if source.content_digest == existing.source.content_digest:
        return own
    return replace(
        content,
        feature_group=content.feature_group or own.feature_group,
        level=own.level if content.level == UNSTATED_LEVEL else content.level,
    )


def _follow_source(transaction: Transaction, existing: Decision, draft: DecisionDraft) -> None:
    try:
        set_signoff(transaction, existing, draft.signoff)
    except TransitionRefused:
        # A person took it further than the source says; the audit shows both.
        transaction.record("source_disagrees", existing.id, after={"source": draft.signoff})


def _link(
    transaction: Transaction, repository_id: str, stored: Sequence[Stored]
) -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """Record who supersedes whom, as far as the targets are in the ledger.

    Returns, per decision, the ids of those that it supersedes, in part or as a whole, and
    the titles of those that gave way to it just now.
    """
    by_ref = {each.draft.source_ref: each.decision for each in stored}
    elsewhere = {
        reference.target
        for each in stored
        for reference in (*each.draft.supersedes, *each.draft.superseded_by)
        if reference.target and reference.target not in by_ref
    }
    if elsewhere:
        refs = [(kind, ref) for kind in get_args(SourceType) for ref in sorted(elsewhere)]
        found = find_by_source(transaction.connection, repository_id, refs)
        by_ref |= {ref: decision for (_, ref), decision in found.items()}
    related: dict[str, set[str]] = {}
    ended: dict[str, list[str]] = {}
    for new, old, reference in _pairs(stored, by_ref):
        related.setdefault(new.id, set()).add(old.id)
        if _supersede(transaction, new, old, is_partial=reference.partial):
            ended.setdefault(new.id, []).append(old.content.title)
    return related, ended


def _pairs(
    stored: Sequence[Stored], by_ref: Mapping[str, Decision]
) -> Iterator[tuple[Decision, Decision, Reference]]:
    """Yield the newer decision, the older one and the reference that says so."""
    for each in stored:
        for reference in each.draft.supersedes:
            if (old := by_ref.get(reference.target)) and old.id != each.decision.id:
                yield each.decision, old, reference
        for reference in each.draft.superseded_by:
            if (new := by_ref.get(reference.target)) and new.id != each.decision.id:
                yield new, each.decision, reference


def _supersede(transaction: Transaction, new: Decision, old: Decision, *, is_partial: bool) -> bool:
    """Link two decisions; return whether the older one gave way just now."""
    add_link(transaction, new.id, old.id, "partly_supersedes" if is_partial else "supersedes")
    # A successor that is itself only proposed or rejected replaces nothing yet; it is looked
    # at each time, for it may have been accepted since.
    if is_partial or new.signoff not in {"ratified", "superseded"}:
        return False
    current = get_decision(transaction.connection, old.id)
    return set_signoff(transaction, current, "superseded")


def _set_against_others(
    transaction: Transaction, stored: Sequence[Stored], related: Mapping[str, set[str]]
) -> list[Stored]:
    """Ask a person about each new decision that collides with a standing one."""
    batch = [each.decision.id for each in stored]
    result = []
    for number, each in enumerate(stored):
        current = get_decision(transaction.connection, each.decision.id)
        other = None
        if each.outcome == "added" and current.signoff in {"proposed", "ratified"}:
            # Documents read together were written side by side; of what is given directly,
            # the later one is asked about.
            kin = batch if each.draft.source_type != "direct" else batch[number:]
            unrelated = related.get(current.id, set()).union(kin)
            other = find_collision(transaction.connection, current, unrelated_to=unrelated)
        if other is None:
            result.append(replace(each, decision=current))
            continue
        text = f"“{current.content.title}” and “{other.content.title}” settle the same subject"
        ask(transaction, current, "collision", text, other_decision_id=other.id)
        current = get_decision(transaction.connection, current.id)
        result.append(replace(each, decision=current, collides_with=other.id))
    return result


def content_of(draft: DecisionDraft) -> Content:
    """Return what the ledger keeps of a draft's words."""
    return Content(
        title=draft.title,
        description=draft.description,
        rationale=draft.rationale,
        search_text=draft.search_text,
        feature_group=draft.feature_group,
        level=draft.level,
        warnings=tuple(f"{flag.reason}: {flag.excerpt}" for flag in draft.instruction_flags),
    )


def source_of(draft: DecisionDraft) -> Source:
    """Return what the ledger keeps of where a draft came from."""
    return Source(
        type=draft.source_type,
        ref=draft.source_ref,
        excerpt=draft.excerpt,
        decided_on=draft.decided_on.isoformat() if draft.decided_on else "",
        participants=draft.participants,
        stated_status=draft.source_status,
        stated_signoff=draft.signoff,
        content_digest=draft.content_digest,
    )
