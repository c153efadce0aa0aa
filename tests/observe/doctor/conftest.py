"""Somebody whose machine is as it should be: a home folder, a repository, and this command."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.environment import Environment
from tests.cli.conftest import filled, read_in
from tests.cli.parts import Person
from tests.conftest import GIT_VARIABLES, MakeEnvironment, Repository, environment_at
from tests.observe.doctor.parts import SCRIPTS

__all__ = ["filled", "read_in"]


@pytest.fixture
def you(tmp_path: Path) -> Path:
    """A person's home folder, in which no client has settings."""
    (tmp_path / "you").mkdir()
    return tmp_path / "you"


@pytest.fixture
def environment(
    make_environment: MakeEnvironment, repository: Repository, you: Path
) -> Environment:
    path = f"{SCRIPTS}{os.pathsep}{GIT_VARIABLES['PATH']}"
    variables = {**GIT_VARIABLES, "COLUMNS": "80", "PATH": path, "HOME": str(you)}
    made = make_environment(cwd=repository.root, variables={**variables, "USERPROFILE": str(you)})
    return replace(made, process_id=os.getpid())


@pytest.fixture
def person(repository: Repository, environment: Environment, filled: Repository) -> Person:
    shutil.copytree(filled.root, repository.root, dirs_exist_ok=True)
    return Person(repository, environment.home, environment)


@pytest.fixture(scope="session")
def used(filled: Repository, read_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home to copy, with decisions, captured rows and a reconciliation."""
    home = tmp_path_factory.mktemp("used") / "home"
    shutil.copytree(read_in, home)
    variables = {**GIT_VARIABLES, "BICAMERAL_TELEMETRY": "preflight"}
    environment = environment_at(home, cwd=filled.root, variables=variables)
    captured = Person(filled, home, environment)
    captured.run_here("preflight", "charge a card", "src/payments.py")
    decision = captured.first_id()
    captured.run_here("ratify", decision)
    assert captured.run_here("reconcile").status == 0
    return home


@pytest.fixture
def user(person: Person, used: Path) -> Person:
    """One who has used it."""
    shutil.copytree(used, person.home)
    return person.elsewhere(person.home, BICAMERAL_TELEMETRY="preflight")
