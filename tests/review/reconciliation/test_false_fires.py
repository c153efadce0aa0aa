"""What is a suspected false fire, and what is none (PT-20, PT-16)."""

from bicameral.ledger.bindings import add_binding
from bicameral.ledger.domain import MAIN
from tests.ledger.parts import a_region
from tests.review.reconciliation.parts import Home, stamp


def test_a_decision_shown_and_left_alone_is_a_suspected_false_fire(home: Home) -> None:
    """The session worked on, and did nothing with it."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/other.py", shown=(decision,))
    home.edit(20, "src/other.py")
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_false_fire", 0.7)
    assert row.unused_ids == [decision]
    assert [(each.kind, each.decision_id) for each in row.evidence] == [("unused", decision)]


def test_without_any_work_after_it_a_false_fire_is_doubtful(home: Home) -> None:
    """A session that stopped there may have stopped because of what it was shown."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_false_fire", 0.3)
    assert "no work" in row.because


def test_several_shown_and_none_used_are_one_row(home: Home) -> None:
    """The row stands for the answer; the ids name all of it, each once."""
    decisions = (home.decide("One"), home.decide("Two"))
    home.preflight(10, "src/pay.py", shown=(*decisions, decisions[0]))
    home.end(30)
    row = home.only_row()
    assert row.unused_ids == list(decisions)
    assert row.because.startswith("none of the 2 shown")


def test_a_decision_engaged_with_is_no_false_fire(home: Home) -> None:
    """One of several is enough: the answer was of use."""
    used, unused = home.decide("One"), home.decide("Two")
    preflight = home.preflight(10, "src/pay.py", shown=(used, unused))
    home.engage(20, used, tool="bicameral.resolve", preflight_id=preflight)
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("normal", 0.95)
    [evidence] = row.evidence
    assert (evidence.kind, evidence.decision_id, evidence.at) == ("engaged", used, stamp(20))
    assert row.unused_ids == []


def test_an_engagement_that_named_no_preflight_counts_with_less_confidence(home: Home) -> None:
    """PT-20: fallback evidence lowers it here too."""
    decision = home.decide("One")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.engage(20, decision, tool="bicameral.ratify")
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("normal", 0.75)
    assert "named no preflight" in row.because


def test_an_engagement_before_the_preflight_does_not_count(home: Home) -> None:
    """It was not led to by what was shown."""
    decision = home.decide("One")
    home.engage(5, decision, tool="bicameral.ratify")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.end(30)
    assert home.only_row().classification == "suspected_false_fire"


def test_reading_it_again_is_no_false_fire(home: Home) -> None:
    """Whoever drills into a decision found it worth a look."""
    decision = home.decide("One")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.engage(20, decision, tool="bicameral.history")
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.evidence[0].kind) == ("normal", "read")


def test_the_engagement_is_named_before_the_reading(home: Home) -> None:
    """The best that can be said of a decision gives the reason."""
    decision = home.decide("One")
    preflight = home.preflight(10, "src/pay.py", shown=(decision,))
    home.engage(15, decision, tool="bicameral.history")
    home.engage(20, decision, tool="bicameral.ratify")
    home.engage(25, decision, tool="bicameral.resolve", preflight_id=preflight)
    home.end(30)
    [evidence] = home.only_row().evidence
    assert (evidence.kind, evidence.tool) == ("engaged", "bicameral.resolve")


def test_a_bypass_is_no_false_fire(home: Home) -> None:
    """PT-16: a person decided about it, so it was seen."""
    decision = home.decide("One")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.bypass(20, decision)
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.evidence[0].kind) == ("normal", "bypassed")


def test_a_bypass_before_the_preflight_does_not_count(home: Home) -> None:
    """It was of an earlier showing."""
    decision = home.decide("One")
    home.bypass(5, decision)
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.end(30)
    assert home.only_row().classification == "suspected_false_fire"


def test_editing_the_code_that_it_binds_is_normal_and_doubtful(home: Home) -> None:
    """Heeding a decision often leaves no call at all."""
    decision = home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.edit(20, "src/pay.py")
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("normal", 0.4)
    [evidence] = row.evidence
    assert (evidence.kind, evidence.decision_id) == ("edited", decision)


def test_editing_code_that_it_bound_only_later_is_not_heeding_it(home: Home) -> None:
    """When it was shown, it did not speak of that code."""
    decision = home.decide("Charge once")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.edit(20, "src/pay.py")
    home.change(25, lambda t: add_binding(t, decision, a_region(t, "src/pay.py"), "explicit", MAIN))
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.confidence) == ("suspected_false_fire", 0.8)


def test_a_notice_without_decisions_is_normal(home: Home) -> None:
    """It fired for a question that waits for a person; no decision was shown for nothing."""
    home.decide("Charge once")
    home.preflight(10, "src/pay.py", fired=True, reason="fired")
    home.end(30)
    row = home.only_row()
    assert (row.classification, row.fired) == ("normal", True)


def test_silence_that_nothing_contradicts_is_normal(home: Home) -> None:
    """With work after it, that is surer than without."""
    home.decide("Charge once")
    home.preflight(10, "src/pay.py")
    home.edit(20, "src/other.py")
    home.preflight(25, "src/pay.py")
    home.end(30)
    home.run()
    assert [(row.classification, row.confidence) for row in home.rows()] == [
        ("normal", 0.9),
        ("normal", 0.6),
    ]
    assert all(row.evidence == [] for row in home.rows())


def test_a_fallback_engagement_of_another_session_is_not_counted(home: Home) -> None:
    """Without an id, only the session joins."""
    decision = home.decide("One")
    home.preflight(10, "src/pay.py", shown=(decision,))
    home.engage(20, decision, tool="bicameral.ratify", session="s2")
    home.end(30)
    assert home.only_row().classification == "suspected_false_fire"


def test_an_engagement_of_another_session_that_named_it_counts(home: Home) -> None:
    """An explicit id joins across sessions, whichever ends first and whichever is read first."""
    decision = home.decide("One")
    preflight = home.preflight(10, "src/pay.py", shown=(decision,))
    home.engage(20, decision, preflight_id=preflight, session="terminal")
    home.end(21, session="terminal")
    home.end(500)
    assert home.only_row().classification == "normal"
