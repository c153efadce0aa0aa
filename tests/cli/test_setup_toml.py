"""Settings in TOML: one table goes in and out, and nothing else moves."""

import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.cli.setup.plan import Origin, plan_undo, plan_write
from bicameral.cli.setup.settings import NotEditable
from bicameral.cli.setup.toml_settings import TomlSettings
from tests.cli.setup_parts import CODEX_ENTRY, WORDS
from tests.cli.test_setup_json import slow

FORMAT = TomlSettings()
TABLE = """\
[mcp_servers.bicameral]
command = "bicameral-mcp"
args = []
required = true
startup_timeout_sec = 20
"""
BACKUP = Path("backup")
VALUES = st.sampled_from(
    [
        "1",
        "nan",
        "0xff",
        "1979-05-27T07:32:00Z",
        '"a # b"',
        "'[mcp_servers.bicameral]'",
        '"a \\" # b"',
        '"""\n[mcp_servers.bicameral]\ncommand = "x" # no comment\n"""',
        '"""two quotes at the end"""""',
        "'''\n[other]\n'''",
        '[\n  ["[mcp_servers.bicameral]"], # [x]\n  [\n  ],\n]',
        "{ a = { b = [1] }, c = 1 }",
    ]
)
HEADERS = st.sampled_from(
    ["[a{}]", "[ a{} . 'b c' ]", "[[list{}]]", "[mcp_servers.other{}]", '["mcp_servers".o{}]']
)


@st.composite
def _lines(draw: st.DrawFn) -> list[str]:
    comments = WORDS.filter(str.isprintable).map(lambda text: f"  # {text}")
    keys = [f"key{number} = {draw(VALUES)}" for number in range(draw(st.integers(0, 3)))]
    behind = draw(st.lists(comments | st.just(""), max_size=3))
    return [f"{key}{draw(st.sampled_from(['', ' # why']))}" for key in keys] + behind


@st.composite
def documents(draw: st.DrawFn, *, ours: str = "") -> str:
    """Draw a configuration; `ours` is a table to have in it."""
    numbers = range(draw(st.integers(0, 4)))
    tables = [[draw(HEADERS).format(number), *draw(_lines())] for number in numbers]
    sections = [draw(_lines()), *tables]
    if ours:
        sections.insert(draw(st.integers(1, len(sections))), ours.splitlines())
    text = "\n".join(line for section in sections for line in section)
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return (text + draw(st.sampled_from(["", "\n"]))).replace("\n", newline)


def without_ours(text: str) -> str:
    """Return what a text says but for our table, written out: so `nan` equals itself."""
    found = tomllib.loads(text)
    servers = found.get("mcp_servers", {})
    servers.pop("bicameral", None)
    if not servers:
        found.pop("mcp_servers", None)
    return json.dumps(found, sort_keys=True, default=str)


@slow
@given(documents())
def test_any_configuration_takes_the_table_and_gives_it_back_to_the_byte(before: str) -> None:
    """What was there stays the beginning of what is there now."""
    after = FORMAT.put(before, CODEX_ENTRY)
    assert after.startswith(before)
    assert tomllib.loads(after)["mcp_servers"]["bicameral"] == CODEX_ENTRY
    assert without_ours(after) == without_ours(before)
    undone = plan_undo(FORMAT, after, [Origin(BACKUP, before)])
    assert (undone.after, undone.origin) == (before, Origin(BACKUP, before))
    again = plan_write(FORMAT, after, [], CODEX_ENTRY, can_start=lambda _: True)
    assert (again.kind, again.after) == ("none", after)


@slow
@given(documents(ours=TABLE.replace("args", "# by hand\nargs")))
def test_the_table_is_taken_out_of_any_configuration_that_others_changed(before: str) -> None:
    """Without a backup too, and wherever the table stands; other lines stay as they are."""
    after = FORMAT.remove(before, keeps_group=False)
    assert "bicameral" not in tomllib.loads(after).get("mcp_servers", {})
    assert without_ours(after) == without_ours(before)
    taken = Counter(["# by hand", *TABLE.splitlines()])
    kept = Counter(each for each in after.splitlines() if each.strip())
    assert kept + taken == Counter(each for each in before.splitlines() if each.strip())


@slow
@given(documents(ours='[mcp_servers.bicameral]\ncommand = "other"\n[mcp_servers.bicameral.env]\n'))
def test_a_replaced_table_leaves_all_around_it(before: str) -> None:
    """Its own tables further down go with it; the undo brings them all back."""
    after = FORMAT.put(before, CODEX_ENTRY)
    assert tomllib.loads(after)["mcp_servers"]["bicameral"] == CODEX_ENTRY
    assert without_ours(after) == without_ours(before)
    assert plan_undo(FORMAT, after, [Origin(BACKUP, before)]).after == before


GOLDEN = {
    "nothing": ("", TABLE),
    "a setting": ('model = "x"\n', f'model = "x"\n\n{TABLE}'),
    "no line end": ('model = "x"', f'model = "x"\n\n{TABLE}'),
    "line ends of Windows": ("a = 1\r\n", "a = 1\r\n\r\n" + TABLE.replace("\n", "\r\n")),
    "a server by dotted keys": (
        'mcp_servers.a.command = "x"\n',
        f'mcp_servers.a.command = "x"\n\n{TABLE}',
    ),
}


@pytest.mark.parametrize(("before", "after"), GOLDEN.values(), ids=GOLDEN)
def test_the_table_comes_last(before: str, after: str) -> None:
    """Whatever stands after a table belongs to it, so there is no other place."""
    assert FORMAT.put(before, CODEX_ENTRY) == after
    assert FORMAT.remove(after, keeps_group=False).rstrip() == before.rstrip()


REFUSED: dict[str, tuple[str, str]] = {
    "no TOML": ("a = \n", "line 1"),
    "a group that is none": ("mcp_servers = 1\n", "mcp_servers is not a table"),
    "an entry that is none": ("[mcp_servers]\nbicameral = 1\n", "bicameral is not a table"),
    "an array of tables": ("[[mcp_servers.bicameral]]\n", "bicameral is not a table"),
    "servers on one line": ("mcp_servers = { a = { command = 'x' } }\n", "cannot be told apart"),
    "the entry on one line": (
        "[mcp_servers]\nbicameral = { command = 'x' }\n",
        "not under a header of its own",
    ),
    "too deep": (f"a = {'[' * 5000}{']' * 5000}\n", "nested too deeply"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_edited_surely_is_refused(text: str, reason: str) -> None:
    """The parser has the last word on every edit."""
    with pytest.raises(NotEditable) as refusal:
        FORMAT.put(text, CODEX_ENTRY)
    assert reason in str(refusal.value)


def test_a_foreign_table_comes_back_after_other_changes() -> None:
    """It was replaced on request; taking that back means having it again."""
    foreign = {"command": 'a "b"', "args": ["x"], "env": {"A B": "c"}, "timeout": 1.5}
    before = FORMAT.put("", foreign)
    changed = FORMAT.put(before, CODEX_ENTRY) + "\n[later]\n"
    undone = plan_undo(FORMAT, changed, [Origin(BACKUP, before)])
    assert tomllib.loads(undone.after) == {"mcp_servers": {"bicameral": foreign}, "later": {}}


def test_a_value_that_could_not_be_written_back_is_refused() -> None:
    """Better the person's own hand than half of what there was."""
    odd: Any = {"command": "x", "since": tomllib.loads("a = 1979-05-27")["a"]}
    with pytest.raises(NotEditable, match="cannot be put back"):
        FORMAT.put("", odd)


def test_what_is_not_there_need_not_be_taken_out() -> None:
    """Nor does a snippet differ from what would be written."""
    assert FORMAT.remove("a = 1\n", keeps_group=True) == "a = 1\n"
    assert not FORMAT.has_group("a = 1\n")
    assert FORMAT.has_group(TABLE)
    assert FORMAT.is_plain(TABLE)
    assert FORMAT.snippet(CODEX_ENTRY) == TABLE
