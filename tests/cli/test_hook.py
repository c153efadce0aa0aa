"""The after-edit hook: evidence when capture is on, and never in the client's way."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.capture.hashes import Hashes
from bicameral.cli.hook import run_hook
from bicameral.environment import Environment
from tests.cli.parts import BOUND_SECONDS, Person
from tests.conftest import MakeEnvironment, Repository

ROOT = Path(__file__).parent.parent.parent
HOOKS = ROOT / "hooks" / "hooks.json"
ON = {"BICAMERAL_TELEMETRY": "preflight"}
EVENTS = "preflight_events.jsonl"
HEAVY = ("msgspec", "mcp", "mcp_types", "pydantic", "sqlalchemy", "argparse", "asyncio")


def sent(folder: Path, path: str, **more: Any) -> bytes:
    """Return what Claude Code sends after an edit."""
    event = {
        "session_id": "5f0c",
        "transcript_path": "/nowhere/5f0c.jsonl",
        "cwd": str(folder),
        "hook_event_name": "PostToolUse",
        "tool_name": "Edit",
        "tool_input": {"file_path": path, "old_string": "a", "new_string": "b"},
        "tool_response": {"filePath": path},
        "tool_use_id": "toolu_1",
        **more,
    }
    return json.dumps(event).encode()


def rows(environment: Environment) -> list[dict[str, Any]]:
    """Return the rows that were recorded; none when there is no file."""
    file = environment.home / EVENTS
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


@pytest.fixture
def capturing(make_environment: MakeEnvironment, repository: Repository) -> Environment:
    return make_environment(variables=ON, cwd=repository.root)


def hook(environment: Environment, content: bytes) -> int:
    return run_hook(["after-edit"], environment, io.BytesIO(content))


def test_an_edit_leaves_one_row_with_the_hash_of_its_path(
    capturing: Environment, repository: Repository, warnings_shown: list[str]
) -> None:
    """The same hash as a preflight's on that path, or the two could never be joined."""
    path = str(repository.write("src/payments.py", ""))
    assert hook(capturing, sent(repository.root, path)) == 0
    [row] = rows(capturing)
    hashes = Hashes((capturing.home / "salt").read_bytes())
    assert row["path_hash"] == hashes.hash_path("src/payments.py")
    assert (row["event_type"], row["session_id"], row["tool"]) == ("edit_observed", "5f0c", "Edit")
    assert warnings_shown == []


def test_a_preflight_of_the_command_has_the_same_path_hash(person: Person) -> None:
    """Through both processes, as they are used."""
    edited = sent(person.repository.root, str(person.repository.root / "src/payments.py"))
    person.run("preflight", "Charges", "src/payments.py", variables=ON)
    ended = person.run("hook", "after-edit", sent=edited, variables=ON)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    events = [json.loads(each) for each in (person.home / EVENTS).read_text("utf-8").splitlines()]
    hashes = {each["event_type"]: each.get("path_hashes", each.get("path_hash")) for each in events}
    assert hashes["preflight"] == [hashes["edit_observed"]]


def test_the_path_is_the_repositorys_wherever_the_session_stands(
    make_environment: MakeEnvironment, repository: Repository
) -> None:
    """A session may change its folder; the project stays, and so do names in it."""
    (repository.root / "src").mkdir()
    variables = {**ON, "CLAUDE_PROJECT_DIR": str(repository.root)}
    environment = make_environment(variables=variables)
    for path in ("a.py", str(repository.root / "src" / "a.py"), "../src/./a.py"):
        hook(environment, sent(repository.root / "src", path))
    notebook = {"tool_name": "NotebookEdit", "tool_input": {"notebook_path": "a.py"}}
    hook(environment, sent(repository.root / "src", "", **notebook))
    assert len({row["path_hash"] for row in rows(environment)}) == 1
    assert [row["tool"] for row in rows(environment)][-1] == "NotebookEdit"


@pytest.mark.parametrize("path", ["/elsewhere/a.py", "../a.py", ".git/config"])
def test_a_file_that_is_not_the_repositorys_leaves_no_row(
    capturing: Environment, repository: Repository, warnings_shown: list[str], path: str
) -> None:
    """No decision can bind it, so it is evidence of nothing."""
    assert hook(capturing, sent(repository.root, path)) == 0
    assert rows(capturing) == []
    assert warnings_shown == []


def test_a_session_outside_of_any_repository_leaves_no_row(
    capturing: Environment, tmp_path: Path
) -> None:
    """There is no root that the path could be told from."""
    assert hook(capturing, sent(tmp_path, str(tmp_path / "a.py"))) == 0
    assert rows(capturing) == []


@pytest.mark.parametrize("value", ["", "0", "relay", "1"])
def test_nothing_is_written_while_capture_is_off(
    make_environment: MakeEnvironment, repository: Repository, value: str
) -> None:
    """Off is the default, and off means that not even the home is made."""
    environment = make_environment(variables={"BICAMERAL_TELEMETRY": value})
    assert hook(environment, sent(repository.root, "a.py")) == 0
    assert not environment.home.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no usable session_id"),
        (b'{"session_id": "s", "cwd": 7}', "no usable cwd"),
        (b'{"session_id": "s", "cwd": "/", "tool_name": " "}', "no usable tool_name"),
        (b'{"session_id": "s", "cwd": "/", "tool_name": "Edit"}', "tool_input.file_path"),
    ],
)
def test_what_is_not_an_edit_is_named_once_on_stderr(
    capturing: Environment, warnings_shown: list[str], content: bytes, said: str
) -> None:
    """A hook that fails in silence is one that nobody misses; it still ends with 0."""
    assert hook(capturing, content) == 0
    [warning] = warnings_shown
    assert warning.startswith("hook after-edit: ")
    assert said in warning


def test_a_place_that_no_system_has_is_named(
    capturing: Environment, warnings_shown: list[str]
) -> None:
    """A NUL in a path is refused by the system, not by us."""
    assert hook(capturing, sent(Path("/\0"), "a.py")) == 0
    assert len(warnings_shown) == 1


def test_a_home_that_cannot_be_written_is_named_and_forgiven(
    make_environment: MakeEnvironment,
    repository: Repository,
    tmp_path: Path,
    warnings_shown: list[str],
) -> None:
    """The edit is done; nothing of ours may make it look as if it had failed."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    environment = make_environment(variables=ON, home=tmp_path / "file")
    assert hook(environment, sent(repository.root, "a.py")) == 0
    assert len(warnings_shown) == 1


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


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(content=st.binary(max_size=40) | events.map(lambda event: json.dumps(event).encode()))
def test_no_input_makes_it_fail(capturing: Environment, content: bytes) -> None:
    """Clients change what they send; an edit must not look broken for it."""
    assert hook(capturing, content) == 0


def test_a_hook_that_is_not_known_shows(person: Person) -> None:
    """A setting with a wrong name would otherwise never be noticed; 2 would block the edit."""
    ended = person.run("hook", "before-edit")
    assert (ended.status, ended.out) == (1, "")
    assert "usage: bicameral-mcp hook after-edit" in ended.err
    assert person.run("hook", "--help").status == 0


def test_a_closed_stderr_is_forgiven(make_environment: MakeEnvironment) -> None:
    """Where nothing can be said, nothing is."""

    def broken(_text: str) -> None:
        raise OSError("closed")

    environment = make_environment(variables=ON)
    spoken = Environment(
        home=environment.home,
        cwd=environment.cwd,
        variables=ON,
        process_id=1,
        time_ns=environment.time_ns,
        monotonic_ns=environment.monotonic_ns,
        random_bytes=os.urandom,
        warn=broken,
    )
    assert hook(spoken, b"not json") == 0


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by a shell of POSIX")
def test_closed_streams_are_forgiven(person: Person) -> None:
    """A client may start it with nothing attached."""
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -P -m server hook after-edit <&- >&- 2>&-'],
        cwd=person.repository.root,
        env=person.variables(ON),
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("words", "variables"),
    [
        (["hook", "after-edit"], ON),
        (["hook", "after-edit"], {}),
        (["--version"], {}),
        (["--help"], {}),
    ],
)
def test_nothing_heavy_is_imported_where_it_would_be_felt(
    person: Person, words: list[str], variables: Mapping[str, str]
) -> None:
    """A hook starts anew for every edit; a shell waits for `--version`."""
    code = (
        "import atexit, os, sys\n"
        "def tell(*_):\n"
        "    sys.stderr.write(' '.join(sys.modules))\n"
        "    sys.stderr.flush()\n"
        "end = os._exit\n"
        "os._exit = lambda status: (tell(), end(status))\n"
        "atexit.register(tell)\n"
        "import server\n"
        f"sys.exit(server.main({words!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=person.repository.root,
        env={k: v for k, v in person.variables(variables).items() if "COVERAGE" not in k},
        input=sent(person.repository.root, "src/payments.py"),
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=True,
    )
    loaded = {each.partition(".")[0] for each in done.stderr.decode().split()}
    assert "bicameral" in loaded
    assert loaded.isdisjoint(HEAVY)
    assert (person.home / EVENTS).exists() == bool(variables)


def test_the_plugin_calls_a_hook_that_exists(person: Person) -> None:
    """The shape is Claude Code's; the command is the installed one, on every edit."""
    plugin = json.loads(HOOKS.read_text(encoding="utf-8"))
    [group] = plugin["hooks"]["PostToolUse"]
    assert set(plugin) == {"description", "hooks"}
    assert group["matcher"].split("|") == ["Write", "Edit", "MultiEdit", "NotebookEdit"]
    [called] = group["hooks"]
    assert (called["type"], called["timeout"]) == ("command", 5)
    program, *words = called["command"].split()
    assert program == "bicameral-mcp"
    assert person.run(*words, sent=sent(person.repository.root, "a.py")).status == 0
