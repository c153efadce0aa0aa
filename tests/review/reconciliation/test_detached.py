"""A reconciliation that nobody waits for, and that loads nothing it does not need."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.review.reconciliation.detached import start_detached
from bicameral.review.reconciliation.summary import read_summary
from tests.review.reconciliation.parts import Home

BOUND_SECONDS = 300
ROOT = Path(__file__).parents[3]


def wait_for_summary(home: Home) -> None:
    """Wait until a run has left word, within bounds."""
    deadline = time.monotonic() + BOUND_SECONDS
    while read_summary(home.path) is None:
        assert time.monotonic() < deadline, "no reconciliation came to its end"
        os.sched_yield()


def test_a_detached_run_reconciles_and_leaves_word(home: Home) -> None:
    """It is another process in another session, and what it did stands in the summary."""
    home.preflight(10)
    home.end(20)
    environment = home.elsewhere(variables=dict(os.environ))
    start_detached(environment)
    wait_for_summary(home)
    word = read_summary(home.path)
    assert word is not None
    assert (word.added, word.error) == ({"normal": 1}, "")


def test_a_relative_home_is_the_same_home_for_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works in another folder, where the same words would name another place."""
    home.preflight(10)
    home.end(20)
    monkeypatch.chdir(home.path.parent)
    environment = home.elsewhere(
        home=Path(home.path.name), variables={**os.environ, "BICAMERAL_HOME": home.path.name}
    )
    start_detached(environment)
    wait_for_summary(home)


def test_a_detached_run_that_fails_leaves_word_of_it(home: Home) -> None:
    """Nobody listens, so it has to stand somewhere."""
    home.decide("Charge once", "src/pay.py")
    home.preflight(10, "src/pay.py")
    home.edit(20, "src/pay.py")
    home.end(30)
    home.ledger.close()
    (home.path / "ledger.sqlite3").write_bytes(b"damaged" * 1_000)
    start_detached(home.elsewhere(variables=dict(os.environ)))
    wait_for_summary(home)
    word = read_summary(home.path)
    assert word is not None
    assert word.error.startswith("ledger_corrupt: ")


def test_without_a_home_it_cannot_be_started(home: Home) -> None:
    """The caller decides what that means for it."""
    with pytest.raises(OSError, match="No such file"):
        start_detached(replace(home.environment, home=home.path / "missing"))


def modules_after(script: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after a script."""
    done = subprocess.run(
        [sys.executable, "-c", script + "\nimport json; print(json.dumps(list(sys.modules)))"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=BOUND_SECONDS,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


HEAVY = {"sqlalchemy", "pydantic", "mcp", "tree_sitter"}
NOTHING_NEW = """
import sys
sys.argv = ["bicameral-mcp", "reconcile"]
import server
assert server.main() == 0
"""


def test_with_nothing_new_no_heavy_library_is_loaded(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks and servers start it again and again: it must not be felt."""
    home.preflight(10)
    home.end(20)
    home.run()
    monkeypatch.setenv("BICAMERAL_HOME", str(home.path))
    loaded = modules_after(NOTHING_NEW)
    assert loaded.isdisjoint(HEAVY)
    assert "msgspec" in loaded


@pytest.mark.parametrize("module", ["detached", "summary"])
def test_what_hooks_import_is_standard_library(module: str) -> None:
    """A hook starts anew each time."""
    loaded = modules_after(f"import sys\nimport bicameral.review.reconciliation.{module}")
    assert loaded.isdisjoint({*HEAVY, "msgspec"})
