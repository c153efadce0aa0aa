"""The refusals that the reference of the tools promises, each provoked for real."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import server
from bicameral.errors import BicameralError
from handlers.table import TOOLS
from tests.docs.command_pages import plain_environment
from tests.docs.examples import EVERY_TOOL_REFUSES, LEDGER, REFUSALS
from tests.docs.running import Shell

# A client that fails to ask its person: tests/serving/test_person.py has those.
NEEDS_A_CLIENT = "person_not_asked"
UNKNOWN = "dec_01M7Z0K4WSNOWHERE000000000"
TWO_OF_A_NAME = "class A:\n    def run(self): ...\n\n\nclass B:\n    def run(self): ...\n"


@dataclass(frozen=True, slots=True)
class Project:
    """The tutorial's project: a decision with its bound region, and one that has ended."""

    root: Path
    home: Path
    decision: str
    region: Mapping[str, Any]
    ended: str

    def call(self, tool: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call a tool where the project is."""
        return call(tool, arguments, home=self.home, start=self.root)

    def refusal(self, tool: str, arguments: Mapping[str, Any], **elsewhere: Any) -> str:
        """Return the code with which a call, or its only entry, is refused."""
        place = {"home": self.home, "start": self.root, **elsewhere}
        try:
            answer = call(tool, arguments, **place)
        except BicameralError as error:
            return error.code
        entries: list[Any] = [*answer.get("bindings", []), *answer.get("outcomes", [])]
        return ", ".join(entry["failure"]["error"] for entry in entries)


def call(
    tool: str, arguments: Mapping[str, Any], *, home: Path, start: Path, git: bool = True
) -> dict[str, Any]:
    variables = {"PATH": os.environ["PATH"] if git else str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    environment = replace(
        plain_environment(start, variables),
        home=home,
        time_ns=time.time_ns,
        monotonic_ns=time.monotonic_ns,
        random_bytes=os.urandom,
    )
    desk = server.Desk(environment, start=start, session_id="session")
    try:
        return desk.call(tool, arguments)
    finally:
        desk.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One for all: a refused call changes nothing."""
    shell = Shell(tmp_path_factory.mktemp("refusals"))
    shell.make_project()
    shell.write("src/again.py", TWO_OF_A_NAME)
    home, root = shell.home / "home", shell.cwd
    made = call("bicameral.ingest", {"paths": ["docs/adr"]}, home=home, start=root)
    decision = made["decisions"][0]["decision_id"]
    found = call("bicameral.history", {"decision_id": decision}, home=home, start=root)
    given = {"decisions": [{"title": "Log every refund"}]}
    ended = call("bicameral.ingest", given, home=home, start=root)["decisions"][0]["decision_id"]
    retire = {"decision_id": ended, "action": "retire"}
    call("bicameral.update", retire, home=home, start=root)
    return Project(root, home, decision, found["decision"]["regions"][0], ended)


def bind(project: Project, selector: str, decision: str = "") -> dict[str, Any]:
    return {"bindings": [{"decision_id": decision or project.decision, "selector": selector}]}


def judge(project: Project, decision: str, verdict: str) -> dict[str, Any]:
    place = {name: project.region[name] for name in ("region_id", "digest")}
    return {"verdicts": [{"decision_id": decision, "verdict": verdict, **place}]}


Make = Callable[[Project], dict[str, Any]]
WORKING: dict[str, Make] = {
    "bicameral.preflight": lambda _: {"topic": "retry charges", "file_paths": ["src/a.py"]},
    "bicameral.bind": lambda p: bind(p, "src/payments.py"),
    "bicameral.link_commit": lambda _: {},
    "bicameral.resolve": lambda p: judge(p, p.decision, "compliant"),
    "bicameral.ratify": lambda p: {"decision_id": p.decision, "action": "ratify"},
    "bicameral.update": lambda p: {"decision_id": p.decision, "action": "retire"},
    "bicameral.ingest": lambda _: {"paths": ["docs/adr"]},
    "bicameral.history": lambda _: {},
    "bicameral.search": lambda _: {"query": "charge"},
}
OWN: dict[tuple[str, str], Make] = {
    ("bicameral.preflight", "path_outside_repository"): lambda _: {
        "topic": "x",
        "file_paths": ["../x"],
    },
    ("bicameral.bind", "not_found"): lambda p: bind(p, "src/payments.py", UNKNOWN),
    ("bicameral.bind", "selector_unknown"): lambda p: bind(p, "src/payments.py::nothing"),
    ("bicameral.bind", "selector_ambiguous"): lambda p: bind(p, "src/again.py::run"),
    ("bicameral.bind", "path_outside_repository"): lambda p: bind(p, "../x.py"),
    ("bicameral.resolve", "not_found"): lambda p: judge(p, UNKNOWN, "compliant"),
    ("bicameral.resolve", "transition_refused"): lambda p: judge(p, p.decision, "drifted"),
    ("bicameral.ratify", "not_found"): lambda _: {"decision_id": UNKNOWN, "action": "ratify"},
    ("bicameral.ratify", "transition_refused"): lambda p: {
        "decision_id": p.ended,
        "action": "ratify",
    },
    ("bicameral.update", "not_found"): lambda _: {"decision_id": UNKNOWN, "action": "retire"},
    ("bicameral.ingest", "path_outside_repository"): lambda _: {"paths": ["../x"]},
    ("bicameral.history", "not_found"): lambda _: {"decision_id": UNKNOWN},
}


@pytest.mark.parametrize(("tool", "code"), OWN)
def test_a_promised_refusal_is_what_comes(project: Project, tool: str, code: str) -> None:
    """An agent that reads the reference must be able to count on the code."""
    assert project.refusal(tool, OWN[tool, code](project)) == code


def test_too_many_documents_are_refused(project: Project, tmp_path: Path) -> None:
    """So that one call cannot fill a team's ledger."""
    Shell(tmp_path).type("git init --quiet")
    for number in range(2_001):
        (tmp_path / f"{number}.md").touch()
    assert project.refusal("bicameral.ingest", {"paths": ["*.md"]}, start=tmp_path) == (
        "ingest_refused"
    )


@pytest.mark.parametrize("tool", [t for t, codes in REFUSALS.items() if "git_failed" in codes])
def test_without_git_or_a_repository_the_code_says_so(
    project: Project, tool: str, tmp_path: Path
) -> None:
    """Two causes with two mends."""
    arguments = WORKING[tool](project)
    assert project.refusal(tool, arguments, git=False) == "git_failed"
    assert project.refusal(tool, arguments, start=tmp_path) == "not_a_repository"


@pytest.mark.parametrize("tool", REFUSALS)
def test_a_damaged_ledger_is_an_error_of_every_tool(
    project: Project, tool: str, tmp_path: Path
) -> None:
    """Never silence, never an empty answer."""
    (tmp_path / "ledger.sqlite3").write_bytes(b"this is not a database" * 100)
    assert project.refusal(tool, WORKING[tool](project), home=tmp_path) == "ledger_corrupt"


@pytest.mark.parametrize("tool", [tool.name for tool in TOOLS])
def test_an_unknown_argument_is_refused_by_every_tool(project: Project, tool: str) -> None:
    """A misspelt argument must not be ignored."""
    assert project.refusal(tool, {"colour": "red"}) == "input_refused"


def test_every_promise_is_provoked_here() -> None:
    """A code that cannot come has no place in the reference, and none may be forgotten."""
    anywhere = {*LEDGER, "git_failed", "not_a_repository", NEEDS_A_CLIENT}
    promised = {
        (tool, code) for tool, codes in REFUSALS.items() for code in codes if code not in anywhere
    }
    assert promised == {*OWN, ("bicameral.ingest", "ingest_refused")}
    assert set(REFUSALS) == set(WORKING)
    assert set(REFUSALS) | {"bicameral.telemetry"} == {tool.name for tool in TOOLS}
    assert EVERY_TOOL_REFUSES == ("input_refused", "internal_error")
    assert set(LEDGER) <= set(REFUSALS["bicameral.search"])
