"""What pages state against what the code says: names in both directions, and figures."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bicameral.capture import events, rotation
from bicameral.capture.policy import SWITCHES
from bicameral.cli.commands import COMMANDS
from bicameral.errors import BicameralError
from bicameral.grounding import resolving, workspace
from bicameral.grounding.language_table import LANGUAGES
from bicameral.grounding.lsp import budget, framing, servers
from bicameral.grounding.signals import SIGNALS
from bicameral.intake import files, inference, limits, minutes
from bicameral.ledger import bypasses, signoff, terms
from bicameral.ledger.domain import SignOff
from bicameral.ledger.text import COMMON_STEMS, terms_of
from bicameral.observe.metrics import health, percentiles
from bicameral.preflight import memory, preflight
from bicameral.preflight.topic import Gate, confidence_of
from bicameral.serving import refusals
from tests.docs.examples import EVERY_TOOL_REFUSES, REFUSALS
from tests.docs.generated import rerun_in
from tests.docs.pages import (
    ROOT,
    blocks,
    package_files,
    read,
    table_rows,
)
from tests.test_architecture import FLOORS


def words_in_code() -> Iterator[str]:
    for path in package_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def first_cells(page: str) -> set[str]:
    """Return what stands in code marks in the first column of a page's tables."""
    return {row[0].strip("`") for row in table_rows(read(page)) if row[0].startswith("`")}


def fields_in(section: str) -> set[str]:
    return {row[0].strip("`") for row in table_rows(section) if row[0].startswith("`")}


def test_every_switch_is_documented_and_every_documented_one_exists() -> None:
    """A key that does nothing looks like consent, or like a refusal, and is neither."""
    _, _, after = read("docs/reference/configuration.md").partition("## Switches")
    section, _, _ = after.partition("\n## ")
    switches = {f"{table}.{key}" for table, keys in SWITCHES.items() for key in keys}
    assert fields_in(section) == switches


def marked(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_language_server_is_documented_and_every_documented_one_is_known() -> None:
    """Whoever copies a command from the table must get the server that is meant."""
    _, _, after = read("docs/reference/configuration.md").partition("### Known servers")
    section, _, _ = after.partition("\n## ")
    rows = [row for row in table_rows(section) if row[0].startswith("`")]
    assert [[marked(cell) for cell in row] for row in rows] == [
        [[each.name], list(each.languages), [" ".join(each.command)]] for each in servers.SERVERS
    ]


def test_every_signal_is_documented_with_its_facts_and_no_other() -> None:
    """What stands in a trace has to be said in full."""
    rows = table_rows(read("docs/reference/signals.md"))
    named = [row for row in rows if row[0].startswith("`")]
    signals = {marked(row[0])[0]: set(marked(row[1])) for row in named}
    assert signals == SIGNALS


def codes() -> set[str]:
    """Return the code of every error, found through the root of them all."""
    assert refusals.UnknownTool.code  # its module has three of its own
    found, ahead = set(), [BicameralError]
    while ahead:
        error = ahead.pop()
        # The demo ends with an error of its own, which no tool and no other command gives.
        if error.__module__.startswith("bicameral.") and ".demo" not in error.__module__:
            found.add(error.code)
        ahead += error.__subclasses__()
    return found


def test_every_error_is_documented_and_every_documented_one_exists() -> None:
    """A code in an answer is looked up here."""
    page = read("docs/reference/errors.md")
    documented = re.findall(r"^## ([a-z_]+)$", page, re.MULTILINE)
    assert set(documented) == codes()
    assert len(documented) == len(set(documented))
    promised = {*EVERY_TOOL_REFUSES, *(code for found in REFUSALS.values() for code in found)}
    assert promised <= codes()


def test_every_dependency_has_its_reason_and_nothing_else_has() -> None:
    """A dependency without a reason is one to remove."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(each for extra in extras for each in extra)]
    names = {re.split(r"[\[<>=~ ]", each)[0].lower() for each in wanted} - {project["name"]}
    assert first_cells("docs/explanation/dependencies.md") == names


def test_every_file_of_a_home_is_documented(tmp_path: Path) -> None:
    """Whoever looks into the home must be able to find out what each file is."""
    rows = [row for row in table_rows(read("docs/reference/files.md")) if row[0].startswith("`")]
    known = {row[0].strip("`").rstrip("/"): row[1] for row in rows}
    rerun_in(tmp_path, "docs/how-to/bind-and-judge.md", BICAMERAL_TELEMETRY="raw")
    home = tmp_path / ".bicameral"
    found = sorted(home.rglob("*"))
    assert {"ledger.sqlite3", "salt", "preflight_events.jsonl", "engagements.jsonl"} <= {
        each.name for each in found
    }
    assert home.stat().st_mode & 0o777 == 0o700
    for each in found:
        name = each.relative_to(home).as_posix()
        modes = [mode for pattern, mode in known.items() if Path(name).match(pattern)]
        assert modes == [f"{each.stat().st_mode & 0o777:04o}"], name


def test_every_promise_names_a_test_that_exists() -> None:
    """A promise without a test is an opinion."""
    pages = ("SECURITY.md", "docs/explanation/trust.md")
    form = r"\[`(test_\w+)`\]\((?:\.\./\.\./)?(tests/[\w/.]+)\)"
    found = [each for page in pages for each in re.findall(form, read(page))]
    assert len(found) >= 35
    for name, path in found:
        assert f"def {name}(" in read(path), name


def test_every_path_in_the_map_exists() -> None:
    """A map to rooms that are not there is no map."""
    for page in ("docs/explanation/architecture.md", "CONTRIBUTING.md"):
        for path in re.findall(r"`((?:bicameral|handlers|tests|docs)/[\w/.]+)`", read(page)):
            assert path == "handlers/NAME.py" or (ROOT / path).exists(), path


# Figures.


def first_row(page: str) -> dict[str, Any]:
    """Return the captured row that a page shows."""
    rows = [line for block in blocks(read(page)) for line in block.lines if line[:5] == '{"ts"']
    assert len(rows) == 1
    return dict(json.loads(rows[0]))


def test_the_row_shown_is_a_real_one_with_exactly_the_fields_of_hashed_mode() -> None:
    """An example of what is stored must not be prettier than what is stored."""
    row = first_row("docs/explanation/capture-and-privacy.md")
    assert row == first_row("docs/how-to/switch-capture-on-and-off.md")
    assert row == first_row("docs/explanation/trust.md")
    fields = {field.name for field in msgspec.structs.fields(events.PreflightEvent)}
    assert row.keys() == fields - {"topic", "file_paths"}


GATE = Gate()
PREFLIGHT = "docs/explanation/preflight.md"
SERVERS_PAGE = "docs/explanation/language-servers.md"
ADRS = "docs/how-to/bring-in-adrs.md"
FILES = "docs/reference/files.md"
HEALTH = "docs/how-to/read-the-report.md"
LIMITS = budget.Limits()
FIGURES = [
    (HEALTH, f"more than {health.MOST_DROPPABLE_RATE:.0%} of the droppable".replace("%", " %")),
    (HEALTH, f"more than {health.MOST_SKIPPED_RATE:.0%} of the lines".replace("%", " %")),
    (HEALTH, f"fewer than {health.LEAST_SUCCESS_RATE:.0%} of a tool's".replace("%", " %")),
    (HEALTH, f"answered, of {health.LEAST_CALLS} or more"),
    (HEALTH, f"fewer than {health.LEAST_SELECTOR_RATE:.0%} of the selectors".replace("%", " %")),
    (HEALTH, f"something, of {health.LEAST_SELECTORS} or more"),
    (HEALTH, f"fewer than {health.LEAST_READY_RATE:.0%} of the language".replace("%", " %")),
    (HEALTH, f"ready, of {health.LEAST_SPAWNS} or more"),
    (HEALTH, f"needs {percentiles.FEWEST_FOR_P95} calls"),
    (SERVERS_PAGE, f"its first answer | {LIMITS.start:g}, or `start_seconds` |"),
    (SERVERS_PAGE, f"each later answer | {LIMITS.answer:g} |"),
    (
        SERVERS_PAGE,
        f"in all | {LIMITS.call:g}, or `start_seconds` + {LIMITS.call - LIMITS.start:g} |",
    ),
    (SERVERS_PAGE, f"{resolving.MOST_USES} uses in {resolving.MOST_FILES} files at most"),
    (SERVERS_PAGE, f"larger than {framing.MOST_BODY_BYTES // 1024 // 1024} MiB"),
    (PREFLIGHT, f"within {workspace.CATCH_UP_BUDGET_SECONDS} seconds"),
    (PREFLIGHT, f"decision to code in one of the files | {preflight.BINDING_CONFIDENCE:.2f} |"),
    (PREFLIGHT, f"a symbol in it | {preflight.MENTION_CONFIDENCE:.2f} |"),
    (PREFLIGHT, f"below | {confidence_of(min(GATE.coverage, GATE.lone_coverage)):.2f} to "),
    (PREFLIGHT, f" to {confidence_of(1.0):.2f} |"),
    (PREFLIGHT, f"At most {preflight.MOST_WAITING} waiting questions"),
    (PREFLIGHT, f"at most {GATE.commonest:.0%} of the decisions".replace("%", " %")),
    (PREFLIGHT, f"at least {GATE.coverage:.0%} of the weight".replace("%", " %")),
    (PREFLIGHT, f"at least {GATE.of_best:.0%} of the best".replace("%", " %")),
    (PREFLIGHT, f"At most {GATE.most} decisions pass"),
    (PREFLIGHT, f"counted as one of {terms.SMALLEST_COUNT}"),
    (PREFLIGHT, f"within {memory.REMEMBERED_FOR_NS // 60_000_000_000} minutes"),
    (PREFLIGHT, f"left out for {bypasses.IDEMPOTENT_FOR_MS // 60_000} minutes"),
    (ADRS, f"At most {files.MOST_DOCUMENTS:,} documents and {limits.MOST_DECISIONS:,} decisions"),
    (ADRS, f"and {limits.MOST_CALLS} calls in a minute"),
    (ADRS, f"is larger than {files.LARGEST_DOCUMENT} bytes"),
    (ADRS, f"decisions beyond the first {minutes.MOST_DECISIONS}"),
    (ADRS, f"At most {inference.MOST_PER_DECISION} places are inferred"),
    (FILES, f"reaches {rotation.Limits().size_bytes:,} bytes"),
    (FILES, f"is {rotation.Limits().age_seconds // 86_400} days old"),
    (FILES, f"and {rotation.Limits().keep} files are kept aside"),
    (FILES, f"is {2 * rotation.Limits().age_seconds // 86_400} days old."),
]


LANGUAGE_NAMES = {"c": "C", "cpp": "C++", "c-sharp": "C#"} | {
    name: name.capitalize() for name in ("python", "go", "java", "rust", "ruby")
}
LANGUAGE_NAMES |= {"javascript": "JavaScript", "typescript": "TypeScript", "tsx": "TypeScript"}


def test_the_languages_of_the_readme_are_those_of_the_table() -> None:
    """Whoever chooses the installation by this sentence must get what it says."""
    [line] = [each for each in read("README.md").split("\n") if each.startswith("It reads ")]
    always, _, extra = line.partition(";")
    for language in LANGUAGES:
        part = extra if language.extra else always
        assert LANGUAGE_NAMES[language.name] in re.split(r"[ ,.]+", part)


def test_the_floors_on_the_map_are_those_that_are_held() -> None:
    """Whoever adds a room looks here for its place."""
    page = read("docs/explanation/architecture.md")
    [shown] = [each.lines for each in blocks(page) if each.lines[0] == "server"]
    assert [set(line.split()) for line in shown] == FLOORS[:-1]


@pytest.mark.parametrize(("page", "words"), FIGURES)
def test_a_figure_on_a_page_is_the_one_in_the_code(page: str, words: str) -> None:
    """Numbers are tuned in the code; a page would not notice."""
    assert words in read(page)


def test_the_gate_treats_one_shared_word_as_the_page_says() -> None:
    """The page gives one share for both cases, and names words that are common."""
    assert GATE.coverage == GATE.lone_coverage
    assert {
        term for word in ("service", "update", "test") for term in terms_of(word)
    } <= COMMON_STEMS
    assert limits.PER_SECONDS == 60


def test_every_reason_of_a_preflight_is_explained() -> None:
    """An agent that hears silence asks why."""
    reasons = set(preflight.Reason.__args__)  # type: ignore[attr-defined]
    for page in (PREFLIGHT, "docs/how-to/resolve-common-errors.md"):
        explained = first_cells(page)
        assert reasons - {"fired"} <= explained, page


def test_every_reason_to_skip_is_one_that_the_code_gives() -> None:
    """The table is what a person searches for the words on the screen."""
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / "bicameral/intake").glob("*.py"))
    _, _, after = read(ADRS).partition("## What is skipped")
    section, _, _ = after.partition("\n## ")
    explained = [row[0].strip("`") for row in table_rows(section) if row[0].startswith("`")]
    assert len(explained) >= 10
    for reason in explained:
        assert re.sub(r" \d.*", "", reason) in text, reason


def test_every_move_of_a_sign_off_is_the_one_in_the_table() -> None:
    """The table is where a person looks when a move was refused."""
    page = read("docs/explanation/decisions-and-drift.md")
    rows = {row[0].strip("`"): row[2] for row in table_rows(page) if len(row) == 3}
    every = set(SignOff.__args__)  # type: ignore[attr-defined]
    for state in every:
        allowed = signoff.ALLOWED[state] - {state}
        named = {
            each
            for word in re.findall(r"[a-z]+", rows[state])
            for each in (
                every if word == "anything" else waiting(every) if word == "waiting" else {word}
            )
        }
        assert allowed == (named & every) - {state}


def waiting(states: set[str]) -> set[str]:
    return {state for state in states if state.endswith("_pending")}


def test_every_command_that_a_message_names_exists() -> None:
    """A next step that cannot be taken is worse than none."""
    for word in words_in_code():
        for name in re.findall(r"`bicameral-mcp ([a-z][a-z-]*)", word):
            assert name in COMMANDS, word


def test_no_page_says_that_there_is_no_upload() -> None:
    """It is read by whoever decides whether to capture, so it must not lag behind the command."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "skills").rglob("*.md")]
    for page in pages:
        told = page.read_text(encoding="utf-8")
        for stale in ("this version has no upload", "this version has none", "a later version may"):
            assert stale not in told, page
    events_page, _, _ = read("docs/reference/events.md").partition("\n## ")
    assert "`bicameral-mcp telemetry upload`" in events_page


PAGE_IN_WORDS = re.compile(r"docs/(?:how-to|reference|explanation|tutorial)/")


def test_nothing_that_is_said_names_a_page_that_is_not_installed() -> None:
    """After `pip install` there are no pages: a command can be typed everywhere."""
    said = [
        (path.name, text)
        for path in package_files()
        for text in _texts(ast.parse(path.read_text(encoding="utf-8")))
        # A path alone is for a checkout: what is made, and what guards compare.
        if PAGE_IN_WORDS.search(text) and " " in text
    ]
    assert said == []


def _texts(module: ast.Module) -> Iterator[str]:
    """Yield the texts of a module, but for its docstrings."""
    docstrings = {id(each.value) for each in ast.walk(module) if isinstance(each, ast.Expr)}
    for node in ast.walk(module):
        if id(node) in docstrings or not isinstance(node, ast.Constant):
            continue
        if isinstance(node.value, str):
            yield node.value
