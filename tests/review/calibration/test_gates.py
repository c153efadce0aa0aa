"""The gate in force: the newest row that can be trusted, and never half of one."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.preflight.topic import MOST_HOLDERS, Gate
from bicameral.review.calibration.gates import CALIBRATIONS_FILE, MOST_SHOWN, read_gate
from bicameral.review.calibration.records import apply_gate, read_history, revert_gate
from tests.conftest import environment_at

LOWER = Gate(coverage=0.4, most=5)


@pytest.fixture
def applied(tmp_path: Path) -> Path:
    """A home in which one gate was applied; returns the home."""
    apply_gate(environment_at(tmp_path), LOWER, evidence={}, who="me")
    return tmp_path


@pytest.fixture
def warnings() -> list[str]:
    return []


def change(home: Path, **numbers: object) -> None:
    """Write another gate into the last row, as a hand would."""
    path = home / CALIBRATIONS_FILE
    row = json.loads(path.read_text("utf-8").splitlines()[-1])
    row["gate"] |= numbers
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def test_without_a_file_the_default_holds_without_a_word(
    tmp_path: Path, warnings: list[str]
) -> None:
    """Most homes have none; reading makes none either."""
    assert read_gate(tmp_path / "no home", warnings.append) == Gate()
    assert (warnings, list(tmp_path.iterdir())) == ([], [])


def test_the_newest_row_is_in_force(applied: Path, warnings: list[str]) -> None:
    """Applied twice, the second holds; reverted once, the first."""
    newest = Gate(most=1)
    apply_gate(environment_at(applied), newest, evidence={}, who="me")
    assert read_gate(applied, warnings.append) == newest
    revert_gate(environment_at(applied), who="me")
    assert read_gate(applied, warnings.append) == LOWER
    assert warnings == []


@pytest.mark.parametrize(
    "torn", [b'{"ts":"2026', b"\n\n", b"\xff\xfe\n", b"[]\n{}\nnull\n", b'{"gate":{}}\n', b"["]
)
def test_lines_that_are_no_rows_are_passed_over(
    applied: Path, warnings: list[str], torn: bytes
) -> None:
    """What a crash leaves behind was never acknowledged."""
    with (applied / CALIBRATIONS_FILE).open("ab") as file:
        file.write(torn)
    assert read_gate(applied, warnings.append) == LOWER
    assert warnings == []
    apply_gate(environment_at(applied), Gate(most=2), evidence={}, who="me")
    assert read_gate(applied, warnings.append) == Gate(most=2)
    assert len(read_history(applied).rows) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("coverage", -0.1),
        ("coverage", 1.01),
        ("lone_coverage", 7),
        ("commonest", 2.0),
        ("of_best", -1),
        ("always_rare", -1),
        ("always_rare", MOST_HOLDERS + 1),
        ("most", 0),
        ("most", MOST_SHOWN + 1),
    ],
)
def test_a_number_out_of_range_is_refused_with_one_warning(
    applied: Path, warnings: list[str], name: str, value: object
) -> None:
    """The default then holds, and not the gate before: nobody knows what was meant."""
    change(applied, **{name: value})
    assert read_gate(applied, warnings.append) == Gate()
    assert len(warnings) == 1
    assert "default" in warnings[0]


@pytest.mark.parametrize("numbers", [{"coverage": 0, "most": 1}, {"coverage": 1, "most": 20}])
def test_the_ends_of_the_ranges_are_taken(
    applied: Path, warnings: list[str], numbers: dict[str, Any]
) -> None:
    """A refusal at the boundary would undo a gate that works."""
    change(applied, **numbers)
    found = read_gate(applied, warnings.append)
    assert (found.coverage, found.most) == (numbers["coverage"], numbers["most"])
    assert warnings == []


def test_a_row_of_a_newer_version_is_not_guessed_at(applied: Path, warnings: list[str]) -> None:
    """Its numbers may mean something else."""
    path = applied / CALIBRATIONS_FILE
    row = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**row, "schema": 2}) + "\n", encoding="utf-8")
    assert read_gate(applied, warnings.append) == Gate()
    assert "newer version" in warnings[0]


def test_a_file_that_cannot_be_read_is_the_default_and_a_warning(
    tmp_path: Path, warnings: list[str]
) -> None:
    """A server starts all the same."""
    (tmp_path / CALIBRATIONS_FILE).mkdir()
    assert read_gate(tmp_path, warnings.append) == Gate()
    assert len(warnings) == 1


def test_a_home_that_is_no_folder_is_not_this_file_s_to_tell(
    tmp_path: Path, warnings: list[str]
) -> None:
    """Whatever needs the home says so; one trouble, one message."""
    (tmp_path / "home").write_text("not a folder", encoding="utf-8")
    assert read_gate(tmp_path / "home", warnings.append) == Gate()
    assert warnings == []


@given(st.binary(max_size=300))
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_content_at_all_stops_a_server(tmp_path: Path, content: bytes) -> None:
    """Whatever the file holds, a gate comes back."""
    (tmp_path / CALIBRATIONS_FILE).write_bytes(content)
    assert read_gate(tmp_path, lambda _text: None) == Gate()
    assert read_history(tmp_path).rows == ()


def test_the_module_of_the_server_loads_nothing_heavy() -> None:
    """It is imported at every start."""
    import subprocess
    import sys

    program = (
        "import sys, bicameral.preflight.topic; before = set(sys.modules); "
        "import bicameral.review.calibration.gates; print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )
    added = [name for name in eval(done.stdout) if name.startswith("bicameral")]
    assert all(
        name.startswith(("bicameral.review", "bicameral.capture", "bicameral.environment"))
        for name in added
    )
    assert "bicameral.review.calibration.datasets" not in added
