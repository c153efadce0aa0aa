"""A team whose author and owner are known by name."""

import os
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.conftest import GIT_VARIABLES, MakeEnvironment, Repository
from tests.review.promotion.parts import Bench


@pytest.fixture
def bench(make_repository: Callable[[], Repository], make_environment: MakeEnvironment) -> Bench:
    repository = make_repository()
    repository.git("config", "user.name", "Zelda Quux")
    repository.git("config", "user.email", "zquux@northwind-traders.com")
    repository.git("remote", "add", "origin", "git@git.northwind.io:Blorptech/flimflam.git")
    repository.write("src/payments.py", "def charge_card(amount, key):\n    return amount\n")
    repository.commit("Take payments")
    variables = {**GIT_VARIABLES, "COLUMNS": "100", "USER": "zquux"}
    made = make_environment(cwd=repository.root, variables=variables)
    return Bench(repository, replace(made, process_id=os.getpid()))
