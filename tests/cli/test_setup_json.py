"""Settings in JSON with comments: one entry goes in and out, and nothing else moves."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bicameral.cli.setup.json_settings import JsonSettings
from bicameral.cli.setup.plan import Origin, plan_undo, plan_write
from bicameral.cli.setup.settings import NotEditable
from tests.cli.setup_parts import ENTRY, FOREIGN, SecondOpinion, documents, pairs

FORMAT = JsonSettings("mcpServers")
BACKUP = Path("backup")
OURS_AND_MORE = {**ENTRY, "args": ["serve"]}
slow = settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)

# A document, and the same with the entry, whose line ends and blanks count.
GOLDEN = {
    "nothing": (
        "",
        """{
  "mcpServers": {
    "bicameral": {
      "command": "bicameral-mcp"
    }
  }
}
""",
    ),
    "only a comment": (
        "// none yet",
        """// none yet
{
  "mcpServers": {
    "bicameral": {
      "command": "bicameral-mcp"
    }
  }
}
""",
    ),
    "an empty object": (
        "{ }",
        """{
  "mcpServers": {
    "bicameral": {
      "command": "bicameral-mcp"
    }
  }
}""",
    ),
    "another server, by tabs, with a comment behind it": (
        """{
\t"mcpServers": {
\t\t"a": {} // mine
\t}
}
""",
        """{
\t"mcpServers": {
\t\t"a": {}, // mine
\t\t"bicameral": {
\t\t\t"command": "bicameral-mcp"
\t\t}
\t}
}
""",
    ),
    "a trailing comma, by four blanks, with line ends of Windows": (
        """{\r
    "mcpServers": {\r
        "a": {},\r
    },\r
}""",
        """{\r
    "mcpServers": {\r
        "a": {},\r
        "bicameral": {\r
            "command": "bicameral-mcp"\r
        },\r
    },\r
}""",
    ),
    "one line": (
        '{"mcpServers": {"a": {}}, "b": [1, 2]}',
        '{"mcpServers": {"a": {}, "bicameral": {"command": "bicameral-mcp"}}, "b": [1, 2]}',
    ),
    "an empty group on one line": (
        '{"mcpServers": {}}',
        """{"mcpServers": {
  "bicameral": {
    "command": "bicameral-mcp"
  }
}}""",
    ),
    "a comment in an empty group": (
        """{
  "mcpServers": { /* none */ }
}""",
        """{
  "mcpServers": { /* none */
    "bicameral": {
      "command": "bicameral-mcp"
    }
  }
}""",
    ),
    "other settings only": (
        """{
  "numStartups": 3e2,
  "projects": {}
}
""",
        """{
  "numStartups": 3e2,
  "projects": {},
  "mcpServers": {
    "bicameral": {
      "command": "bicameral-mcp"
    }
  }
}
""",
    ),
}


@pytest.mark.parametrize(("before", "after"), GOLDEN.values(), ids=GOLDEN)
def test_the_entry_is_written_as_its_neighbours_are(before: str, after: str) -> None:
    """A file goes on looking as its owner wrote it."""
    assert FORMAT.put(before, {"command": "bicameral-mcp"}) == after


@slow
@given(documents())
def test_any_document_takes_the_entry_and_gives_it_back_to_the_byte(before: str) -> None:
    """Comments, order, layout and every value survive; another parser says so."""
    after = FORMAT.put(before, ENTRY)
    old, new = SecondOpinion(before), SecondOpinion(after)
    servers = [value for key, value in old.value if key == "mcpServers"]
    wanted = ((*servers[0],) if servers else ()) + (("bicameral", pairs(ENTRY)),)
    others = tuple(each for each in new.value if each[0] != "mcpServers")
    assert dict(new.value)["mcpServers"] == wanted
    assert others == tuple(each for each in old.value if each[0] != "mcpServers")
    assert sorted(new.comments) == sorted(old.comments)
    undone = plan_undo(FORMAT, after, [Origin(BACKUP, before)])
    assert (undone.after, undone.origin) == (before, Origin(BACKUP, before))


@slow
@given(documents(ours=OURS_AND_MORE))
def test_an_entry_is_taken_out_of_any_document_that_others_changed(before: str) -> None:
    """Without a backup too: what others wrote since stays, and so do their comments."""
    after = FORMAT.remove(before, keeps_group=True)
    old, new = SecondOpinion(before), SecondOpinion(after)
    wanted = {key: value for key, value in dict(old.value)["mcpServers"] if key != "bicameral"}
    assert dict(new.value)["mcpServers"] == tuple(wanted.items())
    assert [key for key, _ in new.value] == [key for key, _ in old.value]
    assert new.comments == old.comments


@slow
@given(documents(ours=FOREIGN))
def test_a_replaced_entry_leaves_all_around_it(before: str) -> None:
    """Replacing is what was asked for; of the entry only."""
    after = FORMAT.put(before, ENTRY)
    old, new = SecondOpinion(before), SecondOpinion(after)
    changed = {
        key: tuple((k, pairs(ENTRY) if k == "bicameral" else v) for k, v in value)
        if key == "mcpServers"
        else value
        for key, value in old.value
    }
    assert new.value == tuple(changed.items())
    assert new.comments == old.comments
    assert plan_undo(FORMAT, after, [Origin(BACKUP, before)]).after == before


@slow
@given(documents())
def test_a_second_run_has_nothing_to_do(before: str) -> None:
    """Whoever runs it twice gets the same bytes."""
    after = FORMAT.put(before, ENTRY)
    again = plan_write(FORMAT, after, [], ENTRY, can_start=lambda _: True)
    assert (again.kind, again.after) == ("none", after)


REFUSED = {
    "no JSON": ("{mcpServers: {}}", "line 1"),
    "single quotes": ("{'mcpServers': {}}", "line 1"),
    "an unclosed comment": ('{\n  /* "a": 1\n}', "line 2 is not JSON"),
    "an unclosed string": ('{\n\n  "a: 1}', "line 3 is not JSON"),
    "a line end in a string": ('{"a\n": 1}', "line 1"),
    "two values": ("{} {}", "line 1"),
    "a comma alone": ("{,}", "line 1"),
    "two commas": ('{"a": [1,,]}', "line 1"),
    "a bracket too many": ("{}}", "line 1"),
    "a bracket too few": ('{\n"a": [}', "line 2"),
    "a list": ("[]", "the whole of it is not an object"),
    "a group that is none": ('{"mcpServers": []}', '"mcpServers" is not an object'),
    "an entry that is none": ('{"mcpServers": {"bicameral": 1}}', '"bicameral" is not an object'),
    "two groups": ('{"mcpServers": {}, "mcpServers": {}}', '"mcpServers" is there twice'),
    "two entries": (
        '{"mcpServers": {"bicameral": {}, "bicameral": {}}}',
        '"bicameral" is there twice',
    ),
    "the same key in other letters": (
        '{"mcpServers": {}, "mcp\\u0053ervers": {}}',
        "is there twice",
    ),
    "no number": ('{"a": NaN}', "NaN is not JSON"),
    "a number too long": (f'{{"a": {"1" * 5000}, "mcpServers": {{"bicameral": {{}}}}}}', "4300"),
    "too deep": (f'{{"a": {"[" * 100_000}{"]" * 100_000}}}', "nested too deeply"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_surely_is_not_edited(text: str, reason: str) -> None:
    """A guess at a broken file is how settings get lost."""
    with pytest.raises(NotEditable) as refusal:
        FORMAT.entry(text)
    assert reason in str(refusal.value)


REMOVED: dict[str, tuple[str, bool, str]] = {
    "the only one, and the group was there": (
        '{\n  "mcpServers": {\n    "bicameral": {}\n  }\n}',
        True,
        '{\n  "mcpServers": {}\n}',
    ),
    "the only one, and the group came with it": (
        '{\n  "a": 1,\n  "mcpServers": {\n    "bicameral": {}\n  }\n}',
        False,
        '{\n  "a": 1\n}',
    ),
    "the first": ('{"mcpServers": {"bicameral": {}, "a": {}}}', False, '{"mcpServers": {"a": {}}}'),
    "the last": ('{"mcpServers": {"a": {}, "bicameral": {}}}', False, '{"mcpServers": {"a": {}}}'),
    "behind a comment that would swallow the rest": (
        '{"mcpServers": {"a": {}, // c\n"bicameral": {}, "b": {}}}',
        False,
        '{"mcpServers": {"a": {}, // c\n"b": {}}}',
    ),
    "none": ('{"mcpServers": {"a": {}}}', False, '{"mcpServers": {"a": {}}}'),
    "no file": ("", False, ""),
}


@pytest.mark.parametrize(("before", "keeps", "after"), REMOVED.values(), ids=REMOVED)
def test_the_comma_goes_with_the_entry(before: str, keeps: bool, after: str) -> None:
    """What is left is written as if nothing had ever been there."""
    assert FORMAT.remove(before, keeps_group=keeps) == after


def test_the_snippet_is_the_entry_as_it_is_pasted() -> None:
    """A person who was refused still has to get there."""
    name, _, rest = FORMAT.snippet(ENTRY).partition(": ")
    value, _, place = rest.rpartition(" into ")
    found: Any = json.loads(value)
    assert (name, found, place) == ('"bicameral"', ENTRY, '"mcpServers"')


@pytest.mark.parametrize(
    ("text", "is_plain"), [("", True), ("{}", True), ("{,}", None), ("{} //", False)]
)
def test_plain_json_is_told_from_json_with_comments(text: str, is_plain: bool | None) -> None:
    """Claude Code reads only the first, and says nothing of it but in a list of servers."""
    if is_plain is None:
        with pytest.raises(NotEditable):
            FORMAT.is_plain(text)
    else:
        assert FORMAT.is_plain(text) is is_plain
