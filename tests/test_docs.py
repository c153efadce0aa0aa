"""The documentation against the code: what a page says must be so, and what is must be said."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bicameral.cli.commands import COMMANDS, PROGRAM
from bicameral.cli.hook import HOOKS
from bicameral.cli.triage import SUB_COMMANDS
from bicameral.serving.schemas import input_schema
from handlers.table import TOOLS
from tests.docs.command_pages import parser_of
from tests.docs.examples import EXAMPLES
from tests.docs.generated import GENERATED, RUN, rerun
from tests.docs.pages import (
    ROOT,
    Block,
    anchors,
    blocks,
    headings,
    links,
    name_of,
    outside_blocks,
    pages,
    read,
    table_rows,
)

REGENERATE = "run `.venv/bin/python -m tests.docs` and look at the difference"
PAGES = pytest.mark.parametrize("page", pages(), ids=name_of)


# Pages made from the code, and pages that are run.


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_what_the_code_says_now(name: str) -> None:
    """A reference that lags behind is worse than none."""
    assert read(name) == GENERATED[name](), REGENERATE


@pytest.mark.parametrize("name", RUN)
def test_a_page_that_is_run_shows_what_really_comes_out(name: str) -> None:
    """Whoever follows the page sees the same, but for identifiers and times."""
    assert rerun(name) == read(name), REGENERATE


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool.name))
def test_every_tool_has_its_section_with_every_argument(tool: Any) -> None:
    """A tool without a reference section does not exist for its users."""
    page = read("docs/reference/tools.md")
    _, _, after = page.partition(f"## {tool.name}\n")
    section, _, _ = after.partition("\n## ")
    assert section, f"{tool.name} has no section"
    for name in input_schema(tool.arguments)["properties"]:
        assert f"| `{name}` |" in section
    tool.arguments.model_validate(EXAMPLES[tool.name])
    assert f"`{tool.name}`" in read("README.md")


def test_every_argument_and_field_of_a_tool_has_a_meaning() -> None:
    """A name alone leaves its reader to guess."""
    rows = [row for row in table_rows(read("docs/reference/tools.md")) if row[0].startswith("`")]
    assert [row[0] for row in rows if not row[-1]] == []


def test_every_command_has_its_section() -> None:
    """As for tools."""
    titles = headings(read("docs/reference/cli.md"))
    assert {f"{PROGRAM} {name}" for name in COMMANDS} <= set(titles)


# Links, blocks and words.


@PAGES
def test_every_link_leads_somewhere(page: Path) -> None:
    """A page that was moved or renamed must not leave readers behind."""
    for target in links(page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        place = (page.parent / path).resolve() if path else page
        assert place.exists(), target
        assert place.is_relative_to(ROOT), target
        if anchor:
            assert anchor in anchors(place.read_text(encoding="utf-8")), target


def test_every_page_can_be_reached_from_the_readme() -> None:
    """A page that nothing links to is not found."""
    seen: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        seen.add(page)
        targets = [each.partition("#")[0] for each in links(page.read_text(encoding="utf-8"))]
        found = [(page.parent / each).resolve() for each in targets if each.endswith(".md")]
        ahead += [each for each in found if each.is_file() and each not in seen]
    assert set(pages()) - seen == set()


def typed_commands(text: str) -> Iterator[str]:
    """Yield every line of our command on a page: in blocks, and in code marks within text."""
    for block in blocks(text):
        if block.language in {"console", "sh"}:
            lines = (line.removeprefix("$ ") for line in block.lines)
            yield from (line for line in lines if line.startswith(PROGRAM))
    for line in outside_blocks(text):
        yield from re.findall(rf"`({PROGRAM} [^`]+)`", line)


# What stands for a folder of the reader's.
PLACES = {"PATH": str(ROOT), "/path/to/repository": str(ROOT), "CLIENT": "claude-code"}
# A command that is only named, without what it takes: `bicameral-mcp import`.
NAMED_ALONE = re.compile(rf"{PROGRAM} (?:triage )?([a-z][a-z-]*)")


def refused_by_parser(line: str) -> str:
    """Return what the command's own parser has against a line; nothing if it is fine."""
    words = [PLACES.get(word, word) for word in shlex.split(re.split(r" [|>] ", line)[0])[1:]]
    if words[0] in {"--version", "--help", "COMMAND"}:
        return ""
    if words[0] == "hook":
        return "" if len(words) == 2 and words[1] in HOOKS else "no such hook"
    if words[0] not in COMMANDS:
        return f"no command is called {words[0]}"
    said = StringIO()
    try:
        with redirect_stderr(said):
            parser_of(COMMANDS[words[0]]).parse_args(words[1:])
    except SystemExit:
        return said.getvalue()
    return ""


@PAGES
def test_every_command_on_a_page_is_understood(page: Path) -> None:
    """What is shown can be typed; the real parser decides."""
    for line in typed_commands(page.read_text(encoding="utf-8")):
        if named := NAMED_ALONE.fullmatch(line):
            assert named[1] in {*COMMANDS, *SUB_COMMANDS}, line
        elif name_of(page) != "docs/reference/cli.md":
            assert refused_by_parser(line) == "", line


def test_a_command_that_does_not_exist_is_found() -> None:
    """The check itself must be able to fail."""
    assert refused_by_parser(f"{PROGRAM} ingset docs") != ""
    assert refused_by_parser(f"{PROGRAM} preflight topic --loud") != ""


def configurations() -> list[tuple[str, Block]]:
    found = [(name_of(page), each) for page in pages() for each in blocks(page.read_text("utf-8"))]
    return [(name, block) for name, block in found if block.language in {"json", "toml"}]


@pytest.mark.parametrize(("name", "block"), configurations())
def test_every_configuration_parses(name: str, block: Block) -> None:
    """A missing comma in a client's configuration costs an hour."""
    parse = json.loads if block.language == "json" else tomllib.loads
    parsed = parse(block.text)
    for server in servers_in(parsed):
        assert server["command"] == PROGRAM
        assert (
            server["args"] == [] or refused_by_parser(shlex.join([PROGRAM, *server["args"]])) == ""
        )


def servers_in(parsed: Any) -> Iterator[dict[str, Any]]:
    for name in ("mcpServers", "servers", "mcp_servers"):
        yield from parsed.get(name, {}).values()


FORBIDDEN = re.compile(r"\b(?:TODO|FIXME|XXX|TBD)\b|(?<![\w&])#\d+\b|lorem ipsum", re.IGNORECASE)


@PAGES
def test_no_page_is_unfinished_or_speaks_of_its_making(page: Path) -> None:
    """Readers have use for what is, not for what somebody meant to do."""
    for line in outside_blocks(page.read_text(encoding="utf-8")):
        assert not FORBIDDEN.search(line), line


@PAGES
def test_there_is_one_sentence_a_line(page: Path) -> None:
    """A difference then shows the sentence that changed."""
    for line in outside_blocks(page.read_text(encoding="utf-8")):
        is_prose = not line.startswith(("|", "#", "<!--"))
        assert not (is_prose and re.search(r"[a-z`)*][.!?] [A-Z`]", line)), line


def test_the_changelog_says_what_telemetry_records() -> None:
    """A widened collection must be seen by whoever upgrades."""
    titles = headings(read("CHANGELOG.md"))
    assert titles[1] == "Unreleased"
    assert {"Added", "Telemetry"} <= set(titles)
