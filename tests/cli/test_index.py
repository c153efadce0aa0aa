"""`index` as a person and a script run it."""

import os
from pathlib import Path

from tests.cli.parts import Person

CHANGED = "from src import payments\n\npayments.charge_card(1, 2)\n"


def test_an_index_is_told_of_before_and_after_it_is_made(person: Person) -> None:
    """Whoever only looks makes nothing, and learns what would."""
    look = person.run_here("index", "--status")
    assert look.status == 0
    assert "no whole index of this work tree yet; `bicameral-mcp index` makes it" in look.out
    assert not person.home.exists()

    made = person.run_here("index")
    assert made.status == 0
    assert "new or changed, 0 gone" in made.out
    assert "as HEAD and git's index are" in made.out
    assert list((person.home / "index").glob("*.code.sqlite3"))


def test_a_second_run_reads_what_changed_and_no_more(person: Person) -> None:
    """Following a repository costs what happened in it, not what is in it."""
    for path in person.repository.root.rglob("*.*"):
        os.utime(path, (10**9, 10**9))  # what was written this very moment is read once more
    first = person.run_here("index", "--json").answer()
    assert first["changed"] == first["files"] > 0
    again = person.run_here("index", "--json").answer()
    assert (again["changed"], again["dropped"]) == (0, 0)

    root = person.repository.root
    (root / "src" / "shop.py").write_text(CHANGED, encoding="utf-8")
    (root / "src" / "payments.py").unlink()
    person.repository.git("add", "-A")
    status = person.run_here("index", "--status", "--json").answer()
    assert not status["is_current"]
    assert "changed" not in status, "nothing was read"
    last = person.run_here("index", "--json").answer()
    assert (last["changed"], last["dropped"], last["is_current"]) == (1, 1, True)


def test_a_folder_without_a_repository_is_refused(person: Person, tmp_path: Path) -> None:
    """There is nothing to read, and the next step is said."""
    folder = tmp_path / "none"
    folder.mkdir()
    refused = person.run_here("index", "--repo", str(folder))
    assert refused.status != 0
    assert "git" in refused.err
    assert not list(person.home.glob("index/*"))
