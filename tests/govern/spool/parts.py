"""What the tests of the spool share: a home with captured rows, and a look at what is queued."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bicameral.capture.rows import EVENTS_FILE
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from bicameral.govern.spool.folder import FOLDER, PENDING
from bicameral.registry.whole import whole_registry

REGISTRY = whole_registry()
SESSION = "session-of-frobnitz"


def capture(environment: Environment, rows: int, *, mode: str = "preflight") -> None:
    """Have rows captured as a server would, one preflight each."""
    variables = {"BICAMERAL_TELEMETRY": mode}
    telemetry = Telemetry(with_variables(environment, variables))
    for number in range(rows):
        telemetry.write_preflight_event(
            session_id=SESSION,
            preflight_id=telemetry.new_preflight_id(),
            topic=f"retry failed charges of Frobnitz, {number}",
            file_paths=[f"tenants/frobnitz/{number}.py"],
            fired=True,
            surfaced_ids=["dec_01KSR4920095W4EEB1VEJ17HAM"],
            reason="fired",
        )
    telemetry.close()


def with_variables(environment: Environment, variables: Mapping[str, str]) -> Environment:
    """Return the environment with other variables."""
    from dataclasses import replace

    return replace(environment, variables=dict(variables))


def plant(environment: Environment, **fields: Any) -> None:
    """Write a line into the log of events as no part of ours would: a real one, changed."""
    path = environment.home / EVENTS_FILE
    row = json.loads(path.read_text(encoding="utf-8").splitlines()[0]) | fields
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def queued(home: Path) -> list[dict[str, Any]]:
    """Return every row that waits, in order."""
    pending = home / FOLDER / PENDING
    batches = [json.loads(path.read_bytes()) for path in sorted(pending.glob("*.json"))]
    return [row for batch in batches for row in batch["rows"]]


# A process of its own that is killed at its first step, then at its second, and so on until it
# gets through: each change of a file counts, and each connection. A copy of the home for each.
KILLER = """
import os, shutil, signal, sys
from pathlib import Path

STEPS = {"os.rename", "os.remove", "os.mkdir", "os.link", "os.truncate", "socket.connect"}


def is_step(event, arguments):
    if event == "open":
        path, _mode, flags = arguments
        return isinstance(path, (str, bytes)) and "spool" in os.fsdecode(path)
    return event in STEPS


def run_killed(work, number):
    left = [number]

    def count(event, arguments):
        if is_step(event, arguments):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    work()
    os._exit(0)


def kill_everywhere(prepare, work):
    number = 0
    while True:
        number += 1
        prepare(number)
        child = os.fork()
        if child == 0:
            run_killed(lambda: work(number), number)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, number
            return number
        child = os.fork()
        if child == 0:
            work(number)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, number
"""
PYTHON = sys.executable
