"""Erasing: everything, one session, or what is older; the ledger and what people chose stay."""

from pathlib import Path

import pytest

from bicameral.capture.durable import durable_file
from bicameral.capture.locks import held_lock
from bicameral.capture.rows import read_rows
from bicameral.capture.stamps import read_stamp_ns
from bicameral.environment import Environment
from bicameral.errors import HomeBusy
from bicameral.govern.retention import read_policy
from bicameral.observe.metrics.totals import fold
from bicameral.removal import locked
from bicameral.removal.erasing import Wanted, erase, plan_erasing
from bicameral.review.triage.labels import append_label
from bicameral.review.triage.queue import read_reviews
from tests.capture.processes import run
from tests.removal.parts import DAY, NOW_NS, call, event, names, put, snapshot, span, stamp

POLICY = read_policy()
EVERYTHING = Wanted()
STAYS = {
    "ledger.sqlite3": b"the ledger",
    "ledger.sqlite3-wal": b"its log",
    "config.toml": b"[telemetry]\n",
    "calibrations.jsonl": b'{"ts":"2026-01-01T00:00:00Z"}\n',
    "notes.txt": b"somebody's own",
}


def review(name: str, session_id: str, age: float) -> dict[str, object]:
    return {
        "id": f"rev_{name}",
        "n": name,
        "ts": stamp(age),
        "session_id": session_id,
        "repository_id": None,
        "preflight_id": name,
        "classification": "suspected_miss",
        "confidence": 0.9,
        "because": "b",
        "fired": False,
        "reason": "no_matches",
        "surfaced_ids": [],
        "topic_hash": "t",
        "path_hashes": [],
        "session_ended_at": stamp(age),
        "topic": f"PLANTED-{session_id}",
    }


def label(name: str, age: float, note: str) -> dict[str, object]:
    said = {"review_id": f"rev_{name}", "action": "label", "who": "w", "label": "real_miss"}
    return {"ts": stamp(age), "n": name, **said, "note": note}


def fill(home: Path) -> None:
    """Rows of two sessions, `old` ten days ago and `new` today, in every file that has any."""
    old, new = 10 * DAY, 60
    for name in ("preflight_events.jsonl", "engagements.jsonl"):
        put(home / f"{name}.1", [event("a", old + 5, session_id="old", topic="PLANTED-old")])
        put(
            home / name,
            [
                event("b", old, session_id="old", topic="PLANTED-old"),
                event("c", new, session_id="new", topic="PLANTED-new"),
            ],
        )
    put(
        home / "trace.jsonl",
        [
            span("leaf_old", old, n="leaf_old", parent_id="root_old", input_summary="PLANTED-old"),
            span("root_old", old, n="root_old", metadata={"session_id": "old"}),
            span("leaf_new", new, n="leaf_new", parent_id="root_new", input_summary="PLANTED-new"),
            span("root_new", new, n="root_new", metadata={"session_id": "new"}),
        ],
    )
    put(home / "metrics.jsonl", [call(old, a=1), call(new, a=10)])
    fold(home)
    put(home / "hook_failures.jsonl", [event("b", old), event("c", new)])
    put(home / "failure_review.jsonl", [review("b", "old", old), review("c", "new", new)])
    labels = [label("b", old, "PLANTED-old"), label("c", new, "PLANTED-new")]
    put(home / "failure_labels.jsonl", labels)
    put(home / "sessions/1.open", [{"session_id": "old", "started_at": stamp(old)}])
    put(home / "sessions/2.open", [{"session_id": "new", "started_at": stamp(new)}])
    put(home / "reconciliation.json", [{"stretches": ["PLANTED-old", "PLANTED-new"]}])
    for name in ("last_run.json", "last_reconciliation.json", "reconciliation.json.new"):
        put(home / name, [{"error": "PLANTED-old PLANTED-new"}])
    for name in (
        "failure_labels.jsonl.new",
        "preflight_events.jsonl.2.new",
        "index/r.code.sqlite3",
    ):
        put(home / name, [b"PLANTED-old PLANTED-new"])
    put(home / "index/r.history.sqlite3-wal", [b"PLANTED-old"])
    for name in ("salt", "salt.0011223344556677"):
        (home / name).write_bytes(b"s" * 32)
    for name, content in STAYS.items():
        (home / name).write_bytes(content)


def test_everything_that_was_captured_goes_and_nothing_else(environment: Environment) -> None:
    """Ledger, gate and choices stay, and so does a file that is none of ours."""
    home = environment.home
    fill(home)
    planned = plan_erasing(home, POLICY, EVERYTHING)
    before = snapshot(home)
    assert erase(environment, POLICY, EVERYTHING) == planned

    assert snapshot(home) == STAYS
    gone = {name.partition("/")[0] for name in before.keys() - STAYS.keys()}
    assert {each.name.rstrip("/") for each in planned} == gone
    assert sum(each.size_bytes or 0 for each in planned) == sum(
        len(content) for name, content in before.items() if name not in STAYS
    )
    assert planned[-1].name.startswith("salt")
    assert {each.name: each.rows for each in planned}["preflight_events.jsonl"] == 2
    assert plan_erasing(home, POLICY, EVERYTHING) == []


def test_a_plan_changes_nothing(environment: Environment) -> None:
    """Whoever looks has not decided yet."""
    fill(environment.home)
    before = snapshot(environment.home)
    for wanted in (EVERYTHING, Wanted("old"), Wanted(before_ns=NOW_NS)):
        assert plan_erasing(environment.home, POLICY, wanted)
    assert snapshot(environment.home) == before


def test_one_session_goes_with_its_reviews_labels_and_spans(environment: Environment) -> None:
    """No byte of it is left in a file that holds rows; the other session is as it was."""
    home = environment.home
    fill(home)
    for name in ("last_run.json", "last_reconciliation.json", "reconciliation.json.new"):
        (home / name).unlink()  # figures of all sessions, and drafts, which name no session
    for name in ("failure_labels.jsonl.new", "preflight_events.jsonl.2.new"):
        (home / name).unlink()
    planned = plan_erasing(home, POLICY, Wanted("old"))
    assert erase(environment, POLICY, Wanted("old")) == planned

    kept = snapshot(home)
    assert not any(b"PLANTED-old" in v for k, v in kept.items() if not k.startswith("index/"))
    assert names(home / "preflight_events.jsonl") == names(home / "engagements.jsonl") == ["c"]
    assert "preflight_events.jsonl.1" not in kept
    assert names(home / "trace.jsonl") == ["leaf_new", "root_new"]
    assert names(home / "failure_review.jsonl") == names(home / "failure_labels.jsonl") == ["c"]
    assert "sessions/1.open" not in kept
    assert kept["sessions/2.open"]
    assert "reconciliation.json" not in kept
    assert kept["salt"] == b"s" * 32, "hashes of the other session stay comparable"
    assert len(kept["metrics.jsonl"].splitlines()) == 2, "a line of metrics names no session"
    assert STAYS.items() <= kept.items()


@pytest.mark.parametrize("nanoseconds", [0, 1_000])
def test_what_is_older_than_a_time_goes(environment: Environment, nanoseconds: int) -> None:
    """A row of just that time stays; the sums keep what their lines said."""
    home = environment.home
    fill(home)
    before_ns = read_stamp_ns(stamp(10 * DAY)) + nanoseconds
    erase(environment, POLICY, Wanted(before_ns=before_ns))

    old = [] if nanoseconds else ["b"]
    for name in ("preflight_events", "engagements", "hook_failures", "failure_review"):
        assert names(home / f"{name}.jsonl") == [*old, "c"], name
    assert names(home / "failure_labels.jsonl") == [*old, "c"]
    assert not (home / "preflight_events.jsonl.1").exists()
    assert len(list(read_rows(home / "metrics.jsonl"))) == (1 if nanoseconds else 2)
    totals = fold(home)
    assert totals is not None
    assert (totals.counters["a"], totals.lines) == (11, 2)


def test_a_session_and_a_time_take_what_is_in_both(environment: Environment) -> None:
    """The beginning of a long session, and nothing of any other."""
    home = environment.home
    put(home / "engagements.jsonl", [event("a", 9, session_id="s"), event("b", 5, session_id="s")])
    put(home / "engagements.jsonl", [event("c", 9, session_id="t")])
    erase(environment, POLICY, Wanted("s", read_stamp_ns(stamp(7))))
    assert names(home / "engagements.jsonl") == ["b", "c"]


def test_a_session_that_nobody_knows_leaves_all_as_it_is(environment: Environment) -> None:
    """Half lines too, which would go with a session that is there."""
    home = environment.home
    fill(home)
    put(home / "engagements.jsonl", [b'{"half'])
    before = snapshot(home)
    assert erase(environment, POLICY, Wanted("nobody")) == []
    assert snapshot(home) == before

    erase(environment, POLICY, Wanted("old"))
    assert names(home / "engagements.jsonl") == ["c"]


def test_a_reconciliation_at_work_is_not_disturbed(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would write reviews of rows that are gone."""
    monkeypatch.setattr(locked, "LOCK_ATTEMPTS", 5)
    fill(environment.home)
    before = snapshot(environment.home)
    with held_lock(environment.home / "reconcile.lock"):
        for wanted in (EVERYTHING, Wanted("old")):
            with pytest.raises(HomeBusy, match=r"it holds reconcile\.lock"):
                erase(environment, POLICY, wanted)
    assert snapshot(environment.home) == before


def test_a_link_is_removed_and_not_what_it_leads_to(
    environment: Environment, tmp_path: Path
) -> None:
    """Somebody may have put a log elsewhere; what is there is theirs."""
    outside = tmp_path / "outside.jsonl"
    put(outside, [event("mine", 5)])
    environment.home.mkdir(mode=0o700)
    (environment.home / "trace.jsonl").symlink_to(outside)
    erase(environment, POLICY, EVERYTHING)

    assert not (environment.home / "trace.jsonl").is_symlink()
    assert names(outside) == ["mine"]


def test_a_label_that_waits_for_the_file_is_written_to_the_new_one(
    environment: Environment,
) -> None:
    """What a person said just then must not end in a file that is gone."""
    home = environment.home
    fill(home)
    erase(environment, POLICY, Wanted("old"))
    append_label(environment, "rev_c", "label", who="w", label="borderline")
    [suspect] = [each for each in read_reviews(home) if each.row.id == "rev_c"]
    assert [each.label for each in suspect.history] == ["real_miss", "borderline"]


REPLACING = """
import pathlib, time
from bicameral.capture.durable import durable_file, replace_file
path = pathlib.Path(sys.argv[1])
with durable_file(path, attempts=1):
    wait_for_the_others()
    time.sleep(0.2)
    replace_file(path, b"new\\n", is_synced=True)
"""


def test_whoever_waits_for_a_file_that_is_replaced_opens_the_new_one(tmp_path: Path) -> None:
    """The lock of a file without a name keeps nobody out."""
    from tests.capture.processes import start

    path = tmp_path / "labels.jsonl"
    path.write_bytes(b"old\n")
    other = start(REPLACING, path)
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "ready\n"
    other.stdin.write("\n")
    other.stdin.flush()
    with durable_file(path, attempts=30_000) as labels:
        labels.append(b"mine")
    other.communicate(timeout=60)
    assert path.read_bytes() == b"new\nmine\n"


KILLED_AT_EVERY_STEP = """
import os, pathlib, shutil, signal
from tests.capture.dying import die_at
wait_for_the_others()
from dataclasses import replace
from bicameral.capture import durable, rewriting, sealing
from bicameral.environment import read_environment
from bicameral.govern.retention import read_policy
from bicameral.removal import erasing, locked
from tests.removal.parts import NOW_NS, snapshot
from tests.removal.test_erasing import STAYS, fill
home, every = pathlib.Path(sys.argv[1]), int(sys.argv[2])
wanted = erasing.Wanted(sys.argv[3] or None)
environment = replace(read_environment(), home=home, time_ns=lambda: NOW_NS)
STEPS = {m.__file__ for m in (durable, rewriting, sealing, locked, erasing)}
policy = read_policy()
fill(home)
erasing.erase(environment, policy, wanted)
expected = {k: v for k, v in snapshot(home).items() if k != "metrics.json"}
for step in range(0, 100_000, every):
    shutil.rmtree(home)
    fill(home)
    child = os.fork()
    if child == 0:
        die_at(step, STEPS)
        erasing.erase(environment, policy, wanted)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    after = snapshot(home)
    assert STAYS.items() <= after.items(), step
    new = b"PLANTED-new" in after.get("preflight_events.jsonl", b"")
    assert new or not sys.argv[3], step
    erasing.erase(environment, policy, wanted)
    left = {k: v for k, v in snapshot(home).items() if k != "metrics.json"}
    assert left == expected, (step, left.keys() ^ expected.keys())
    if status == 0:
        print(step)
        break
"""


@pytest.mark.parametrize("session_id", ["", "old"])
def test_an_erasure_killed_at_any_step_is_ended_by_the_next(
    tmp_path: Path, session_id: str
) -> None:
    """What was to stay is there all the while, and what was to go is gone in the end."""
    steps = int(run(KILLED_AT_EVERY_STEP, tmp_path / "home", 23, session_id).split()[-1])
    assert steps > 100
