"""`bicameral.update`: amend, supersede, retire, regroup, relevel; the history stays."""

from typing import Any

import pytest

from bicameral.ledger.domain import Decision
from tests.handlers.bench import Bench

TITLE = "Charges carry an idempotency key"


@pytest.fixture
def decision(bench: Bench) -> Decision:
    return bench.decide(TITLE, "Every charge has a key.")


def update(bench: Bench, decision: Decision, action: str, **fields: Any) -> dict[str, Any]:
    return bench.call("update", decision_id=decision.id, action=action, **fields)


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"title": "Refunds carry a key"}, {"title": "Refunds carry a key"}),
        ({"title": "  Refunds\n carry   a key "}, {"title": "Refunds carry a key"}),
        ({"description": "All of them."}, {"text": "All of them."}),
        ({"description": ""}, {"text": None}),
        ({"rationale": "Retries."}, {"rationale": "Retries."}),
        ({"title": "New", "rationale": "Why"}, {"title": "New", "rationale": "Why"}),
    ],
)
def test_amend_changes_what_is_given_and_nothing_else(
    bench: Bench, decision: Decision, fields: dict[str, str], shown: dict[str, str | None]
) -> None:
    """Sign-off and the other fields stay; the old words are in the past."""
    before = bench.detail(decision.id)

    assert update(bench, decision, "amend", **fields) == {
        "preflight_id": None,
        "decision_id": decision.id,
        "action": "amend",
        "changed": True,
        "signoff": "ratified",
    }

    after = bench.detail(decision.id)
    assert {name: after.get(name) for name in shown} == shown
    untouched = {"title", "text", "rationale", "signoff", "status", "source"} - shown.keys()
    assert all(after.get(name) == before.get(name) for name in untouched)
    assert after["past"][0]["action"] == "decision_amended"


def test_amended_words_are_found_and_the_old_ones_are_not(bench: Bench, decision: Decision) -> None:
    """A preflight must not go by what a decision no longer says."""
    update(bench, decision, "amend", title="Ledgers balance", description="Twice a day.")

    assert bench.call("search", query="ledgers balance")["total"] == 1
    assert bench.call("search", query="idempotency")["total"] == 0


def test_amending_keeps_bindings_and_verdicts(bench: Bench, decision: Decision) -> None:
    """Better words for the same decision."""
    bench.judge(bench.bind(decision, "src/payments.py"), "compliant")

    update(bench, decision, "amend", description="Every charge, always.")

    assert bench.detail(decision.id)["status"] == "reflected"


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("amend", {"title": TITLE}),
        ("amend", {"title": TITLE, "description": "Every charge has a key."}),
        ("regroup", {"feature_group": ""}),
        ("relevel", {"level": "L2"}),
    ],
)
def test_saying_what_is_so_already_changes_nothing(
    bench: Bench, action: str, fields: dict[str, str]
) -> None:
    """Also where the words came from a document, whose text stays searchable."""
    source = "# 1. Charges carry an idempotency key\n\n## Status\n\nAccepted\n\n## Decision\n\n"
    bench.repository.write("docs/adr/0001-key.md", source + "Every charge has a key.\n")
    bench.call("ingest", paths=["docs/adr"])
    [found] = bench.call("history")["decisions"]
    before = bench.in_ledger("SELECT * FROM decisions") + bench.in_ledger("SELECT * FROM audit")

    answer = bench.call("update", decision_id=found["id"], action=action, **fields)

    assert answer["changed"] is False
    after = bench.in_ledger("SELECT * FROM decisions") + bench.in_ledger("SELECT * FROM audit")
    assert after == before


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("amend", {"title": "Refunds carry a key"}),
        ("retire", {}),
        ("regroup", {"feature_group": "payments"}),
        ("relevel", {"level": "L1"}),
    ],
)
def test_repeating_changes_nothing(
    bench: Bench, decision: Decision, action: str, fields: dict[str, str]
) -> None:
    """Idempotent, to the last row of the audit."""
    assert update(bench, decision, action, **fields)["changed"] is True
    before = bench.in_ledger("SELECT * FROM audit")

    assert update(bench, decision, action, **fields)["changed"] is False
    assert bench.in_ledger("SELECT * FROM audit") == before


def test_retire_ends_a_decision_for_good(bench: Bench, decision: Decision) -> None:
    """It binds nothing any more, and what it said can still be read."""
    bench.bind(decision, "src/payments.py")

    assert update(bench, decision, "retire")["signoff"] == "superseded"

    answer = bench.call("preflight", topic="Retry", file_paths=["src/payments.py"])
    assert answer["fired"] is False
    assert bench.detail(decision.id)["title"] == TITLE
    assert bench.refuse("ratify", decision_id=decision.id, action="ratify").error == (
        "transition_refused"
    )


def test_supersede_names_the_successor(bench: Bench, decision: Decision) -> None:
    """Whoever finds the old one is led to the new one; repeating changes nothing."""
    new = bench.decide("Charges carry a request id")

    first = update(bench, decision, "supersede", superseded_by=new.id)
    again = update(bench, decision, "supersede", superseded_by=new.id)

    assert (first["changed"], first["signoff"]) == (True, "superseded")
    assert again["changed"] is False
    assert bench.detail(decision.id)["superseded_by"] == [new.id]
    assert bench.now(new) == new


def test_a_decision_cannot_supersede_itself(bench: Bench, decision: Decision) -> None:
    """Nobody would be left standing."""
    refused = bench.refuse(
        "update", decision_id=decision.id, action="supersede", superseded_by=decision.id
    )

    assert refused.error == "input_refused"
    assert "retire" in refused.next_step
    assert bench.now(decision) == decision


@pytest.mark.parametrize("signoff", ["superseded", "rejected"])
def test_what_no_longer_stands_cannot_be_a_successor(
    bench: Bench, decision: Decision, signoff: str
) -> None:
    """Else two decisions could each point to the other, and neither would bind."""
    ended = bench.decide("Charges carry nothing", signoff=signoff)  # type: ignore[arg-type]

    refused = bench.refuse(
        "update", decision_id=decision.id, action="supersede", superseded_by=ended.id
    )

    assert refused.error == "transition_refused"
    assert bench.now(decision) == decision


def test_an_old_supersession_may_be_repeated_after_its_successor_ended(
    bench: Bench, decision: Decision
) -> None:
    """Idempotent also a year later."""
    new = bench.decide("Charges carry a request id")
    update(bench, decision, "supersede", superseded_by=new.id)
    update(bench, new, "retire")

    assert update(bench, decision, "supersede", superseded_by=new.id)["changed"] is False


def test_regroup_and_relevel_move_a_decision(bench: Bench, decision: Decision) -> None:
    """Where it belongs, and how deep it goes."""
    update(bench, decision, "regroup", feature_group="payments")
    update(bench, decision, "relevel", level="L3")

    [found] = bench.call("history", feature_group="payments")["decisions"]
    assert (found["id"], found["level"]) == (decision.id, "L3")

    update(bench, decision, "regroup", feature_group="")
    assert "decisions" not in bench.call("history", feature_group="payments")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"action": "explode"}, "must be one of 'amend', 'supersede', 'retire'"),
        ({}, "`action` is required"),
        ({"action": "amend"}, "needs title or description or rationale"),
        ({"action": "amend", "title": " \n "}, "title"),
        ({"action": "amend", "title": ""}, "title"),
        ({"action": "supersede"}, "needs superseded_by"),
        ({"action": "regroup"}, "needs feature_group"),
        ({"action": "relevel"}, "needs level"),
        ({"action": "relevel", "level": "L9"}, "level"),
        ({"action": "retire", "title": "x"}, "does not take title"),
        ({"action": "amend", "title": "x", "level": "L1"}, "does not take level"),
        ({"action": "amend", "titel": "x"}, "did you mean `title`"),
        ({"action": "amend", "description": "d" * 8_001}, "8000"),
        ({"action": "regroup", "feature_group": "g" * 101}, "100"),
    ],
)
def test_bad_arguments_say_what_is_wrong(
    bench: Bench, decision: Decision, arguments: dict[str, object], said: str
) -> None:
    """One action a call, with what it needs and nothing else; the ledger is as before."""
    refused = bench.refuse("update", decision_id=decision.id, **arguments, preflight_id="p-1")

    assert refused.error == "input_refused"
    assert said in refused.message
    assert refused.preflight_id == "p-1"
    assert bench.now(decision) == decision


@pytest.mark.parametrize("field", ["decision_id", "superseded_by"])
def test_an_unknown_decision_is_refused(bench: Bench, decision: Decision, field: str) -> None:
    """With where to find the right id."""
    ids = {"decision_id": decision.id, "superseded_by": decision.id, field: "dec_unknown"}

    refused = bench.refuse("update", action="supersede", **ids)

    assert refused.error == "not_found"
    assert "bicameral.search" in refused.next_step
    assert bench.now(decision) == decision
