"""The guards: each compares two things that say the same, and names what only one of them says."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bicameral.govern import events_page, schemas
from bicameral.govern.guards import retained
from bicameral.govern.guards.collected import (
    CHANGELOG,
    RECORD,
    left_over,
    telemetry_section,
    unsaid,
)
from bicameral.govern.guards.sources import (
    Sources,
    differences,
    error_codes_in,
    variables_in,
    variables_on,
)
from bicameral.govern.registry import Registry, problems

PROGRAM = "bicameral-mcp"
EXAMPLES = f"{schemas.FOLDER}/examples"
ENVIRONMENT = "docs/reference/environment.md"
ERRORS, COMMANDS, TOOLS = (f"docs/reference/{name}.md" for name in ("errors", "cli", "tools"))
NO_TREE = "no source tree stands beside this installation; in a checkout, type `make guards`"
_REGENERATE = "run `python -m tests.docs`"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared: the registry, the source tree, and the names of commands and tools.

    `tables` are those of the ledger, each with the names of its columns.
    """

    registry: Registry
    sources: Sources
    commands: frozenset[str]
    tools: frozenset[str]
    tables: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a guard found: `problems` name each difference; `reason` says why it was skipped."""

    guard: str
    status: Literal["PASS", "FAIL", "SKIP"]
    meaning: str
    problems: tuple[str, ...] = ()
    reason: str = ""


Check = Callable[[Facts], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard; `needs_source` where it reads pages or modules."""

    name: str
    meaning: str
    check: Check = field(repr=False)
    needs_source: bool = True


def run_guards(facts: Facts) -> list[Outcome]:
    """Run every guard; raises `OSError` for a page that is there and cannot be read."""
    return [_run(guard, facts) for guard in GUARDS]


def _run(guard: Guard, facts: Facts) -> Outcome:
    if guard.needs_source and not facts.sources.is_there:
        reason = NO_TREE
        return Outcome(guard.name, "SKIP", guard.meaning, reason=reason)
    found = tuple(guard.check(facts))
    return Outcome(guard.name, "FAIL" if found else "PASS", guard.meaning, found)


def _registry(facts: Facts) -> Iterable[str]:
    return problems(facts.registry)


def _schemas(facts: Facts) -> Iterator[str]:
    sources, kinds = facts.sources, {f"{kind.id}.json": kind for kind in facts.registry}
    there = sources.names_in(schemas.FOLDER) - {"README.md", RECORD.rpartition("/")[2]}
    yield from differences(set(kinds), there, one="registered", other="a schema")
    for name in sorted(kinds.keys() & there):
        if sources.read(f"{schemas.FOLDER}/{name}") != schemas.schema_text(kinds[name]):
            yield f"{name} is not what the registry says now; {_REGENERATE}"


def _examples(facts: Facts) -> Iterator[str]:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - seldom needed

    kinds = {f"{kind.id}.json": kind for kind in facts.registry}
    there = facts.sources.names_in(EXAMPLES)
    yield from differences(set(kinds), there, one="registered", other="an example")
    for name in sorted(kinds.keys() & there):
        example = _parsed(facts.sources.read(f"{EXAMPLES}/{name}"))
        check = Draft202012Validator(schemas.schema_of(kinds[name])).is_valid
        row, changed = example.get("passing", {}), example.get("changed", {})
        if not check(row):
            yield f"{name}: the line that should pass does not"
        if check({**row, **changed}):
            yield f"{name}: the line that should fail passes"


def _events(facts: Facts) -> Iterator[str]:
    page = facts.sources.read(events_page.PAGE)
    if events_page.events_page(page, facts.registry) != page:
        yield f"{events_page.PAGE} is not what the registry says now; {_REGENERATE}"


def _retention(facts: Facts) -> Iterable[str]:
    return retained.problems(facts.registry, facts.sources, facts.tables)


def _environment(facts: Facts) -> Iterable[str]:
    named, documented = variables_in(facts.sources), variables_on(facts.sources, ENVIRONMENT)
    return differences(named, documented, one="named in the code", other=f"in {ENVIRONMENT}")


def _errors(facts: Facts) -> Iterable[str]:
    headings = facts.sources.headings(ERRORS)
    documented = {each for each in headings if each.islower() and " " not in each}
    defined = error_codes_in(facts.sources) - {"error"} | ({"error"} & documented)
    return differences(defined, documented, one="a code", other=f"in {ERRORS}")


def _commands(facts: Facts) -> Iterable[str]:
    names = (each.removeprefix(f"{PROGRAM} ") for each in facts.sources.headings(COMMANDS))
    documented = {name for name in names if name in facts.commands or name.islower()}
    documented = {name for name in documented if " " not in name}
    return differences(set(facts.commands), documented, one="a command", other=f"in {COMMANDS}")


def _tools(facts: Facts) -> Iterable[str]:
    headings = facts.sources.headings(TOOLS)
    documented = {each for each in headings if each.startswith("bicameral.")}
    return differences(set(facts.tools), documented, one="a tool", other=f"in {TOOLS}")


def _collection(facts: Facts) -> Iterator[str]:
    changelog, record = facts.sources.read(CHANGELOG), facts.sources.read(RECORD)
    if not telemetry_section(changelog).strip():
        yield f"{CHANGELOG} has no Telemetry under Unreleased"
    try:
        yield from unsaid(facts.registry, record, changelog)
        yield from left_over(facts.registry, record)
    except ValueError:
        yield f"{RECORD} is not JSON"


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


GUARDS = (
    Guard("registry", "the registry has exactly the fields that are written", _registry, False),
    Guard("schemas", "a schema for each kind, as the registry says", _schemas),
    Guard("examples", "each schema passes its good line and refuses its bad one", _examples),
    Guard("events", "the page of events is what the registry says", _events),
    Guard("retention", "every file and table has its rule, in code, policy and pages", _retention),
    Guard("environment", "every variable is documented, and no other", _environment),
    Guard("errors", "every code of an error is documented, and no other", _errors),
    Guard("commands", "every command is documented, and no other", _commands),
    Guard("tools", "every tool is documented, and no other", _tools),
    Guard("collection", "nothing more is collected without a word in the changelog", _collection),
)
