"""`bicameral.ratify`: a person's yes or no, asked of them where the client can."""

from typing import Literal

import pytest
from mcp_types import ElicitResult

from bicameral.ledger.domain import SignOff
from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench

YES = ElicitResult(action="accept", content={"confirm": True})
NO = ElicitResult(action="accept", content={"confirm": False})
DECLINED = ElicitResult(action="decline")
CANCELLED = ElicitResult(action="cancel")
TITLE = "Charges carry an idempotency key"

Action = Literal["ratify", "reject"]


@pytest.mark.parametrize(("action", "wanted"), [("ratify", "ratified"), ("reject", "rejected")])
def test_a_client_that_cannot_ask_is_taken_at_its_word_and_told_so(
    bench: Bench, action: Action, wanted: SignOff
) -> None:
    """Else a person's yes could be undone with no word to anybody."""
    decision = bench.decide(TITLE, signoff="proposed")

    answer = bench.call("ratify", decision_id=decision.id, action=action)

    assert answer == {
        "preflight_id": None,
        "decision_id": decision.id,
        "signoff": wanted,
        "changed": True,
        "note": "nobody was asked: this client cannot; tell the person it was proposed before",
    }
    assert bench.now(decision).signoff == wanted
    assert "note" not in bench.call("ratify", decision_id=decision.id, action=action)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("action", ["ratify", "reject"])
def test_the_persons_yes_moves_the_sign_off(
    make_bench: MakeBench, mode: str, action: Action
) -> None:
    """Asked once, in words that name the decision, in both eras."""
    bench = make_bench(mode=mode, person=YES)
    decision = bench.decide(TITLE, signoff="proposed")

    answer = bench.call("ratify", decision_id=decision.id, action=action)

    assert (answer["changed"], answer.get("note")) == (True, None)

    [question] = bench.asked
    assert TITLE in question
    assert action in question.lower()


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize(
    ("person", "said"), [(NO, "no"), (DECLINED, "declined"), (CANCELLED, "cancelled")]
)
def test_anything_but_yes_changes_nothing(
    make_bench: MakeBench, mode: str, person: ElicitResult, said: str
) -> None:
    """The agent is told what the person said, and the ledger is as before."""
    bench = make_bench(mode=mode, person=person)
    decision = bench.decide(TITLE, signoff="proposed")

    answer = bench.call("ratify", decision_id=decision.id, action="ratify")

    assert (answer["changed"], answer["signoff"]) == (False, "proposed")
    assert said in answer["note"]
    assert "nothing was changed" in answer["note"]
    assert bench.now(decision) == decision


def test_a_form_that_was_not_filled_is_an_error_and_changes_nothing(make_bench: MakeBench) -> None:
    """A client that answers for its person without the field asked nobody."""
    for mode in ("legacy", "auto"):
        bench = make_bench(mode=mode, person=ElicitResult(action="accept", content={}))
        decision = bench.decide(f"{TITLE}: {mode}", signoff="proposed")

        refused = bench.refuse("ratify", decision_id=decision.id, action="ratify")

        assert refused.error == "person_not_asked"
        assert bench.now(decision) == decision


def test_repeating_changes_nothing_and_asks_nobody(make_bench: MakeBench) -> None:
    """Idempotent: a person is not bothered about what they have said already."""
    bench = make_bench(person=YES)
    decision = bench.decide(TITLE, signoff="proposed")
    bench.call("ratify", decision_id=decision.id, action="ratify")
    before = bench.now(decision)

    again = bench.call("ratify", decision_id=decision.id, action="ratify")

    assert (again["changed"], again["signoff"]) == (False, "ratified")
    assert len(bench.asked) == 1
    assert bench.now(decision) == before


def test_a_mind_may_be_changed_and_the_past_stays(bench: Bench) -> None:
    """Ratified, rejected, ratified again: three lines in the audit."""
    decision = bench.decide(TITLE, signoff="proposed")
    for action in ("ratify", "reject", "ratify"):
        bench.call("ratify", decision_id=decision.id, action=action)

    detail = bench.detail(decision.id)

    assert detail["signoff"] == "ratified"
    moves = [each["action"] for each in detail["past"] if each["action"].startswith("signoff")]
    assert moves == ["signoff_ratified", "signoff_rejected", "signoff_ratified"]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_what_cannot_be_is_refused_before_anybody_is_asked(
    make_bench: MakeBench, mode: str
) -> None:
    """A yes that is then refused would be a person's time for nothing."""
    bench = make_bench(mode=mode, person=YES)
    decision = bench.decide(TITLE, signoff="superseded")

    refused = bench.refuse("ratify", decision_id=decision.id, action="ratify")

    assert refused.error == "transition_refused"
    assert "successor" in refused.next_step
    assert bench.asked == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"action": "approve"}, "must be one of 'ratify' or 'reject'"),
        ({}, "`action` is required"),
        ({"action": "ratify", "confirm": True}, "`confirm` is not known"),
        ({"action": True}, "action"),
    ],
)
def test_bad_arguments_say_what_is_wrong(
    bench: Bench, arguments: dict[str, object], said: str
) -> None:
    """Nothing is changed on a guess."""
    decision = bench.decide(TITLE, signoff="proposed")

    assert said in bench.refuse("ratify", decision_id=decision.id, **arguments).message
    assert bench.now(decision) == decision


def test_a_title_of_any_length_makes_a_question_one_can_read(make_bench: MakeBench) -> None:
    """The form of a client is small."""
    bench = make_bench(person=YES)
    decision = bench.decide("key " * 400, signoff="proposed")

    bench.call("ratify", decision_id=decision.id, action="ratify")

    assert len(bench.asked[0]) < 250
