"""Bindings and verdicts: what holds where, on which branch, and what was said before."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from bicameral.errors import InputRefused, NotFound, TransitionRefused
from bicameral.ledger import schema
from bicameral.ledger.bindings import (
    add_binding,
    bound_paths,
    decisions_on,
    ensure_region,
    groundings_of,
    regions_on,
    remove_binding,
)
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import MAIN, Decision, Grounding, Origin, Region, View
from bicameral.ledger.listing import audit_of
from bicameral.ledger.states import keep_states, set_state
from bicameral.ledger.status import decision_status, has_changed_since_judged
from bicameral.ledger.transaction import Transaction, revision
from bicameral.ledger.verdicts import (
    Verdict,
    find_grounding,
    judged_on_branches,
    promote_verdicts,
    record_verdict,
)
from tests.conftest import Clock
from tests.ledger.parts import ACTOR, STATE, a_decision, a_region, bound


class Bound:
    """One decision bound to one region, and short words for what is done to them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        with ledger.writing(ACTOR) as transaction:
            self.decision: Decision = a_decision(transaction)
            self.region: Region = bound(transaction, self.decision, a_region(transaction))

    def view(self, branch: str = MAIN) -> View:
        return View(self.decision.repository_id, branch)

    def judge(self, kind: Any, *, digest: str = "digest-1", branch: str = MAIN) -> bool:
        verdict = Verdict(self.decision.id, self.region.id, digest, kind)
        with self.ledger.writing(ACTOR) as transaction:
            return record_verdict(transaction, self.view(branch), verdict, commit="c1")

    def see(self, digest: str, *, branch: str = MAIN) -> None:
        with self.ledger.writing(ACTOR) as transaction:
            a_region(transaction, digest=digest, branch=branch)

    def groundings(self, branch: str = MAIN) -> list[Grounding]:
        with self.ledger.reading() as connection:
            found = groundings_of(connection, self.view(branch), [self.decision.id])
        return found[self.decision.id]

    def status(self, branch: str = MAIN) -> str:
        return decision_status(self.groundings(branch))


@pytest.fixture
def one(ledger: Ledger) -> Bound:
    return Bound(ledger)


def test_a_verdict_counts_only_for_the_digest_that_the_code_has(one: Bound) -> None:
    """A made-up digest once turned a decision reflected."""
    with pytest.raises(InputRefused, match="does not have the digest"):
        one.judge("compliant", digest="made-up")
    assert one.status() == "pending"
    one.judge("compliant")
    assert one.status() == "reflected"
    one.see("digest-2")
    assert one.status() == "pending"
    assert has_changed_since_judged(one.groundings()[0])


def test_drifted_needs_something_that_complied_before(one: Bound) -> None:
    """Code that never followed a decision cannot have drifted from it."""
    with pytest.raises(TransitionRefused, match="once complied"):
        one.judge("drifted")
    one.judge("compliant")
    one.see("digest-2")
    one.judge("drifted", digest="digest-2")
    assert one.status() == "drifted"


def test_saying_drifted_twice_is_no_error(one: Bound) -> None:
    """A client that lost the answer asks again; the compliant verdict is replaced by then."""
    one.judge("compliant")
    assert one.judge("drifted") is True
    assert one.judge("drifted") is False
    one.see("digest-2")
    assert has_changed_since_judged(one.groundings()[0])


def test_a_second_verdict_replaces_the_first_and_both_stay_in_the_audit(one: Bound) -> None:
    """Whoever asks later why it changed finds who said what."""
    one.judge("compliant")
    one.judge("partial")
    assert one.status() == "partial"
    with one.ledger.reading() as connection:
        rows = audit_of(connection, one.decision.id, limit=9)
        kept = connection.scalar(select(func.count()).select_from(schema.verdicts))
    assert kept == 1
    assert [row.action for row in rows][:2] == ["verdict_partial", "verdict_compliant"]
    assert '"verdict": "compliant"' in rows[0].before
    assert '"verdict": "partial"' in rows[0].after


def test_not_relevant_removes_the_binding_and_stays_on_record(one: Bound) -> None:
    """What was once judged not relevant can be found, and bound again on purpose."""
    assert one.judge("not_relevant") is True
    assert one.groundings() == []
    assert one.status() == "ungrounded"
    with pytest.raises(NotFound, match="is not bound"):
        one.judge("compliant")
    with one.ledger.writing(ACTOR) as transaction:
        assert add_binding(transaction, one.decision.id, one.region, "explicit", MAIN)
    assert one.status() == "pending"
    assert [each.verdict for each in one.groundings()] == ["not_relevant"]
    assert one.judge("not_relevant") is True, "saying it again hides it again"
    assert one.groundings() == []


def test_inferring_a_removed_binding_does_not_revive_it(one: Bound) -> None:
    """Each ingest infers anew from the text; a person's no would not last a day."""
    one.judge("not_relevant")
    with one.ledger.writing(ACTOR) as transaction:
        assert not add_binding(transaction, one.decision.id, one.region, "inferred", MAIN)
        assert not remove_binding(transaction, one.decision.id, one.region.id, MAIN)
    assert one.groundings() == []


def test_a_verdict_on_a_branch_counts_there_alone_until_main_has_that_code(one: Bound) -> None:
    """A branch may never be merged."""
    one.see("digest-2", branch="feature")
    one.judge("compliant", digest="digest-2", branch="feature")
    assert (one.status("feature"), one.status(), one.status("other")) == (
        "reflected",
        "pending",
        "pending",
    )
    one.see("digest-2")
    assert one.status() == "pending"
    with one.ledger.writing(ACTOR) as transaction:
        assert promote_verdicts(transaction, one.region.id, "digest-2") == 1
        assert promote_verdicts(transaction, one.region.id, "digest-2") == 0
    assert (one.status(), one.status("other")) == ("reflected", "reflected")


@pytest.mark.parametrize("last", ["main", "feature", "spike"])
def test_the_newest_of_several_verdicts_is_the_one_promoted(
    one: Bound, clock: Clock, last: str
) -> None:
    """Main itself may have been judged after the branch; an old word must not undo it."""
    order = [each for each in ("spike", "main", "feature") if each != last] + [last]
    for place in order:
        clock.advance(seconds=1)
        kind = "compliant" if place == last else "partial"
        one.judge(kind, branch=MAIN if place == "main" else place)
    before = revision_of(one.ledger)
    with one.ledger.writing(ACTOR) as transaction:
        assert promote_verdicts(transaction, one.region.id, "digest-1") == 2
    assert {one.status(branch) for branch in (MAIN, "feature", "spike")} == {"reflected"}
    assert revision_of(one.ledger) > before


def test_regions_judged_on_branches_are_known(one: Bound) -> None:
    """Linking asks which of the regions it has just seen may have verdicts to promote."""

    def waiting() -> list[str]:
        with one.ledger.reading() as connection:
            return judged_on_branches(connection, ["reg_unknown", one.region.id])

    one.judge("compliant")
    assert waiting() == []
    one.judge("partial", branch="feature")
    one.judge("partial", branch="spike")
    assert waiting() == [one.region.id]


def test_promoting_what_main_says_already_is_still_told(one: Bound) -> None:
    """The branch's row is gone afterwards; the audit must say where it went."""
    one.judge("compliant")
    one.judge("compliant", branch="feature")
    with one.ledger.writing(ACTOR) as transaction:
        promote_verdicts(transaction, one.region.id, "digest-1")
    with one.ledger.reading() as connection:
        actions = [row.action for row in audit_of(connection, one.decision.id, limit=1)]
    assert actions == ["verdict_promoted"]


def test_not_relevant_on_a_branch_hides_there_alone_until_promoted(one: Bound) -> None:
    """The same holds for what a verdict removes."""
    one.judge("not_relevant", branch="feature")
    assert one.groundings("feature") == []
    assert len(one.groundings()) == 1
    with one.ledger.writing(ACTOR) as transaction:
        promote_verdicts(transaction, one.region.id, "digest-1")
    assert one.groundings() == []


def test_a_region_that_only_a_branch_has_seen_holds_there_alone(one: Bound) -> None:
    """Main has no such code yet: a preflight there must not fire for it."""
    with one.ledger.writing(ACTOR) as transaction:
        region = a_region(transaction, "src/new.py", branch="feature")
        bound(transaction, one.decision, region, "feature")
    with one.ledger.reading() as connection:
        paths = ["src/new.py"]
        assert decisions_on(connection, one.view(), paths, most=9) == {}
        assert list(decisions_on(connection, one.view("feature"), paths, most=9)) == paths
        assert regions_on(connection, one.view(), paths) == [(region, None)]
        assert bound_paths(connection, one.view()) == {"src/billing.py", "src/new.py"}
    with one.ledger.writing(ACTOR) as transaction:
        assert keep_states(transaction, one.view("feature"), []) == 0
        assert keep_states(transaction, one.view(), []) == 0, "main forgets nothing"
    assert len(one.groundings("feature")) == 2


def test_a_binding_to_a_place_that_nobody_has_read_yet_still_binds(one: Bound) -> None:
    """A decision that names a file to come is about that file."""
    with one.ledger.writing(ACTOR) as transaction:
        region = ensure_region(
            transaction, one.decision.repository_id, "src/to_come.py", "file", ""
        )
        add_binding(transaction, one.decision.id, region, "inferred", MAIN)
    with one.ledger.reading() as connection:
        assert decisions_on(connection, one.view(), ["src/to_come.py"], most=9) == {
            "src/to_come.py": [one.decision.id]
        }


def test_only_a_difference_that_a_reader_sees_moves_the_revision(one: Bound) -> None:
    """Every commit is seen; most change nothing, and no remembered answer need be dropped."""
    before = revision_of(one.ledger)
    with one.ledger.writing(ACTOR) as transaction:
        assert set_state(transaction, one.region, replace(STATE, commit="c2")) is False
    assert revision_of(one.ledger) == before
    assert one.groundings()[0].state.commit == "c2"


ORIGINS: list[Origin] = ["inferred", "inferred", "explicit", "inferred"]


def test_an_inferred_binding_can_be_confirmed_and_not_taken_back(one: Bound) -> None:
    """What a person bound stays theirs, however often a text is read."""
    with one.ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction, "Another")
        answers = [
            add_binding(transaction, decision.id, one.region, origin, MAIN) for origin in ORIGINS
        ]
        assert answers == [True, False, True, False]
        found = find_grounding(transaction.connection, one.view(), decision.id, one.region.id)
    assert found.origin == "explicit"


@pytest.mark.parametrize("most", [0, 1, 5, 700])
def test_the_most_asked_for_bounds_all_pairs_however_many_paths_are_asked(
    ledger: Ledger, most: int
) -> None:
    """A commit of a thousand files is looked up in several statements; the bound is one."""
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
        add_bound_files(transaction, decision, 800)
        paths = [f"src/file{number}.py" for number in range(1_000)]
        found = decisions_on(
            transaction.connection, View(decision.repository_id), [*paths, *paths], most=most
        )
    assert sum(len(ids) for ids in found.values()) == min(most, 800)


def add_bound_files(transaction: Transaction, decision: Decision, count: int) -> None:
    """Add regions and bindings as rows: one by one it takes longer than what is tested."""
    own = {"repository_id": decision.repository_id, "kind": "file", "selector": ""}
    regions = [{"id": f"reg{n}", "path": f"src/file{n}.py", **own} for n in range(count)]
    transaction.connection.execute(schema.regions.insert(), regions)
    pair = {"decision_id": decision.id, "origin": "explicit", "created_at": 0}
    transaction.connection.execute(
        schema.bindings.insert(), [{"region_id": each["id"], **pair} for each in regions]
    )


def revision_of(ledger: Ledger) -> int:
    with ledger.reading() as connection:
        return revision(connection) or 0
