"""The skills: valid for clients, short, and naming only what exists."""

import json
import re
import subprocess
import sys
from argparse import Action, ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from bicameral.capture.flags import VARIABLE
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.cli.commands import COMMANDS, PROGRAM
from bicameral.cli.sub_commands import SubParser
from bicameral.ledger.domain import SignOff
from bicameral.ledger.questions import CollisionAnswer
from bicameral.preflight.preflight import Reason
from bicameral.review.dataset import REAL_DATASET
from bicameral.review.promotion.findings import Action as Finding
from bicameral.review.rows import Evidence, Label, ReviewRow
from bicameral.serving.refusals import check_arguments
from bicameral.serving.schemas import input_schema, output_schema
from handlers.table import TOOLS
from tests.cli.parts import Person
from tests.docs.command_pages import parser_of
from tests.plugin.skill_texts import FOLDER, Skill, skills
from tests.test_docs import refused_by_parser

SKILLS = skills()
BY_NAME = {tool.name: tool for tool in TOOLS}
MOST_TOKENS, MOST_LINES = 5_000, 500
each_skill = pytest.mark.parametrize("skill", SKILLS.values(), ids=SKILLS)
# What stands for something of the reader's, with an example that every parser takes.
PLACEHOLDERS = {
    "LABEL": "real_miss",
    "FINDING=ACTION": "all=replace",
    "REVIEW_ID": "rev_0123456789abcdef",
}


def test_there_are_three() -> None:
    """When to ask; what came of it; what people say of that."""
    assert set(SKILLS) == {"bicameral-preflight", "bicameral-reconcile", "bicameral-triage"}


@each_skill
def test_the_reference_validator_takes_it(skill: Skill) -> None:
    """The outside check of the format."""
    validator = Path(sys.executable).with_name("agentskills")
    done = subprocess.run(
        [str(validator), "validate", str(FOLDER / skill.name)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@each_skill
def test_its_front_matter_says_what_and_when(skill: Skill) -> None:
    """A model reads nothing else before it chooses."""
    assert set(skill.front) == {"name", "description", "license", "compatibility"}
    assert skill.front["name"] == skill.name
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", skill.name)
    assert "Use " in skill.front["description"]
    assert len(skill.front["description"]) <= 1_024
    assert len(skill.front["compatibility"]) <= 500


@each_skill
def test_it_is_short(skill: Skill) -> None:
    """It is paid for in tokens whenever it is used."""
    assert len(skill.body) // 4 < MOST_TOKENS / 2
    assert skill.body.count("\n") < MOST_LINES


@each_skill
def test_every_call_that_it_shows_is_one_that_the_tool_takes(skill: Skill) -> None:
    """The real models check it, unknown arguments included."""
    for name, text in skill.calls():
        check_arguments(name, BY_NAME[name].arguments, json.loads(text))


def test_the_preflight_skill_shows_a_call_of_every_tool_that_takes_the_id() -> None:
    """An id that is not threaded tells nothing."""
    shown = {name for name, _ in SKILLS["bicameral-preflight"].calls()}
    takes = {t.name for t in TOOLS if "preflight_id" in input_schema(t.arguments)["properties"]}
    assert shown == takes


def filled(line: str) -> str:
    for word, example in PLACEHOLDERS.items():
        line = line.replace(word, example)
    return line


@each_skill
def test_every_command_that_it_names_is_understood(skill: Skill) -> None:
    """The command's own parsers decide."""
    named = [each for each in skill.marked() if each.startswith(f"{PROGRAM} ")]
    typed = [each for each in skill.commands() if each.startswith(PROGRAM)]
    assert typed or skill.name == "bicameral-preflight"
    for line in [*named, *typed]:
        assert refused_by_parser(filled(line)) == "", line


def options() -> Iterator[Action]:
    """Yield everything that the commands of the review take."""
    ahead: list[ArgumentParser] = [
        parser_of(COMMANDS["triage"]),
        parser_of(COMMANDS["reconcile"]),
    ]
    while ahead:
        parser = ahead.pop()
        if isinstance(parser, SubParser):
            parser.fill()
        for action in parser._actions:
            yield action
            if isinstance(action.choices, Mapping):
                ahead += action.choices.values()


def names_in(schema: Any) -> Iterator[str]:
    """Yield the names of fields and the values of closed sets, at any depth."""
    if isinstance(schema, Mapping):
        yield from schema.get("properties", ())
        yield from map(str, schema.get("enum", ()))
        for each in schema.values():
            yield from names_in(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from names_in(each)


def fields_in(document: Any) -> Iterator[str]:
    if isinstance(document, Mapping):
        yield from document
    parts = document.values() if isinstance(document, Mapping) else document
    if isinstance(parts, list | type({}.values())):
        for each in parts:
            yield from fields_in(each)


def known_words() -> set[str]:
    """Return all that a skill may name: tools, fields, values, options, files, variables."""
    words = {*BY_NAME, *(name.replace(".", "_") for name in BY_NAME), *SKILLS}
    for tool in TOOLS:
        words |= set(names_in(input_schema(tool.arguments)))
        words |= set(names_in(output_schema(tool.answer)))
    for closed in (Reason, SignOff, CollisionAnswer, Label, Finding):
        words |= set(get_args(closed))
    for struct in (ReviewRow, Evidence):
        words |= {each.name for each in msgspec.structs.fields(struct)}
    words |= set(get_args(Evidence.__annotations__["attribution"])[0].__args__)
    for action in options():
        words |= {*action.option_strings, *map(str, action.choices or ())}
    words |= {EVENTS_FILE, ENGAGEMENTS_FILE, REAL_DATASET, VARIABLE, PROGRAM}
    return words | {"_", ".", "${CLAUDE_SESSION_ID}"}


def test_every_word_in_code_marks_exists(reader: Person) -> None:
    """A skill that names what is not there sends its reader astray."""
    known = known_words()
    for command in ("stats", "list"):
        known |= set(fields_in(reader.run_here("triage", command, "--json").answer()))
    for skill in SKILLS.values():
        for each in skill.marked():
            # `fired: false`, `--since 7d`, `keep:REASON`: the first word names something.
            word = re.split(r"[ :]", each)[0]
            assert word in known, f"{skill.name}: {each}"


def test_a_word_that_does_not_exist_is_found() -> None:
    """The check itself must be able to fail."""
    assert not {"bicameral.preflights", "--classes", "real_misses"} & known_words()
    assert refused_by_parser(f"{PROGRAM} triage label rev_1 wrong") != ""


@pytest.mark.parametrize("name", ["bicameral-reconcile", "bicameral-triage"])
def test_what_is_a_persons_is_said_to_be(name: str) -> None:
    """An agent that labels its own failures would make the evaluation its own judge."""
    body = " ".join(SKILLS[name].body.split())
    assert "the person labels" in body or "The person decides every label" in body
    assert "on your own account" in body
