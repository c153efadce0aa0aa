"""Rows that are not what one would wish: each case is defined (PT-12, PT-20)."""

import pytest

from bicameral.capture.events import EVENT_KINDS, Engagement, PreflightEvent
from bicameral.review.reconciliation.captured import KINDS, EngagementRow, EventRow
from tests.review.reconciliation.parts import HOUR, Home, stamp

GARBAGE = [
    b"",
    b"\x00\x00\x00",
    b"{",
    b"[1]",
    b"null",
    b'{"ts":1,"session_id":"s1","event_type":"preflight"}',
    b'{"ts":"2026-05-28T20:26:40.000000Z","event_type":"preflight"}',
    b'{"ts":"2026-05-28T20:26:40.000000Z","session_id":null,"event_type":"edit_observed"}',
    b'{"ts":"2026-05-28T20:26:40.000000Z","session_id":"","event_type":"edit_observed"}',
    b'{"ts":"2026-05-28","session_id":"s1","event_type":"edit_observed"}',
    b'{"ts":"2026-05-28T20:26:40.000000Z","session_id":"s1"}',
    b'{"ts":"2026-05-28T20:26:40.000000Z","session_id":"\xff","event_type":"edit_observed"}',
    b'{"ts":"2026-05-28T20:26:40.000000Z","session_id":"s1","event_type":"preflight","fired":7}',
    b'{"ts":"2026-05-28T20:26:40.000000Z","session' + b'{"ts":"2026-05-28T20:26:40.000000Z"}',
    b"[" * 5_000,
]


@pytest.mark.parametrize("line", GARBAGE, ids=range(len(GARBAGE)))
@pytest.mark.parametrize("name", ["preflight_events.jsonl", "engagements.jsonl"])
def test_a_line_that_is_no_row_is_skipped_and_counted(home: Home, name: str, line: bytes) -> None:
    """What is around it counts; rows without a session are nobody's."""
    home.preflight(10)
    home.line(name, line)
    home.preflight(20)
    home.end(30)
    report = home.run()
    assert (report.skipped_lines, report.added) == (1, {"normal": 2})


def test_two_rows_on_one_line_are_none(home: Home) -> None:
    """A writer that finds its row glued to half a line writes it again on its own."""
    home.preflight(10)
    line = home.text("preflight_events.jsonl").rstrip(b"\n")
    home.line("preflight_events.jsonl", line + line)
    home.end(30)
    report = home.run()
    assert (report.skipped_lines, report.added) == (1, {"normal": 1})


def test_kinds_of_events_that_are_not_known_are_passed_over(home: Home) -> None:
    """A newer version beside this one writes what it likes, in fields of any type."""
    home.preflight(10)
    row = f'{{"ts":"{stamp(11)}","session_id":"s1","event_type":"newer","fired":"yes"}}'
    home.line("preflight_events.jsonl", row.encode())
    home.end(30)
    report = home.run()
    assert (report.skipped_lines, report.added) == (0, {"normal": 1})


def test_a_line_that_stands_twice_is_one_preflight(home: Home) -> None:
    """The row's id is made of its content."""
    home.preflight(10, "src/pay.py")
    line = home.text("preflight_events.jsonl").rstrip(b"\n")
    home.line("preflight_events.jsonl", line)
    home.end(30)
    assert home.run().added == {"normal": 1}


def test_preflights_that_share_an_id_are_rows_of_their_own(home: Home) -> None:
    """A client may hand an id on to the next preflight; a call belongs to the newest by then."""
    decision = home.decide("Charge once")
    for at in (10, 20, 40):
        home.preflight(at, "src/pay.py", preflight_id="shared")
    home.engage(30, decision, "src/pay.py", preflight_id="shared")
    home.end(50)
    home.run()
    rows = home.rows()
    assert len({row.id for row in rows}) == 3
    assert [row.classification for row in rows] == ["normal", "suspected_miss", "normal"]


def test_a_named_id_holds_whatever_the_clock_says(home: Home) -> None:
    """Nobody can name a preflight that has not been: the clock was set back in between."""
    decision = home.decide("Charge once")
    preflight = home.preflight(1_000, "src/pay.py")
    home.engage(5, decision, "src/pay.py", preflight_id=preflight)
    home.end(6)
    assert home.run().added == {"suspected_miss": 1}


def test_edits_follow_in_the_order_of_their_file_whatever_the_clock_says(home: Home) -> None:
    """The clock was set back by an hour between the preflight and the edit."""
    home.decide("Charge once", "src/pay.py")
    home.preflight(2 * HOUR, "src/pay.py")
    home.edit(HOUR, "src/pay.py")
    home.end(HOUR + 10)
    assert home.run(now=3 * HOUR).added == {"suspected_miss": 1}


def test_what_was_shown_before_a_jump_of_the_clock_was_shown(home: Home) -> None:
    """The order of the file tells which preflight came first."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(HOUR, "src/pay.py", shown=(decision,))
    preflight = home.preflight(10, "src/pay.py")
    home.engage(20, decision, "src/pay.py", preflight_id=preflight)
    home.end(30)
    home.run(now=2 * HOUR)
    assert [row.classification for row in home.rows()] == ["normal", "normal"]


def test_a_nameless_row_stamped_before_the_preflight_accuses_nobody(home: Home) -> None:
    """Between the two files only stamps tell the order; in doubt there is no suspicion."""
    decision = home.decide("Charge once")
    home.preflight(HOUR, "src/pay.py")
    home.engage(10, decision, "src/pay.py")
    home.end(20)
    assert home.run(now=2 * HOUR).added == {"normal": 1}


def test_a_clock_far_ahead_holds_nothing_up(home: Home) -> None:
    """One process with a wrong clock does not keep the sessions of others from being judged."""
    home.preflight(10, session="wrong", ts="9999-12-31T23:59:59.000000Z")
    home.end(11, session="wrong")
    for number in range(3):
        home.preflight(20 + number, session=f"s{number}")
        home.end(30 + number, session=f"s{number}")
    report = home.run()
    assert (report.added, report.open_sessions) == ({"normal": 4}, 0)


@pytest.mark.parametrize("ts", ["x" * 27, "0001-01-01T00:00:00.000000Z"])
def test_a_stamp_that_is_none_accuses_nobody(home: Home, ts: str) -> None:
    """At the beginning of time no decision stood."""
    home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", ts=ts)
    home.edit(20, "src/pay.py")
    home.end(30)
    assert home.run().added == {"normal": 1}


def test_engagements_without_any_preflight_leave_no_row(home: Home) -> None:
    """There is nothing to judge; an id that nobody has is nobody's."""
    decision = home.decide("Charge once")
    home.engage(10, decision, "src/pay.py")
    home.engage(11, decision, "src/pay.py", preflight_id="never-captured")
    home.end(20)
    report = home.run()
    assert (report.added, report.open_sessions) == ({}, 0)


def test_engagements_read_before_their_preflight_are_joined(home: Home) -> None:
    """The two logs are read side by side; which is ahead must not matter."""
    decision = home.decide("Charge once")
    home.engage(20, decision, "src/pay.py", preflight_id="late")
    home.engage(21, decision, "src/pay.py", preflight_id="late", session="s2")
    home.run(now=22)
    home.preflight(10, "src/pay.py", preflight_id="late")
    home.end(30)
    home.run(now=31)
    [row] = home.rows()
    assert row.classification == "suspected_miss"
    assert len(row.evidence) == 2


def test_preflights_without_an_id_are_joined_by_path_alone(home: Home) -> None:
    """Another server that captures need not give ids."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py", preflight_id=None)
    home.engage(20, decision, "src/pay.py")
    home.end(30)
    row = home.only_row()
    assert (row.preflight_id, row.classification) == (None, "suspected_miss")


def test_rows_of_another_server_may_lack_what_they_do_not_know(home: Home) -> None:
    """Only the stamp, the session and the kind are needed."""
    row = f'{{"ts":"{stamp(10)}","session_id":"s1","event_type":"preflight"}}'
    home.line("preflight_events.jsonl", row.encode())
    home.end(30)
    assert home.run().added == {"normal": 1}
    assert home.rows()[0].repository_id is None


def test_raw_mode_carries_the_plain_text_on(home: Home) -> None:
    """PT-22: triage shows plaintext only where raw mode captured it."""
    home.preflight(10, "src/pay.py", topic="retry the charge", file_paths=["src/pay.py"])
    home.preflight(20, "src/pay.py")
    home.end(30)
    home.run()
    raw, hashed = home.rows()
    assert (raw.topic, raw.file_paths) == ("retry the charge", ["src/pay.py"])
    assert (hashed.topic, hashed.file_paths) == (None, None)
    assert b'"topic":' not in home.text().splitlines()[1]


def test_a_session_in_two_repositories_is_judged_by_the_one_at_work(home: Home) -> None:
    """A preflight that names its repository is compared with that one alone."""
    home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", repository_id="rep_other")
    home.preflight(11, "src/pay.py")
    home.edit(20, "src/pay.py")
    home.end(30)
    home.run()
    assert [row.classification for row in home.rows()] == ["normal", "suspected_miss"]


def test_every_field_that_is_read_is_one_that_capture_writes() -> None:
    """The structs here follow the rows of capture: a renamed field would be lost in silence."""
    written = {name for kind in EVENT_KINDS.values() for name in kind.__struct_fields__}
    assert set(EventRow.__struct_fields__) <= written
    assert set(EngagementRow.__struct_fields__) <= set(Engagement.__struct_fields__)
    assert set(EVENT_KINDS) >= KINDS
    assert set(PreflightEvent.__struct_fields__) - set(EventRow.__struct_fields__) == {
        "schema",
        "file_paths_hash",
        "ledger_revision",
    }
