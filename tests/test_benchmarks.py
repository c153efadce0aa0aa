"""Benchmarks on data that does not come with the project say so where it is not there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.drift_cases import halves, repository_in
from tests.conftest import GIT_VARIABLES, Repository

ROOT = Path(__file__).parent.parent


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.drift", *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize("words", [(), ("mirrors",), ("--cases", "cases.jsonl")])
def test_drift_without_its_data_measures_nothing_and_says_so(words: tuple[str, ...]) -> None:
    """A figure that rests on no case would pass for a good one."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nothing was measured: name the folder")


def test_a_case_in_any_layout_of_repositories_is_measured(tmp_path: Path) -> None:
    """Mirrors are kept in more than one way; the case is one real commit."""
    repository = Repository(tmp_path / "team+shop" / "repo")
    code = "def charge(amount):\n    return amount + 1\n"
    old = repository.commit("first", **{"pay.py": code})
    new = repository.commit("edit", **{"pay.py": f"# how\n{code}"})
    place: dict[str, object] = {"file": "pay.py", "symbol": "charge", "start": 1, "end": 2}
    after = place | {"start": 2, "end": 3}
    case: dict[str, object] = {"id": "c1", "repo": "team/shop", "lang": "py", "label": "line-shift"}
    case |= {"commit": old, "fix_commit": new, "old": place, "new": after}
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps(case) + "\n", encoding="utf-8")

    found = json.loads(run(str(tmp_path), "--cases", str(cases), "--json").stdout)

    assert (found["read"], found["right"]["link_commit|line-shift"]) == (1, 1)
    assert run(str(tmp_path / "no"), "--cases", str(cases)).returncode == 2


@pytest.mark.parametrize("layout", ["team+shop/repo", "team+shop", "team__shop", "team/shop"])
def test_each_layout_is_found(tmp_path: Path, layout: str) -> None:
    """Bare or with a work tree."""
    Repository(tmp_path / layout)
    assert repository_in(tmp_path, "team/shop", GIT_VARIABLES) is not None
    assert repository_in(tmp_path, "team/other", GIT_VARIABLES) is None


def test_the_halves_are_every_other_repository() -> None:
    """A threshold that was chosen and measured on the same ones would flatter itself."""
    found = halves({"b/b", "A/a", "c/c"})
    assert found == {"A/a": "chosen on", "b/b": "held out", "c/c": "chosen on"}
