"""A session is reminded once, and never of a file that one of its preflights covered."""

from pathlib import Path

import msgspec
import pytest

from bicameral.capture.events import PreflightReminded
from bicameral.capture.log import RotatedLog
from bicameral.capture.reminders import SEARCH_BYTES, remind_once
from bicameral.capture.rotation import Limits
from bicameral.capture.rows import EVENTS_FILE, encode_row, read_rows
from bicameral.capture.salt import read_salt
from bicameral.capture.telemetry import Telemetry
from bicameral.environment import Environment
from bicameral.errors import HomeUnusable, SaltUnusable
from tests.capture.processes import run_at_once
from tests.conftest import MakeEnvironment

ON = {"BICAMERAL_TELEMETRY": "preflight"}


@pytest.fixture
def capturing(make_environment: MakeEnvironment) -> Environment:
    return make_environment(variables=ON)


def ask(environment: Environment, *paths: str, session_id: str = "s1", reason: str = "x") -> None:
    """Write the row of a preflight as the server does."""
    telemetry = Telemetry(environment)
    telemetry.write_preflight_event(
        session_id=session_id,
        preflight_id="p1",
        topic="t",
        file_paths=paths,
        fired=False,
        surfaced_ids=[],
        reason=reason,
    )
    telemetry.close()


def remind(environment: Environment, path: str = "src/pay.py", *, session_id: str = "s1") -> bool:
    return remind_once(environment, session_id=session_id, file_path=path, tool="Edit")


def reminders(environment: Environment) -> list[dict[str, object]]:
    rows = read_rows(environment.home / EVENTS_FILE)
    return [row for row in rows if row["event_type"] == "preflight_reminded"]


def test_the_first_uncovered_edit_of_a_session_is_reminded_of_and_no_other(
    capturing: Environment,
) -> None:
    """A reminder that comes again is noise, and teaches its reader to look away."""
    assert remind(capturing)
    assert not remind(capturing)
    assert not remind(capturing, "src/other.py")
    assert remind(capturing, session_id="s2")
    first, second = (msgspec.convert(row, PreflightReminded) for row in reminders(capturing))
    assert (first.session_id, second.session_id) == ("s1", "s2")
    assert first.path_hash == second.path_hash
    assert (first.tool, first.repository_id) == ("Edit", None)
    assert set(reminders(capturing)[0]) == set(PreflightReminded.__struct_fields__)
    assert b"pay" not in (capturing.home / EVENTS_FILE).read_bytes()


@pytest.mark.parametrize("named", ["src/pay.py", "src", "./src/pay.py", "src\\pay.py"])
def test_a_path_that_a_preflight_named_is_covered(capturing: Environment, named: str) -> None:
    """By its own name in any spelling, or by a folder's that it lies in."""
    ask(capturing, "docs/a.md", named)
    assert not remind(capturing)
    assert remind(capturing, "tests/pay.py")


@pytest.mark.parametrize("named", [(), ("src/pay.pyx",), ("pay.py",), ("src/pay.py/x",)])
def test_another_path_covers_nothing(capturing: Environment, named: tuple[str, ...]) -> None:
    """A preflight without paths says nothing about this file."""
    ask(capturing, *named)
    assert remind(capturing)


def test_a_preflight_of_another_session_covers_nothing(capturing: Environment) -> None:
    """Its answer was read by another agent."""
    ask(capturing, "src/pay.py", session_id="s2")
    assert remind(capturing)


@pytest.mark.parametrize("reason", ["preflight_disabled", "ledger_unavailable", "recently_checked"])
def test_who_asked_and_got_no_answer_has_asked(capturing: Environment, reason: str) -> None:
    """The agent did its part."""
    ask(capturing, "src/pay.py", reason=reason)
    assert not remind(capturing)


def test_a_preflight_is_found_behind_a_rotation_and_many_other_rows(
    capturing: Environment,
) -> None:
    """A long session writes hundreds of rows after its preflight."""
    ask(capturing, "src/pay.py")
    log = RotatedLog(capturing.home / EVENTS_FILE, limits=Limits(size_bytes=20_000))
    for number in range(800):
        row = {"ts": "2026-01-01", "session_id": "s1", "event_type": "edit_observed"}
        log.append(encode_row(row | {"path_hash": f"{number:016}"}), time_ns=0)
    log.close()
    assert (capturing.home / f"{EVENTS_FILE}.1").exists()
    assert not remind(capturing)


def test_what_lies_too_far_back_is_not_looked_for(capturing: Environment) -> None:
    """The search is bounded, because it stands before every edit; it errs to one reminder."""
    ask(capturing, "src/pay.py")
    with (capturing.home / EVENTS_FILE).open("ab") as file:
        file.write(b'{"event_type":"edit_observed"}\n' * (SEARCH_BYTES // 30 + 4_000))
    assert remind(capturing)
    assert not remind(capturing)


def test_rows_that_are_not_ours_are_passed_over(capturing: Environment) -> None:
    """Torn lines, other writers, hashes of another kind."""
    ask(capturing, "docs/a.md")
    with (capturing.home / EVENTS_FILE).open("ab") as file:
        file.write(b'"s1" "preflight"\n["s1","preflight"]\n{"s1":"preflight"\n')
        file.write(b'{"session_id":"s1","event_type":"preflight","path_hashes":[{},7,null]}\n')
        file.write(b'{"session_id":"s1","event_type":"preflight","path_hashes":7}\n')
    assert remind(capturing)


def test_a_reminder_that_cannot_be_recorded_is_none(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """It would come again at every edit; the hook says what is wrong instead."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(HomeUnusable):
        remind(make_environment(home=tmp_path / "file", variables=ON))
    environment = make_environment(variables=ON)
    read_salt(environment.home, environment.random_bytes)
    (environment.home / "salt").write_bytes(b"short")
    with pytest.raises(SaltUnusable):
        remind(environment)
    assert not (environment.home / EVENTS_FILE).exists()


REMINDER = """
import dataclasses, pathlib
from bicameral.capture.reminders import remind_once
from bicameral.environment import read_environment

number, home = sys.argv[1:]
environment = dataclasses.replace(read_environment(), home=pathlib.Path(home))
wait_for_the_others()
print(remind_once(environment, session_id="s1", file_path=f"src/{number}.py", tool="Edit"))
"""


def test_edits_at_once_are_reminded_once(capturing: Environment) -> None:
    """Sub-agents of one session edit side by side."""
    outputs = run_at_once(REMINDER, 6, capturing.home)
    assert sorted(each.split()[-1] for each in outputs) == ["False"] * 5 + ["True"]
    assert len(reminders(capturing)) == 1
