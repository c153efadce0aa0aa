"""What tests of the self-check share: a person to examine, and a state of files to compare."""

import hashlib
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import server
from bicameral.cli.doctor_around import surroundings_of
from bicameral.cli.execution import Work
from bicameral.environment import Environment
from bicameral.observe.doctor.finding import Finding
from bicameral.observe.doctor.running import run_checks
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.doctor.table import BY_ID
from tests.cli.parts import Person

SCRIPTS = Path(sys.executable).parent
Result = Mapping[str, Any]


def examine(person: Person, check: str) -> Result:
    """Run one check through the command; its exit status has to fit what it found."""
    ended = person.run_here("doctor", "--json", "--only", check)
    [result] = ended.answer()["results"]
    assert ended.status == int(result["status"] == "FAIL"), ended
    assert isinstance(result, dict)
    return result


def around(environment: Environment, start: Path, **changes: Any) -> Surroundings:
    """Return real surroundings, some of them replaced."""
    work = Work(environment, server.Desk, start=start, as_json=True)
    return replace(surroundings_of(work), **changes)


def find(surroundings: Surroundings, check: str) -> Result:
    """Run one check with these surroundings."""
    [result] = run_checks(surroundings, [BY_ID[check]]).results
    return {name: getattr(result, name) for name in ("status", "reason", "evidence", "mend")}


def is_named(finding: Finding | Result, *words: str) -> bool:
    """Tell whether a check failed, saying these words and what mends it."""
    if isinstance(finding, Finding):
        finding = {
            name: getattr(finding, name) for name in ("status", "reason", "evidence", "mend")
        }
    said = " ".join([finding["reason"], *finding["evidence"], finding["mend"]])
    assert finding["status"] == "FAIL", said
    assert finding["mend"], said
    for each in words:
        assert each in said, said
    return True


def state_of(folder: Path) -> dict[str, tuple[object, ...]]:
    """Return everything that a change of a folder would change, but for the times of reading.

    What is renamed between its listing and the look at it is not there.
    """
    found = {str(each): _state(each) for each in [folder, *sorted(folder.rglob("*"))]}
    return {name: state for name, state in found.items() if state is not None}


def _state(path: Path) -> tuple[object, ...] | None:
    try:
        state = path.lstat()
        is_file = stat.S_ISREG(state.st_mode)
        content = hashlib.sha256(path.read_bytes()).hexdigest() if is_file else ""
    except FileNotFoundError:
        return None
    return content, state.st_mode, state.st_ino, state.st_mtime_ns, state.st_ctime_ns


def make_old(path: Path, *, days: float, before_ns: int) -> None:
    """Give a file a time in the past."""
    then = before_ns - int(days * 86_400 * 1e9)
    os.utime(path, ns=(then, then))
