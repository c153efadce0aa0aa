"""`bicameral.resolve`: verdicts, bypasses and answers, each entry for itself."""

import json
from typing import Any

import pytest

from bicameral.ledger.questions import ask
from tests.conftest import Clock
from tests.handlers.bench import ACTOR, Bench

CHARGE = "src/payments.py::charge_card"


@pytest.fixture
def bound(bench: Bench) -> dict[str, Any]:
    """A ratified decision, bound and not yet judged."""
    return bench.bind(bench.decide("Charges carry an idempotency key"), CHARGE)


def status(bench: Bench, bound: dict[str, Any]) -> str:
    return str(bench.detail(bound["decision_id"])["status"])


def past(bench: Bench, decision_id: str) -> list[str]:
    return [each["action"] for each in bench.detail(decision_id)["past"]]


class TestVerdicts:
    """PT-28: a verdict counts for the digest that the code has, and its history stays."""

    @pytest.mark.parametrize(
        ("verdict", "expected"), [("compliant", "reflected"), ("partial", "partial")]
    )
    def test_a_verdict_makes_the_status(
        self, bench: Bench, bound: dict[str, Any], verdict: str, expected: str
    ) -> None:
        """Status is derived from what was judged."""
        assert status(bench, bound) == "pending"
        assert bench.judge(bound, verdict) == {
            "kind": "verdict",
            "decision_id": bound["decision_id"],
            "recorded": True,
        }
        assert status(bench, bound) == expected

    @pytest.mark.parametrize("digest", ["0" * 16, "compliant", "removed", "x" * 128])
    def test_a_digest_that_the_code_does_not_have_is_refused(
        self, bench: Bench, bound: dict[str, Any], digest: str
    ) -> None:
        """A made-up digest must never turn a decision reflected."""
        outcome = bench.judge({**bound, "digest": digest}, "compliant")

        assert (outcome["recorded"], outcome["failure"]["error"]) == (False, "input_refused")
        assert bound["digest"] in outcome["failure"]["message"]
        assert status(bench, bound) == "pending"
        assert bench.in_ledger("SELECT * FROM verdicts") == []

    def test_a_verdict_on_one_of_two_codes_says_on_which(
        self, bench: Bench, bound: dict[str, Any]
    ) -> None:
        """Whoever has just edited the code would take HEAD's verdict for that of the edit."""
        assert "note" not in bench.judge(bound, "compliant")
        commit = bench.repository.git("rev-parse", "HEAD")[:12]
        source = "def charge_card(amount):\n    return gateway.post(amount)\n"
        bench.repository.write("src/payments.py", source)

        committed = bench.judge(bound, "compliant")["note"]
        binding = {"decision_id": bound["decision_id"], "selector": CHARGE}
        [edited] = bench.call("bind", bindings=[binding])["bindings"]
        written = bench.judge(edited, "partial")["note"]

        assert committed.startswith(f"judged as of commit {commit}; the work tree differs there")
        assert written == f"judged as it is in the work tree; commit {commit} differs there"

    def test_yesterdays_digest_is_refused(self, bench: Bench, bound: dict[str, Any]) -> None:
        """The code moved on since it was read."""
        source = "def charge_card(amount):\n    return gateway.post(amount)\n"
        bench.repository.commit("drop the key", **{"src/payments.py": source})

        assert "failure" in bench.judge(bound, "compliant")

    def test_drifted_needs_an_earlier_compliant(self, bench: Bench, bound: dict[str, Any]) -> None:
        """Code that never followed a decision did not drift from it."""
        refused = bench.judge(bound, "drifted")
        assert refused["failure"]["error"] == "transition_refused"

        bench.judge(bound, "compliant")
        assert bench.judge(bound, "drifted")["recorded"] is True
        assert status(bench, bound) == "drifted"

    def test_a_second_verdict_replaces_the_first_and_both_stay_in_the_audit(
        self, bench: Bench, bound: dict[str, Any]
    ) -> None:
        """Judgement may change; what was thought before is kept."""
        bench.judge(bound, "compliant")
        bench.judge(bound, "partial")

        assert status(bench, bound) == "partial"
        assert len(bench.in_ledger("SELECT * FROM verdicts")) == 1
        assert past(bench, bound["decision_id"])[:2] == ["verdict_partial", "verdict_compliant"]

    def test_the_same_verdict_again_is_not_recorded(
        self, bench: Bench, bound: dict[str, Any]
    ) -> None:
        """Idempotent: an agent that repeats itself leaves one trace."""
        bench.judge(bound, "compliant")

        assert bench.judge(bound, "compliant")["recorded"] is False
        assert past(bench, bound["decision_id"]).count("verdict_compliant") == 1

    def test_not_relevant_unbinds_and_stays_on_record(
        self, bench: Bench, bound: dict[str, Any]
    ) -> None:
        """The binding was a mistake; that it was is worth knowing."""
        bench.judge(bound, "not_relevant")

        assert status(bench, bound) == "ungrounded"
        assert "verdict_not_relevant" in past(bench, bound["decision_id"])
        answer = bench.call("preflight", topic="Retry", file_paths=["src/payments.py"])
        assert answer["fired"] is False

    def test_what_is_not_bound_cannot_be_judged(self, bench: Bench, bound: dict[str, Any]) -> None:
        """Another decision's region is not this one's."""
        other = bench.decide("Refunds are posted")

        outcome = bench.judge({**bound, "decision_id": other.id}, "compliant")

        assert outcome["failure"]["error"] == "not_found"


class TestBypasses:
    """PT-16: a person waves a surfaced decision through; the decision stays as it is."""

    def test_only_the_first_in_an_hour_is_recorded(self, bench: Bench, clock: Clock) -> None:
        """Whatever the session; the hour is the decision's."""
        decision = bench.decide("Charges carry an idempotency key")
        entry = {"decision_id": decision.id, "reason": "hotfix"}

        def wave(**more: str) -> bool:
            [outcome] = bench.call("resolve", bypasses=[entry], **more)["outcomes"]
            return bool(outcome["recorded"])

        assert [wave(), wave(), wave(session_id="other")] == [True, False, False]
        clock.advance(seconds=3_599)
        assert wave() is False
        clock.advance(seconds=1)
        assert wave() is True
        assert len(bench.in_ledger("SELECT * FROM bypasses")) == 2
        assert len(bench.events("preflight_prompt_bypassed")) == 2
        assert bench.now(decision) == decision

    def test_an_unknown_decision_is_refused(self, bench: Bench) -> None:
        """There is nothing to wave through."""
        [outcome] = bench.call("resolve", bypasses=[{"decision_id": "d", "reason": "r"}])[
            "outcomes"
        ]

        assert outcome["failure"]["error"] == "not_found"
        assert bench.events("preflight_prompt_bypassed") == []


@pytest.fixture
def collision(bench: Bench) -> dict[str, str]:
    """Two decisions on one subject, the second of which waits."""
    stored = [
        bench.call("ingest", decisions=[{"title": title}])["decisions"][0]
        for title in ("Use Postgres for orders", "Use Postgres for the orders")
    ]
    assert stored[1]["collides_with"] == stored[0]["decision_id"]
    [question] = bench.detail(stored[1]["decision_id"])["questions"]
    return {
        "old": stored[0]["decision_id"],
        "new": stored[1]["decision_id"],
        "question": question["question_id"],
    }


def answer(bench: Bench, question_id: str, said: str) -> dict[str, Any]:
    answers = [{"question_id": question_id, "answer": said}]
    return dict(bench.call("resolve", answers=answers)["outcomes"][0])


class TestAnswers:
    """What waits for a person is settled by their answer, once."""

    @pytest.mark.parametrize(
        ("said", "new", "old"),
        [
            ("keep_both", "proposed", "proposed"),
            ("supersede_other", "proposed", "superseded"),
            ("reject_new", "rejected", "proposed"),
        ],
    )
    def test_each_answer_to_a_collision_moves_the_sign_offs(
        self, bench: Bench, collision: dict[str, str], said: str, new: str, old: str
    ) -> None:
        """Both stand, the new one replaces the other, or it is rejected."""
        outcome = answer(bench, collision["question"], said)

        assert (outcome["decision_id"], outcome["signoff"]) == (collision["new"], new)
        assert bench.detail(collision["new"])["signoff"] == new
        assert bench.detail(collision["old"])["signoff"] == old
        successors = bench.detail(collision["old"]).get("superseded_by", [])
        assert successors == ([collision["new"]] if said == "supersede_other" else [])

    def test_an_answer_that_is_none_is_refused_with_those_there_are(
        self, bench: Bench, collision: dict[str, str]
    ) -> None:
        """The question still waits."""
        outcome = answer(bench, collision["question"], "both, I guess")

        assert outcome["failure"]["error"] == "input_refused"
        assert "keep_both" in outcome["failure"]["next_step"]
        assert bench.detail(collision["new"])["signoff"] == "collision_pending"

    def test_a_second_answer_is_refused(self, bench: Bench, collision: dict[str, str]) -> None:
        """Two people may look at the same question; the first answer stands."""
        answer(bench, collision["question"], "keep_both")

        outcome = answer(bench, collision["question"], "reject_new")

        assert outcome["failure"]["error"] == "transition_refused"
        assert "keep_both" in outcome["failure"]["message"]
        assert bench.detail(collision["new"])["signoff"] == "proposed"

    def test_a_question_of_context_takes_any_words(self, bench: Bench) -> None:
        """The words go into the audit, and the decision stands where its source put it."""
        decision = bench.decide("Charges carry an idempotency key")
        with bench.services.ledger.writing(ACTOR) as transaction:
            question = ask(transaction, decision, "context", "Which gateway?")

        outcome = answer(bench, question.id, "The '; DROP TABLE one")

        assert (outcome["recorded"], outcome["signoff"]) == (True, "ratified")
        [row] = bench.in_ledger("SELECT after FROM audit WHERE action = 'question_answered'")
        assert json.loads(row["after"]) == {"answer": "The '; DROP TABLE one"}


def test_entries_of_all_kinds_are_answered_in_order(
    bench: Bench, bound: dict[str, Any], collision: dict[str, str]
) -> None:
    """One call for all that was decided; a refused entry does not stop the others."""
    verdict = {name: bound[name] for name in ("decision_id", "region_id", "digest")}
    outcomes = bench.call(
        "resolve",
        verdicts=[{**verdict, "verdict": "drifted"}, {**verdict, "verdict": "compliant"}],
        bypasses=[{"decision_id": bound["decision_id"], "reason": "hotfix"}],
        answers=[
            {"question_id": "qst_unknown", "answer": "keep_both"},
            {"question_id": collision["question"], "answer": "keep_both"},
        ],
    )["outcomes"]

    assert [(each["kind"], each["recorded"]) for each in outcomes] == [
        ("verdict", False),
        ("verdict", True),
        ("bypass", True),
        ("answer", False),
        ("answer", True),
    ]


def test_a_ledger_that_cannot_answer_fails_the_whole_call(
    bench: Bench, bound: dict[str, Any]
) -> None:
    """Its failure is not that of one entry."""
    bench.services.ledger.close()
    (bench.environment.home / "ledger.sqlite3").write_bytes(b"damaged " * 2000)
    bypass = {"decision_id": bound["decision_id"], "reason": "hotfix"}

    assert bench.refuse("resolve", bypasses=[bypass]).error == "ledger_corrupt"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({}, "nothing to record"),
        ({"verdicts": [], "answers": []}, "nothing to record"),
        ({"bypasses": [{"decision_id": "d", "reason": ""}]}, "reason"),
        ({"bypasses": [{"decision_id": "d"}]}, "`bypasses[0].reason` is required"),
        ({"verdicts": [{"decision_id": "d", "region_id": "r", "digest": "x"}]}, "verdict"),
        ({"answers": [{"question_id": "q", "answer": "a"}] * 101}, "100 entries at most"),
        ({"verdict": "compliant"}, "verdicts"),
    ],
)
def test_bad_entries_are_refused_whole(
    bench: Bench, arguments: dict[str, object], said: str
) -> None:
    """Nothing of the call is recorded."""
    refused = bench.refuse("resolve", **arguments)

    assert refused.error == "input_refused"
    assert said in refused.message
    assert bench.engagements() == []
