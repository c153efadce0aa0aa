"""The repository of a data set: every path is a real file with code that parses."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.errors import DatasetRefused
from bicameral.review.dataset import Asked
from bicameral.review.evaluation.project import build_project, code_of, files_of
from tests.conftest import GIT_VARIABLES
from tests.review.evaluation.parts import decision, row


def test_every_path_of_a_row_becomes_a_committed_file(tmp_path: Path) -> None:
    """Bound, asked about, or asked about before: an agent would find each of them."""
    asked = row(
        paths=["asked.py"],
        decisions=[decision("d", paths=["deep/er/bound.go"])],
        before=[Asked(topic="First", file_paths=["before.ts"])],
    )
    project = build_project(tmp_path / "repository", GIT_VARIABLES, files_of([asked]))
    tracked = project.git.ask("ls-files").text().splitlines()
    assert tracked == ["asked.py", "before.ts", "deep/er/bound.go"]
    assert project.git.ask("status", "--porcelain").text() == ""


def test_what_a_person_ignores_everywhere_is_committed_all_the_same(tmp_path: Path) -> None:
    """The rows decide what is there, not the machine that they are run on."""
    ignored = tmp_path / "ignored"
    ignored.write_text("*.py\n", encoding="utf-8")
    config = tmp_path / "config"
    config.write_text(f"[core]\n\texcludesFile = {ignored}\n", encoding="utf-8")
    variables = {**GIT_VARIABLES, "GIT_CONFIG_GLOBAL": str(config)}
    project = build_project(tmp_path / "repository", variables, {"a.py": "x = 1\n"})
    assert project.git.ask("ls-files").text() == "a.py"


def test_a_dependency_is_imported_by_the_file_that_is_asked_about() -> None:
    """So that a preflight that follows imports can be told from one that does not."""
    bound = decision("d", paths=["fares/money.py", "fares/other.py"])
    about = row(
        category="dependency_of_the_path",
        paths=["booking/api.py", "fares/other.py"],
        decisions=[bound, decision("e", paths=["x.py"])],
        expected=["d"],
    )
    files = files_of([about])
    assert files["booking/api.py"].startswith("from fares import money\n")
    assert "import" not in files["fares/other.py"]
    plain = row(paths=["booking/api.py"], decisions=[bound], expected=["d"])
    assert "import" not in files_of([plain])["booking/api.py"]


@pytest.mark.parametrize(
    ("path", "imported", "line"),
    [
        ("a.py", "money.py", "import money"),
        ("a.py", "x/y/money.py", "from x.y import money"),
        ("web/a.ts", "web/seat.ts", 'import { do_seat } from "./seat";'),
        ("web/a.tsx", "shared/seat.js", 'import { do_seat } from "../shared/seat";'),
        ("a.go", "b/c.go", "uses b/c.go"),
    ],
)
def test_each_language_imports_in_its_own_way(path: str, imported: str, line: str) -> None:
    """Where a language has no form here, a plain line says it."""
    assert code_of(path, [imported]).splitlines()[0] == line


@given(names=st.sets(st.from_regex(r"[a-z0-9_-]{1,8}\.(py|ts|sql)", fullmatch=True), min_size=2))
def test_no_two_files_are_alike_and_python_parses(names: set[str]) -> None:
    """Files of one content would share their digests, and verdicts with them."""
    codes = {path: code_of(path) for path in names}
    stems = {path.rpartition(".")[0].replace("-", "_") for path in names}
    if len(stems) == len(names):
        assert len(set(codes.values())) == len(names)
    for path, code in codes.items():
        if path.endswith(".py"):
            ast.parse(code)


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.sql"])
def test_drift_changes_what_the_code_does(path: str) -> None:
    """A change of comments or blanks is no drift."""
    before, after = code_of(path, ["b.py"]), code_of(path, ["b.py"], has_drifted=True)
    assert "".join(before.split()) != "".join(after.split())
    assert files_of([row(paths=[path])], drifted={path})[path] == code_of(path, has_drifted=True)


def test_a_file_that_another_row_uses_as_a_folder_is_refused(tmp_path: Path) -> None:
    """Such rows cannot stand in one repository."""
    files = {"a": "1\n", "a/b.py": "2\n"}
    with pytest.raises(DatasetRefused, match="a folder in another"):
        build_project(tmp_path / "one", GIT_VARIABLES, files)
    with pytest.raises(DatasetRefused, match="a folder in another"):
        build_project(tmp_path / "two", GIT_VARIABLES, dict(reversed(files.items())))
