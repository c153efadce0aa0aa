"""The project's own decision records, read by the project's own reader."""

import shutil
from pathlib import Path

import pytest

from tests.cli.parts import Person
from tests.conftest import MakeEnvironment, Repository
from tests.docs.pages import ROOT, headings, links, read

RECORDS = sorted((ROOT / "docs/adr").glob("[0-9]*.md"))


@pytest.fixture
def person(make_environment: MakeEnvironment, repository: Repository, tmp_path: Path) -> Person:
    """Somebody in a repository that holds the records and the code they name."""
    for name in ("docs/adr", "bicameral"):
        ignored = shutil.ignore_patterns("__pycache__", "*.json", "*.jsonl")
        shutil.copytree(ROOT / name, repository.root / name, ignore=ignored)
    repository.commit("Everything")
    environment = make_environment(home=tmp_path / "home", cwd=repository.root)
    return Person(repository, tmp_path / "home", environment)


def test_every_record_is_read_as_a_ratified_decision(person: Person) -> None:
    """A format that our own reader did not take would be no example to anybody."""
    answer = person.run_here("ingest", "docs/adr", "--json").answer()
    titles = {each["title"]: each["signoff"] for each in answer["decisions"]}
    assert titles == {headings(read(path))[0].partition(". ")[2]: "ratified" for path in RECORDS}
    assert answer["added"] == len(RECORDS) >= 8
    skipped = {each["path"]: each["reason"] for each in answer.get("skipped", [])}
    assert skipped.keys() <= {"docs/adr/README.md"}


def test_they_are_numbered_without_a_gap_and_listed() -> None:
    """A number that is missing is a decision that somebody looks for."""
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))
    assert links(read("docs/adr/README.md")) == [path.name for path in RECORDS]
