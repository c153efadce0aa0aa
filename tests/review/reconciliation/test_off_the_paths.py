"""Engagements that share no path with a preflight: when they still say that it missed something."""

import pytest

from tests.review.reconciliation.parts import Home, stamp

LINK = "bicameral.link_commit"


@pytest.mark.parametrize("tool", ["bind", "resolve", "ratify", "update"])
def test_a_deliberate_call_that_names_the_preflight_is_a_weak_miss(home: Home, tool: str) -> None:
    """The caller says itself that the decision belongs to the task."""
    decision = home.decide("Charge once", "src/pay.py")
    preflight = home.preflight(10, "src/other.py")
    home.engage(20, decision, tool=f"bicameral.{tool}", preflight_id=preflight)
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_miss", 0.5)
    assert "for this preflight, and it was bound to other code" in row.because


@pytest.mark.parametrize(
    ("edited", "classification"),
    [(("src/pay.py",), "suspected_miss"), (("src/else.py",), "normal"), ((), "normal")],
)
def test_a_commit_counts_elsewhere_only_where_the_session_edited_its_code(
    home: Home, edited: tuple[str, ...], classification: str
) -> None:
    """A commit also brings what others changed, and what happens to stand beside."""
    decision = home.decide("Charge once", "src/pay.py")
    home.decide("Log", "src/else.py")
    preflight = home.preflight(10, "src/other.py")
    for path in edited:
        home.edit(15, path)
    home.engage(20, decision, "src/pay.py", tool=LINK, preflight_id=preflight)
    home.end(30)
    row = home.only_row()
    assert row.classification == classification


def test_code_that_was_edited_before_the_question_does_not_count(home: Home) -> None:
    """It belongs to what the session was about before."""
    decision = home.decide("Charge once", "src/pay.py")
    home.edit(5, "src/pay.py")
    preflight = home.preflight(10, "src/other.py")
    home.engage(20, decision, "src/pay.py", tool=LINK, preflight_id=preflight)
    home.end(30)
    assert home.only_row().classification == "normal"


def test_what_the_session_had_in_hand_before_needed_no_telling(home: Home) -> None:
    """A late verdict on earlier work is threaded with the newest id."""
    decision = home.decide("Charge once", "src/pay.py")
    home.engage(5, decision, "src/pay.py")
    preflight = home.preflight(10, "src/other.py")
    home.engage(20, decision, tool="bicameral.resolve", preflight_id=preflight)
    home.end(30)
    assert home.only_row().classification == "normal"


@pytest.mark.parametrize("asked", [(), ("src/other.py",)])
@pytest.mark.parametrize("bound", [(), ("src/pay.py",)])
def test_without_ids_a_deliberate_call_belongs_to_the_newest_preflight(
    home: Home, bound: tuple[str, ...], asked: tuple[str, ...]
) -> None:
    """A client that never names one asks, works, and calls, in this order; it is a weak sign."""
    decision = home.decide("Charge once", *bound)
    home.preflight(5, "src/first.py")
    home.preflight(10, *asked)
    home.engage(20, decision, tool="bicameral.ratify")
    home.end(30)
    home.run()
    first, second = home.rows()
    assert first.classification == "normal"
    assert (second.classification, second.confidence) == ("suspected_miss", 0.35)
    assert "joined by order alone" in second.because


def test_a_client_that_names_preflights_means_it_when_it_names_none(home: Home) -> None:
    """Its call is not of the task."""
    decision, other = home.decide("Charge once"), home.decide("Log")
    preflight = home.preflight(10, "src/pay.py", shown=(other,))
    home.engage(15, other, preflight_id=preflight)
    home.engage(20, decision, tool="bicameral.ratify")
    home.end(30)
    assert home.only_row().classification == "normal"


@pytest.mark.parametrize(
    ("asked", "edited", "classification"),
    [
        ((), (), "suspected_miss"),
        (("src/other.py",), ("src/pay.py",), "suspected_miss"),
        (("src/other.py",), (), "normal"),
    ],
)
def test_without_ids_a_commit_belongs_to_it_where_nothing_speaks_against_it(
    home: Home, asked: tuple[str, ...], edited: tuple[str, ...], classification: str
) -> None:
    """Without paths there is nothing to compare; with others the edit has to show it."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, *asked)
    for path in edited:
        home.edit(15, path)
    home.engage(20, decision, "src/pay.py", tool=LINK)
    home.end(30)
    assert home.only_row().classification == classification


@pytest.mark.parametrize("tool", ["bicameral.history", "bicameral.ingest"])
def test_reading_and_ingesting_belong_to_nothing_by_order(home: Home, tool: str) -> None:
    """Neither says that the task is about the decision."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py")
    home.engage(20, decision, tool=tool)
    home.end(30)
    assert home.only_row().classification == "normal"


def test_order_is_kept_within_each_repository(home: Home) -> None:
    """A session in two of them asks in turn; its calls carry no repository."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py")
    home.preflight(15, "src/pay.py", repository_id="rep_other")
    home.engage(20, decision, tool="bicameral.ratify")
    home.end(30)
    home.run()
    assert [row.classification for row in home.rows()] == ["suspected_miss", "normal"]


def test_edits_in_each_repository_of_a_session_count(home: Home) -> None:
    """The hook does not know the ledger's repositories; the preflights' rows name them."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.preflight(15, "src/pay.py", repository_id="rep_other")
    home.edit(20, "src/pay.py")
    home.end(30)
    home.run()
    first, second = home.rows()
    assert (first.classification, first.evidence[0].kind) == ("normal", "edited")
    assert second.classification == "normal"


@pytest.mark.parametrize("reason", ["recently_checked", "no_matches"])
@pytest.mark.parametrize("named", [True, False])
def test_who_asked_the_same_before_missed_the_same(home: Home, reason: str, named: bool) -> None:
    """The later id stands for both: it is one question, asked twice."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py", topic_hash="a" * 16)
    home.preflight(12, "src/pay.py", topic_hash="b" * 16)
    again = home.preflight(15, "src/pay.py", topic_hash="a" * 16, reason=reason)
    home.engage(20, decision, "src/pay.py", preflight_id=again if named else None)
    home.end(30)
    home.run()
    found = {row.ts: row.classification for row in home.rows()}
    assert found == {
        stamp(10): "suspected_miss",
        stamp(12): "normal",
        stamp(15): "suspected_miss",
    }
