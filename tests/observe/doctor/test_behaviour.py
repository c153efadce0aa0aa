"""What tools do while the self-check watches: each fault that it is there for is named."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import server
from bicameral.environment import Environment
from bicameral.errors import LedgerBusy
from bicameral.govern.guards.contracts import GUARDS
from bicameral.govern.registry import Registry, problems
from bicameral.observe.doctor.contracts import judge_contracts
from bicameral.observe.doctor.surroundings import Contracts, OpenTools, Tools
from bicameral.observe.doctor.tracing import judge_spans
from bicameral.observe.span_row import SpanRow
from bicameral.registry.whole import whole_registry
from handlers.table import TOOLS
from tests.conftest import Repository
from tests.observe.doctor.parts import around, find, is_named

SPAN_FIELDS = SpanRow.__struct_fields__
Fault = Callable[[str, Environment, Path], None]


class Faulty:
    """The real tools, and a fault of ours with every call."""

    def __init__(self, desk: server.Desk, fault: Callable[[str], None], more: tuple[str, ...]):
        self._desk, self._fault, self._more = desk, fault, more

    @property
    def tool_names(self) -> tuple[str, ...]:
        return (*self._desk.tool_names, *self._more)

    def call(self, name: str, arguments: Mapping[str, object]) -> dict[str, Any]:
        self._fault(name)
        return self._desk.call(name, arguments)


def tools_with(
    fault: Fault = lambda _name, _environment, _folder: None,
    *,
    more: tuple[str, ...] = (),
    given: Callable[[Environment], Environment] = lambda environment: environment,
) -> OpenTools:
    """Return what opens the real tools with a fault; `given` changes what they are opened with."""

    @contextmanager
    def opened(environment: Environment, folder: Path) -> Iterator[Tools]:
        desk = server.Desk(given(environment), start=folder, session_id="s")
        try:
            yield Faulty(desk, lambda name: fault(name, environment, folder), more)
        finally:
            desk.close()

    return opened


def checked(
    environment: Environment, repository: Repository, check: str, tools: OpenTools
) -> Mapping[str, Any]:
    return find(around(environment, repository.root, open_tools=tools), check)


def test_a_tool_that_writes_in_the_repository_is_named(
    environment: Environment, repository: Repository
) -> None:
    """Whichever it is: each leaves a file of its own here."""

    def leave(name: str, _environment: Environment, folder: Path) -> None:
        (folder / f"left-by-{name}.json").write_text("{}")

    result = checked(environment, repository, "work-tree", tools_with(leave))
    assert is_named(result, *(f"changed: left-by-{each.name}.json" for each in TOOLS))


def test_a_tool_that_changes_a_file_of_the_repository_is_named(
    environment: Environment, repository: Repository
) -> None:
    """Also one of git's own."""

    def edit(_name: str, _environment: Environment, folder: Path) -> None:
        with (folder / "payments.py").open("a") as file:
            file.write("# seen\n")
        (folder / ".git" / "description").unlink(missing_ok=True)

    result = checked(environment, repository, "work-tree", tools_with(edit))
    assert is_named(result, "changed: payments.py", "changed: .git/description")


@pytest.mark.parametrize("check", ["work-tree", "telemetry-off", "tracing"])
def test_a_tool_that_was_not_tried_is_named(
    environment: Environment, repository: Repository, check: str
) -> None:
    """A new tool has to be known here before all can be well."""
    tools = tools_with(more=("bicameral.new",))
    assert is_named(
        checked(environment, repository, check, tools), "no call is known for bicameral.new"
    )


def test_a_tool_that_fails_is_named(environment: Environment, repository: Repository) -> None:
    """Its own words say why."""

    def refuse(name: str, _environment: Environment, _folder: Path) -> None:
        if name == "bicameral.search":
            raise LedgerBusy("the ledger is locked", next_step="try again")

    result = checked(environment, repository, "work-tree", tools_with(refuse))
    assert is_named(result, "the ledger is locked", "try again")


def make_folder(name: str, environment: Environment, _folder: Path) -> None:
    if name == "bicameral.preflight":
        (environment.home / "sessions").mkdir(parents=True, exist_ok=True)


def write_row(_name: str, environment: Environment, _folder: Path) -> None:
    environment.home.mkdir(exist_ok=True)
    (environment.home / "preflight_events.jsonl").write_text("{}\n")


@pytest.mark.parametrize(
    ("fault", "words"),
    [(make_folder, "['sessions']"), (write_row, "['preflight_events.jsonl']")],
)
def test_what_is_left_while_capture_is_off_is_named(
    environment: Environment, repository: Repository, fault: Fault, words: str
) -> None:
    """Off means that nobody can tell from the disk that it was used."""
    result = checked(environment, repository, "telemetry-off", tools_with(fault))
    assert is_named(result, "does not keep to its switch", words)


def switched(environment: Environment, value: str, *, when: str) -> Environment:
    """Return an environment with capture switched when the policy file has these words."""
    policy = environment.home / "config.toml"
    text = policy.read_text(encoding="utf-8") if policy.is_file() else ""
    if when not in (text or "no file"):
        return environment
    return replace(environment, variables={**environment.variables, "BICAMERAL_TELEMETRY": value})


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("preflight = false", "config.toml with false: capture is on"),
        ("[telemetry\n", "config.toml with malformed: capture is on"),
        ('"true"', 'config.toml with the text "true": capture is on'),
        ('"false"', 'config.toml with the text "false": capture is on'),
        ("= 1", "config.toml with a number: capture is on"),
        ("no file", "config.toml with no file: capture is on"),
    ],
)
def test_a_policy_that_switches_on_what_it_must_not_is_named(
    environment: Environment, repository: Repository, when: str, words: str
) -> None:
    """Each reading of the file that was wrong before, somewhere."""

    def lenient(given: Environment) -> Environment:
        found = switched(given, "preflight", when=when)
        if found is not given and (given.home / "config.toml").exists():
            (given.home / "config.toml").write_text("[telemetry]\npreflight = true\n")
        return found

    result = checked(environment, repository, "telemetry-off", tools_with(given=lenient))
    assert is_named(result, words)


def test_a_switch_that_does_not_switch_on_is_named(
    environment: Environment, repository: Repository
) -> None:
    """Neither the file nor the variable may be deaf."""

    def deaf(given: Environment) -> Environment:
        return replace(given, variables={**given.variables, "BICAMERAL_TELEMETRY": "off"})

    result = checked(environment, repository, "telemetry-off", tools_with(given=deaf))
    assert is_named(
        result,
        "config.toml with true: capture is off",
        "BICAMERAL_TELEMETRY=preflight: preflight_events.jsonl was not written",
        "BICAMERAL_TELEMETRY=preflight: engagements.jsonl was not written",
    )


@pytest.mark.parametrize("first", [0, 1, 2])
def test_a_call_that_yields_no_span_is_named(
    environment: Environment, repository: Repository, first: int
) -> None:
    """Whichever tool it is of, and no other; their spans are taken out of the file here."""
    tools = [each.name for each in TOOLS]
    lost = tools[first::3]

    def lose(_name: str, given: Environment, _folder: Path) -> None:
        path = given.home / "trace.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        kept = [line for line in lines if not any(f'"tool.{name}"' in line for name in lost)]
        if kept != lines:
            path.write_text("".join(f"{line}\n" for line in kept), "utf-8")

    @contextmanager
    def losing(given: Environment, folder: Path) -> Iterator[Tools]:
        with tools_with()(given, folder) as tools:
            yield tools
        lose("", given, folder)

    result = checked(environment, repository, "tracing", losing)
    assert is_named(result, *(f"{name}: 0 spans instead of one" for name in lost))
    assert not [name for name in {*tools} - {*lost} if f"{name}: 0 spans" in str(result)]


def test_a_server_that_traces_nothing_is_named(
    environment: Environment, repository: Repository
) -> None:
    """Every tool is, not only the first."""

    def deaf(given: Environment) -> Environment:
        return replace(given, variables={**given.variables, "BICAMERAL_TRACE": "0"})

    result = checked(environment, repository, "tracing", tools_with(given=deaf))
    assert is_named(result, *(f"{each.name}: 0 spans" for each in TOOLS))


def test_a_span_without_one_of_its_fields_is_named() -> None:
    """Whoever reads a trace by program builds on them."""
    row: dict[str, object] = dict.fromkeys(SPAN_FIELDS, "") | {"parent_id": None}
    row["operation"] = "tool.bicameral.bind"
    good = judge_spans(["bicameral.bind"], [row], torn=0, unknown=[])
    assert good.status == "PASS"
    del row["status"]
    assert is_named(judge_spans(["bicameral.bind"], [row], torn=0, unknown=[]), "has the fields")
    assert is_named(judge_spans([], [], torn=2, unknown=[]), "2 lines of trace.jsonl are no rows")


def test_a_field_that_nobody_was_told_of_is_named(
    environment: Environment, repository: Repository
) -> None:
    """As the comparison words it, for a registry that lacks a field of a row."""
    whole = list(whole_registry())
    lacking = Registry((replace(whole[0], fields=whole[0].fields[1:]), *whole[1:]))
    found = Contracts(len(whole), ("registry",), problems=tuple(problems(lacking)))
    result = find(around(environment, repository.root, contracts=lambda: found), "contracts")
    assert is_named(result, "do not agree", whole[0].id)


def test_every_guard_that_has_its_pages_is_run(
    environment: Environment, repository: Repository
) -> None:
    """In a checkout these are all; where no source is installed, the others are named."""
    good = find(around(environment, repository.root), "contracts")
    assert good["status"] == "PASS"
    assert f"compared: {', '.join(each.name for each in GUARDS)}" in good["evidence"]
    alone = judge_contracts(Contracts(24, ("registry",), skipped=("schemas", "events")))
    assert alone.status == "PASS"
    assert (
        "no source tree beside this installation, so not compared: schemas, events"
        in alone.evidence
    )


def test_a_trial_is_not_told_what_the_person_has_set(
    environment: Environment, repository: Repository
) -> None:
    """Their ledger, their switches and their client's session have no part in it."""
    seen: list[Environment] = []

    def keep(given: Environment) -> Environment:
        seen.append(given)
        return given

    theirs = {"BICAMERAL_TELEMETRY": "raw", "CLAUDE_CODE_SESSION_ID": "s", "GIT_DIR": "/x"}
    theirs |= {"BICAMERAL_LEDGER_URL": "sqlite:////nowhere", "CLAUDE_PROJECT_DIR": "/x"}
    own = replace(environment, variables={**environment.variables, **theirs})
    assert checked(own, repository, "telemetry-off", tools_with(given=keep))["status"] == "PASS"
    for each in seen:
        assert each.home != environment.home
        assert not each.home.parent.exists(), "it is removed"
        names = set(each.variables) - set(environment.variables)
        assert names <= {"BICAMERAL_TELEMETRY", "BICAMERAL_LEDGER_URL"}
        assert each.variables.get("BICAMERAL_TELEMETRY") in {None, "preflight"}
