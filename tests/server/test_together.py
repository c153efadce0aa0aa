"""Several servers on one home, and servers that are killed: nothing is lost or torn."""

import itertools
import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from bicameral.capture.rows import Rows
from bicameral.capture.stamps import Stamps
from tests.conftest import Repository
from tests.server.conftest import Serve
from tests.server.served import ENGAGEMENTS, EVENTS, Served, names, rows, variables_for
from tests.serving.talk import request

CALLS = 200
DAY_NS = 86_400 * 1_000_000_000


def count(home: Path, query: str) -> int:
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as connection:
        return int(connection.execute(query).fetchone()[0])


def work(served: Served, name: str) -> Counter[str]:
    """Make 200 mixed calls; return how many of each were answered."""
    done: Counter[str] = Counter()
    ids: list[str] = []
    for number in range(CALLS // 5):
        title = f"Rule {number} of server {name} " + " ".join(name * 3 for _ in range(3))
        [stored] = served.call("ingest", decisions=[{"title": title, "source_ref": title}])[
            "decisions"
        ]
        ids.append(stored["decision_id"])
        entry = {"decision_id": ids[-1], "selector": "src/payments.py"}
        assert served.call("bind", bindings=[entry])["bindings"][0]["bound"] is True
        served.call("preflight", topic=f"Log {name} {number}", file_paths=["src/payments.py"])
        bypass = {"decision_id": ids[-1], "reason": f"{name} {number}"}
        assert served.call("resolve", bypasses=[bypass])["outcomes"][0]["recorded"] is True
        served.call("search", query=f"server {name}")
        done.update(["ingest", "bind", "preflight", "resolve", "search"])
    return done


def test_two_servers_on_one_home_lose_nothing(serve: Serve, home: Path) -> None:
    """Two clients of one person, at once, from an empty home: 200 mixed calls each."""
    servers = {name: serve(CLAUDE_CODE_SESSION_ID=name) for name in ("one", "two")}

    with ThreadPoolExecutor() as pool:
        done = list(pool.map(work, servers.values(), servers))

    assert [sum(each.values()) for each in done] == [CALLS, CALLS]
    for served in servers.values():
        assert not any(each["dropped"] for each in served.call("telemetry")["files"])
        assert served.hang_up() == 0
        assert served.stderr() == ""
    each = CALLS // 5
    for table in ("decisions", "bindings", "bypasses"):
        assert count(home, f"SELECT count(*) FROM {table}") == 2 * each
    check_ledger(home)
    events = Counter((row["event_type"], row["session_id"]) for row in rows(home, EVENTS))
    assert events == {
        (kind, name): number
        for name in servers
        for kind, number in {
            "session_started": 1,
            "preflight": each,
            "preflight_prompt_bypassed": each,
            "session_ended": 1,
        }.items()
    }
    engaged = Counter((row["tool"], row["session_id"]) for row in rows(home, ENGAGEMENTS))
    assert set(engaged.values()) == {each}
    assert len(engaged) == 6


def check_ledger(home: Path) -> None:
    """What the database, its foreign keys and an export say."""
    with closing(sqlite3.connect(home / "ledger.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    exported = subprocess.run(
        [sys.executable, "-m", "server", "export"],
        env=variables_for(home),
        check=True,
        capture_output=True,
    )
    kinds = [json.loads(line) for line in exported.stdout.splitlines()]
    assert len(kinds) > count(home, "SELECT count(*) FROM audit")
    assert exported.stderr == b""


def plant_an_old_log(home: Path, number: int) -> int:
    """Make the log's first row so old that the next writer rotates it; return its inode."""
    log = home / EVENTS
    old = log.read_bytes() if log.exists() else b""
    stamp = Stamps().write(time.time_ns() - 40 * DAY_NS)
    row = {"ts": stamp, "event_type": "planted", "number": number}
    log.write_bytes(json.dumps(row).encode() + b"\n" + old)
    return log.stat().st_ino


def has_rotated(home: Path, planted: int) -> bool:
    try:
        return (home / EVENTS).stat().st_ino != planted
    except FileNotFoundError:
        return True


def test_a_server_killed_while_writing_and_rotating_leaves_whole_rows(
    serve: Serve, home: Path, project: Repository
) -> None:
    """Kill -9 in a stream of calls, again and again: the next server finds all in order."""
    home.mkdir(mode=0o700)
    chance = random.Random(7)
    answered: dict[str, list[str]] = {"ingest": [], "preflight": []}
    torn = 0
    for number in range(3):
        planted = plant_an_old_log(home, number)
        wanted = 10_000 if number % 2 else chance.randrange(1, 40)
        is_enough = partial(_is_enough, home, planted, wanted)
        with serve(CLAUDE_CODE_SESSION_ID=f"killed-{number}") as served:
            for tool, found in _answered_before_the_kill(served, number, is_enough):
                answered[tool].append(found)
        torn += torn_lines(home)
    assert torn <= 3

    with serve(CLAUDE_CODE_SESSION_ID="last") as served:
        for decision_id in answered["ingest"]:
            assert served.call("history", decision_id=decision_id)["decision"]
        [stored] = served.call("ingest", decisions=[{"title": "The ledger goes on"}])["decisions"]
        assert stored["outcome"] == "added"
        assert served.hang_up() == 0
        assert served.stderr() == ""
    check_ledger(home)
    events = list(Rows(home / EVENTS))
    assert [row["number"] for row in events if row["event_type"] == "planted"] == [0, 1, 2]
    seen = {row["session_id"] for row in events if row["event_type"] != "planted"}
    ended = [row["session_id"] for row in events if row["event_type"] == "session_ended"]
    assert sorted(map(str, ended)) == sorted(map(str, seen))
    assert {"killed-0", "killed-2", "last"} <= seen
    assert len([name for name in names(home) if name.startswith(f"{EVENTS}.")]) >= 2
    shown = [row["preflight_id"] for row in events if row["event_type"] == "preflight"]
    assert len(set(shown)) == len(shown)
    assert set(answered["preflight"]) <= set(shown)
    assert all(answered.values())


def _is_enough(home: Path, planted: int, wanted: int, answers: int) -> bool:
    """Tell whether to kill now: after some answers, or as soon as the log was put aside."""
    return answers >= wanted or (wanted > CALLS and has_rotated(home, planted))


def _answered_before_the_kill(
    served: Served, number: int, is_enough: Callable[[int], bool]
) -> list[tuple[str, str]]:
    """Send a stream of writes, kill the server in it; return what was answered."""
    sent: dict[int, str] = {}
    for index in range(25):
        title = f"Kill {number} {index} " + chr(97 + index % 26) * (3 + index // 26)
        sent[served.start("ingest", decisions=[{"title": title}])] = "ingest"
        sent[served.start("preflight", topic=f"Stream {number} {index}")] = "preflight"
    found: list[dict[str, Any]] = []
    for ping in itertools.count():
        if is_enough(len(found)):
            break
        served.send(request(f"ping {ping}", "ping"))
        while (answer := served.receive())["id"] != f"ping {ping}":
            found.append(answer)
    served.kill()
    found += served.rest()
    found = [each for each in found if each["id"] in sent]
    assert not any(each["result"]["isError"] for each in found)
    return [(sent[each["id"]], _id_in(each["result"]["structuredContent"])) for each in found]


def _id_in(answer: dict[str, Any]) -> str:
    return str(answer.get("preflight_id") or answer["decisions"][0]["decision_id"])


def torn_lines(home: Path) -> int:
    """Return how many lines of the logs are none; each was one that was being written."""
    total = 0
    for name in (EVENTS, ENGAGEMENTS):
        found = Rows(home / name)
        for _ in found:
            pass
        assert found.skipped <= 1
        total += found.skipped
    return total
