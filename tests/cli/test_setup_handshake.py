"""The written command tried for real: the true server, and everything that is not one."""

import sys
import time
from pathlib import Path

import pytest

from bicameral.cli.setup.handshake import Tried, try_command
from bicameral.environment import Environment
from handlers.table import TOOLS

SAYS = "import sys; sys.stdin.readline(); print({!r}, flush=True); sys.stdin.read()"


def try_python(environment: Environment, code: str, **bounds: float) -> Tried:
    command = [sys.executable, "-c", code]
    return try_command(environment, command, {}, cwd=environment.cwd, **bounds)


def test_the_true_server_answers_and_leaves_nothing_behind(environment: Environment) -> None:
    """Its data home is its own for the trial: a look must not begin a session."""
    command = [sys.executable, "-P", "-m", "server"]
    tried = try_command(environment, command, {"BICAMERAL_TELEMETRY": "raw"}, cwd=environment.cwd)
    assert (tried.tools, tried.problem) == (len(TOOLS), "")
    assert not environment.home.exists()


def test_what_is_not_there_cannot_be_started(environment: Environment) -> None:
    """The most common mistake of all, in plain words."""
    tried = try_command(environment, ["/no/such/command"], {}, cwd=environment.cwd)
    assert tried.problem == "it cannot be started: No such file or directory"


WRONG = {
    "it ends at once": (
        "import sys; sys.exit('no licence')",
        "ended before it listed its tools: no",
    ),
    "it says nothing and hangs up": ("", "ended before it listed its tools"),
    "an error": (SAYS.format('{"id": 2, "error": {}}'), "it listed no tools"),
    "no tools": (SAYS.format('{"id": 2, "result": {"tools": []}}'), "it listed no tools"),
    "nothing like a list": (SAYS.format('{"id": 2, "result": 7}'), "it listed no tools"),
}


@pytest.mark.parametrize(("code", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_no_server_is_said_to_be_none(
    environment: Environment, code: str, problem: str
) -> None:
    """The last line on stderr is most often the reason, so it is shown."""
    assert problem in try_python(environment, code, bound_seconds=120).problem


def test_what_speaks_another_protocol_is_not_waited_for(environment: Environment) -> None:
    """It stays, and never says what a server would."""
    tried = try_python(environment, SAYS.format("hello\n[1]"), bound_seconds=1)
    assert tried.problem == "it did not answer within 1 seconds"


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_a_command_that_hangs_is_ended_with_what_it_started(
    environment: Environment, tmp_path: Path
) -> None:
    """A wrapper's child holds the pipe open; waiting for it would be waiting for ever."""
    child = "['-c', 'import time; time.sleep(600)']"
    wrapper = f"import subprocess, sys; subprocess.run([sys.executable, *{child}])"
    began = time.monotonic()
    tried = try_python(environment, wrapper, bound_seconds=0.5)
    assert tried.problem == "it did not answer within 0.5 seconds"
    assert time.monotonic() - began < 300


def test_a_server_that_does_not_leave_is_ended(environment: Environment) -> None:
    """It answered, so the entry works; its manners are another matter."""
    stays = SAYS.format('{"id": 2, "result": {"tools": [1, 2]}}') + "; import time; time.sleep(600)"
    assert try_python(environment, stays, farewell_seconds=0.2).tools == 2
