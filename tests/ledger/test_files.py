"""The ledger's files: none until something is written, and then for their owner alone."""

import os
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.environment import Environment
from bicameral.ledger.bindings import bound_paths, decisions_on, groundings_of, regions_on
from bicameral.ledger.bypasses import bypassed_lately, last_bypass
from bicameral.ledger.database import LEDGER_FILE, Ledger
from bicameral.ledger.decisions import find_by_content, find_by_source, get_decisions, successors
from bicameral.ledger.domain import View
from bicameral.ledger.listing import audit_of, feature_groups, list_decisions, list_with_status
from bicameral.ledger.questions import questions_of, waiting_questions
from bicameral.ledger.repositories import cursor_of, find_repository
from bicameral.ledger.search import search
from bicameral.ledger.terms import term_statistics
from bicameral.ledger.transaction import revision
from tests.conftest import MakeEnvironment
from tests.ledger.parts import ACTOR, KEYS, a_decision
from tests.ledger.places import Places

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_reading_a_ledger_that_was_never_written_answers_as_an_empty_one(places: Places) -> None:
    """A first preflight in a fresh install is silence, not an error and not a new file."""
    home, _ = place = places.new_place()
    view = View("rep_unknown")
    with places.open(place).reading() as connection:
        assert revision(connection) == 0
        assert find_repository(connection, KEYS) is None
        assert decisions_on(connection, view, ["a.py"], most=9) == {}
        assert groundings_of(connection, view, ["dec_x"]) == {"dec_x": []}
        assert regions_on(connection, view, ["a.py"]) == []
        assert bound_paths(connection, view) == set()
        assert waiting_questions(connection, view.repository_id, most=9) == []
        assert questions_of(connection, ["dec_x"]) == []
        assert get_decisions(connection, ["dec_x"]) == {}
        assert find_by_source(connection, view.repository_id, [("adr", "x")]) == {}
        assert find_by_content(connection, view.repository_id, ["digest"]) == {}
        assert successors(connection, ["dec_x"]) == {}
        assert search(connection, view.repository_id, "postgres billing") == []
        assert term_statistics(connection, view.repository_id, ["postgr"]).terms == []
        assert list_decisions(connection, view.repository_id).decisions == []
        assert list_with_status(connection, view).entries == []
        assert feature_groups(connection, view.repository_id, limit=9) == []
        assert audit_of(connection, "dec_x", limit=9) == []
        assert last_bypass(connection, "dec_x") == 0
        assert bypassed_lately(connection, ["dec_x"], now=0) == set()
        assert cursor_of(connection, view) is None
    assert not home.exists()


def test_threads_that_read_a_ledger_that_does_not_exist_do_not_disturb_each_other(
    sqlite_places: Places,
) -> None:
    """A server answers its first calls from several threads, and on an empty home."""
    ledger = sqlite_places.open()

    def read(_: int) -> None:
        for _ in range(20):
            with ledger.reading() as connection:
                assert revision(connection) == 0
                assert list_decisions(connection, "rep_unknown").decisions == []

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [None] * 8


def test_a_ledger_read_before_it_exists_is_seen_once_another_wrote_it(places: Places) -> None:
    """A server that started first must not go on answering from the empty ledger."""
    place = places.new_place()
    reader, writer = places.open(place), places.open(place)
    with reader.reading() as connection:
        assert find_repository(connection, KEYS) is None
    with writer.writing(ACTOR) as transaction:
        a_decision(transaction)
    with reader.reading() as connection:
        assert find_repository(connection, KEYS) is not None


@posix_only
def test_files_are_for_their_owner_alone_under_an_open_umask(
    sqlite_places: Places, open_umask: None
) -> None:
    """Decisions are a team's own; a umask is no reason to show them to the machine."""
    home, _ = place = sqlite_places.new_place()
    ledger = sqlite_places.open(place)
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction)
        names = {path.name for path in home.iterdir()}
        assert names == {LEDGER_FILE, f"{LEDGER_FILE}-wal", f"{LEDGER_FILE}-shm"}
        assert {mode_of(path) for path in home.iterdir()} == {0o600}
    assert mode_of(home) == 0o700


@posix_only
def test_files_found_open_to_others_are_tightened(sqlite_places: Places) -> None:
    """A copy restored from a backup often comes back readable by all."""
    home, _ = place = sqlite_places.new_place()
    home.mkdir(mode=0o755)
    path = home / LEDGER_FILE
    path.touch(mode=0o644)
    path.chmod(0o644)
    home.chmod(0o755)
    with sqlite_places.open(place).writing(ACTOR) as transaction:
        a_decision(transaction)
    assert (mode_of(home), mode_of(path)) == (0o700, 0o600)


@pytest.mark.parametrize("name", ["what?mode=ro", "per%20cent", "ha#sh", "@nd:colon", "größe 日本"])
def test_a_home_may_have_any_name(
    name: str, make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """A path is not a URL: characters that mean something there are letters here."""
    home = tmp_path / name
    ledger = Ledger(make_environment(home=home))
    with ledger.writing(ACTOR) as transaction:
        decision = a_decision(transaction)
    with ledger.reading() as connection:
        assert list(get_decisions(connection, [decision.id])) == [decision.id]
    ledger.close()
    assert [path.name for path in home.iterdir()] == [LEDGER_FILE]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_sqlite_url_is_a_file_like_the_default_one(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """Its folder is somebody's own and keeps its mode; reading makes no file there either."""
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    ledger = Ledger(make_environment(), url=f"sqlite:///{folder}/team.sqlite3")
    with ledger.reading() as connection:
        assert revision(connection) == 0
    assert list(folder.iterdir()) == []
    with ledger.writing(ACTOR) as transaction:
        a_decision(transaction)
    ledger.close()
    assert ledger.path == folder / "team.sqlite3"
    if sys.platform != "win32":
        assert (mode_of(folder), mode_of(ledger.path)) == (0o755, 0o600)


def test_a_second_ledger_in_the_same_process_does_not_unlock_the_first(
    sqlite_places: Places,
) -> None:
    """Closing any descriptor of a file drops all POSIX locks a process has on it."""
    place = sqlite_places.new_place()
    first = sqlite_places.open(place)
    with first.writing(ACTOR) as transaction:
        a_decision(transaction)
        locks_before = locks_of_this_process(first.path)
        with sqlite_places.open(place).reading() as connection:
            assert revision(connection) == 0
        assert locks_of_this_process(first.path) >= locks_before > 0


def locks_of_this_process(path: Path | None) -> int:
    """Count the locks this process holds on a file, as Linux tells them."""
    table = Path("/proc/locks")
    if path is None or not table.exists():
        pytest.skip("only Linux tells who holds which lock")
    inode = f":{path.stat().st_ino}"
    rows = [line.split() for line in table.read_text(encoding="utf-8").splitlines()]
    own = [row for row in rows if str(os.getpid()) in row]
    return sum(any(part.endswith(inode) for part in row) for row in own)


def test_the_environment_is_only_read_when_something_is_written(environment: Environment) -> None:
    """Opening a ledger that nobody asked anything is free of effects."""
    ledger = Ledger(replace(environment, variables={}))
    ledger.close()
    assert not environment.home.exists()
