"""The draft: a labelled row and the ledger's decisions as one row of a data set, unredacted.

What is expected follows from the label; what nobody judged is left out of the row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

from sqlalchemy import Connection

from bicameral.capture.stamps import read_stamp_ns
from bicameral.errors import InputRefused, NotFound, PromotionRefused
from bicameral.govern.detection.normal_form import normalised
from bicameral.ledger.bindings import groundings_of
from bicameral.ledger.decisions import get_decisions
from bicameral.ledger.domain import Decision, Grounding, View
from bicameral.ledger.past import timelines
from bicameral.ledger.timeline import Timeline
from bicameral.review.dataset import Category, EvalRow, SeedDecision
from bicameral.review.rows import Label, ReviewRow
from bicameral.review.triage.queue import Suspect, standing_label

UNNAMED = "unnamed"
"""The id of a row until its content is final."""
_STOOD = frozenset({"ratified", "superseded"})


@dataclass(frozen=True, slots=True)
class Supplied:
    """What the person adds: topic and paths where they are hashed, and what to expect.

    None means that nothing was said; an empty list of paths says that there were none.
    """

    topic: str | None = None
    paths: Sequence[str] | None = None
    expect: Sequence[str] = ()
    category: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """The decisions that a row is about, and those of them that must surface."""

    decisions: tuple[str, ...] = field(default=())
    expected: tuple[str, ...] = field(default=())


def lacking(row: ReviewRow, supplied: Supplied) -> tuple[str, ...]:
    """Return what the person has to supply because the row has only hashes of it."""
    topic = () if row.topic or supplied.topic else ("topic",)
    has_paths = supplied.paths is not None or row.file_paths is not None or not row.path_hashes
    return (*topic, *(() if has_paths else ("paths",)))


def judge(suspect: Suspect, expect: Sequence[str]) -> Judged:
    """Return what the label makes of the row's decisions; `expect` overrules what follows.

    Raises `PromotionRefused` for a row without a label, for a borderline one, and for a miss
    that names no decision.
    """
    row, label = suspect.row, _usable_label(suspect)
    right = [each for each in row.surfaced_ids if each not in row.unused_ids]
    match label:
        case "real_miss":
            decisions, expected = [*row.missed_ids, *right], [*row.missed_ids, *right]
        case "real_false_fire":
            # Without a word about which one was wrong, all of them were.
            expected = right if row.unused_ids else []
            decisions = [*row.surfaced_ids]
        case _:
            decisions, expected = [*row.surfaced_ids, *row.missed_ids], [*row.surfaced_ids]
    if expect:
        decisions, expected = [*expect, *decisions], [*expect]
    judged = Judged(tuple(dict.fromkeys(decisions)), tuple(dict.fromkeys(expected)))
    if label == "real_miss" and not judged.expected:
        raise PromotionRefused(
            "the row is labelled a miss and names no decision that was missed",
            next_step="name what should have surfaced with --expect DECISION_ID",
        )
    return judged


def draft_row(connection: Connection, view: View, suspect: Suspect, supplied: Supplied) -> EvalRow:
    """Return the row as it would be if nothing in it were private.

    Raises `PromotionRefused` as `judge` does and where text is lacking, `NotFound` for a
    decision that the ledger does not have.
    """
    row = suspect.row
    missing = lacking(row, supplied)
    if missing:
        raise _lacks(row, missing)
    judged = judge(suspect, supplied.expect)
    decisions = _of_repository(get_decisions(connection, judged.decisions), view)
    groundings = groundings_of(connection, view, decisions)
    then = timelines(connection, decisions)
    at = read_stamp_ns(row.ts) // 1_000_000
    keys = _keys(judged.decisions, decisions)
    seeds = [
        seed_of(key, decisions[each], groundings[each], then=then[each], at=at)
        for each, key in keys.items()
    ]
    paths = row.file_paths if supplied.paths is None else supplied.paths
    kept_paths = [text for path in paths or () if (text := normalised(path))]
    expected = [keys[each] for each in judged.expected]
    label = standing_label(suspect)
    return EvalRow(
        id=UNNAMED,
        origin="labelled",
        category=_category(supplied.category, label, kept_paths, seeds, expected),
        topic=normalised(supplied.topic or row.topic or ""),
        file_paths=list(dict.fromkeys(kept_paths)),
        decisions=seeds,
        expected=expected,
        label=label,
        note=normalised(supplied.note),
    )


def seed_of(
    key: str, decision: Decision, groundings: Iterable[Grounding], *, then: Timeline, at: int
) -> SeedDecision:
    """Return a decision under a neutral key, bound and signed off as it was at that moment.

    What was bound only after a miss, often because of it, would make the row no miss at all.
    """
    content = decision.content
    bound = then.paths(at)
    drifted = [each.region.path for each in groundings if each.verdict == "drifted"]
    paths = [*(path for path in drifted if path in bound), *sorted(bound)]
    signoff = then.signoff(at) or decision.signoff
    return SeedDecision(
        key=key,
        title=normalised(content.title),
        description=normalised(content.description),
        rationale=normalised(content.rationale),
        feature_group=normalised(content.feature_group),
        signoff="ratified" if signoff in _STOOD else "proposed",
        paths=list(dict.fromkeys(map(normalised, paths))),
        has_drifted=not bound.isdisjoint(drifted),
    )


def _usable_label(suspect: Suspect) -> Label:
    label = standing_label(suspect)
    if label is None:
        raise PromotionRefused(
            f"the row {suspect.row.id} has no label",
            next_step=f"label it with `bicameral-mcp triage label {suspect.row.id} real_miss`",
        )
    if label == "borderline":
        raise PromotionRefused(
            "a borderline row has no right answer that a data set could expect",
            next_step="label it anew once it is clear which it is",
        )
    return label


def _lacks(row: ReviewRow, missing: Sequence[str]) -> PromotionRefused:
    hashes = len(row.path_hashes)
    asked = {"topic": "--topic TEXT", "paths": f"--path PATH ({hashes} of them, or --path '')"}
    return PromotionRefused(
        f"the row has only hashes of its {' and '.join(missing)}",
        next_step=f"supply {' and '.join(asked[each] for each in missing)}",
    )


def _of_repository(found: Mapping[str, Decision], view: View) -> dict[str, Decision]:
    return {k: v for k, v in found.items() if v.repository_id == view.repository_id}


def _keys(wanted: Sequence[str], found: Mapping[str, Decision]) -> dict[str, str]:
    """Return the neutral key of each decision, in the order in which the row names them."""
    unknown = [each for each in wanted if each not in found]
    if unknown:
        raise NotFound(
            f"the ledger has no decision {unknown[0][:80]!r} for this repository",
            next_step="run the command in the repository where the row comes from",
        )
    return {each: f"d{number}" for number, each in enumerate(wanted, start=1)}


def _category(
    chosen: str | None,
    label: Label | None,
    paths: Sequence[str],
    seeds: Sequence[SeedDecision],
    expected: Sequence[str],
) -> Category:
    if chosen is not None:
        for known in get_args(Category):
            if chosen == known:
                return known  # type: ignore[no-any-return]
        raise InputRefused(
            f"{chosen[:60]!r} is no category",
            next_step=f"choose one of: {', '.join(get_args(Category))}",
        )
    if label == "not_a_failure":
        return "plain_hit" if expected else "plain_silence"
    if label == "real_false_fire":
        return _category_of_fire([seed for seed in seeds if seed.key not in expected], paths)
    if not paths:
        return "no_paths_given"
    missed = [seed for seed in seeds if seed.key in expected]
    return "ungrounded_decision" if any(not s.paths for s in missed) else "vocabulary_of_the_topic"


def _category_of_fire(wrong: Sequence[SeedDecision], paths: Sequence[str]) -> Category:
    if any(seed.has_drifted for seed in wrong):
        return "drifted_but_irrelevant"
    # Whatever binds a path that was asked about is shown, whether it matters or not.
    is_bound = any(not set(seed.paths).isdisjoint(paths) for seed in wrong)
    return "global_notice" if is_bound else "shared_common_words"
