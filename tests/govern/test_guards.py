"""Guards: all pass here, and each is red for one planted fault (registry, pages, collection)."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.cli import guards as command
from bicameral.cli.guards import facts_of
from bicameral.govern.guards.collected import RECORD, record_of, unsaid
from bicameral.govern.guards.contracts import GUARDS, Facts, Outcome, run_guards
from bicameral.govern.guards.sources import Sources
from bicameral.govern.kinds import Field
from bicameral.govern.registry import Registry
from bicameral.registry.whole import whole_registry
from tests.cli.parts import Person, fill
from tests.conftest import MakeEnvironment, Repository
from tests.docs.pages import ROOT

REFERENCE = "docs/reference"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the guards read, to plant faults in."""
    for name in (REFERENCE, "bicameral", "handlers"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("server.py", "preflight_telemetry.py", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def failed(facts: Facts) -> dict[str, Outcome]:
    return {each.guard: each for each in run_guards(facts) if each.status != "PASS"}


def replace_in(tree: Path, name: str, old: str, new: str) -> None:
    path = tree / name
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_guard_passes_here() -> None:
    """What `make check` asks, asked by the suite too."""
    assert {each.guard: each.problems for each in failed(facts_of(ROOT)).values()} == {}


def drop_a_field(tree: Path) -> Facts:
    """A struct has a field that the registry has not."""
    kinds = [
        replace(kind, fields=kind.fields[1:]) if kind.id == "engagement" else kind
        for kind in whole_registry()
    ]
    return replace(facts_of(tree), registry=Registry(kinds))


def edit(name: str, old: str, new: str) -> Callable[[Path], Facts]:
    def plant(tree: Path) -> Facts:
        replace_in(tree, name, old, new)
        return facts_of(tree)

    return plant


def bad_example(tree: Path) -> Facts:
    """The line that should fail passes: nothing is changed in it."""
    path = tree / REFERENCE / "schemas/examples/engagement.json"
    example = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**example, "changed": {}}), encoding="utf-8")
    return facts_of(tree)


def unknown_command(tree: Path) -> Facts:
    facts = facts_of(tree)
    return replace(facts, commands=facts.commands | {"pry"})


def unknown_tool(tree: Path) -> Facts:
    facts = facts_of(tree)
    return replace(facts, tools=facts.tools | {"bicameral.pry"})


FAULTS: dict[str, tuple[Callable[[Path], Facts], str]] = {
    "registry": (drop_a_field, "engagement.ts is written and not registered"),
    "schemas": (
        edit(f"{REFERENCE}/schemas/span.json", '"x-sensitivity": "S3"', '"x-sensitivity": "S0"'),
        "span.json is not what the registry says now",
    ),
    "examples": (bad_example, "engagement.json: the line that should fail passes"),
    "events": (
        edit(f"{REFERENCE}/events.md", "| `who` | S3 |", "| `who` | S0 |"),
        "docs/reference/events.md is not what the registry says now",
    ),
    "retention": (
        edit(f"{REFERENCE}/files.md", "| `engagements.jsonl` |", "| `engaged.jsonl` |"),
        "engagements.jsonl is in bicameral/govern/retention-policy.toml and not in docs",
    ),
    "environment": (
        edit(f"{REFERENCE}/environment.md", "| `BICAMERAL_HOME` |", "| `BICAMERAL_HOUSE` |"),
        "BICAMERAL_HOME is named in the code and not in docs/reference/environment.md",
    ),
    "errors": (
        edit("bicameral/errors.py", 'code = "home_unusable"', 'code = "home_sick"'),
        "home_sick is a code and not in docs/reference/errors.md",
    ),
    "commands": (unknown_command, "pry is a command and not in docs/reference/cli.md"),
    "tools": (unknown_tool, "bicameral.pry is a tool and not in docs/reference/tools.md"),
    "collection": (
        edit("CHANGELOG.md", "### Telemetry", "### Other"),
        "CHANGELOG.md has no Telemetry under Unreleased",
    ),
}


def test_every_guard_has_its_planted_fault() -> None:
    """A guard that nobody has seen red may not be one."""
    assert FAULTS.keys() == {guard.name for guard in GUARDS}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_turns_its_guard_red(name: str, tree: Path) -> None:
    """And is named, so that it can be mended."""
    plant, problem = FAULTS[name]
    found = failed(plant(tree))
    assert name in found
    assert any(each.startswith(problem) for each in found[name].problems), found[name]


def with_kind(**changes: object) -> Registry:
    """The registry with one kind changed."""
    kinds = [
        replace(kind, **changes) if kind.id == "hook_failure" else kind  # type: ignore[arg-type]
        for kind in whole_registry()
    ]
    return Registry(kinds)


def fields_with(*more: Field, **classes: str) -> tuple[Field, ...]:
    kind = whole_registry().get("hook_failure")
    assert kind
    changed = (
        replace(field, sensitivity=classes.get(field.name, field.sensitivity))  # type: ignore[arg-type]
        for field in kind.fields
    )
    return (*changed, *more)


NOTED = Field("machine", "S1", "code", "which machine")
RECORDED = json.dumps(record_of(whole_registry()))
SAID = "# Changelog\n\n## Unreleased\n\n### Telemetry\n\n- {}\n\n## 0.1.0\n\n- `machine`\n"


@pytest.mark.parametrize(
    ("changes", "what", "word"),
    [
        ({"fields": fields_with(NOTED)}, "hook_failure.machine is a new field", "machine"),
        ({"fields": fields_with(reason="S3")}, "rose to S3", "hook_failure.reason"),
        ({"transmission": "approved_upload"}, "may now leave", "hook_failure"),
        ({"id": "machine_seen"}, "machine_seen is a new kind", "machine_seen"),
    ],
)
def test_a_widened_collection_needs_a_word_in_the_changelog(
    changes: dict[str, object], what: str, word: str
) -> None:
    """A new field, kind, class or way out is a thing that people are told of."""
    registry = with_kind(**changes)
    [problem] = unsaid(registry, RECORDED, SAID.format("nothing of it"))
    assert what in problem
    assert problem.endswith(f"the changelog says nothing of `{word}` under Telemetry")
    assert unsaid(registry, RECORDED, SAID.format(f"`{word}` is recorded now")) == []
    assert unsaid(whole_registry(), RECORDED, "") == []


def test_a_narrowed_collection_needs_no_word(tree: Path) -> None:
    """Less is nobody's loss; but the record must not keep what could come back unnoticed."""
    fewer = Registry(kind for kind in whole_registry() if kind.id != "hook_failure")
    assert unsaid(fewer, RECORDED, "") == []
    found = failed(replace(facts_of(tree), registry=fewer))["collection"].problems
    assert found[0].startswith("hook_failure.ts is recorded as collected and is not")


def test_a_record_that_is_damaged_is_named(tree: Path) -> None:
    """It would let everything through."""
    (tree / RECORD).write_text("{", encoding="utf-8")
    assert failed(facts_of(tree))["collection"].problems == (f"{RECORD} is not JSON",)


def test_without_a_source_tree_only_the_registry_is_held(tmp_path: Path) -> None:
    """An installation has no pages; that is said, not passed over."""
    outcomes = {each.guard: each.status for each in run_guards(facts_of(tmp_path))}
    assert outcomes.pop("registry") == "PASS"
    assert set(outcomes.values()) == {"SKIP"}


@pytest.fixture
def person(make_environment: MakeEnvironment, repository: Repository, tmp_path: Path) -> Person:
    fill(repository)
    return Person(repository, tmp_path / "home", make_environment(home=tmp_path / "home"))


def test_the_command_tells_people_and_programs(person: Person) -> None:
    """One line a guard, or one document."""
    shown = person.run_here("guards")
    assert (shown.status, shown.err) == (0, "")
    assert f"{len(GUARDS)} guards, 0 failed" in shown.out
    answer = person.run_here("guards", "--json").answer()
    assert {each["status"] for each in answer["guards"]} == {"PASS"}


def test_where_the_tree_is_not_beside_the_installation_the_command_counts_what_it_skips(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installed command in a clone looks at itself, and must not look like a pass."""
    monkeypatch.setattr(command, "ROOT", tmp_path / "site-packages")
    shown = person.run_here("guards").out
    assert f"{len(GUARDS)} guards, 0 failed, {len(GUARDS) - 1} skipped" in shown
    assert "beside this installation" in shown
    assert "make guards" in shown


def test_the_command_fails_and_records_nothing_that_is_not_said(
    person: Person, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A release cannot widen what is collected in silence."""
    monkeypatch.setattr(command, "ROOT", tree)
    (tree / RECORD).write_text("{}", encoding="utf-8")
    replace_in(tree, "CHANGELOG.md", "`hook_failure`", "`something`")
    replace_in(tree, "CHANGELOG.md", "`hook_failures.jsonl`", "`some file`")
    assert person.run_here("guards").status == 1
    refused = person.run_here("guards", "--record", "--json")
    assert refused.status == 1
    assert "hook_failure is a new kind" in refused.answer()["message"]
    assert (tree / RECORD).read_text(encoding="utf-8") == "{}"

    replace_in(tree, "CHANGELOG.md", "`some file`", "`hook_failures.jsonl`")
    assert person.run_here("guards", "--record").status == 0
    assert (tree / RECORD).read_bytes() == (ROOT / RECORD).read_bytes()


def test_a_page_that_cannot_be_read_is_told_apart_from_a_difference(
    person: Person, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 2: nothing is known."""
    monkeypatch.setattr(command, "ROOT", tree)
    page = tree / REFERENCE / "errors.md"
    page.unlink()
    page.mkdir()
    assert person.run_here("guards").status == 2


def test_a_record_needs_a_source_tree(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to write it into."""
    monkeypatch.setattr(command, "ROOT", tmp_path / "nowhere")
    refused = person.run_here("guards", "--record", "--json")
    assert refused.answer()["error"] == "input_refused"
    assert not Sources(tmp_path / "nowhere").is_there
