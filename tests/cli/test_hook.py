"""What all hooks share: no failure of theirs is the session's, and none goes unseen."""

import io
import json
import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.capture.hook_failures import HOOK_FAILURES_FILE, read_hook_failures
from bicameral.cli import hook as hook_module
from bicameral.cli.hook import HOOKS, run_hook
from bicameral.environment import Environment
from tests.cli.parts import BOUND_SECONDS, Ended, Person
from tests.conftest import MakeEnvironment
from tests.plugin.recorded import recorded

ON = {"BICAMERAL_TELEMETRY": "preflight"}
EVENTS = "preflight_events.jsonl"
HEAVY = ("msgspec", "mcp", "mcp_types", "pydantic", "sqlalchemy", "argparse", "asyncio")
CAPTURING = [name for name, needs_capture in HOOKS.items() if needs_capture]
every_hook = pytest.mark.parametrize("name", HOOKS)
capturing_hook = pytest.mark.parametrize("name", CAPTURING)


@pytest.fixture
def with_ledger(person: Person) -> Person:
    """Somebody who has decisions, so that `before-edit` has something to speak of."""
    person.home.mkdir(mode=0o700)
    (person.home / "ledger.sqlite3").touch(mode=0o600)
    return person


def run(
    person: Person, name: str, sent: bytes | None = None, variables: Mapping[str, str] = ON
) -> Ended:
    given = recorded(name, person.repository.root) if sent is None else sent
    return person.run("hook", name, sent=given, variables=variables)


def reasons(person: Person) -> list[tuple[str, str]]:
    return [(each.hook, each.reason) for each in read_hook_failures(person.home)]


@every_hook
def test_a_hook_takes_what_the_client_really_sends(with_ledger: Person, name: str) -> None:
    """Recorded from the client, fed to the command as a process."""
    ended = run(with_ledger, name)
    assert (ended.status, ended.err) == (0, "")
    assert reasons(with_ledger) == []
    if ended.out:
        [told] = ended.out.splitlines()
        assert json.loads(told)["hookSpecificOutput"]["additionalContext"]


@capturing_hook
def test_nothing_is_made_while_capture_is_off(person: Person, name: str) -> None:
    """Off is the default, and off means that not even the home is made, whatever was sent."""
    for sent in (None, b"not json"):
        ended = run(person, name, sent, variables={})
        assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert not person.home.exists()


def test_a_hook_that_is_not_known_shows(person: Person) -> None:
    """A setting with a wrong name would otherwise never be noticed; 2 would block the edit."""
    for words in (["before-lunch"], [], ["after-edit", "now"], ["after_edit"]):
        ended = person.run("hook", *words)
        assert (ended.status, ended.out) == (1, "")
        assert "{session-start,before-edit,after-edit,session-end}" in ended.err
    assert person.run("hook", "--help").status == 0


@capturing_hook
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"session_id": ""}', "no usable session_id"),
        (b'{"session_id": "' + b"x" * 513 + b'"}', "no usable session_id"),
    ],
)
def test_what_is_not_understood_is_said_and_kept(
    with_ledger: Person, name: str, sent: bytes, said: str
) -> None:
    """The client hears success, so the record and stderr are all there is."""
    ended = run(with_ledger, name, sent)
    assert (ended.status, ended.out) == (0, "")
    [line] = ended.err.splitlines()
    assert line.startswith(f"bicameral: hook {name}: ")
    assert said in line
    [(hook, reason)] = reasons(with_ledger)
    assert hook == name
    assert said in reason


@every_hook
def test_more_input_than_any_event_is_cut_off(
    with_ledger: Person, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook that swallowed anything could be made to fill the memory."""
    sent = recorded(name, with_ledger.repository.root)
    monkeypatch.setattr(hook_module, "MOST_BYTES", len(sent) - 1)
    shown: list[str] = []
    environment = replace(with_ledger.environment, variables=ON, warn=shown.append)
    stream = io.BytesIO(sent)
    assert run_hook([name], environment, stream) == 0
    assert stream.tell() == len(sent) - 1
    assert bool(shown) == (name in CAPTURING)


def test_an_edit_of_a_huge_file_is_taken(with_ledger: Person) -> None:
    """The client sends the whole new text along, and before and after it."""
    event = json.loads(recorded("after-edit", with_ledger.repository.root))
    event["tool_input"]["new_string"] = "x" * 20_000_000
    ended = run(with_ledger, "after-edit", json.dumps(event).encode())
    assert (ended.status, ended.err) == (0, "")
    assert (with_ledger.home / EVENTS).stat().st_size < 1_000


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by a shell of POSIX")
@every_hook
@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", "<&-", ">&-", "2>&-", ">/dev/full 2>/dev/full"])
def test_closed_streams_are_forgiven(with_ledger: Person, name: str, closed: str) -> None:
    """A client may start it with nothing attached, or go away; no log gets what was for it."""
    done = subprocess.run(
        ["sh", "-c", f'exec "{sys.executable}" -P -m server hook {name} {closed}'],
        cwd=with_ledger.repository.root,
        env=with_ledger.variables(ON),
        input=recorded(name, with_ledger.repository.root),
        timeout=BOUND_SECONDS,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert done.returncode == 0
    events = with_ledger.home / EVENTS
    lines = events.read_bytes().splitlines() if events.exists() else []
    assert all(json.loads(line)["event_type"] for line in lines)


def test_an_answer_that_nobody_can_take_is_kept_as_a_failure(with_ledger: Person) -> None:
    """A reminder that went nowhere would look like one that was heeded."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "server", "hook", "before-edit"],
            cwd=with_ledger.repository.root,
            env=with_ledger.variables(ON),
            input=recorded("before-edit", with_ledger.repository.root),
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=BOUND_SECONDS,
            check=False,
        )
    assert done.returncode == 0
    assert b"No space left on device" in done.stderr
    assert reasons(with_ledger) == [("before-edit", "No space left on device")]


def as_reader() -> None:
    """Become somebody whom modes hold; the tests may run as one whom they do not."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65_534)
        os.setuid(65_534)


def without_room() -> None:
    """Let no file grow: every write fails, as on a full disk."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


CODE = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
import server
sys.exit(server.main(sys.argv[1:]))
"""


def in_trouble(person: Person, name: str) -> Ended:
    """Run a hook where no file can grow."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE, "hook", name],
        cwd=person.repository.root,
        env={k: v for k, v in person.variables(ON).items() if "COVERAGE" not in k},
        input=recorded(name, person.repository.root),
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=False,
        preexec_fn=without_room,
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@capturing_hook
def test_a_full_disk_is_said_and_forgiven(with_ledger: Person, name: str) -> None:
    """Nothing can be kept there, so stderr is what is left."""
    ended = in_trouble(with_ledger, name)
    assert (ended.status, ended.out) == (0, "")
    [line] = ended.err.splitlines()
    assert line.startswith(f"bicameral: hook {name}: ")
    assert not reasons(with_ledger)


@capturing_hook
def test_a_home_that_cannot_be_used_is_said_and_forgiven(
    person: Person, name: str, tmp_path: Path
) -> None:
    """The edit is done; nothing of ours may make it look as if it had failed."""
    place = tmp_path / "file"
    place.write_text("", encoding="utf-8")
    variables = {**ON, "BICAMERAL_HOME": str(place), "BICAMERAL_LEDGER_URL": "postgresql://x/y"}
    ended = run(person, name, variables=variables)
    assert (ended.status, ended.out) == (0, "")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["before-edit", "after-edit"])
def test_a_salt_that_cannot_be_trusted_stops_the_row_and_shows(
    with_ledger: Person, name: str
) -> None:
    """A row hashed with another salt would be joined to nothing; no path is in the record."""
    (with_ledger.home / "salt").write_bytes(b"short")
    ended = run(with_ledger, name)
    assert (ended.status, ended.out) == (0, "")
    assert "restore it from a backup" in ended.err
    assert reasons(with_ledger) == [(name, "salt_unusable")]
    assert not (with_ledger.home / EVENTS).exists()


@pytest.mark.parametrize("name", ["before-edit", "after-edit"])
def test_a_missing_salt_is_made(with_ledger: Person, name: str) -> None:
    """The first hook may run before the first preflight."""
    assert run(with_ledger, name).err == ""
    assert len((with_ledger.home / "salt").read_bytes()) == 32


@capturing_hook
def test_a_link_in_the_place_of_the_log_is_not_followed(
    with_ledger: Person, name: str, tmp_path: Path
) -> None:
    """Whoever planted it would choose the file that a hook writes to."""
    target = tmp_path / "target"
    target.write_text("mine\n", encoding="utf-8")
    (with_ledger.home / EVENTS).symlink_to(target)
    ended = run(with_ledger, name)
    assert (ended.status, ended.out) == (0, "")
    assert reasons(with_ledger) == [(name, "Too many levels of symbolic links")]
    assert target.read_text(encoding="utf-8") == "mine\n"


def test_no_record_of_a_failure_quotes_what_was_sent(with_ledger: Person) -> None:
    """A path or a text of a project in a log would be what hashed mode promises not to keep."""
    event = json.loads(recorded("after-edit", with_ledger.repository.root, path="secret-plan.py"))
    event["tool_input"]["new_string"] = "customer Alder"
    for broken in ({"cwd": "/\0secret-plan"}, {"tool_name": 7}, {"session_id": None}):
        run(with_ledger, "after-edit", json.dumps({**event, **broken}).encode())
    assert len(reasons(with_ledger)) == 3
    kept = (with_ledger.home / HOOK_FAILURES_FILE).read_bytes()
    for secret in (b"secret-plan", b"Alder", os.fsencode(with_ledger.repository.root)):
        assert secret not in kept


def test_a_broken_stderr_is_forgiven_and_the_record_stays(
    make_environment: MakeEnvironment,
) -> None:
    """Where nothing can be said, it can still be kept."""

    def broken(_text: str) -> None:
        raise OSError("closed")

    environment = replace(make_environment(variables=ON), warn=broken)
    assert run_hook(["after-edit"], environment, io.BytesIO(b"not json")) == 0
    assert [each.hook for each in read_hook_failures(environment.home)] == ["after-edit"]


def test_a_stdin_that_cannot_be_read_is_forgiven(make_environment: MakeEnvironment) -> None:
    """The client went away while it wrote."""
    environment = make_environment(variables=ON)
    stream = io.BytesIO()
    stream.close()
    assert run_hook(["after-edit"], environment, stream) == 0
    assert [each.reason for each in read_hook_failures(environment.home)] == ["ValueError"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
events = st.fixed_dictionaries(
    {},
    optional={
        "session_id": st.text() | json_values,
        "cwd": st.text() | json_values,
        "tool_name": st.text() | json_values,
        "tool_input": st.fixed_dictionaries(
            {}, optional={"file_path": st.text() | json_values, "notebook_path": json_values}
        )
        | json_values,
    },
)


@pytest.mark.parametrize("name", ["session-start", "before-edit", "after-edit"])
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=st.binary(max_size=40) | events.map(lambda event: json.dumps(event).encode()))
def test_no_input_makes_a_hook_fail(environment: Environment, name: str, sent: bytes) -> None:
    """Clients change what they send; an edit must not look broken for it."""
    capturing = replace(
        environment, variables={**ON, "BICAMERAL_LEDGER_URL": "x"}, warn=lambda _text: None
    )
    assert run_hook([name], capturing, io.BytesIO(sent)) == 0


COUNTING = """
import atexit, os, sys
def tell(*_):
    sys.stderr.write(' '.join(sys.modules))
    sys.stderr.flush()
end = os._exit
os._exit = lambda status: (tell(), end(status))
atexit.register(tell)
import server
sys.exit(server.main(sys.argv[1:]))
"""


@pytest.mark.parametrize("variables", [ON, {}], ids=["on", "off"])
@pytest.mark.parametrize("words", [*(["hook", name] for name in HOOKS), ["--version"], ["--help"]])
def test_nothing_heavy_is_imported_where_it_would_be_felt(
    with_ledger: Person, words: Sequence[str], variables: Mapping[str, str]
) -> None:
    """A hook starts anew for every edit; a shell waits for `--version`."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", COUNTING, *words],
        cwd=with_ledger.repository.root,
        env={k: v for k, v in with_ledger.variables(variables).items() if "COVERAGE" not in k},
        input=recorded(words[-1], with_ledger.repository.root) if words[0] == "hook" else b"",
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=True,
    )
    loaded = {each.partition(".")[0] for each in done.stderr.decode().split()}
    assert "bicameral" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_the_help_of_hooks_is_found_by_both_ways(person: Person) -> None:
    """`help NAME` is what people type first."""
    for words in (["help", "hook"], ["hook", "--help"]):
        ended = person.run(*words)
        assert ended.status == 0
        assert "session-start" in ended.err
