"""Removal and the spool: a row that is gone is not sent, and none that stays is queued twice."""

from pathlib import Path

from bicameral.capture.flags import TelemetryFlags
from bicameral.capture.rotation import Limits
from bicameral.capture.rows import read_rows
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from bicameral.govern.retention import read_policy
from bicameral.govern.spool.enqueue import enqueue
from bicameral.ledger.database import Ledger
from bicameral.ledger.domain import Actor
from bicameral.registry.whole import whole_registry
from bicameral.removal.erasing import Wanted, erase, plan_erasing
from bicameral.removal.pruning import apply_pruning
from tests.conftest import Clock
from tests.removal.parts import DAY

POLICY = read_policy()
LONG = Limits(age_seconds=365 * DAY)  # or the log itself put the old row aside


def capture(environment: Environment, *sessions: str) -> None:
    """Write a preflight of each session, as a server does."""
    telemetry = Telemetry(environment, flags=TelemetryFlags(preflight=True), limits=LONG)
    for session_id in sessions:
        telemetry.write_preflight_event(
            session_id=session_id,
            preflight_id=telemetry.new_preflight_id(),
            topic="retry failed charges",
            file_paths=["src/payments.py"],
            fired=False,
            surfaced_ids=[],
            reason="no_matches",
        )
    telemetry.close()


def queue(environment: Environment) -> int:
    return enqueue(environment, whole_registry()).queued


def waiting(home: Path) -> list[Path]:
    return sorted((home / "spool/pending").iterdir())


def test_what_stays_in_a_pruned_log_is_not_queued_again(
    environment: Environment, clock: Clock
) -> None:
    """Also when nothing is remembered any more of what was queued."""
    capture(environment, "old")
    clock.advance(seconds=60 * DAY)
    capture(environment, "young")
    assert queue(environment) == 2
    for path in waiting(environment.home):
        path.unlink()
    ledger = Ledger(environment)
    actor = Actor(session_id="cli", tool="test")
    [part] = apply_pruning(environment, ledger, POLICY, actor=actor).parts
    ledger.close()
    assert part.rows == 1
    capture(environment, "next")

    assert queue(environment) == 1
    assert queue(environment) == 0


def test_a_session_that_is_erased_is_not_sent_later(environment: Environment) -> None:
    """A batch holds rows of all sessions, and cannot be told apart: all that waits goes."""
    home = environment.home
    capture(environment, "unwanted", "other")
    assert queue(environment) == 2
    (home / "spool/dead/torn.json").write_bytes(b"half a batch")
    (home / "spool/sent/receipt.json").write_bytes(b"{}")
    planned = plan_erasing(home, POLICY, Wanted("unwanted"))
    assert "spool/" in {each.name for each in planned}
    assert waiting(home)
    assert erase(environment, POLICY, Wanted("unwanted")) == planned

    assert waiting(home) == []
    assert [each.name for each in (home / "spool").glob("*/*")] == ["receipt.json"]
    rows = list(read_rows(home / "preflight_events.jsonl"))
    assert [row["session_id"] for row in rows] == ["other"]
    assert queue(environment) == 1, "the other row is queued anew"


def test_a_session_that_is_not_there_leaves_what_waits(environment: Environment) -> None:
    """A slip of the finger must not cost the rows of others."""
    capture(environment, "other")
    assert queue(environment) == 1
    assert erase(environment, POLICY, Wanted("nobody")) == []
    assert len(waiting(environment.home)) == 1
