"""Enqueue: rows that may be sent, once each; whatever may not is refused and counted, whole."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bicameral.capture.rotation import numbered
from bicameral.capture.rows import EVENTS_FILE
from bicameral.environment import Environment
from bicameral.errors import SaltUnusable, SpoolBusy
from bicameral.govern.spool.enqueue import enqueue, has_private
from bicameral.govern.spool.folder import FOLDER, PENDING, SENT, SpoolLimits, open_spool
from bicameral.govern.spool.state import SPOOL_STATE_FILE
from tests.conftest import Clock
from tests.govern.spool.parts import REGISTRY, SESSION, capture, plant, queued
from tests.govern.test_transmission import PLANTED
from tests.handlers.conftest import MakeBench
from tests.handlers.test_privacy import PLANTED as DRIVEN
from tests.handlers.test_privacy import drive_everything, spellings

DIGITS = 16


def spooled_bytes(home: Path) -> bytes:
    files = [path for path in (home / FOLDER).rglob("*") if path.is_file()]
    return b"\n".join(path.name.encode() + path.read_bytes() for path in files)


def test_what_was_captured_is_queued_as_ids_and_hashes(environment: Environment) -> None:
    """The session is the client's own text, so it is a digest; nothing that anybody wrote."""
    capture(environment, 3)
    done = enqueue(environment, REGISTRY)
    assert (done.queued, done.batches, done.refused) == (3, 1, {})
    rows = queued(environment.home)
    assert [row["kind"] for row in rows] == ["preflight"] * 3
    assert len({row["id"] for row in rows}) == 3
    assert all(len(row["id"]) == DIGITS for row in rows)
    assert {row["row"]["reason"] for row in rows} == {"fired"}
    assert SESSION.encode() not in spooled_bytes(environment.home)


def test_raw_rows_are_queued_without_what_raw_mode_added(environment: Environment) -> None:
    """Plain text was asked for here, and nowhere else."""
    capture(environment, 2, mode="raw")
    assert enqueue(environment, REGISTRY).queued == 2
    for row in queued(environment.home):
        assert not {"topic", "file_paths"} & row["row"].keys()
    assert b"robnitz" not in spooled_bytes(environment.home)


def test_nothing_is_queued_twice(environment: Environment) -> None:
    """The second time takes what came since, and the third nothing."""
    capture(environment, 2)
    assert enqueue(environment, REGISTRY).queued == 2
    capture(environment, 1)
    assert enqueue(environment, REGISTRY).queued == 1
    assert enqueue(environment, REGISTRY).queued == 0
    assert len({row["id"] for row in queued(environment.home)}) == 3


def test_a_rotation_in_between_loses_and_doubles_nothing(environment: Environment) -> None:
    """A log is known by what is in it, not by its name."""
    capture(environment, 2)
    enqueue(environment, REGISTRY)
    capture(environment, 2)
    path = environment.home / EVENTS_FILE
    path.replace(numbered(path, 1))
    capture(environment, 2)
    assert enqueue(environment, REGISTRY).queued == 4
    assert len({row["id"] for row in queued(environment.home)}) == 6


@pytest.mark.parametrize("content", [None, b"", b"not JSON", b'{"schema": 99}'])
def test_without_its_state_rows_are_known_by_their_content(
    environment: Environment, content: bytes | None
) -> None:
    """What waits, and what was sent, is not queued again, however the state was lost."""
    capture(environment, 3)
    enqueue(environment, REGISTRY)
    with open_spool(environment) as spool:
        [path] = spool.pending()
        entry = spool.read(path)
        assert entry
        spool.taken(entry, 200)
    capture(environment, 2)
    enqueue(environment, REGISTRY)
    state = environment.home / FOLDER / SPOOL_STATE_FILE
    state.unlink() if content is None else state.write_bytes(content)
    capture(environment, 1)
    done = enqueue(environment, REGISTRY)
    assert (done.queued, done.known) == (1, 5)
    assert len({row["id"] for row in queued(environment.home)}) == 3


@pytest.mark.parametrize("plant_", PLANTED)
def test_a_row_with_something_planted_is_refused_whole_and_counted(
    environment: Environment, plant_: str
) -> None:
    """In a field that is sent: the row is refused, the others go, and nothing of it is there."""
    value = PLANTED[plant_]
    capture(environment, 1)
    for name in ("topic_hash", "reason", "ledger_revision", "ts", "prompt", "event_type"):
        plant(environment, **{name: value})
    done = enqueue(environment, REGISTRY)
    assert done.queued == 1
    assert sum(done.refused.values()) == 6
    told = spooled_bytes(environment.home) + json.dumps(done.reasons).encode()
    for part in (value, json.dumps(value)[1:-1], "frobnitz", "Frobnitz", "refund", "hunter2x"):
        assert part.encode() not in told


@pytest.mark.parametrize("plant_", PLANTED)
def test_what_is_planted_where_ids_stand_is_queued_as_a_digest_alone(
    environment: Environment, plant_: str
) -> None:
    """An id of a client's own making may hold anything, so it never stands as it is."""
    value = PLANTED[plant_]
    capture(environment, 1)
    plant(environment, session_id=value, preflight_id=value, surfaced_ids=[value])
    assert enqueue(environment, REGISTRY).queued == 2
    told = spooled_bytes(environment.home)
    for part in (value, json.dumps(value)[1:-1], "frobnitz", "Frobnitz", "refund", "hunter2x"):
        assert part.encode() not in told


def test_after_every_tool_was_called_nothing_that_anybody_wrote_is_queued(
    make_bench: MakeBench,
) -> None:
    """A ticket, a customer, a path, an e-mail, a secret, a branch; in raw mode, the worst case."""
    bench = make_bench(BICAMERAL_TELEMETRY="raw", BICAMERAL_TRACE="1")
    drive_everything(bench)
    done = enqueue(bench.environment, REGISTRY)
    assert done.queued > 30
    told = spooled_bytes(bench.environment.home).lower()
    for planted in (each for each in DRIVEN if each != "4711"):
        for spelling in spellings(planted):
            assert spelling not in told, planted


def test_kinds_that_are_not_approved_are_refused_and_counted(environment: Environment) -> None:
    """A metric of somebody's own may hold anything; a made-up kind too."""
    capture(environment, 1)
    plant(environment, event_type="unheard")
    (environment.home / "metrics.jsonl").write_text(
        '{"event_type":"metric_emitted","ts":"2026-03-05T09:30:00.000000Z","run_id":"r",'
        '"schema":1,"name":"driven","value":1,"attrs":{}}\n{"half',
        encoding="utf-8",
    )
    done = enqueue(environment, REGISTRY)
    assert done.queued == 1
    assert done.refused == {"kind": 2}
    assert set(done.reasons) == {
        "metric_emitted: not one of the kinds that may be sent",
        "a line of no kind: not one of the kinds that may be sent",
    }
    refused = json.loads((environment.home / FOLDER / SPOOL_STATE_FILE).read_bytes())["refused"]
    assert refused == {"kind": 2}


def test_a_line_that_is_none_is_counted_and_the_rest_goes_on(environment: Environment) -> None:
    """What a crash left in a log stops nobody."""
    capture(environment, 1)
    with (environment.home / EVENTS_FILE).open("ab") as file:
        file.write(b'{"ts": "2026\n\xff\xfe\n[1]\n\n')
    capture(environment, 1)
    done = enqueue(environment, REGISTRY)
    assert (done.queued, done.refused) == (2, {"unreadable": 3})


def test_what_is_private_only_as_a_whole_is_found_too() -> None:
    """Two parts that pass alone can be an address together."""
    assert has_private({"words": "read /srv/frobnitz/pay.py"})
    assert has_private({"within": [{"mail": "ada@acme.io"}]})
    assert has_private({"/srv/frobnitz/pay.py": 1})
    assert not has_private({"id": "9a7901d31fa7338f", "n": 3, "reason": "no_matches"})


def test_many_rows_are_queued_in_batches_of_a_bounded_size(environment: Environment) -> None:
    """A request has a limit on the other side as well."""
    capture(environment, 1_200)
    done = enqueue(environment, REGISTRY)
    assert done.queued == 1_200
    paths = sorted((environment.home / FOLDER / PENDING).iterdir())
    assert len(paths) == done.batches >= 3
    assert all(len(json.loads(path.read_bytes())["rows"]) <= 500 for path in paths)
    assert all(path.stat().st_size <= 262_144 for path in paths)
    stamps = [json.loads(path.read_bytes())["rows"][0]["row"]["ts"] for path in paths]
    assert stamps == sorted(stamps)


def test_too_many_files_give_up_the_oldest_and_count_their_rows(
    environment: Environment, clock: Clock
) -> None:
    """The newest rows are worth most, and a spool that nobody sends must not fill a disk."""
    limits = SpoolLimits(files=2)
    for number in range(4):
        clock.advance(seconds=1)
        capture(environment, number + 1)
        done = enqueue(environment, REGISTRY, limits=limits)
        assert done.dropped == ({"files": number - 1} if number >= 2 else {})
    assert len(queued(environment.home)) == 3 + 4


def test_too_many_bytes_give_up_the_oldest(environment: Environment, clock: Clock) -> None:
    """However few the files are."""
    capture(environment, 10)
    enqueue(environment, REGISTRY)
    [path] = (environment.home / FOLDER / PENDING).iterdir()
    clock.advance(seconds=1)
    capture(environment, 2)
    done = enqueue(environment, REGISTRY, limits=SpoolLimits(bytes=path.stat().st_size))
    assert done.dropped == {"bytes": 10}
    assert len(queued(environment.home)) == 2


@pytest.mark.parametrize(("seconds", "dropped"), [(-1, {}), (0, {}), (1, {"age": 3})])
def test_a_batch_is_given_up_when_it_is_too_old(
    environment: Environment, clock: Clock, seconds: int, dropped: dict[str, int]
) -> None:
    """At the limit to the second it still waits."""
    capture(environment, 3)
    enqueue(environment, REGISTRY)
    clock.advance(seconds=14 * 86_400 + seconds)
    assert enqueue(environment, REGISTRY).dropped == dropped


def test_receipts_are_forgotten_after_their_time(environment: Environment, clock: Clock) -> None:
    """What was sent is remembered for a month, and then it is not kept for ever."""
    capture(environment, 1)
    enqueue(environment, REGISTRY)
    with open_spool(environment) as spool:
        [path] = spool.pending()
        entry = spool.read(path)
        assert entry
        spool.taken(entry, 204)
    sent = environment.home / FOLDER / SENT
    clock.advance(seconds=30 * 86_400)
    enqueue(environment, REGISTRY)
    assert len(list(sent.iterdir())) == 1
    clock.advance(seconds=1)
    enqueue(environment, REGISTRY)
    assert list(sent.iterdir()) == []


def test_a_home_without_captured_rows_makes_no_salt(environment: Environment) -> None:
    """Nothing to hash, nothing to make."""
    assert enqueue(environment, REGISTRY).queued == 0
    assert not (environment.home / "salt").exists()


def test_a_salt_that_cannot_be_trusted_queues_nothing(environment: Environment) -> None:
    """Digests of another salt would tie nothing together."""
    capture(environment, 1)
    (environment.home / "salt").write_bytes(b"short")
    with pytest.raises(SaltUnusable):
        enqueue(environment, REGISTRY)
    assert queued(environment.home) == []


def test_while_the_spool_is_held_another_waits_and_then_says_so(environment: Environment) -> None:
    """Two at once would read the same rows."""
    capture(environment, 1)
    with open_spool(environment), pytest.raises(SpoolBusy), open_spool(environment, attempts=2):
        raise AssertionError


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example(steps=["capture", "enqueue", "lose", "send"])
@given(
    steps=st.lists(st.sampled_from(["capture", "enqueue", "rotate", "lose", "send"]), max_size=12)
)
def test_whatever_happens_in_whatever_order_each_row_is_queued_once(
    steps: list[str], environment: Environment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The law: after a last enqueue, every row that was captured is there exactly once."""
    here = replace(environment, home=tmp_path_factory.mktemp("home") / "home")
    ids: list[str] = []
    captured = 0
    for step in [*steps, "enqueue"]:
        path = here.home / EVENTS_FILE
        if step == "capture":
            capture(here, 2)
            captured += 2
        elif step == "rotate" and path.exists():
            for number in range(5, 0, -1):
                each = numbered(path, number)
                each.replace(numbered(path, number + 1)) if each.exists() else None
            path.replace(numbered(path, 1))
        elif step == "enqueue":
            enqueue(here, REGISTRY)
        elif step == "lose":
            (here.home / FOLDER / SPOOL_STATE_FILE).unlink(missing_ok=True)
        elif step == "send":
            ids += [row["id"] for row in _send_all(here)]
    ids += [row["id"] for row in queued(here.home)]
    assert len(ids) == len(set(ids)) == captured


def _send_all(environment: Environment) -> list[dict[str, str]]:
    found = queued(environment.home)
    with open_spool(environment) as spool:
        for path in spool.pending():
            entry = spool.read(path)
            assert entry
            spool.taken(entry, 200)
    return found
