"""What is a suspected miss, and what is none (PT-20): each with the rows that show it."""

import sqlite3

import pytest

from bicameral.ledger.bindings import add_binding, remove_binding
from bicameral.ledger.bypasses import record_bypass
from bicameral.ledger.decisions import get_decision, set_signoff
from bicameral.ledger.domain import MAIN
from bicameral.ledger.questions import answer_context, ask
from tests.ledger.parts import a_region
from tests.review.reconciliation.parts import Home, stamp


def test_an_edit_of_bound_code_after_silence_is_a_suspected_miss(home: Home) -> None:
    """The decision bound the edited path when the preflight ran, and was not shown."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.edit(20, "src/pay.py")
    home.end(30)

    row = home.only_row()

    assert row.classification == "suspected_miss"
    assert row.missed_ids == [decision]
    [evidence] = row.evidence
    assert (evidence.kind, evidence.decision_id, evidence.at) == ("edited", decision, stamp(20))
    assert evidence.path_hash == home.hashes.hash_path("src/pay.py")
    assert row.confidence == 0.75
    assert decision in row.because
    assert row.session_ended_at == stamp(30)


def test_an_edit_before_the_preflight_says_nothing(home: Home) -> None:
    """What happened earlier cannot have been helped by it."""
    home.decide("Charge once", "src/pay.py")
    home.edit(5, "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.end(30)
    assert home.only_row().classification == "normal"


def test_an_edit_of_another_path_says_nothing(home: Home) -> None:
    """The preflight was not asked about it."""
    home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/other.py")
    home.edit(20, "src/pay.py")
    home.end(30)
    assert home.only_row().classification == "normal"


def test_a_named_engagement_on_a_path_asked_about_is_a_miss(home: Home) -> None:
    """The client itself says that the decision belongs to this preflight and this path."""
    decision = home.decide("Charge once")
    preflight = home.preflight(10, "src/pay.py")
    home.engage(20, decision, "src/pay.py", preflight_id=preflight)
    home.end(30)

    row = home.only_row()

    assert (row.classification, row.confidence) == ("suspected_miss", 0.9)
    [evidence] = row.evidence
    assert (evidence.kind, evidence.attribution) == ("engaged", "explicit")
    assert (evidence.tool, evidence.preflight_id) == ("bicameral.bind", preflight)


def test_an_engagement_joined_by_path_is_less_sure(home: Home) -> None:
    """PT-20: evidence that rests on fallback attribution lowers the confidence, and says so."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py")
    home.engage(20, decision, "src/pay.py")
    home.end(30)

    row = home.only_row()

    assert (row.classification, row.confidence) == ("suspected_miss", 0.6)
    assert "named no preflight" in row.because
    assert row.evidence[0].attribution == "fallback"


def test_a_row_without_an_id_belongs_to_the_newest_preflight_before_it(home: Home) -> None:
    """Three were asked about the path; only the one just before is to blame."""
    decision = home.decide("Charge once")
    for at in (10, 20, 40):
        home.preflight(at, "src/pay.py")
    home.engage(30, decision, "src/pay.py")
    home.end(50)
    home.run()
    assert [row.classification for row in home.rows()] == ["normal", "suspected_miss", "normal"]


def test_a_guessed_id_counts_as_none(home: Home) -> None:
    """Fallback attribution may name a preflight of another session; here the session decides."""
    decision = home.decide("Charge once")
    other = home.preflight(5, "src/pay.py", session="s2")
    home.preflight(10, "src/pay.py")
    home.engage(20, decision, "src/pay.py", preflight_id=other, is_explicit=False)
    home.end(30)
    home.end(31, session="s2")
    home.run()
    found = {row.session_id: row.classification for row in home.rows()}
    assert found == {"s1": "suspected_miss", "s2": "normal"}


def test_a_commit_that_changed_code_on_the_path_is_a_miss(home: Home) -> None:
    """link_commit says with its paths which decisions' code it found changed."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", "src/a.py")
    later = home.preflight(15, "src/b.py")
    home.engage(20, decision, "src/pay.py", tool="bicameral.link_commit", preflight_id=later)
    home.end(30)
    home.run()
    first, second = home.rows()
    assert (first.classification, first.evidence[0].kind) == ("suspected_miss", "drifted")
    # It named the later one, which was asked about another path: that is no miss of its own.
    assert second.classification == "normal"


def test_an_engagement_with_a_decision_bound_to_the_path_is_a_miss(home: Home) -> None:
    """A verdict names no path; the decision's bindings as of then do."""
    decision = home.decide("Charge once", "src/pay.py")
    preflight = home.preflight(10, "src/pay.py")
    home.engage(20, decision, tool="bicameral.resolve", preflight_id=preflight)
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_miss", 0.8)
    assert row.evidence[0].path_hash == home.hashes.hash_path("src/pay.py")


@pytest.mark.parametrize(("bound", "asked"), [((), ("src/pay.py",)), (("src/pay.py",), ())])
def test_a_named_engagement_without_a_path_to_compare_is_a_weak_miss(
    home: Home, bound: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    """An ungrounded decision, or a preflight without paths, could only be found by words."""
    decision = home.decide("Charge once", *bound)
    preflight = home.preflight(10, *asked)
    home.engage(20, decision, tool="bicameral.ratify", preflight_id=preflight)
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_miss", 0.5)


def test_reading_alone_is_no_miss(home: Home) -> None:
    """Whoever reads the history looks around."""
    decision = home.decide("Charge once", "src/pay.py")
    preflight = home.preflight(10, "src/pay.py")
    home.engage(20, decision, tool="bicameral.history", preflight_id=preflight)
    home.end(30)
    assert home.only_row().classification == "normal"


def test_a_decision_that_an_earlier_preflight_showed_is_not_missed(home: Home) -> None:
    """The session had been told."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(5, "src/pay.py", shown=(decision,))
    preflight = home.preflight(10, "src/pay.py")
    home.engage(20, decision, "src/pay.py", preflight_id=preflight)
    home.edit(25, "src/pay.py")
    home.end(30)
    home.run()
    assert [row.classification for row in home.rows()] == ["normal", "normal"]


def test_a_decision_that_a_later_preflight_showed_in_time_is_a_doubtful_miss(home: Home) -> None:
    """It came late, but before anything was done."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(5, "src/pay.py")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.edit(20, "src/pay.py")
    home.end(30)
    home.run()
    first = home.rows()[0]
    assert (first.classification, first.confidence) == ("suspected_miss", 0.375)
    assert "a later preflight had shown it" in first.because


def test_a_decision_that_the_session_dealt_with_before_is_a_doubtful_miss(home: Home) -> None:
    """Whoever brought it in knew of it without being told."""
    decision = home.decide("Charge once")
    home.engage(5, decision, tool="bicameral.ingest")
    preflight = home.preflight(10, "src/pay.py")
    home.engage(20, decision, "src/pay.py", preflight_id=preflight)
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_miss", 0.63)
    assert "dealt with it before" in row.because


def test_a_decision_ingested_later_cannot_have_been_missed(home: Home) -> None:
    """It was not there when the preflight ran."""
    home.decide("Something else")
    preflight = home.preflight(10, "src/pay.py")
    decision = home.decide("Charge once", "src/pay.py", at=15)
    home.engage(20, decision, "src/pay.py", preflight_id=preflight)
    home.edit(25, "src/pay.py")
    home.end(30)
    assert home.only_row().classification == "normal"


def test_a_decision_written_while_the_preflight_ran_cannot_have_been_missed(home: Home) -> None:
    """The row is written after the answer; its latency tells when the ledger was asked."""
    home.decide("Something else")
    decision = home.decide("Charge once", "src/pay.py", at=9)
    home.preflight(10, "src/pay.py", latency_ms=1_500.0)
    home.edit(25, "src/pay.py")
    home.end(30)
    assert decision not in home.only_row().missed_ids


def test_a_binding_made_later_is_not_held_against_the_preflight(home: Home) -> None:
    """The decision was there and bound nothing yet: no edit could tell."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py")
    home.change(15, lambda t: add_binding(t, decision, a_region(t, "src/pay.py"), "explicit", MAIN))
    home.edit(20, "src/pay.py")
    home.end(30)
    assert home.only_row().classification == "normal"


def test_a_binding_removed_before_counts_no_more_and_one_removed_later_does(home: Home) -> None:
    """The audit tells what held when the preflight ran."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.edit(12, "src/pay.py")
    home.change(15, lambda t: remove_binding(t, decision, a_region(t, "src/pay.py").id, MAIN))
    home.preflight(20, "src/pay.py")
    home.edit(25, "src/pay.py")
    home.end(30)
    home.run()
    assert [row.classification for row in home.rows()] == ["suspected_miss", "normal"]


@pytest.mark.parametrize("signoff", ["rejected", "superseded"])
def test_a_decision_that_does_not_stand_is_not_missed(home: Home, signoff: str) -> None:
    """It must not be shown, so silence is right; as long as it stood, it was not."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.change(
        15,
        lambda t: set_signoff(t, get_decision(t.connection, decision), signoff),  # type: ignore[arg-type]
    )
    home.preflight(20, "src/pay.py")
    home.edit(25, "src/pay.py")
    home.end(30)
    home.run()
    assert [row.classification for row in home.rows()] == ["suspected_miss", "normal"]


def test_a_decision_that_waited_for_a_person_is_not_missed(home: Home) -> None:
    """Open questions are shown with every preflight, beside what it surfaces."""
    decision = home.decide("Charge once", "src/pay.py")
    asked: list[object] = []
    home.change(
        5, lambda t: asked.append(ask(t, get_decision(t.connection, decision), "context", "why"))
    )
    home.preflight(10, "src/pay.py")
    home.change(15, lambda t: answer_context(t, asked[0], "so"))  # type: ignore[arg-type]
    for session in ("s1", "s2"):
        home.preflight(20, "src/pay.py", session=session)
        home.edit(25, "src/pay.py", session=session)
        home.end(30, session=session)
    home.run()
    found = [(row.session_id, row.classification) for row in home.rows()]
    # Whoever saw the question was told of the decision, also for what is asked later.
    assert found == [("s1", "normal"), ("s1", "normal"), ("s2", "suspected_miss")]


def test_a_decision_waved_through_within_the_hour_is_not_missed(home: Home) -> None:
    """The preflight leaves it out on purpose, for an hour and in every session."""
    decision = home.decide("Charge once", "src/pay.py")
    home.change(5, lambda t: record_bypass(t, decision, "not now"))
    home.preflight(10, "src/pay.py")
    home.preflight(4_000, "src/pay.py")
    home.edit(4_010, "src/pay.py")
    home.end(4_020)
    home.run(now=5_000)
    assert [row.classification for row in home.rows()] == ["normal", "suspected_miss"]


def test_a_muted_preflight_misses_nothing(home: Home) -> None:
    """PT-19: silence is what was asked for."""
    decision = home.decide("Charge once", "src/pay.py")
    preflight = home.preflight(10, "src/pay.py", reason="preflight_disabled")
    home.engage(15, decision, "src/pay.py", preflight_id=preflight)
    home.edit(20, "src/pay.py")
    home.end(30)
    row = home.only_row()
    assert row.classification == "normal"
    assert "muted" in row.because


def test_a_preflight_that_the_ledger_could_not_answer_can_miss(home: Home) -> None:
    """PT-27: it is an error to the caller, and its harm is the same; it knows no repository."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", reason="ledger_unavailable", repository_id=None)
    home.edit(20, "src/pay.py")
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.missed_ids) == ("suspected_miss", [decision])


def test_a_decision_of_another_repository_is_not_missed(home: Home) -> None:
    """The same path in another repository has nothing to do with it."""
    decision = home.decide("Charge once", "src/pay.py")
    preflight = home.preflight(10, "src/pay.py", repository_id="rep_other")
    home.engage(15, decision, "src/pay.py", preflight_id=preflight)
    home.edit(20, "src/pay.py")
    home.end(30)
    assert home.only_row().classification == "normal"


def test_an_id_that_the_ledger_does_not_know_is_not_missed(home: Home) -> None:
    """Hostile and forgotten ids alike: nothing can be said of them."""
    home.decide("Charge once")
    preflight = home.preflight(10, "src/pay.py")
    for decision in ("dec_unknown", "a\0b", "x" * 3_000, "'; drop table decisions; --"):
        home.engage(20, decision, "src/pay.py", preflight_id=preflight)
    home.end(30)
    assert home.only_row().classification == "normal"


def test_an_engagement_of_another_session_that_named_the_preflight_counts(home: Home) -> None:
    """A command in a terminal has a session of its own, and names the preflight."""
    decision = home.decide("Charge once")
    preflight = home.preflight(10, "src/pay.py")
    home.engage(20, decision, "src/pay.py", preflight_id=preflight, session="terminal")
    home.end(21, session="terminal")
    home.end(30)
    assert home.only_row().classification == "suspected_miss"


def test_a_ledger_without_an_audit_says_so(home: Home) -> None:
    """What was brought in without its past is judged by its present, with less confidence."""
    home.decide("Charge once", "src/pay.py")
    home.change(0, lambda t: t.connection.exec_driver_sql("delete from audit"))
    home.preflight(10, "src/pay.py")
    home.edit(20, "src/pay.py")
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_miss", 0.6)
    assert "no audit" in row.because


def test_several_missed_decisions_are_all_named_and_the_surest_gives_the_reason(
    home: Home,
) -> None:
    """One row per preflight, with every reason in it."""
    edited = home.decide("Charge once", "src/pay.py")
    named = home.decide("Retry twice", "src/pay.py")
    preflight = home.preflight(10, "src/pay.py")
    home.engage(15, named, "src/pay.py", preflight_id=preflight)
    home.edit(20, "src/pay.py")
    home.end(30)
    row = home.only_row()
    assert set(row.missed_ids) == {edited, named}
    assert row.because.startswith(named)
    assert len(row.evidence) == 3


def test_a_miss_wins_over_a_false_fire_and_shows_both(home: Home) -> None:
    """What was shown was of no use, and what was needed was not shown."""
    missed = home.decide("Charge once", "src/pay.py")
    shown = home.decide("Unrelated")
    home.preflight(10, "src/pay.py", shown=(shown,))
    home.edit(20, "src/pay.py")
    home.end(30)
    row = home.only_row()
    assert row.classification == "suspected_miss"
    assert (row.missed_ids, row.unused_ids) == ([missed], [shown])
    assert [each.kind for each in row.evidence] == ["edited", "unused"]


def test_a_decision_that_is_gone_from_the_ledger_accuses_nobody(home: Home) -> None:
    """Its binding is on record and its text is not: nothing can be said of it."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.preflight(11, "src/pay.py", shown=(decision,))
    home.edit(20, "src/pay.py")
    home.end(30)

    connection = sqlite3.connect(home.path / "ledger.sqlite3")
    connection.execute("delete from decisions")
    connection.commit()
    connection.close()
    home.run()
    assert [row.classification for row in home.rows()] == ["normal", "suspected_false_fire"]


def test_a_commit_counts_for_every_preflight_before_it_on_its_path_and_for_none_after(
    home: Home,
) -> None:
    """Where a later preflight showed the decision, only those before that one are in doubt."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(5, "src/pay.py")
    home.preflight(6, "src/pay.py")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.engage(20, decision, "src/pay.py", tool="bicameral.link_commit")
    home.preflight(25, "src/pay.py")
    home.end(30)
    home.run()
    assert [(row.classification, row.confidence) for row in home.rows()] == [
        ("suspected_miss", 0.3),
        ("suspected_miss", 0.3),
        ("normal", 0.75),
        ("normal", 0.6),
    ]
