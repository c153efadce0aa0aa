"""Filters: what is asked for and nothing else, by moments that a person can type."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.errors import InputRefused
from bicameral.review.rows import Classification, Label
from bicameral.review.triage.filters import CLASSES, NAMES, Filters, read_moment, week_of
from bicameral.review.triage.queue import Head, Suspect
from tests.conftest import SECOND_NS
from tests.review.triage.parts import DECISION, TS, a_false_fire, a_row, a_suspect

NOW_NS = 1_772_703_000 * SECOND_NS  # 2026-03-05T09:30:00Z


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("0d", TS),
        ("30m", "2026-03-05T09:00:00.000000Z"),
        ("36h", "2026-03-03T21:30:00.000000Z"),
        ("7d", "2026-02-26T09:30:00.000000Z"),
        ("2w", "2026-02-19T09:30:00.000000Z"),
        ("2026-03-01", "2026-03-01T00:00:00.000000Z"),
        ("2026-03-01T12:00", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T12:00+02:00", "2026-03-01T10:00:00.000000Z"),
    ],
)
def test_a_moment_is_an_age_a_date_or_a_time(text: str, stamp: str) -> None:
    """The three ways people say since when."""
    assert read_moment(text, now_ns=NOW_NS) == stamp


def test_a_day_as_an_end_is_included() -> None:
    """`--until 2026-03-01` means to the end of that day; a time means itself."""
    until = read_moment("2026-03-01", now_ns=NOW_NS, is_end=True)
    assert until == "2026-03-02T00:00:00.000000Z"
    exact = read_moment("2026-03-01T12:00", now_ns=NOW_NS, is_end=True)
    assert exact == "2026-03-01T12:00:00.000000Z"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "7",
        "7y",
        "-7d",
        "7 d",
        "9999999d",
        "999999w",
        "2026-02-30",
        "\u0667d",
        "9999-12-31",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    """With an example of each way; a last day that has no morrow is refused too."""
    with pytest.raises(InputRefused) as refused:
        read_moment(text, now_ns=NOW_NS, is_end=True)
    assert "7d" in refused.value.next_step


@given(st.datetimes().map(lambda moment: moment.isoformat()))
def test_any_time_of_any_calendar_year_is_understood(text: str) -> None:
    """What a program prints can be typed back."""
    assert read_moment(text, now_ns=NOW_NS)[:10] == text[:10]


@pytest.mark.parametrize(
    ("day", "week"),
    [("2026-03-05", "2026-W10"), ("2027-01-01", "2026-W53"), ("2024-12-30", "2025-W01")],
)
def test_weeks_are_those_of_iso_8601(day: str, week: str) -> None:
    """A week belongs to one year, also around New Year."""
    assert week_of(day) == week


ROWS = st.builds(
    lambda kind, confidence, hour, decision: a_row(
        classification=kind,
        confidence=confidence,
        ts=f"2026-03-05T{hour:02d}:00:00.000000Z",
        missed_ids=[decision],
        evidence=[],
    ),
    st.sampled_from(list(NAMES)),
    st.floats(0, 1),
    st.integers(0, 23),
    st.sampled_from([DECISION, "dec_other", "dec_gone"]),
)
SUSPECTS = st.builds(
    a_suspect, ROWS, st.none() | st.sampled_from(["real_miss", "borderline", "not_a_failure"])
)
GROUPS = {DECISION: "payments", "dec_other": "listings"}
CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "classification": st.sampled_from(list(CLASSES.values())),
    "band": st.sampled_from(["low", "medium", "high"]),
    "since": st.just("2026-03-05T06:00:00.000000Z"),
    "until": st.just("2026-03-05T18:00:00.000000Z"),
    "feature_group": st.sampled_from(["payments", "listings", "none such"]),
    "label": st.sampled_from(["real_miss", "borderline"]),
    "is_labelled": st.booleans(),
}


@given(SUSPECTS, st.fixed_dictionaries({}, optional=CHOICES))
def test_a_row_passes_when_it_passes_each_filter_alone(
    suspect: Suspect, chosen: dict[str, Any]
) -> None:
    """Filters only ever narrow; together they say no more than one by one."""
    base = {"classification": chosen.pop("classification", None)}
    alone = [Filters(**base, **{name: value}) for name, value in chosen.items()] or [
        Filters(**base)
    ]
    together = Filters(**base, **chosen)
    assert together.pass_through(suspect, GROUPS) == all(
        each.pass_through(suspect, GROUPS) for each in alone
    )


@given(SUSPECTS, st.sampled_from([None, *CLASSES.values()]))
def test_what_passes_was_kept_or_has_a_label(
    suspect: Suspect, classification: Classification | None
) -> None:
    """The reader looks at heads alone, and must not throw away what would pass."""
    filters = Filters(classification=classification)
    head = Head(suspect.row.id, suspect.row.ts, suspect.row.classification)
    if filters.pass_through(suspect, {}):
        assert filters.keeps(head) or suspect.label is not None


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        (Filters(), True),
        (Filters(classification="suspected_miss"), False),
        (Filters(band="high"), True),
        (Filters(band="low"), False),
        (Filters(since=TS), True),
        (Filters(until=TS), False),
        (Filters(feature_group="payments"), True),
        (Filters(feature_group="listings"), False),
        (Filters(label="borderline"), True),
        (Filters(label="real_miss"), False),
        (Filters(is_labelled=True), True),
        (Filters(is_labelled=False), False),
    ],
)
def test_each_filter_can_pass_and_refuse(filters: Filters, passes: bool) -> None:
    """`since` is included, `until` is not."""
    suspect = a_suspect(a_false_fire(), "borderline")
    assert filters.pass_through(suspect, GROUPS) is passes


@pytest.mark.parametrize(("label", "passes"), [(None, False), ("real_miss", True)])
def test_a_normal_row_passes_only_with_a_label_or_by_name(
    label: Label | None, passes: bool
) -> None:
    """Nobody has to look at what went well."""
    suspect = a_suspect(a_row(classification="normal"), label)
    assert Filters().pass_through(suspect, {}) is passes
    assert Filters(classification="normal").pass_through(suspect, {})
