"""Where regions stand, on both databases: bound in one place and found again in another."""

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from bicameral.errors import InputRefused
from bicameral.ledger.bindings import (
    bound_paths,
    decisions_on,
    decisions_on_each,
    groundings_of,
    regions_on,
    uncommitted_paths,
)
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import MAIN, UNCOMMITTED, Decision, Region, RegionState, View
from bicameral.ledger.migrations import CURRENT_VERSION, recorded_version
from bicameral.ledger.past import ever_bound, timelines
from bicameral.ledger.states import has_left, keep_states, set_state, state_on_main
from bicameral.ledger.transaction import Transaction
from bicameral.ledger.transfer import export_lines, import_lines
from bicameral.ledger.verdicts import Verdict, carry_verdicts, promote_verdicts, record_verdict
from tests.conftest import Clock
from tests.ledger.parts import ACTOR, STATE, a_decision, a_region, bound
from tests.ledger.places import Places

OLD, NEW = "src/billing.py", "src/charges.py"
ELSEWHERE = replace(STATE, path=NEW, selector="charge_card", evidence='{"outcome": "moved"}')


class Moved:
    """A decision whose only region was bound in `OLD` and found again in `NEW`."""

    def __init__(self, ledger: Ledger, *, branch: str = MAIN) -> None:
        self.ledger = ledger
        with ledger.writing(ACTOR) as transaction:
            self.decision: Decision = a_decision(transaction)
            self.region: Region = bound(transaction, self.decision, a_region(transaction))
        self.set(replace(ELSEWHERE, branch=branch))

    def set(self, state: RegionState) -> None:
        with self.ledger.writing(ACTOR) as transaction:
            set_state(transaction, self.region, state)

    def view(self, branch: str = MAIN) -> View:
        return View(self.decision.repository_id, branch)

    def paths(self, branch: str = MAIN) -> list[str]:
        """Return the paths on which a view finds the decision, asked each way."""
        view = self.view(branch)
        with self.ledger.reading() as connection:
            found = sorted(decisions_on(connection, view, [OLD, NEW], most=9))
            near = [region.path for region, _ in regions_on(connection, view, [OLD, NEW])]
            own = groundings_of(connection, view, [self.decision.id])[self.decision.id]
        assert found == near == [each.region.path for each in own]
        return found


def test_a_region_is_found_where_it_stands_and_not_where_it_was_bound(ledger: Ledger) -> None:
    """A preflight on the file it left must not fire, one on its new file must."""
    moved = Moved(ledger)
    assert moved.paths() == [NEW]
    with ledger.reading() as connection:
        [(region, state)] = regions_on(connection, moved.view(), [NEW])
        assert regions_on(connection, moved.view(), [OLD]) == []
        assert decisions_on(connection, moved.view(), [OLD], most=9) == {}
        assert bound_paths(connection, moved.view()) == {OLD, NEW}
        assert has_left(connection, moved.view(), region)
    assert (region.id, region.path, region.selector) == (moved.region.id, NEW, "charge_card")
    assert state == ELSEWHERE


def test_what_moved_on_a_branch_stands_on_main_where_it_was(ledger: Ledger) -> None:
    """An unmerged branch counts nowhere else."""
    moved = Moved(ledger, branch="feature")
    assert (moved.paths(), moved.paths("feature"), moved.paths("other")) == ([OLD], [NEW], [OLD])
    with ledger.reading() as connection:
        on_main = state_on_main(connection, moved.region)
        assert on_main is not None
        assert (on_main.path, on_main.digest) == ("", STATE.digest)


def test_a_branch_that_has_it_where_it_was_keeps_it_there_when_main_moves_it(
    ledger: Ledger,
) -> None:
    """The branch's own word stands over that of main, for the place as for the digest."""
    moved = Moved(ledger)
    moved.set(replace(STATE, branch="feature"))
    assert (moved.paths(), moved.paths("feature")) == ([NEW], [OLD])
    with ledger.writing(ACTOR) as transaction:
        assert keep_states(transaction, moved.view("feature"), []) == 1
    assert moved.paths("feature") == [NEW]


def test_back_where_it_was_bound_it_has_no_other_place(ledger: Ledger) -> None:
    """However it is said: the index of places holds only what is elsewhere."""
    moved = Moved(ledger)
    moved.set(replace(STATE, path=OLD, selector="charge"))
    assert moved.paths() == [OLD]
    with ledger.reading() as connection:
        [(region, state)] = regions_on(connection, moved.view(), [OLD])
        assert not has_left(connection, moved.view(), region)
    assert (region, state) == (moved.region, STATE)


def test_uncommitted_code_is_looked_for_where_it_stands(ledger: Ledger) -> None:
    """What was thrown away instead of committed is found by no comparison."""
    moved = Moved(ledger)
    moved.set(replace(ELSEWHERE, commit=UNCOMMITTED))
    with ledger.reading() as connection:
        assert uncommitted_paths(connection, moved.view()) == {NEW}


def test_a_verdict_is_carried_to_the_digest_of_another_name(ledger: Ledger) -> None:
    """Once, on the branch that has the name, and nothing that was judged there is outdone."""
    moved = Moved(ledger)
    judge(moved, "digest-1")
    digests = {"old": "digest-1", "new": "digest-2"}
    with ledger.writing(ACTOR) as transaction:
        assert carry_verdicts(transaction, moved.view("f"), moved.region.id, **digests) == 1
        assert carry_verdicts(transaction, moved.view("f"), moved.region.id, **digests) == 0
    moved.set(replace(ELSEWHERE, branch="f", digest="digest-2"))
    with ledger.reading() as connection:
        [there] = groundings_of(connection, moved.view("f"), [moved.decision.id]).popitem()[1]
        [here] = groundings_of(connection, moved.view(), [moved.decision.id]).popitem()[1]
    assert (there.verdict, there.state.digest, here.verdict) == (
        "compliant",
        "digest-2",
        "compliant",
    )


def test_a_carried_verdict_is_as_old_as_it_was(ledger: Ledger, clock: Clock) -> None:
    """Of two on one digest the newer stands, and being carried makes none newer."""
    moved = Moved(ledger)
    judge(moved, "digest-1")
    clock.advance(seconds=5)
    moved.set(replace(ELSEWHERE, branch="f", digest="digest-2"))
    judge(moved, "digest-2", kind="partial", branch="f")
    clock.advance(seconds=5)
    moved.set(replace(ELSEWHERE, digest="digest-2"))
    with ledger.writing(ACTOR) as transaction:
        carry_verdicts(transaction, moved.view(), moved.region.id, old="digest-1", new="digest-2")
        promote_verdicts(transaction, moved.region.id, "digest-2")
        [grounding] = groundings_of(
            transaction.connection, moved.view(), [moved.decision.id]
        ).popitem()[1]
    assert grounding.verdict == "partial"


def judge(moved: Moved, digest: str, *, kind: Any = "compliant", branch: str = MAIN) -> None:
    verdict = Verdict(moved.decision.id, moved.region.id, digest, kind)
    with moved.ledger.writing(ACTOR) as transaction:
        record_verdict(transaction, moved.view(branch), verdict, commit="c1")


def test_the_past_knows_where_it_was_bound_when(ledger: Ledger, clock: Clock) -> None:
    """Whether a preflight missed it is asked of the file it stood in then."""
    moved = Moved(ledger)
    at = clock() // 1_000_000
    clock.advance(seconds=60)
    moved.set(replace(STATE, path="src/third.py", selector="charge"))
    clock.advance(seconds=60)
    moved.set(replace(STATE, branch="feature", path="src/branch.py", selector="charge"))
    with ledger.reading() as connection:
        past = timelines(connection, [moved.decision.id])[moved.decision.id]
        ever = ever_bound(connection, moved.decision.repository_id, [OLD, "src/third.py"])
    spans = {each.path: (each.since, each.until) for each in past.bindings}
    assert set(spans) == {NEW, "src/third.py", "src/branch.py"}
    assert spans[NEW] == (at, at + 60_000)
    assert spans["src/third.py"] == (at + 60_000, None)
    assert set(ever) == {OLD, "src/third.py"}


def as_version_1(transaction: Transaction) -> None:
    """Take the ledger back to the tables of its first version."""
    run = transaction.connection.exec_driver_sql
    run("DROP INDEX states_elsewhere")
    for column in ("path", "selector", "evidence"):
        run(f"ALTER TABLE region_states DROP COLUMN {column}")
    run("DELETE FROM schema_migrations WHERE version > 1")


def test_a_ledger_of_the_first_version_gets_places_and_keeps_its_rows(places: Places) -> None:
    """Whoever upgrades finds every region where it was."""
    place = places.new_place()
    first = places.open(place)
    with first.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
        region = bound(transaction, decision, a_region(transaction))
        as_version_1(transaction)
    first.close()

    ledger = places.open(place)
    with ledger.writing(ACTOR) as transaction:
        assert recorded_version(transaction.connection) == CURRENT_VERSION
        view = View(decision.repository_id)
        assert regions_on(transaction.connection, view, [OLD]) == [(region, STATE)]
        set_state(transaction, region, ELSEWHERE)
        assert list(decisions_on(transaction.connection, view, [NEW], most=9)) == [NEW]


def test_an_export_of_the_first_version_is_imported(places: Places) -> None:
    """A backup is no use if only the version that wrote it can read it."""
    moved = Moved(places.open())
    with moved.ledger.reading() as connection:
        lines = list(export_lines(connection))
    old = [without_places(line) for line in lines]
    assert old != lines
    ledger = places.open()
    with ledger.writing(ACTOR) as transaction:
        import_lines(transaction, old)
        assert transaction.connection.scalar(text("SELECT path FROM region_states")) == ""


def without_places(line: str) -> str:
    row = json.loads(line)
    if row.get("table") == "region_states":
        row["row"] = {
            name: value
            for name, value in row["row"].items()
            if name not in {"path", "selector", "evidence"}
        }
    return json.dumps(row | ({"schema": 1} if "schema" in row else {}))


@pytest.mark.parametrize("damage", [{"path": 5}, {"evidence": None}, {"unknown": ""}])
def test_a_damaged_place_is_refused_like_any_other_column(
    places: Places, damage: dict[str, Any]
) -> None:
    """What is filled in is what is missing, and nothing else."""
    moved = Moved(places.open())
    with moved.ledger.reading() as connection:
        lines = [json.loads(line) for line in export_lines(connection)]
    for line in lines:
        if line.get("table") == "region_states":
            line["row"] |= damage
    ledger = places.open()
    with (
        pytest.raises(InputRefused, match="nothing was imported"),
        ledger.writing(ACTOR) as writing,
    ):
        import_lines(writing, map(json.dumps, lines))


@pytest.mark.parametrize("most", [0, 1, 3, 5, 6, 20])
def test_paths_asked_together_are_answered_as_one_after_the_other(
    ledger: Ledger, most: int
) -> None:
    """Whoever asks for less to be said of each group must not get less of another for it."""
    groups = [["src/a.py", "src/b.py"], ["src/c.py"], []]
    with ledger.writing(ACTOR) as transaction:
        for number in range(3):
            decision = a_decision(transaction, ref=str(number))
            for path in ("src/a.py", "src/b.py", "src/c.py"):
                bound(transaction, decision, a_region(transaction, path))
    view = View(decision.repository_id)
    with ledger.reading() as connection:
        apart = [decisions_on(connection, view, group, most=most) for group in groups]
        together = decisions_on_each(connection, view, groups, most=most)
    assert [list(each.items()) for each in together] == [list(each.items()) for each in apart]
