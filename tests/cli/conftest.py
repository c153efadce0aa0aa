"""A person with a repository of two records and some code, and one who has read them in."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.environment import Environment
from tests.cli.parts import Person, fill
from tests.conftest import GIT_VARIABLES, MakeEnvironment, Repository, environment_at


@pytest.fixture
def environment(make_environment: MakeEnvironment, repository: Repository) -> Environment:
    made = make_environment(cwd=repository.root, variables={**GIT_VARIABLES, "COLUMNS": "80"})
    return replace(made, process_id=os.getpid())


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """The repository to copy: a copy costs less than the processes that made it."""
    made = Repository(tmp_path_factory.mktemp("filled") / "repository")
    fill(made)
    return made


@pytest.fixture(scope="session")
def read_in(filled: Repository, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home to copy, whose ledger holds the decisions of that repository."""
    home = tmp_path_factory.mktemp("read_in") / "home"
    environment = environment_at(home, cwd=filled.root, variables=GIT_VARIABLES)
    person = Person(filled, home, environment)
    assert person.run_here("ingest", "docs/adr").status == 0
    return home


@pytest.fixture
def person(repository: Repository, environment: Environment, filled: Repository) -> Person:
    shutil.copytree(filled.root, repository.root, dirs_exist_ok=True)
    return Person(repository, environment.home, environment)


@pytest.fixture
def reader(person: Person, read_in: Path) -> Person:
    """One whose ledger holds the decisions."""
    shutil.copytree(read_in, person.home)
    return person
