"""PT-13: capture that cannot record never costs a tool call, and says so once."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Repository
from tests.server.conftest import Serve
from tests.server.served import COMMAND, EVENTS, Served, rows, variables_for

MEBIBYTE = 1024 * 1024
# Root may write anywhere; without these capabilities it is a user like any other.
WITHOUT_PRIVILEGES = """
import ctypes, os, sys
for capability in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
os.execv(sys.executable, [sys.executable, "-m", "server", "serve"])
"""
WITH_A_FULL_DISK = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({8 * MEBIBYTE}, {8 * MEBIBYTE}))
os.execv(sys.executable, [sys.executable, "-m", "server", "serve"])
"""


def home_is_a_file(home: Path) -> None:
    home.write_text("in the way", encoding="utf-8")


def home_is_below_a_file(home: Path) -> None:
    home.parent.rmdir()
    home.parent.write_text("in the way", encoding="utf-8")


def home_may_not_be_made(home: Path) -> None:
    home.parent.chmod(0o500)


def disk_is_full(home: Path) -> None:
    """As large as a file may become: not one more line fits into the logs."""
    home.mkdir(mode=0o700)
    for name in (EVENTS, "engagements.jsonl"):
        with (home / name).open("wb") as file:
            file.truncate(8 * MEBIBYTE)


def salt_is_empty(home: Path) -> None:
    home.mkdir()
    (home / "salt").write_bytes(b"")


FAULTS: list[tuple[Callable[[Path], None], tuple[str, ...]]] = [
    (home_is_a_file, COMMAND),
    (home_is_below_a_file, COMMAND),
    (home_may_not_be_made, (sys.executable, "-c", WITHOUT_PRIVILEGES)),
    (disk_is_full, (sys.executable, "-c", WITH_A_FULL_DISK)),
    (salt_is_empty, COMMAND),
]


@contextmanager
def a_folder(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "folder"
    folder.mkdir()
    yield folder
    folder.chmod(0o700)


def drive(served: Served, project: Repository) -> None:
    """Call every tool; each has to answer as if nothing were wrong."""
    [stored] = served.call("ingest", paths=["docs/adr"])["decisions"]
    decision_id = stored["decision_id"]
    shown = served.call("preflight", topic="Retry card charges with idempotency keys")
    assert shown["fired"] is True
    assert shown["preflight_id"] is not None
    entry = {"decision_id": decision_id, "selector": "src/payments.py::charge_card"}
    [bound] = served.call("bind", bindings=[entry])["bindings"]
    verdict = {name: bound[name] for name in ("decision_id", "region_id", "digest")}
    served.call("resolve", verdicts=[{**verdict, "verdict": "compliant"}])
    served.call("resolve", bypasses=[{"decision_id": decision_id, "reason": "hotfix"}])
    assert served.call("ratify", decision_id=decision_id, action="reject")["changed"] is True
    assert served.call("link_commit")["verdicts_wanted"] == 0
    assert served.call("history", decision_id=decision_id)["decision"]["status"] == "reflected"
    assert served.call("search", query="keys")["total"] == 1
    assert served.call("update", decision_id=decision_id, action="retire")["changed"] is True


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities and their numbers are Linux's")
@pytest.mark.parametrize(
    ("fault", "command"), FAULTS, ids=lambda each: getattr(each, "__name__", "")
)
def test_every_tool_still_answers(
    project: Repository, tmp_path: Path, fault: Callable[[Path], None], command: tuple[str, ...]
) -> None:
    """The ledger is elsewhere and well: nothing is captured, and nothing else is different."""
    ledger = f"sqlite:///{tmp_path}/ledger.sqlite3"
    with a_folder(tmp_path) as folder:
        home = folder / "home"
        fault(home)
        variables = variables_for(
            home, BICAMERAL_TELEMETRY="preflight", BICAMERAL_LEDGER_URL=ledger
        )
        with Served(project.root, variables, command=command) as served:
            drive(served, project)
            told = served.call("telemetry")
            assert served.hang_up() == 0
            assert all(line["jsonrpc"] == "2.0" for line in served.rest())
            check_told(told)
            [warning] = served.stderr().splitlines()
            assert "telemetry is not being recorded" in warning


def check_told(told: dict[str, Any]) -> None:
    """What was dropped is shown, row by row, with the reason."""
    events, engagements, metrics, *_ = told["files"]
    assert told["last_error"]
    # A session begins once and is not tried again; the rest are the preflight and the bypass.
    assert events["dropped"] >= 2
    assert events["attempted"] == events["written"] + events["dropped"]
    assert metrics["attempted"] == metrics["written"] + metrics["dropped"]
    assert (engagements["written"], engagements["dropped"]) == (0, 7)


def test_a_salt_that_is_none_is_never_replaced(serve: Serve, home: Path) -> None:
    """Short, a folder, a link, a pipe: the same server, one warning, and what is there stays."""
    home.mkdir(mode=0o700)
    salt = home / "salt"
    with serve() as served:
        faults: list[Callable[[Path], object]] = [_short, Path.mkdir, _link, os.mkfifo]
        for number, make in enumerate(faults, start=1):
            make(salt)
            served.call("preflight", topic=f"Retry payments {number}")
            [events, *_] = served.call("telemetry")["files"]
            assert events["dropped"] == number
            salt.rmdir() if salt.is_dir() else salt.unlink()
        served.call("preflight", topic="Retry payments at last")
        assert served.hang_up() == 0
        assert len(served.stderr().splitlines()) == 1
    assert len(rows(home, EVENTS, "preflight")) == 1
    assert len(salt.read_bytes()) == 32


def _short(salt: Path) -> None:
    salt.write_bytes(b"too short")


def _link(salt: Path) -> None:
    salt.symlink_to("/dev/zero")


def test_a_home_that_cannot_hold_the_ledger_is_an_error_with_what_to_do(
    serve: Serve, home: Path
) -> None:
    """Capture may fail in silence but for one line; the ledger may not."""
    home_is_a_file(home)
    with serve() as served:
        calls: dict[str, dict[str, Any]] = {
            "preflight": {"topic": "Retry payments"},
            "history": {},
            "ingest": {"decisions": [{"title": "Keys on charges"}]},
            "ratify": {"decision_id": "d", "action": "ratify"},
        }
        for tool, arguments in calls.items():
            refused = served.refuse(tool, **arguments)
            assert refused["error"] == "home_unusable", tool
            assert "BICAMERAL_HOME" in refused["next_step"]
        [events, *_] = served.call("telemetry")["files"]
        assert events["dropped"] >= 1
        assert served.hang_up() == 0
        assert len(served.stderr().splitlines()) == 1
