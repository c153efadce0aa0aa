"""The classification of one preflight, from what followed it and what the ledger knew then.

Pure: the same rows and the same past give the same answer. A decision can only be missed
that stood when the preflight ran, that nobody had told the session, and for which nobody
was waiting; reading alone says nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from bicameral.ledger.timeline import Timeline
from bicameral.review.reconciliation import words
from bicameral.review.reconciliation.captured import EngagementRow
from bicameral.review.reconciliation.evidence import (
    LINKING,
    MUTED,
    Edited,
    Followed,
    Hash,
    Knowledge,
)
from bicameral.review.rows import Classification, Evidence


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What is said of one preflight; the fields are those of its `ReviewRow`."""

    classification: Classification
    confidence: float
    because: str
    evidence: list[Evidence] = []
    missed_ids: list[str] = []
    unused_ids: list[str] = []


SILENT = Verdict(
    "normal",
    words.SILENT_WITH_WORK,
    "nothing was shown, and nothing that followed asked for a decision",
)
SILENT_WITHOUT_WORK = Verdict(
    "normal",
    words.SILENT_WITHOUT_WORK,
    "nothing was shown, and nothing followed that could tell more",
)
MUTED_ON_PURPOSE = Verdict(
    "normal", words.MUTED_ON_PURPOSE, "preflights were muted, so silence is what was asked for"
)


@dataclass(frozen=True, slots=True)
class _Reason:
    """One piece of evidence for a miss, with how sure it makes and what lowers that."""

    evidence: Evidence
    confidence: float
    doubts: tuple[str, ...]


def decisions_concerned(followed: Followed) -> list[str]:
    """Return the decisions whose past is needed."""
    engaged = [each.decision_id for each in followed.engagements]
    return engaged + [each for edited in followed.edits for each in edited.decision_ids]


def classify(followed: Followed, knowledge: Knowledge | None) -> Verdict:
    """Classify a preflight; `knowledge` may be None where nothing in the ledger matters."""
    preflight = followed.preflight
    if not (followed.engagements or followed.edits):
        if preflight.fired and preflight.surfaced_ids:
            return _used(followed) if followed.used else _unused(followed)
        if preflight.reason == MUTED:
            return MUTED_ON_PURPOSE
        return SILENT if followed.has_work else SILENT_WITHOUT_WORK
    if knowledge is None:
        raise ValueError("the ledger has to be asked about what was engaged or edited")
    reasons = list(_misses(followed, knowledge))
    if reasons:
        return _missed(followed, reasons)
    return _classify_shown(followed, knowledge)


def _classify_shown(followed: Followed, knowledge: Knowledge) -> Verdict:
    if not (followed.preflight.fired and followed.preflight.surfaced_ids):
        return SILENT
    if followed.used:
        return _used(followed)
    heeded = list(_heeded(followed, knowledge))
    if heeded:
        because = "code that a shown decision binds was edited; heeding one often leaves no call"
        return Verdict("normal", words.HEEDED, because, heeded)
    return _unused(followed)


def _misses(followed: Followed, knowledge: Knowledge) -> Iterator[_Reason]:
    at = followed.asked_at
    for row in followed.engagements:
        timeline = knowledge.timelines.get(row.decision_id)
        if timeline is not None and _could_be_shown(followed, timeline, at):
            yield from _from_engagement(followed, row, timeline, knowledge)
    shown = followed.preflight.surfaced_ids
    for edited in followed.edits:
        for decision_id in edited.decision_ids:
            timeline = knowledge.timelines.get(decision_id)
            if timeline is None or decision_id in shown:
                continue
            if not _could_be_shown(followed, timeline, at):
                continue
            if edited.path_hash in _hashes(timeline, at, knowledge):
                yield _from_edit(followed, edited, timeline)


def _could_be_shown(followed: Followed, timeline: Timeline, at: int) -> bool:
    """Tell whether silence about the decision was not right for a reason of its own."""
    if followed.repository_id not in {None, timeline.repository_id}:
        return False
    if timeline.questions and timeline.waited_at_any(followed.asked_times(), until=at):
        return False
    return timeline.stood(at) and not timeline.was_bypassed(at)


def _hashes(timeline: Timeline, at: int, knowledge: Knowledge) -> frozenset[Hash]:
    hash_path = knowledge.hash_path
    return frozenset(map(hash_path, timeline.paths(at))) if hash_path else frozenset()


def _from_engagement(
    followed: Followed, row: EngagementRow, timeline: Timeline, knowledge: Knowledge
) -> Iterator[_Reason]:
    asked = set(followed.preflight.path_hashes)
    on_path = next((each for each in row.path_hashes if each in asked), None)
    bound = _hashes(timeline, followed.asked_at, knowledge)
    where = next((each for each in followed.preflight.path_hashes if each in bound), None)
    if on_path is not None:
        if row.tool == LINKING:
            kind, text = "drifted", "a commit changed its code on a path that was asked about"
        else:
            kind, text = "engaged", f"{row.tool} concerned it on a path that was asked about"
        sure = words.DRIFTED_ON_PATH if row.tool == LINKING else words.NAMED_ON_PATH
    elif where is not None:
        kind, text = "engaged", f"{row.tool} concerned it, and it was bound to a path asked about"
        sure = words.NAMED_AND_BOUND
    elif _is_off_the_paths(followed, row, is_elsewhere=bool(bound and asked)):
        kind, text = "engaged", _off_the_paths(row, is_bound=bool(bound), has_paths=bool(asked))
        sure = words.NAMED_ONLY if row.is_explicit else words.JOINED_BY_ORDER
    else:
        return
    evidence = Evidence(
        kind="drifted" if kind == "drifted" else "engaged",
        words=text,
        decision_id=row.decision_id,
        at=row.ts,
        tool=row.tool,
        path_hash=on_path or where,
        preflight_id=row.preflight_id,
        attribution=row.attribution,
    )
    if not row.is_explicit:
        sure = min(sure, words.JOINED_ON_PATH)
    yield _weighed(followed, evidence, sure, timeline)


def _is_off_the_paths(followed: Followed, row: EngagementRow, *, is_elsewhere: bool) -> bool:
    """Tell whether an engagement says something of a preflight with which it shares no path.

    What the session had in hand before needed no telling, and a commit brings what it happens
    to touch, unless the session itself changed that code.
    """
    if row.decision_id in followed.dealt_with:
        return False
    return row.tool != LINKING or not is_elsewhere or bool(followed.changed & {*row.path_hashes})


def _off_the_paths(row: EngagementRow, *, is_bound: bool, has_paths: bool) -> str:
    """Say how an engagement belongs to a preflight with which it shares no path."""
    if not has_paths:
        what = "the preflight named no path"
    else:
        what = "it was bound to other code" if is_bound else "it was bound to no code then"
    how = "for this preflight" if row.is_explicit else "next in the session"
    return f"{row.tool} concerned it {how}, and {what}"


def _from_edit(followed: Followed, edited: Edited, timeline: Timeline) -> _Reason:
    evidence = Evidence(
        kind="edited",
        words="a path that was asked about was edited, and it was bound to code there",
        decision_id=timeline.decision_id,
        at=edited.edit.ts,
        tool=edited.edit.tool,
        path_hash=edited.path_hash,
    )
    return _weighed(followed, evidence, words.EDITED_WHERE_BOUND, timeline)


def _weighed(
    followed: Followed, evidence: Evidence, confidence: float, timeline: Timeline
) -> _Reason:
    """Lower the confidence for what speaks against it, and say so."""
    doubts = []
    if evidence.attribution == "fallback":
        by_order = confidence <= words.JOINED_BY_ORDER
        doubts.append(words.BECAUSE_BY_ORDER if by_order else words.BECAUSE_FALLBACK)
    shown_at = (followed.shown_later or {}).get(timeline.decision_id)
    if shown_at is not None and shown_at <= (evidence.at or ""):
        confidence *= words.SHOWN_LATER
        doubts.append(words.BECAUSE_SHOWN_LATER)
    if timeline.decision_id in followed.dealt_with:
        confidence *= words.DEALT_WITH_BEFORE
        doubts.append(words.BECAUSE_DEALT_WITH)
    if not timeline.is_audited:
        confidence *= words.WITHOUT_AUDIT
        doubts.append(words.BECAUSE_WITHOUT_AUDIT)
    return _Reason(evidence, round(confidence, 3), tuple(doubts))


def _missed(followed: Followed, reasons: Sequence[_Reason]) -> Verdict:
    best = max(reasons, key=lambda each: each.confidence)
    ids = list(dict.fromkeys(each.evidence.decision_id for each in reasons))
    evidence = [each.evidence for each in reasons]
    unused: list[str] = []
    if followed.preflight.fired and not followed.used:
        unused = list(dict.fromkeys(followed.preflight.surfaced_ids))
        evidence += _unused_evidence(unused)
    because = "; ".join((f"{best.evidence.decision_id}: {best.evidence.words}", *best.doubts))
    return Verdict(
        "suspected_miss",
        best.confidence,
        because,
        [*evidence, *followed.used],
        ids,
        unused,
    )


def _used(followed: Followed) -> Verdict:
    is_named = any(each.attribution != "fallback" for each in followed.used)
    confidence = words.USED_BY_NAME if is_named else words.USED_BY_PATH
    best = followed.used[0]
    because = f"{best.decision_id}: {best.words}"
    if not is_named:
        because = f"{because}; {words.BECAUSE_FALLBACK}"
    return Verdict("normal", confidence, because, list(followed.used))


def _unused(followed: Followed) -> Verdict:
    ids = list(dict.fromkeys(followed.preflight.surfaced_ids))
    if not followed.has_work:
        confidence, why = words.UNUSED_WITHOUT_WORK, "but the session did no work after it"
    elif followed.edits:
        confidence, why = words.UNUSED_ON_OTHER_CODE, "and the code that was edited is not theirs"
    else:
        confidence, why = words.UNUSED_AFTER_WORK, "while the session went on to other work"
    what = "the decision that was shown" if len(ids) == 1 else f"none of the {len(ids)} shown"
    verb = (
        "was not engaged with, read or waved through"
        if len(ids) == 1
        else ("was engaged with, read or waved through")
    )
    return Verdict(
        "suspected_false_fire",
        confidence,
        f"{what} {verb}, {why}",
        _unused_evidence(ids),
        unused_ids=ids,
    )


def _unused_evidence(ids: Iterable[str]) -> list[Evidence]:
    return [
        Evidence(kind="unused", words="it was shown, and nothing followed", decision_id=each)
        for each in ids
    ]


def _heeded(followed: Followed, knowledge: Knowledge) -> Iterator[Evidence]:
    """Yield the edits of code that a shown decision bound when it was shown."""
    for edited in followed.edits:
        for decision_id in edited.decision_ids:
            timeline = knowledge.timelines.get(decision_id)
            if timeline is None or decision_id not in followed.preflight.surfaced_ids:
                continue
            if edited.path_hash in _hashes(timeline, followed.asked_at, knowledge):
                yield Evidence(
                    kind="edited",
                    words="code that it bound was edited after it was shown",
                    decision_id=decision_id,
                    at=edited.edit.ts,
                    tool=edited.edit.tool,
                    path_hash=edited.path_hash,
                )
