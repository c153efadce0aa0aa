"""Statistics: laws that hold for any rows, and the figures of a case worked by hand."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.review.triage.queue import Suspect, standing_label
from bicameral.review.triage.statistics import (
    MOST_LISTED,
    SUSPECTED,
    Precision,
    Statistics,
    Tally,
    missed_paths,
    outcome_of,
    wilson_interval,
)
from tests.review.triage.parts import a_false_fire, a_row, a_suspect, an_evidence

LABELS = ("real_miss", "real_false_fire", "borderline", "not_a_failure")
ROWS = st.builds(
    lambda kind, confidence, day, decisions, paths: a_row(
        classification=kind,
        confidence=confidence,
        ts=f"2026-03-{day:02d}T09:30:00.000000Z",
        missed_ids=decisions if kind == "suspected_miss" else [],
        unused_ids=decisions if kind == "suspected_false_fire" else [],
        path_hashes=paths,
        evidence=[],
    ),
    st.sampled_from(["suspected_miss", "suspected_false_fire", "normal"]),
    st.floats(0, 1),
    st.integers(1, 28),
    st.lists(st.sampled_from([f"dec_{n}" for n in range(15)]), unique=True, max_size=3),
    st.lists(st.sampled_from([f"{n:016x}" for n in range(5)]), unique=True, max_size=3),
)
SUSPECTS = st.lists(st.builds(a_suspect, ROWS, st.none() | st.sampled_from(LABELS)), max_size=25)


def total_of(suspects: list[Suspect]) -> Statistics:
    tally = Tally()
    for each in suspects:
        tally.add(each)
    return tally.total(Counter((each.row.ts[:10], each.row.classification) for each in suspects))


def of(found: Statistics, kind: str, band: str | None) -> Precision:
    return next(e for e in found.precisions if (e.classification, e.band) == (kind, band))


@given(SUSPECTS)
def test_every_suspected_row_has_one_outcome_in_one_band(suspects: list[Suspect]) -> None:
    """Nothing is counted twice, nothing is lost, and the bands add up to the whole."""
    found = total_of(suspects)
    for kind in SUSPECTED:
        whole = of(found, kind, None)
        number = sum(each.row.classification == kind for each in suspects)
        assert whole.waiting + whole.right + whole.wrong + whole.borderline == number
        parts = [of(found, kind, band) for band in ("low", "medium", "high")]
        for name in ("waiting", "right", "wrong", "borderline"):
            assert sum(getattr(each, name) for each in parts) == getattr(whole, name)
    assert sum(found.labels.values()) == sum(standing_label(e) is not None for e in suspects)


@given(SUSPECTS)
def test_weeks_add_up_to_all_rows(suspects: list[Suspect]) -> None:
    """The trend is the same rows, cut by time."""
    found = total_of(suspects)
    assert sum(each.reviewed for each in found.weeks) == len(suspects)
    assert [each.week for each in found.weeks] == sorted({each.week for each in found.weeks})
    misses = sum(each.row.classification == "suspected_miss" for each in suspects)
    assert sum(each.suspected_misses for each in found.weeks) == misses
    real = sum(standing_label(each) == "real_miss" for each in suspects)
    assert sum(each.real_misses for each in found.weeks) == real


@given(SUSPECTS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(suspects: list[Suspect], random: object) -> None:
    """Reconciliation appends session by session, in no order of time."""
    shuffled = suspects.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert total_of(shuffled) == total_of(suspects)


@given(SUSPECTS)
def test_what_was_denied_blames_no_decision(suspects: list[Suspect]) -> None:
    """A row that a person found to be no failure says nothing against what it names."""
    found = total_of(suspects)
    for listed, kind in (
        (found.misfiring, "suspected_false_fire"),
        (found.missed, "suspected_miss"),
    ):
        for entry in listed:
            blamed = [
                each
                for each in suspects
                if each.row.classification == kind
                and entry.name in (*each.row.missed_ids, *each.row.unused_ids)
                and outcome_of(kind, standing_label(each)) in {"waiting", "right"}
            ]
            assert entry.suspected == len(blamed)
            assert entry.real == sum(each.label is not None for each in blamed)
        assert len(listed) <= MOST_LISTED
        assert list(listed) == sorted(listed, key=lambda e: (-e.real, -e.suspected, e.name))


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share_and_stays_a_share(right: int, wrong: int) -> None:
    """Also for none, one and all, where the usual interval fails."""
    low, high = wilson_interval(right, right + wrong)
    assert 0 <= low <= high <= 1
    if right + wrong:
        assert low <= right / (right + wrong) <= high


@given(st.integers(0, 200), st.integers(0, 200), st.integers(2, 20))
def test_more_labels_of_the_same_kind_narrow_the_interval(
    right: int, wrong: int, times: int
) -> None:
    """That is what labelling more is for."""
    low, high = wilson_interval(right, right + wrong)
    closer, nearer = wilson_interval(right * times, (right + wrong) * times)
    assert nearer - closer <= high - low


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_interval_of_failures_mirrors_that_of_successes(right: int, wrong: int) -> None:
    """Which of the two is called success is a choice of words."""
    low, high = wilson_interval(right, right + wrong)
    other_low, other_high = wilson_interval(wrong, right + wrong)
    assert (low, high) == pytest.approx((1 - other_high, 1 - other_low))


@pytest.mark.parametrize(
    ("right", "judged", "low", "high"),
    [(0, 10, 0.0, 0.2775), (1, 1, 0.2065, 1.0), (8, 10, 0.4902, 0.9433), (50, 100, 0.4038, 0.5962)],
)
def test_the_interval_has_the_published_values(
    right: int, judged: int, low: float, high: float
) -> None:
    """Values as tables and other software give them for the score method."""
    assert wilson_interval(right, judged) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("kind", "label", "outcome"),
    [
        ("suspected_miss", None, "waiting"),
        ("suspected_miss", "real_miss", "right"),
        ("suspected_miss", "real_false_fire", "wrong"),
        ("suspected_miss", "not_a_failure", "wrong"),
        ("suspected_miss", "borderline", "borderline"),
        ("suspected_false_fire", "real_false_fire", "right"),
        ("suspected_false_fire", "real_miss", "wrong"),
        ("normal", "real_miss", "wrong"),
        ("normal", None, "waiting"),
    ],
)
def test_a_label_confirms_only_its_own_class(kind: str, label: str | None, outcome: str) -> None:
    """A false fire that turns out to be a miss was not the right suspicion."""
    assert outcome_of(kind, label) == outcome  # type: ignore[arg-type]


def test_a_case_worked_by_hand_has_its_figures() -> None:
    """Precision is right / (right + wrong); borderline and waiting stand apart."""
    labels = ["real_miss"] * 3 + ["not_a_failure", "borderline", None]
    found = total_of([a_suspect(a_row(n), label) for n, label in enumerate(labels)])
    sure = of(found, "suspected_miss", "high")
    assert (sure.right, sure.wrong, sure.borderline, sure.waiting) == (3, 1, 1, 1)
    assert sure.share == 0.75
    assert sure.interval == pytest.approx((0.3006, 0.9544), abs=5e-5)
    empty = of(found, "suspected_false_fire", None)
    assert (empty.share, empty.interval) == (None, (0.0, 1.0))
    week = found.weeks[0]
    assert (week.week, week.reviewed, week.suspected_misses, week.real_misses) == (
        *("2026-W10", 6, 6, 3),
    )


def test_a_missed_path_is_the_one_that_the_evidence_names() -> None:
    """A preflight on ten paths missed something on one of them."""
    row = a_row(path_hashes=["a", "b"], evidence=[an_evidence(path_hash="b")])
    assert missed_paths(row) == {"b"}
    about_another = an_evidence(path_hash="b", decision_id="dec_other")
    assert missed_paths(a_row(path_hashes=["a", "c"], evidence=[about_another])) == {"a", "c"}


def test_a_normal_row_blames_nothing() -> None:
    """Nor does a false fire blame the paths."""
    normal = total_of([a_suspect(a_row(classification="normal"))])
    assert (normal.missed, normal.misfiring, normal.missed_paths) == ((), (), ())
    fire = total_of([a_suspect(a_false_fire())])
    assert (len(fire.misfiring), fire.missed, fire.missed_paths) == (1, (), ())


def test_totals_stand_on_their_own() -> None:
    """A tally that goes on counting changes no total that was taken before."""
    tally = Tally()
    tally.add(a_suspect(a_row(), "real_miss"))
    before = tally.total({})
    kept = replace(before, labels=dict(before.labels))
    tally.add(a_suspect(a_row(), "real_miss"))
    assert before == kept
