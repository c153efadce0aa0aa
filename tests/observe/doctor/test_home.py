"""The home, its salt and its locks: what is wrong with them is named, with its mend."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.environment import Environment
from bicameral.observe.doctor.home import judge_home, look_at
from bicameral.observe.doctor.locks import Lock, held_locks, judge_locks
from bicameral.observe.doctor.salt import look_at as look_at_salt
from tests.cli.parts import Person
from tests.observe.doctor.parts import examine, is_named, make_old
from tests.observe.doctor.test_installation import write_entry

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
HOLD = """
import sys, time
from pathlib import Path
from bicameral.capture.locks import held_lock
with held_lock(Path(sys.argv[1])) as is_mine:
    print(is_mine, flush=True)
    sys.stdin.read()
"""


def test_a_file_in_place_of_the_home_is_named(person: Person) -> None:
    """Nothing can be put into it."""
    person.home.write_text("")
    assert is_named(examine(person, "home"), f"{person.home} is no folder")


def test_a_read_only_home_is_named(user: Person) -> None:
    """Everything that is to be kept would be refused."""
    user.home.chmod(0o500)
    try:
        result = examine(user, "home")
    finally:
        user.home.chmod(0o700)
    assert is_named(result, "read-only", f"chmod u+rwx {user.home}")


def test_a_home_that_cannot_be_made_is_named(person: Person, tmp_path: Path) -> None:
    """The folder above decides then."""
    above = tmp_path / "above"
    above.mkdir(mode=0o500)
    result = examine(person.elsewhere(above / "in" / "home"), "home")
    assert is_named(result, "read-only", str(above))


def test_a_disk_that_is_nearly_full_is_named(user: Person) -> None:
    """It cannot be filled for a test; what is judged is the figure."""
    facts = look_at(user.home)
    assert judge_home(facts).status == "PASS"
    assert is_named(judge_home(replace(facts, free_bytes=1_000)), "nearly full", "1,000 bytes")


@as_root
def test_files_of_somebody_else_are_named(user: Person) -> None:
    """As a run with sudo leaves them."""
    os.chown(user.home / "salt", 12_345, -1)
    assert is_named(examine(user, "home"), "belong to somebody else", "salt", "sudo chown -R")
    assert is_named(examine(user, "salt"), "belongs to user 12345")


@pytest.mark.parametrize(("name", "mode"), [("ledger.sqlite3", 0o644), (".", 0o755)])
def test_what_others_can_read_is_named(user: Person, name: str, mode: int) -> None:
    """Decisions and captured rows are the person's own."""
    (user.home / name).chmod(mode)
    assert is_named(examine(user, "home"), "others can read", f"{mode:04o}", "chmod -R go=")


def lock_files(home: Path) -> None:
    for each in home.glob("*.jsonl"):
        each.chmod(0o400)


def put_a_folder_in_place_of_a_log(home: Path) -> None:
    (home / "preflight_events.jsonl").unlink()
    (home / "preflight_events.jsonl").mkdir(mode=0o700)


def put_a_link_in_place_of_a_log(home: Path) -> None:
    (home / "preflight_events.jsonl").rename(home / "elsewhere")
    (home / "preflight_events.jsonl").symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lock_files, "preflight_events.jsonl has mode 0400 and cannot be written to"),
        (put_a_folder_in_place_of_a_log, "preflight_events.jsonl is a folder"),
        (put_a_link_in_place_of_a_log, "preflight_events.jsonl is no regular file"),
    ],
)
def test_files_that_cannot_be_written_are_named(
    user: Person, spoil: Callable[[Path], None], words: str
) -> None:
    """The home is writable then, every row is dropped, and the last run's figures are old."""
    assert [examine(user, each)["status"] for each in ("home", "capture", "drops")] == ["PASS"] * 3
    spoil(user.home)
    assert is_named(examine(user, "home"), words, "chmod -R u+rwX")
    assert is_named(examine(user, "capture"), words, "capture is on")
    assert is_named(examine(user, "drops"), words, "may be of a run before")


def test_what_is_replaced_as_a_whole_may_be_read_only(user: Person) -> None:
    """A new one takes the name; the salt is never written twice."""
    (user.home / "last_run.json").chmod(0o400)
    (user.home / "salt").chmod(0o400)
    assert examine(user, "home")["status"] == "PASS"
    (user.home / "sessions").chmod(0o500)
    try:
        result = examine(user, "home")
    finally:
        (user.home / "sessions").chmod(0o700)
    assert is_named(result, "sessions has mode 0500")


def test_a_policy_that_others_can_read_is_no_fault(user: Person) -> None:
    """A person writes it as they write files."""
    (user.home / "config.toml").write_text("[telemetry]\npreflight = true\n")
    (user.home / "config.toml").chmod(0o644)
    assert examine(user, "home")["status"] == "PASS"


def test_a_client_with_another_home_is_named(person: Person, tmp_path: Path) -> None:
    """What the agent decides is not in the ledger that the person reads."""
    write_entry(person, "bicameral-mcp", BICAMERAL_HOME=str(tmp_path / "theirs"))
    result = examine(person, "homes")
    assert is_named(result, "two data homes", f"Claude Code uses {tmp_path / 'theirs'}")
    write_entry(person, "bicameral-mcp", BICAMERAL_HOME=str(person.home))
    assert examine(person, "homes")["status"] == "PASS"


def test_a_client_that_gets_nothing_of_the_shell_uses_the_default_home(
    person: Person, you: Path
) -> None:
    """The variable is set here, and Codex passes on only what its entry names."""
    (you / ".codex").mkdir()
    (you / ".codex" / "config.toml").write_text(
        '[mcp_servers.bicameral]\ncommand = "bicameral-mcp"\n'
    )
    assert is_named(examine(person, "homes"), f"Codex uses {you / '.bicameral'}")


def test_a_second_home_with_a_ledger_is_named(person: Person, you: Path) -> None:
    """A variable that is set in one shell only leads to two ledgers in time."""
    chosen = person.elsewhere(person.home, BICAMERAL_HOME=str(person.home))
    assert examine(chosen, "homes")["status"] == "PASS"
    assert person.elsewhere(you / ".bicameral").run_here("ingest", "docs/adr").status == 0
    assert is_named(
        examine(chosen, "homes"), "two data homes hold a ledger", "unset BICAMERAL_HOME"
    )
    write_entry(person, "bicameral-mcp", BICAMERAL_HOME=str(person.home))
    assert examine(chosen, "homes")["status"] == "PASS", "every server uses the chosen one"


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:31])


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (shorten, "holds 31 bytes instead of 32"),
        (link, "is a symbolic link"),
        (make_folder, "is not a regular file"),
        (lambda path: path.chmod(0o640), "has mode 0640"),
        (lambda path: path.unlink(), "whose salt is gone"),
    ],
)
def test_a_salt_that_capture_cannot_use_is_named(user: Person, spoil: object, words: str) -> None:
    """Rows are dropped in silence else, or cannot be compared with older ones."""
    assert callable(spoil)
    spoil(user.home / "salt")
    result = examine(user, "salt")
    assert is_named(result, words)
    if "erase" in result["mend"]:
        if (user.home / "salt").is_dir():
            (user.home / "salt").rmdir()
        assert user.run_here("telemetry", "erase", "--i-understand").status == 0
        assert examine(user, "salt")["status"] != "FAIL", "what it says mends it"


def test_rows_without_a_hash_need_no_salt(person: Person) -> None:
    """A session begins and ends before anything is hashed: after the switch, after an erasure."""
    captured = person.elsewhere(person.home, BICAMERAL_TELEMETRY="preflight")
    assert captured.run_here("telemetry", "status").status == 0
    events = captured.home / "preflight_events.jsonl"
    assert b"session_started" in events.read_bytes()
    assert examine(captured, "salt")["status"] == "SKIP"
    with events.open("ab") as file:
        file.write(b"no row\n")
    assert examine(captured, "salt")["status"] == "SKIP", "what is torn names no salt"
    assert captured.run_here("ingest", "docs/adr").status == 0
    captured.run_here("preflight", "charge a card", "src/payments.py")
    (captured.home / "salt").unlink()
    assert is_named(examine(captured, "salt"), "whose salt is gone", str(events))


def test_a_salt_that_was_copied_with_its_home_is_named(user: Person, tmp_path: Path) -> None:
    """As a copy of a machine, of a backup or of an account keeps the times of its files."""
    assert examine(user, "salt-origin")["status"] == "PASS"
    facts = look_at_salt(user.home)
    assert facts is not None
    make_old(user.home / "salt", days=40, before_ns=facts.written_ns)
    copied = user.elsewhere(tmp_path / "copied")
    shutil.copytree(user.home, copied.home)
    result = examine(copied, "salt-origin")
    assert is_named(result, "copied from another machine or restored", "content written")
    (copied.home / "salt").touch()
    assert examine(copied, "salt-origin")["status"] == "PASS", "the person says that it is theirs"


def hold(path: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "True\n"
    return process


def end(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.communicate(timeout=120)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the holder is not told")
def test_a_suspended_process_that_holds_a_lock_is_named(user: Person) -> None:
    """With its number, so that it can be ended; a busy one is only seen."""
    process = hold(user.home / "reconcile.lock")
    try:
        busy = examine(user, "locks")
        assert busy["status"] == "PASS"
        assert f"reconcile.lock is held by process {process.pid}" in busy["evidence"][0]
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        assert is_named(examine(user, "locks"), "suspended", f"kill {process.pid}")
    finally:
        end(process)
    assert examine(user, "locks")["evidence"] == []


@pytest.mark.parametrize(
    ("lock", "is_stale"),
    [
        (Lock("reconcile.lock", 7, 20.0), False),
        (Lock("reconcile.lock", 7, 700.0), True),
        (Lock("reconcile.lock", 7, 20.0, is_stopped=True), True),
        (Lock("reconcile.lock"), False),
        (Lock("engagements.jsonl.lock"), True),
        (Lock("engagements.jsonl.lock", 7, 20.0), False),
    ],
)
def test_a_lock_is_stale_when_no_work_takes_that_long(lock: Lock, is_stale: bool) -> None:
    """Where the system does not tell, only what is held for moments can be judged."""
    finding = judge_locks(Path("/h"), [lock], abandoned=[], leftovers=[])
    assert (finding.status == "FAIL") is is_stale
    assert lock.name in finding.evidence[0]


def test_a_lock_that_is_let_go_is_not_seen(user: Person) -> None:
    """Every look has to find it held."""
    assert list(held_locks(user.home)) == []


def test_a_session_that_was_never_closed_is_named(user: Person, environment: Environment) -> None:
    """A server that was killed leaves its marker; the next reconciliation closes it."""
    marker = user.home / "sessions" / "0123456789abcdef.open"
    marker.write_text('{"session_id":"s","repository_id":null,"started_at":"2026-01-01T00:00:00Z"}')
    marker.chmod(0o600)
    make_old(marker, days=0.5, before_ns=environment.time_ns())
    assert examine(user, "locks")["status"] == "PASS", "its server may have been killed just now"
    make_old(marker, days=2, before_ns=environment.time_ns())
    result = examine(user, "locks")
    assert is_named(result, "never closed", marker.name)
    assert result["mend"] == "bicameral-mcp reconcile"
    assert user.run_here("reconcile").status == 0
    assert examine(user, "locks")["status"] == "PASS", "what it says mends it"


def test_what_a_crash_left_is_seen_and_does_no_harm(user: Person, environment: Environment) -> None:
    """It may be removed at any time."""
    for name in ("salt.0011223344556677", "ledger.sqlite3.x.new", "reconciliation.json.new"):
        (user.home / name).touch(mode=0o600)
        make_old(user.home / name, days=1, before_ns=environment.time_ns())
    result = examine(user, "locks")
    assert result["status"] == "PASS"
    assert sorted(result["evidence"]) == [
        "left by a crash: ledger.sqlite3.x.new",
        "left by a crash: reconciliation.json.new",
        "left by a crash: salt.0011223344556677",
    ]
