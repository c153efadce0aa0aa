"""Erasing what waits to be sent: nothing of a row that went can be sent any more."""

import json

import pytest

from bicameral.environment import Environment
from bicameral.errors import HomeBusy
from bicameral.govern.retention import read_policy
from bicameral.govern.spool.enqueue import enqueue
from bicameral.govern.spool.folder import open_spool
from bicameral.registry.whole import whole_registry
from bicameral.removal import locked
from bicameral.removal.erasing import Wanted, erase, plan_erasing
from tests.conftest import SECOND_NS, Clock
from tests.govern.spool.parts import capture

POLICY = read_policy()
EVERYTHING = Wanted()


def spooled(environment: Environment) -> list[str]:
    """Queue what there is; return the ids of the rows that wait."""
    enqueue(environment, whole_registry())
    pending = sorted((environment.home / "spool/pending").glob("*.json"))
    return [row["id"] for path in pending for row in json.loads(path.read_bytes())["rows"]]


def sent_one(environment: Environment) -> None:
    """Have the oldest batch taken by the other side."""
    with open_spool(environment) as spool:
        entry = spool.read(spool.pending()[0])
        assert entry
        spool.taken(entry, 200)


def test_with_everything_what_waits_to_be_sent_and_the_receipts_go(
    environment: Environment,
) -> None:
    """Nothing of a row is left, and nothing of it can be sent any more."""
    capture(environment, 2)
    assert len(spooled(environment)) == 2
    sent_one(environment)
    capture(environment, 1)
    assert len(spooled(environment)) == 1
    gone = erase(environment, POLICY, EVERYTHING)
    assert "spool/" in {each.name for each in gone}
    assert [each for each in (environment.home / "spool").rglob("*") if each.is_file()] == [
        environment.home / "spool/spool.lock"
    ]
    assert spooled(environment) == []


def test_with_a_part_what_waits_goes_and_the_rows_that_stay_are_queued_anew(
    environment: Environment, clock: Clock
) -> None:
    """Each row that stays once, none that went, and none that was sent already."""
    capture(environment, 2)
    before = spooled(environment)
    sent_one(environment)
    clock.advance(seconds=100)
    capture(environment, 3)
    after = spooled(environment)
    wanted = Wanted(before_ns=clock() - 50 * SECOND_NS)
    planned = plan_erasing(environment.home, POLICY, wanted)
    assert erase(environment, POLICY, wanted) == planned
    assert list((environment.home / "spool/pending").iterdir()) == []
    assert spooled(environment) == after
    assert not set(before) & set(after)


def test_while_the_spool_is_at_work_nothing_is_erased(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch must not vanish under an upload."""
    capture(environment, 1)
    spooled(environment)
    monkeypatch.setattr(locked, "LOCK_ATTEMPTS", 2)
    with open_spool(environment), pytest.raises(HomeBusy, match="it holds spool"):
        erase(environment, POLICY, EVERYTHING)
    assert len(spooled(environment)) == 1
