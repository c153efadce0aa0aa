"""What `make coverage` measures: every module, also those that no test reaches, and its bar."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

# Nothing is imported from `tests.covering`: whoever imports it is measured.
ROOT = Path(__file__).parent.parent
SHORT = "tests/capture/test_identifiers_and_stamps.py"


def run(*words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    # This process may be measured and a worker; the one that is started is neither.
    outside = {name: value for name, value in os.environ.items() if "XDIST" not in name}
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env={**outside, **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one short file of tests reaches, measured as the suite is."""
    folder = tmp_path_factory.mktemp("figures")
    done = run("pytest", "-p", "tests.covering", "-n", "1", SHORT, COVERING_FOLDER=str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each.name for each in folder.iterdir()] == ["gw0.json"]
    return folder / "gw0.json"


def test_every_module_is_in_the_figures(figures: Path) -> None:
    """One that no test imports counts as not reached; left out, it would raise the figure."""
    files = json.loads(figures.read_text(encoding="utf-8"))["files"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    ships = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    ours = [path for each in ships for path in [ROOT / each, *(ROOT / each).rglob("*.py")]]
    assert set(files) == {str(each.relative_to(ROOT)) for each in ours if each.suffix == ".py"}
    never = files["bicameral/cli/demo_story.py"]
    assert never["executed_lines"] == never["executed_branches"] == []
    assert never["missing_lines"]
    assert never["missing_branches"]


def test_what_ran_is_reached_and_what_did_not_is_missed(figures: Path) -> None:
    """Line by line and branch by branch, in a file that was measured from its first line."""
    file = json.loads(figures.read_text(encoding="utf-8"))["files"]["bicameral/capture/stamps.py"]
    assert file["summary"]["percent_covered"] == 100


@pytest.mark.parametrize(("bar", "status"), [([], 2), (["--fail-under", "1"], 0)])
def test_the_bar_refuses_what_is_below_it(
    figures: Path, tmp_path: Path, bar: list[str], status: int
) -> None:
    """By the bar that the project states, a handful of tests is not enough."""
    merged = str(tmp_path / "merged.json")
    done = run("slipcover", *bar, "--out", merged, "--merge", str(figures))
    assert done.returncode == status, done.stderr
