"""A person with a repository of two records and some code, and one who has read them in."""

import os
from dataclasses import replace

import pytest

from bicameral.environment import Environment
from tests.cli.parts import Person, fill
from tests.conftest import GIT_VARIABLES, MakeEnvironment, Repository


@pytest.fixture
def environment(make_environment: MakeEnvironment, repository: Repository) -> Environment:
    made = make_environment(cwd=repository.root, variables={**GIT_VARIABLES, "COLUMNS": "80"})
    return replace(made, process_id=os.getpid())


@pytest.fixture
def person(repository: Repository, environment: Environment) -> Person:
    fill(repository)
    return Person(repository, environment.home, environment)


@pytest.fixture
def reader(person: Person) -> Person:
    """One whose ledger holds the decisions."""
    assert person.run_here("ingest", "docs/adr").status == 0
    return person
