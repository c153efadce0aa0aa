"""Resources: a decision, the feature groups and the state of capture, by address."""

import pytest

from bicameral.ledger.domain import Content
from tests.handlers.bench import Bench
from tests.handlers.conftest import MakeBench


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_decision_is_what_history_tells_of_it(make_bench: MakeBench, mode: str) -> None:
    """One text, two ways to it."""
    bench = make_bench(mode=mode)
    decision = bench.decide("Charges carry an idempotency key", "Every charge.")
    bench.bind(decision, "src/payments.py::charge_card")

    read = bench.read(f"bicameral://decisions/{decision.id}")

    assert read == bench.call("history", decision_id=decision.id)
    assert read["decision"]["regions"][0]["symbol"] == "charge_card"


def test_reading_a_decision_is_an_engagement(bench: Bench) -> None:
    """Whoever drills into what was surfaced has used it."""
    decision = bench.decide("Charges carry an idempotency key")

    bench.read(f"bicameral://decisions/{decision.id}")

    [row] = bench.engagements()
    assert (row["decision_id"], row["tool"]) == (decision.id, "bicameral.history")


@pytest.mark.parametrize("decision_id", ["dec_unknown", "d" * 10_000, "%00", "%27%3B--", "é"])
def test_an_unknown_decision_is_refused_with_what_to_do(bench: Bench, decision_id: str) -> None:
    """The caller's mistake, whatever it sent; never a fault of the server's."""
    bench.decide("Charges carry an idempotency key")

    refused = bench.refuse_read(f"bicameral://decisions/{decision_id}")

    assert refused.code == -32602
    assert refused.data["error"] in {"not_found", "input_refused"}
    assert refused.data["next_step"]
    assert len(refused.message) < 300
    assert bench.engagements() == []


def test_features_count_their_decisions(bench: Bench) -> None:
    """A table of contents for agents."""
    groups = ["payments", "search", "payments", ""]
    bench.decide_all([Content(title=f"Rule {n}", feature_group=g) for n, g in enumerate(groups)])

    cards = bench.read("bicameral://features")["feature_groups"]

    found = {each["feature_group"]: each["decisions"] for each in cards}
    assert found == {"": 1, "payments": 2, "search": 1}


def test_features_of_an_unknown_repository_are_none(bench: Bench) -> None:
    """Nothing was ingested yet, and reading makes no file."""
    assert "feature_groups" not in bench.read("bicameral://features")
    assert not (bench.environment.home / "ledger.sqlite3").exists()


def test_the_state_of_capture_is_what_the_tool_tells(bench: Bench) -> None:
    """One text, two ways to it."""
    bench.call("preflight", topic="Retry payments")

    assert bench.read("bicameral://telemetry/status") == bench.call("telemetry")


def test_an_unknown_address_is_refused_with_those_there_are(bench: Bench) -> None:
    """A client may show it to the person."""
    message = bench.refuse_read("bicameral://nothing").message

    assert "bicameral://features" in message
    assert "bicameral://decisions/{id}" in message
