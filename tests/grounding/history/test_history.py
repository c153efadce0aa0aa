"""The history: read from a real log, a part at a time, and added to commit by commit."""

import sqlite3
from pathlib import Path

import pytest

from bicameral.environment import Environment
from bicameral.grounding.history import history as module
from bicameral.grounding.history.history import History
from bicameral.grounding.history.past import breadth, nearness
from bicameral.grounding.history.store import history_path
from bicameral.grounding.repository import Repository as Working
from tests.conftest import MakeEnvironment, Repository

ID = "rep_1"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "repository")
    made.commit("Add the gateway", **{"src/pay/gateway.py": "1"})
    made.commit("Charge once (ADR-0012)", **{"src/pay/charge.py": "1"})
    made.commit("Tidy the views", **{"src/web/views.py": "1"})
    return made


@pytest.fixture
def environment(make_environment: MakeEnvironment) -> Environment:
    return make_environment()


def history_of(repository: Repository, environment: Environment) -> History:
    found = Working.discover(repository.root, environment.variables)
    return History(environment, found, ID)


def test_the_log_is_read_once_and_then_added_to(
    repository: Repository, environment: Environment
) -> None:
    """What is known is not read again; what is new follows what was the newest."""
    history = history_of(repository, environment)
    before = history.look()
    assert before is not None
    repository.commit("Refund by ADR-12", **{"src/pay/refund.py": "1"})

    after = history.look()

    assert after is not None
    assert (before.commit_count, after.commit_count) == (3, 4)
    assert [each.subject for each in after.citing.values()] == [
        "Refund by ADR-12",
        "Charge once (ADR-0012)",
    ]
    assert after.newest > before.newest
    assert {each.subject for each in after.silent} == {"Add the gateway", "Tidy the views"}
    history.close()


def test_a_long_log_is_read_in_parts(
    repository: Repository,
    environment: Environment,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without time left a look reads one part, the newest first, and the next goes on there."""
    monkeypatch.setattr(module, "STEP", 2)
    history = history_of(repository, environment)

    counts = []
    for _ in range(3):
        past = history.look(budget_seconds=-1)
        assert past is not None
        counts.append(past.commit_count)

    assert counts == [2, 3, 3]
    history.close()


def test_a_second_process_finds_what_the_first_one_read(
    repository: Repository, environment: Environment
) -> None:
    """The file outlives the server, and is its owner's alone."""
    first = history_of(repository, environment)
    first.look()
    first.close()

    second = history_of(repository, environment)
    past = second.look(budget_seconds=-1)

    assert past is not None
    assert past.commit_count == 3
    assert history_path(environment.home, ID).stat().st_mode & 0o777 == 0o600
    second.close()


def test_a_rewritten_history_is_read_anew(repository: Repository, environment: Environment) -> None:
    """A commit that is gone for good says nothing any more."""
    history = history_of(repository, environment)
    history.look()
    repository.git("checkout", "--quiet", "--orphan", "fresh")
    repository.commit("Start over", **{"a.py": "1"})
    repository.git("branch", "-D", "main")
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "--quiet", "--prune=now")

    past = history.look()

    assert past is not None
    assert past.commit_count == 1
    history.close()


def test_a_damaged_file_is_made_anew(repository: Repository, environment: Environment) -> None:
    """All of it can be read from git again."""
    path = history_path(environment.home, ID)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    history = history_of(repository, environment)

    past = history.look()

    assert past is not None
    assert past.commit_count == 3
    history.close()


def test_a_locked_file_costs_the_channel_and_not_the_answer(
    repository: Repository, environment: Environment
) -> None:
    """A preflight goes by the ledger alone then, and it is said why."""
    history = history_of(repository, environment)
    history.look()
    history.close()
    other = sqlite3.connect(history_path(environment.home, ID), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    repository.commit("One more", **{"b.py": "1"})

    assert history.look() is None
    assert "locked" in history.failure

    other.execute("ROLLBACK")
    other.close()
    assert history.look() is not None
    history.close()


def test_before_the_first_commit_there_is_no_past(tmp_path: Path, environment: Environment) -> None:
    """An empty repository is no fault."""
    history = history_of(Repository(tmp_path / "empty"), environment)

    past = history.look()

    assert past is not None
    assert past.commit_count == 0
    history.close()


def test_nearness_goes_by_files_and_by_folders(
    repository: Repository, environment: Environment
) -> None:
    """A file beside one that was changed is near, a file elsewhere is not."""
    history = history_of(repository, environment)
    past = history.look()
    assert past is not None
    [number] = past.citing

    assert nearness(past, ["src/pay/charge.py"]) == {number: 1.0}
    assert nearness(past, ["src/pay/other.py"]) == {number: 1.0}
    assert nearness(past, ["src/web/views.py"]) == {}
    assert nearness(past, ["src/pay/other.py", "src/web/a.py"])[number] == pytest.approx(0.5**0.5)
    history.close()


def test_words_are_counted_once_a_commit(repository: Repository, environment: Environment) -> None:
    """How common a word is among commits says how little it tells."""
    history = history_of(repository, environment)
    history.look()

    assert history.words(["pay", "charg", "unheard"]) == {"pay": (0, 2), "charg": (1, 1)}
    history.close()


def test_a_broad_change_is_one_that_few_commits_match(
    repository: Repository, environment: Environment
) -> None:
    """Breadth is a share of the repository's own commits; without paths it says nothing."""
    history = history_of(repository, environment)
    past = history.look()
    assert past is not None
    several = [f"src/web/{number}.py" for number in range(9)]

    assert breadth(past, several) == 1.0
    assert breadth(past, several[:1]) == breadth(past, ()) == 0.5
    history.close()


def test_tests_make_no_change_broader(repository: Repository, environment: Environment) -> None:
    """Who tests more does not decide more; a change of tests alone is a narrow one."""
    history = history_of(repository, environment)
    past = history.look()
    assert past is not None
    tests = [f"tests/test_{number}.py" for number in range(9)]

    assert breadth(past, ["src/web/a.py", *tests]) == breadth(past, ["src/web/a.py"])
    assert breadth(past, tests) == 0.0
    history.close()
