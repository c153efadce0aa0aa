"""`bicameral.preflight` through imports: what binds the code that the asked files call."""

import pytest

from bicameral.ledger.domain import Decision
from tests.handlers.bench import Bench

ASKED = "src/checkout.py"
CALLED = "src/payments.py"


@pytest.fixture
def importing(bench: Bench) -> Bench:
    """A repository whose `src/checkout.py` imports `src/payments.py`, indexed."""
    bench.repository.commit("checkout", **{ASKED: "import payments\n"})
    bench.bind(bench.decide("Make the ledger know the repository"), "src/search.py")
    bring_up(bench)
    return bench


def bring_up(bench: Bench) -> None:
    """Have the index whole, so that no answer depends on how busy the machine is."""
    repository_id = bench.services.workspace.known_id
    with bench.services.ledger.reading() as connection:
        view = bench.services.workspace.view(connection)
    assert view is not None, repository_id
    bench.services.workspace.code_index(view.repository_id).bring_up(lambda *_: None)


def ask(
    bench: Bench, *paths: str, topic: str = "Change the order of steps", limit: int = 5
) -> dict:  # type: ignore[type-arg]
    return bench.call("preflight", topic=topic, file_paths=list(paths), limit=limit)


def bound(bench: Bench, title: str, selector: str = CALLED) -> Decision:
    decision = bench.decide(title)
    bench.bind(decision, selector)
    return decision


def test_a_decision_on_an_imported_file_surfaces_and_says_through_which(importing: Bench) -> None:
    """Whoever calls the code is bound by what was decided about it."""
    decision = bound(importing, "Charges carry an idempotency key", f"{CALLED}::charge_card")

    answer = ask(importing, ASKED)

    [shown] = answer["decisions"]
    assert (shown["id"], shown["via"], shown["confidence"]) == (decision.id, "import", 0.7)
    assert shown["why"] == f"{ASKED} imports {CALLED}, which it binds"
    assert shown["regions"][0]["symbol"] == "charge_card"
    assert "behind" not in answer


def test_a_file_that_imports_nothing_stays_silent(importing: Bench) -> None:
    """The other direction is none: whoever changes `payments` is not bound by its callers."""
    bound(importing, "Checkout asks twice", ASKED)
    assert ask(importing, CALLED)["fired"] is False


def test_what_binds_the_file_itself_is_no_import(importing: Bench) -> None:
    """A decision that is reached both ways is shown once, for the stronger reason."""
    decision = bound(importing, "Charges carry an idempotency key")
    importing.bind(decision, ASKED)
    [shown] = ask(importing, ASKED)["decisions"]
    assert (shown["via"], shown["confidence"]) == ("binding", 0.9)
    [shown] = ask(importing, ASKED, CALLED, topic="Another question")["decisions"]
    assert shown["via"] == "binding"


def test_a_hub_does_not_flood(importing: Bench) -> None:
    """Only a few are shown by an import, behind what binds the file; the rest are counted."""
    here = bound(importing, "Checkout asks twice", ASKED)
    for number in range(6):
        bound(importing, f"Rule {number} of payments")

    answer = ask(importing, ASKED, limit=20)

    assert [each["via"] for each in answer["decisions"]] == ["binding", *["import"] * 3]
    assert answer["decisions"][0]["id"] == here.id
    assert answer["more"] == 3
    assert len(ask(importing, ASKED, topic="Other", limit=2)["decisions"]) == 2


def test_drifted_and_unsettled_decisions_come_before_settled_ones(importing: Bench) -> None:
    """Of many decisions on a hub, those matter that its code may not follow."""
    drifted, unsettled, settled = (
        importing.decide(f"Rule {number} of payments", signoff="ratified") for number in range(3)
    )
    places = {each.id: importing.bind(each, CALLED) for each in (drifted, unsettled, settled)}
    importing.judge(places[drifted.id], "compliant")
    importing.judge(places[settled.id], "compliant")
    importing.judge(places[drifted.id], "drifted")

    shown = ask(importing, ASKED)["decisions"]

    assert [each["id"] for each in shown] == [drifted.id, unsettled.id, settled.id]
    again = ask(importing, ASKED, topic="Something else entirely")["decisions"]
    assert settled.id not in [each["id"] for each in again]
