"""Engagements: evidence that a caller used a decision, only where the caller did."""

from typing import Any

import pytest

from bicameral.capture.opaque import stored_preflight
from tests.handlers.bench import ACTOR, Bench, Refused
from tests.handlers.conftest import MakeBench

PATHS = ["src/payments.py"]
HOSTILE = {
    "injection": "'; DROP TABLE decisions;--",
    "long": "d" * 10_000,
    "unicode": "dec_\u202e\U0001f600é",
    "nul": "dec_\x00",
    "empty": "",
    "wildcard": "%",
}


def preflight(bench: Bench, topic: str = "Retry payments", **more: Any) -> str:
    arguments = {"topic": topic, "file_paths": PATHS, **more}
    return str(bench.call("preflight", **arguments)["preflight_id"])


def rows_of(bench: Bench) -> list[tuple[str, str, str | None, str]]:
    return [
        (each["tool"].removeprefix("bicameral."), each["decision_id"], each["preflight_id"], how)
        for each in bench.engagements()
        for how in [each["attribution"]]
    ]


class TestWhoWritesThem:
    """PT-26: calls of the client's, one row per decision concerned, and nobody else."""

    def test_a_batch_of_three_has_three_rows(self, bench: Bench) -> None:
        """Each with the paths of its own decision."""
        decisions = [bench.decide(f"Rule {number}") for number in range(3)]
        paths = ["src/payments.py", "src/search.py", "src/payments.py::refund"]
        bench.call(
            "bind",
            bindings=[
                {"decision_id": each.id, "selector": path}
                for each, path in zip(decisions, paths, strict=True)
            ],
        )

        rows = bench.engagements()
        assert [row["decision_id"] for row in rows] == [each.id for each in decisions]
        assert rows[0]["path_hashes"] == rows[2]["path_hashes"] != rows[1]["path_hashes"]

    def test_one_row_per_decision_however_many_entries_name_it(self, bench: Bench) -> None:
        """Two bindings and a verdict are one engagement a call."""
        decision = bench.decide("Charges carry an idempotency key")
        entries = [
            {"decision_id": decision.id, "selector": each}
            for each in ("src/payments.py", "src/search.py")
        ]
        cards = bench.call("bind", bindings=entries)["bindings"]
        [row] = bench.engagements()
        assert len(row["path_hashes"]) == 2

        bench.call(
            "resolve",
            verdicts=[
                {name: card[name] for name in ("decision_id", "region_id", "digest")}
                | {"verdict": "compliant"}
                for card in cards
            ],
            bypasses=[{"decision_id": decision.id, "reason": "hotfix"}],
        )
        assert [row["tool"] for row in bench.engagements()[1:]] == ["bicameral.resolve"]

    def test_each_tool_that_concerns_a_decision_writes_one(self, bench: Bench) -> None:
        """Reading one in full counts, for it is how an agent drills into what was surfaced."""
        decision = bench.decide("Charges carry an idempotency key", signoff="proposed")
        bench.bind(decision, "src/payments.py")
        bench.repository.commit("change", **{"src/payments.py": "x = 1\n"})
        bench.call("link_commit")
        bench.call("resolve", bypasses=[{"decision_id": decision.id, "reason": "hotfix"}])
        bench.call("ratify", decision_id=decision.id, action="ratify")
        bench.call("history", decision_id=decision.id)
        bench.call("update", decision_id=decision.id, action="retire")

        tools = ["bind", "link_commit", "resolve", "ratify", "history", "update"]
        assert rows_of(bench) == [(tool, decision.id, None, "fallback") for tool in tools]

    def test_looking_around_writes_none(self, bench: Bench) -> None:
        """Lists, searches, preflights and questions about capture engage with nothing."""
        bench.bind(bench.decide("Charges carry an idempotency key"), "src/payments.py")
        before = bench.engagements()
        preflight(bench)
        bench.call("history")
        bench.call("search", query="charges")
        bench.call("telemetry")
        bench.read("bicameral://features")

        assert bench.engagements() == before

    def test_the_servers_own_catch_up_writes_none(self, bench: Bench) -> None:
        """It reads every changed region; nobody asked it to."""
        for selector in ("src/payments.py", "src/payments.py::refund", "src/payments.py:1-2"):
            bench.bind(bench.decide(f"Rule of {selector}"), selector)
        before = bench.engagements()
        head = bench.repository.commit("change", **{"src/payments.py": "x = 1\n"})

        preflight(bench)

        states = bench.in_ledger("SELECT * FROM region_states")
        assert [each["commit"] for each in states] == [head] * 3
        assert bench.engagements() == before

    def test_a_commit_that_a_preflight_caught_up_with_is_still_linked(self, bench: Bench) -> None:
        """The caller's link_commit found the drift, whoever read the commit first."""
        decision = bench.decide("Charges carry an idempotency key")
        bench.judge(bench.bind(decision, "src/payments.py::charge_card"), "compliant")
        bench.repository.commit("change", **{"src/payments.py": "def charge_card():\n    pass\n"})
        preflight(bench, file_paths=["src/search.py"])
        before = bench.engagements()

        assert bench.call("link_commit")["already_linked"] is True

        [row] = bench.engagements()[len(before) :]
        assert (row["tool"], row["decision_id"]) == ("bicameral.link_commit", decision.id)
        assert len(row["path_hashes"]) == 1

    def test_a_session_without_calls_has_none(self, bench: Bench) -> None:
        """Writing to the ledger by other ways is not the client's doing."""
        bench.decide("Charges carry an idempotency key")
        bench.services.workspace.catch_up(ACTOR)

        assert bench.engagements() == []

    def test_refused_entries_write_none(self, bench: Bench) -> None:
        """Only what happened is evidence."""
        decision = bench.decide("Charges carry an idempotency key")
        bench.call("bind", bindings=[{"decision_id": decision.id, "selector": "src/no.py"}])
        bench.call("resolve", answers=[{"question_id": "q", "answer": "a"}])
        bench.refuse("update", decision_id=decision.id, action="amend")
        bench.refuse("history", decision_id="dec_unknown")

        assert bench.engagements() == []

    def test_further_pages_of_a_commit_write_none(self, bench: Bench) -> None:
        """Turning the page is not another engagement."""
        for number in range(3):
            bench.bind(bench.decide(f"Rule {number}"), "src/payments.py")
        bench.repository.commit("change", **{"src/payments.py": "x = 1\n"})
        cursor = bench.call("link_commit", limit=1)["next_cursor"]
        before = bench.engagements()

        bench.call("link_commit", limit=1, cursor=cursor)

        assert len(before) == 6
        assert bench.engagements() == before

    def test_with_capture_off_there_is_no_file(self, make_bench: MakeBench) -> None:
        """Off means off, for every tool."""
        bench = make_bench(BICAMERAL_TELEMETRY="off")
        decision = bench.decide("Charges carry an idempotency key")
        bench.bind(decision, "src/payments.py")
        bench.call("history", decision_id=decision.id)

        assert not (bench.environment.home / "engagements.jsonl").exists()


class TestWhoseTheyAre:
    """PT-10: explicit where the id was sent, else by path, else nobody's."""

    def test_the_id_sent_is_explicit(self, bench: Bench) -> None:
        """Whatever else was asked meanwhile."""
        decision = bench.decide("Charges carry an idempotency key")
        first = preflight(bench)
        preflight(bench, "Log payments")
        entry = {"decision_id": decision.id, "selector": "src/payments.py"}
        bench.call("bind", bindings=[entry], preflight_id=first)

        assert rows_of(bench) == [("bind", decision.id, first, "explicit")]

    def test_without_it_the_path_decides(self, bench: Bench) -> None:
        """One of several paths is enough, in hashed mode too (PT-06)."""
        decision = bench.decide("Charges carry an idempotency key")
        wanted = preflight(bench, file_paths=["a.py", "b.py", "src/payments.py"])
        preflight(bench, "Rank", file_paths=["src/search.py"])
        bench.bind(decision, "src/payments.py::refund")

        assert rows_of(bench) == [("bind", decision.id, wanted, "fallback")]

    def test_without_a_common_path_it_is_nobodys(self, bench: Bench) -> None:
        """A guess would be false evidence."""
        decision = bench.decide("Charges carry an idempotency key")
        preflight(bench, file_paths=["src/search.py"])
        bench.bind(decision, "src/payments.py")

        assert rows_of(bench) == [("bind", decision.id, None, "fallback")]

    def test_parallel_sessions_never_poach(self, bench: Bench) -> None:
        """Both work on one file; each engagement goes to its own session's preflight."""
        decisions = {name: bench.decide(f"Rule of {name}") for name in ("one", "two")}
        asked = {name: preflight(bench, session_id=name) for name in ("one", "two")}
        for name in ("one", "two", "one"):
            entry = {"decision_id": decisions[name].id, "selector": "src/payments.py"}
            bench.call("bind", bindings=[entry], session_id=name)

        assert [row["session_id"] for row in bench.engagements()] == ["one", "two", "one"]
        assert rows_of(bench) == [
            ("bind", decisions[name].id, asked[name], "fallback") for name in ("one", "two", "one")
        ]

    def test_another_session_is_asked_last(self, bench: Bench) -> None:
        """An agent that hands over to another still belongs to the same work."""
        decision = bench.decide("Charges carry an idempotency key")
        wanted = preflight(bench, session_id="planner")
        entry = {"decision_id": decision.id, "selector": "src/payments.py"}
        bench.call("bind", bindings=[entry], session_id="worker")

        assert rows_of(bench) == [("bind", decision.id, wanted, "fallback")]


class TestBypass:
    """PT-16: kept in the ledger whatever capture says, and in the log when it is on."""

    def test_the_row_says_which_preflight_and_that_nothing_changed(self, bench: Bench) -> None:
        """The reason is a hash outside raw mode."""
        decision = bench.decide("Charges carry an idempotency key")
        bench.bind(decision, "src/payments.py")
        shown = preflight(bench)
        bypass = {"decision_id": decision.id, "reason": "hotfix for ACME"}
        for _ in range(2):
            bench.call("resolve", bypasses=[bypass], preflight_id=shown)

        [row] = bench.events("preflight_prompt_bypassed")
        assert (row["decision_id"], row["preflight_id"]) == (decision.id, shown)
        assert row["state_preserved"] is True
        assert len(row["reason"]) == 16
        assert bench.now(decision) == decision

    def test_capture_off_does_not_lose_it(self, make_bench: MakeBench) -> None:
        """A rule may not depend on an analytics switch."""
        bench = make_bench(BICAMERAL_TELEMETRY="off")
        decision = bench.decide("Charges carry an idempotency key")
        bench.bind(decision, "src/payments.py")
        entry = {"decision_id": decision.id, "reason": "hotfix"}

        assert bench.call("resolve", bypasses=[entry])["outcomes"][0]["recorded"] is True
        assert bench.call("resolve", bypasses=[entry])["outcomes"][0]["recorded"] is False

        [kept] = bench.in_ledger("SELECT decision_id, reason FROM bypasses")
        assert dict(kept) == {"decision_id": decision.id, "reason": "hotfix"}
        answer = bench.call("preflight", topic="Retry", file_paths=PATHS)
        assert answer["fired"] is False
        assert not (bench.environment.home / "preflight_events.jsonl").exists()


@pytest.mark.parametrize("given", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_id_is_refused_by_every_tool_and_harms_nothing(bench: Bench, given: str) -> None:
    """PT-28: ids are parameters, never parts of a query; the error is the caller's."""
    decision = bench.decide("Charges carry an idempotency key")
    bound = bench.bind(decision, "src/payments.py")
    before = [bench.in_ledger(f"SELECT * FROM {name}") for name in ("decisions", "audit")]
    engaged = bench.engagements()
    verdict = {"digest": bound["digest"], "verdict": "compliant"}

    calls: list[tuple[str, dict[str, Any]]] = [
        ("history", {"decision_id": given}),
        ("ratify", {"decision_id": given, "action": "reject"}),
        ("update", {"decision_id": given, "action": "retire"}),
        (
            "update",
            {"decision_id": decision.id, "action": "supersede", "superseded_by": given},
        ),
        ("bind", {"bindings": [{"decision_id": given, "selector": "src/search.py"}]}),
        ("resolve", {"bypasses": [{"decision_id": given, "reason": "r"}]}),
        ("resolve", {"answers": [{"question_id": given, "answer": "keep_both"}]}),
        ("resolve", {"verdicts": [{"decision_id": given, "region_id": "r", **verdict}]}),
        ("resolve", {"verdicts": [{"decision_id": decision.id, "region_id": given, **verdict}]}),
        ("link_commit", {"commit": given}),
    ]
    for tool, arguments in calls:
        answered = bench.try_call(tool, **arguments)
        failure = answered if not isinstance(answered, dict) else _failure(answered)
        assert failure.error in {"not_found", "input_refused", "git_failed"}, (tool, answered)
        assert failure.next_step
        assert len(failure.message) < 600

    assert [bench.in_ledger(f"SELECT * FROM {n}") for n in ("decisions", "audit")] == before
    assert bench.engagements() == engaged


@pytest.mark.parametrize("given", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_session_or_preflight_id_is_stored_as_a_digest_or_refused(
    bench: Bench, given: str
) -> None:
    """Other clients make these ids, so whatever they are they must not break a row."""
    bench.bind(bench.decide("Charges carry an idempotency key"), "src/payments.py")

    for name in ("session_id", "preflight_id"):
        answered = bench.try_call("preflight", topic=f"Retry {name}", **{name: given})
        if not isinstance(answered, dict):
            assert answered.error == "input_refused"
        elif name == "preflight_id" and given:
            assert answered["preflight_id"] == given
            stored = bench.events()[-1]["preflight_id"]
            assert stored == stored_preflight(bench.environment, given) != given
    assert bench.in_ledger("SELECT count(*) AS n FROM decisions")[0]["n"] == 1
    assert bench.call("telemetry")["files"][0]["dropped"] == 0


def _failure(answered: dict[str, Any]) -> Refused:
    [entry] = answered.get("bindings") or answered["outcomes"]
    return Refused(**entry["failure"])
