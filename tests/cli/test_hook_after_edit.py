"""`hook after-edit`: evidence when capture is on, and never in the client's way (PT-26)."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.capture.hashes import Hashes
from bicameral.capture.hook_failures import read_hook_failures
from bicameral.cli.hook import run_hook
from bicameral.environment import Environment
from tests.cli.parts import Person
from tests.conftest import MakeEnvironment, Repository
from tests.plugin.recorded import SESSION, recorded

ON = {"BICAMERAL_TELEMETRY": "preflight"}
EVENTS = "preflight_events.jsonl"


def sent(folder: Path, path: str, **more: Any) -> bytes:
    """Return what Claude Code sends after an edit of a path, given in any way."""
    event = json.loads(recorded("after-edit", folder))
    event["tool_input"]["file_path"] = path
    return json.dumps({**event, **more}).encode()


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
    assert (row["event_type"], row["session_id"], row["tool"]) == ("edit_observed", SESSION, "Edit")
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
    [failure] = read_hook_failures(capturing.home)
    assert failure.hook == "after-edit"
    assert said in failure.reason


def test_a_place_that_no_system_has_is_named(
    capturing: Environment, warnings_shown: list[str]
) -> None:
    """A NUL in a path is refused by the system, not by us."""
    assert hook(capturing, sent(capturing.cwd, "a.py", cwd="/\0")) == 0
    assert len(warnings_shown) == 1
    assert [each.reason for each in read_hook_failures(capturing.home)] == ["ValueError"]


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
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(content=st.binary(max_size=40) | events.map(lambda event: json.dumps(event).encode()))
def test_no_input_makes_it_fail(capturing: Environment, content: bytes) -> None:
    """Clients change what they send; an edit must not look broken for it."""
    assert hook(capturing, content) == 0
