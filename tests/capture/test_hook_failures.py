"""What a hook could not do is on record, bounded, private, and readable beside writers."""

import json
import stat
from pathlib import Path

import pytest

from bicameral.capture.hook_failures import (
    HOOK_FAILURES_FILE,
    LIMITS,
    LONGEST_REASON,
    HookFailure,
    read_hook_failures,
    record_hook_failure,
)
from bicameral.environment import Environment
from bicameral.errors import HomeUnusable
from tests.capture.processes import run, run_at_once
from tests.conftest import Clock, MakeEnvironment


def test_failures_come_back_newest_last(environment: Environment, clock: Clock) -> None:
    """A person who looks wants to know what, when and why."""
    record_hook_failure(environment, hook="after-edit", reason="No space left on device")
    clock.advance(seconds=1)
    record_hook_failure(environment, hook="session-end", reason="salt_unusable")
    assert read_hook_failures(environment.home) == [
        HookFailure("2026-05-28T20:26:40.000000Z", "after-edit", "No space left on device"),
        HookFailure("2026-05-28T20:26:41.000000Z", "session-end", "salt_unusable"),
    ]
    file = environment.home / HOOK_FAILURES_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(environment.home.stat().st_mode) == 0o700


def test_a_reason_is_one_line_of_bounded_length(environment: Environment) -> None:
    """It is shown in lists, and a loop of failures must not grow by what it quotes."""
    record_hook_failure(environment, hook="h", reason="two\n lines " + "x" * 1_000)
    [failure] = read_hook_failures(environment.home)
    assert failure.reason.startswith("two lines xxx")
    assert len(failure.reason) == LONGEST_REASON


def test_the_file_does_not_grow_without_end(environment: Environment) -> None:
    """A broken installation fails at every edit, for months; the newest rows stay."""
    for number in range(2 * LIMITS.size_bytes // 300 + 200):
        record_hook_failure(environment, hook="h", reason=f"{number} {'x' * 280}")
    sizes = {each.name: each.stat().st_size for each in environment.home.glob("hook_f*.jsonl*")}
    assert set(sizes) >= {HOOK_FAILURES_FILE, f"{HOOK_FAILURES_FILE}.1"}
    assert sum(sizes.values()) <= 2 * (LIMITS.size_bytes + 400)
    assert read_hook_failures(environment.home)[-1].reason.startswith(f"{number} ")


def test_a_failure_after_years_of_quiet_stays(environment: Environment, clock: Clock) -> None:
    """Each hook is a process of its own, and none may remove what the one before has kept."""
    for number in range(3):
        record_hook_failure(environment, hook="h", reason=str(number))
        clock.advance(seconds=1 if number else 800 * 86_400)
    assert [each.reason for each in read_hook_failures(environment.home)] == ["0", "1", "2"]


def test_what_is_no_failure_is_skipped(environment: Environment) -> None:
    """The disk was full, a process died, the launcher wrote beside us."""
    record_hook_failure(environment, hook="a", reason="first")
    with (environment.home / HOOK_FAILURES_FILE).open("ab") as file:
        file.write(b'{"ts":1,"hook":"x","reason":"y"}\n[]\nnull\n{"ts":"t"}\n[[[\n\xff\n{"ts": "2')
    record_hook_failure(environment, hook="b", reason="second")
    assert [each.hook for each in read_hook_failures(environment.home)] == ["a", "b"]


def test_no_file_is_no_failure_and_an_unreadable_one_is_an_error(
    environment: Environment, tmp_path: Path
) -> None:
    """Silence must mean that nothing failed."""
    assert read_hook_failures(environment.home) == []
    (environment.home / HOOK_FAILURES_FILE).mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        read_hook_failures(environment.home)


def test_a_home_that_takes_nothing_is_an_error(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """The hook has stderr left; it must know."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(HomeUnusable):
        record_hook_failure(make_environment(home=tmp_path / "file"), hook="h", reason="r")


def test_a_link_is_not_written_through(environment: Environment, tmp_path: Path) -> None:
    """Somebody could have a hook fill a file of theirs choosing."""
    environment.home.mkdir()
    target = tmp_path / "target"
    target.write_text("mine", encoding="utf-8")
    (environment.home / HOOK_FAILURES_FILE).symlink_to(target)
    with pytest.raises(OSError, match="symbolic links"):
        record_hook_failure(environment, hook="h", reason="r")
    assert target.read_text(encoding="utf-8") == "mine"


WRITER = """
import dataclasses, pathlib
from bicameral.capture.hook_failures import record_hook_failure
from bicameral.environment import read_environment

number, home = sys.argv[1:]
environment = dataclasses.replace(read_environment(), home=pathlib.Path(home))
wait_for_the_others()
for each in range(50):
    record_hook_failure(environment, hook=f"h{number}", reason=str(each))
"""


def test_hooks_that_fail_at_once_lose_nothing(environment: Environment) -> None:
    """Sub-agents edit side by side."""
    run_at_once(WRITER, 4, environment.home)
    found = {(each.hook, each.reason) for each in read_hook_failures(environment.home)}
    assert found == {(f"h{number}", str(each)) for number in range(4) for each in range(50)}


def test_it_imports_the_standard_library_alone() -> None:
    """It is imported on the way of every hook that fails, and of `session-start`."""
    code = "import bicameral.capture.hook_failures, bicameral.capture.reminders\n"
    modules = json.loads(run(code + "import json; print(json.dumps(sorted(sys.modules)))"))
    assert "bicameral.capture.hook_failures" in modules
    assert not {"msgspec", "pydantic", "sqlalchemy", "subprocess", "asyncio"} & set(modules)
