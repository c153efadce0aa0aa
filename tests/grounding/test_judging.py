"""Verdicts: accepted for code that is there, one standing at a time, all of them on record."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.errors import InputRefused, NotFound, TransitionRefused
from bicameral.ledger.bindings import add_binding
from bicameral.ledger.domain import MAIN, REMOVED, Decision
from bicameral.ledger.listing import audit_of
from bicameral.ledger.verdicts import Verdict
from tests.conftest import MakeEnvironment
from tests.grounding.checkout import ACTOR, CHARGE, CHARGE_CHANGED, Checkout, Template

MADE_UP = "0" * 32


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template"), {"pay.py": CHARGE})


@pytest.fixture
def checkout(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Checkout:
    return template.copy(tmp_path / "shop", make_environment())


@pytest.fixture
def decision(checkout: Checkout) -> Decision:
    """A decision that binds `charge`; nobody has judged it."""
    made = checkout.decide()
    checkout.bind(made)
    return made


def digest(checkout: Checkout, decision: Decision) -> str:
    return checkout.groundings(decision)[0].state.digest


def test_a_verdict_on_the_committed_code_counts(checkout: Checkout, decision: Decision) -> None:
    """The plain case."""
    assert checkout.status(decision) == "pending"

    assert checkout.judge(decision, "compliant")

    assert checkout.status(decision) == "reflected"


@pytest.mark.parametrize("made_up", [MADE_UP, "", "removed", "' OR '1'='1", "\0", "\ud800"])
def test_a_made_up_digest_is_refused_with_the_one_the_code_has(
    checkout: Checkout, decision: Decision, made_up: str
) -> None:
    """Else anything could be declared compliant without a look at it."""
    before = checkout.written()

    with pytest.raises(InputRefused) as refused:
        checkout.judge(decision, digest=made_up)

    assert digest(checkout, decision) in refused.value.message
    assert "read the code again" in refused.value.next_step
    assert checkout.written() == before


def test_a_stale_digest_is_refused(checkout: Checkout, decision: Decision) -> None:
    """It was the code's once; what counts is what the code is."""
    stale = digest(checkout, decision)
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})

    with pytest.raises(InputRefused):
        checkout.judge(decision, digest=stale)

    checkout.link()
    assert checkout.status(decision) == "pending"


def test_both_the_committed_code_and_the_work_tree_can_be_judged(
    checkout: Checkout, decision: Decision
) -> None:
    """Agents judge what they have just written; a refusal names both digests."""
    committed = digest(checkout, decision)
    checkout.repository.write("pay.py", CHARGE_CHANGED)
    with pytest.raises(InputRefused) as refused:
        checkout.judge(decision, digest=MADE_UP)
    [written] = _digests(refused.value.message) - {committed, MADE_UP}

    assert committed in refused.value.message
    assert checkout.judge(decision, "compliant", digest=written)
    assert checkout.status(decision) == "reflected"
    assert checkout.judge(decision, "partial", digest=committed)
    assert checkout.status(decision) == "partial"


def test_a_verdict_on_the_work_tree_stands_when_it_is_committed(
    checkout: Checkout, decision: Decision
) -> None:
    """Judged before the commit, asked for never again."""
    checkout.repository.write("pay.py", CHARGE_CHANGED)
    bound = checkout.bind(decision)
    assert not bound.is_new
    checkout.judge(decision, digest=bound.state.digest)

    checkout.repository.commit("change")
    linked = checkout.link()

    assert checkout.wanted(linked) == []
    assert checkout.status(decision) == "reflected"


def test_a_verdict_on_a_work_tree_that_is_thrown_away_counts_no_longer(
    checkout: Checkout, decision: Decision
) -> None:
    """Main would go on being called compliant for code that nobody has."""
    checkout.judge(decision, "partial")
    checkout.repository.write("pay.py", CHARGE_CHANGED)
    bound = checkout.bind(decision)
    checkout.judge(decision, "compliant", digest=bound.state.digest)
    assert checkout.status(decision) == "reflected"
    checkout.repository.git("checkout", "--quiet", "--", "pay.py")
    checkout.repository.commit("other", **{"other.py": "x = 1\n"})

    checkout.link()

    assert checkout.status(decision) == "partial"


def test_a_work_tree_committed_on_a_branch_says_nothing_of_main(
    checkout: Checkout, decision: Decision
) -> None:
    """Begun on main, then moved to a branch before the commit: the commonest slip there is."""
    checkout.judge(decision, "partial")
    checkout.repository.write("pay.py", CHARGE_CHANGED)
    bound = checkout.bind(decision)
    checkout.judge(decision, "compliant", digest=bound.state.digest)
    checkout.repository.git("switch", "--quiet", "--create", "feature")
    checkout.repository.commit("change")
    checkout.link()
    assert checkout.status(decision) == "reflected"
    checkout.repository.git("switch", "--quiet", "main")
    checkout.repository.commit("other", **{"other.py": "x = 1\n"})

    checkout.link()

    assert checkout.status(decision) == "partial"


def test_removed_code_is_judged_by_the_digest_of_nothing(
    checkout: Checkout, decision: Decision
) -> None:
    """Removed in the work tree: neither there nor yet gone from the commit."""
    (checkout.repository.root / "pay.py").unlink()

    assert checkout.judge(decision, "partial", digest=REMOVED)

    assert checkout.status(decision) == "partial"


def test_drifted_without_an_earlier_compliant_is_refused(
    checkout: Checkout, decision: Decision
) -> None:
    """Code that never followed a decision has not drifted from it."""
    with pytest.raises(TransitionRefused, match="never judged compliant") as refused:
        checkout.judge(decision, "drifted")
    assert "partial" in refused.value.next_step

    checkout.judge(decision, "compliant")
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()

    assert checkout.judge(decision, "drifted")
    assert checkout.status(decision) == "drifted"


def test_a_second_verdict_replaces_the_first_and_both_stay_on_record(
    checkout: Checkout, decision: Decision
) -> None:
    """People change their minds; the audit does not."""
    checkout.judge(decision, "compliant")
    checkout.judge(decision, "partial")

    assert checkout.status(decision) == "partial"
    assert [each for each in checkout.actions(decision.id) if each.startswith("verdict")] == [
        "verdict_compliant",
        "verdict_partial",
    ]
    with checkout.ledger.reading() as connection:
        newest = audit_of(connection, decision.id, limit=1)[0]
    assert '"verdict": "compliant"' in newest.before
    assert '"verdict": "partial"' in newest.after


def test_the_same_verdict_again_changes_nothing(checkout: Checkout, decision: Decision) -> None:
    """On main and on a branch alike."""
    assert checkout.judge(decision)
    before = checkout.written()

    assert not checkout.judge(decision)
    checkout.repository.git("switch", "--quiet", "--create", "feature")
    assert not checkout.judge(decision)

    assert checkout.written() == before


def test_not_relevant_unbinds_and_only_an_explicit_binding_revives(
    checkout: Checkout, decision: Decision
) -> None:
    """What a person ruled out is not brought back by reading the same text again."""
    checkout.judge(decision, "not_relevant")
    assert checkout.status(decision) == "ungrounded"

    revived = checkout.bind(decision)

    assert revived.is_new
    assert checkout.status(decision) == "pending", "to be judged anew"
    assert checkout.judge(decision, "compliant")
    assert checkout.status(decision) == "reflected"


def test_inferring_a_binding_again_does_not_revive_it(
    checkout: Checkout, decision: Decision
) -> None:
    """The text still names the file; the person has said that it means something else."""
    [grounding] = checkout.groundings(decision)
    checkout.judge(decision, "not_relevant")

    with checkout.ledger.writing(ACTOR) as transaction:
        is_new = add_binding(transaction, decision.id, grounding.region, "inferred", MAIN)

    assert not is_new
    assert checkout.status(decision) == "ungrounded"


def test_what_is_not_bound_cannot_be_judged(checkout: Checkout, decision: Decision) -> None:
    """Hostile ids included: they are parameters, never parts of a query."""
    [grounding] = checkout.groundings(decision)
    verdict = Verdict(
        decision_id=decision.id,
        region_id=grounding.region.id,
        digest=grounding.state.digest,
        kind="compliant",
    )
    before = checkout.written()

    for hostile in ("", "none", "' OR 1=1 --", "%", "x'; DELETE FROM verdicts; --"):
        for changed in (
            replace(verdict, decision_id=hostile),
            replace(verdict, region_id=hostile),
        ):
            with pytest.raises(NotFound):
                checkout.workspace.judge(ACTOR, changed)

    assert checkout.written() == before
    assert checkout.workspace.judge(ACTOR, verdict).is_recorded


def test_code_that_has_grown_huge_can_still_be_judged(
    checkout: Checkout, decision: Decision
) -> None:
    """It was bound when it was small; nobody may be stuck with it."""
    checkout.bind(decision, "pay.py")
    checkout.repository.commit("grow", **{"pay.py": CHARGE + "#" * 5_000_000})
    checkout.link()
    [symbol] = [g for g in checkout.groundings(decision) if g.region.kind == "symbol"]

    verdict = Verdict(decision.id, symbol.region.id, symbol.state.digest, "not_relevant")
    assert checkout.workspace.judge(ACTOR, verdict).is_recorded


def _digests(text: str) -> set[str]:
    return set(re.findall(r"[0-9a-f]{32}", text))
