"""The viewer and the figures of a trace, against pages that were looked at once."""

import json
from pathlib import Path

import pytest

from bicameral.observe.metrics.percentiles import nearest_rank
from bicameral.observe.reading import MOST_WAITING, Tree, read_trees
from bicameral.observe.span_row import SpanRow, encode_span
from tests.cli.golden.make import FOLDER, PAGES, PREFLIGHT_ID, a_span, write_trace
from tests.cli.parts import Person
from tests.cli.terminal import on_terminal


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_trace_is_as_it_was_looked_at(person: Person, name: str) -> None:
    """The form is what people learn to read, and scripts to rely on."""
    write_trace(person.home)
    ended = person.run_here("trace", *PAGES[name])
    assert ended.status == 0, ended.err
    assert ended.out == (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("option", ["--trace-id", "--preflight-id"])
def test_an_id_that_is_in_no_span_is_said_and_fails(person: Person, option: str) -> None:
    """An empty page would look like a call that did nothing."""
    write_trace(person.home)
    ended = person.run_here("trace", "view", option, "unknown")
    assert ended.status == 1
    assert ended.out == ""
    assert "in the trace has this id" in ended.err


def test_without_a_trace_the_way_to_one_is_shown(person: Person) -> None:
    """Most people look before they have switched it on."""
    for words in (("view",), ("stats",)):
        ended = person.run_here("trace", *words)
        assert (ended.status, ended.err) == (0, "")
        assert "BICAMERAL_TRACE=1" in ended.out
    assert not person.home.exists()


@pytest.mark.parametrize("words", [(), ("view", "--last", "0"), ("stats", "--last", "-1")])
def test_a_wrong_use_is_refused_as_such(person: Person, words: tuple[str, ...]) -> None:
    """As for every command."""
    assert person.run_here("trace", *words).status == 2


def test_a_time_that_is_none_is_refused(person: Person) -> None:
    """With what would be one."""
    ended = person.run_here("trace", "view", "--since", "yesterday")
    assert ended.status == 1
    assert "36h" in ended.err


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_colour_is_shown_on_a_terminal_only_and_not_against_the_wish(
    person: Person, no_colour: str
) -> None:
    """A pipe has no use for it, and some people neither."""
    write_trace(person.home)
    assert "\x1b" not in person.run("trace", "view").out
    variables = person.variables({"NO_COLOR": no_colour})
    with on_terminal("trace", "view", cwd=person.repository.root, variables=variables) as terminal:
        assert terminal.end() == 0
        assert ("\x1b[31m[too] tool.bicameral.ratify" in terminal.shown) is (not no_colour)
        assert "\x1b[31mred" not in terminal.shown


def test_real_calls_are_found_by_their_preflight_across_sessions_and_files(
    person: Person,
) -> None:
    """From the id in an answer to everything that it led to."""
    traced = {"BICAMERAL_TRACE": "1", "BICAMERAL_TELEMETRY": "preflight"}
    asked = person.elsewhere(person.home, **traced, CLAUDE_CODE_SESSION_ID="one")
    asked.run_here("ingest", "docs/adr")
    asked_id = asked.run_here("preflight", "an idempotency key on charges", "--json").answer()
    log = person.home / "trace.jsonl"
    log.rename(log.with_name("trace.jsonl.1"))
    later = person.elsewhere(person.home, **traced, CLAUDE_CODE_SESSION_ID="two")
    threaded = ("--preflight-id", asked_id["preflight_id"])
    later.run_here("ratify", later.first_id(), *threaded)

    found = person.run_here("trace", "view", *threaded, "--json").answer()["calls"]
    assert [each["operation"] for each in found] == [
        "tool.bicameral.preflight",
        "tool.bicameral.ratify",
    ]
    assert [each["metadata"]["session_id"] for each in found] == ["one", "two"]
    layers = {row["layer"] for each in found for row in every(each)}
    assert layers == {"tool", "preflight", "ledger", "grounding", "capture"}


def every(entry: dict[str, object]) -> list[dict[str, object]]:
    children = entry["children"]
    assert isinstance(children, list)
    return [entry, *(row for child in children for row in every(child))]


# Reading.


def read_all(path: Path, most: int | None = None) -> list[Tree]:
    return read_trees(path, wanted=lambda tree: True, most=most).trees


def write_rows(path: Path, rows: list[SpanRow]) -> None:
    path.write_bytes(b"".join(encode_span(row) + b"\n" for row in rows))


def test_a_child_that_ended_after_its_parent_still_stands_below_it(tmp_path: Path) -> None:
    """The thread of a cancelled call goes on for a while."""
    root = a_span(1, None, ("tool", "tool.x", "mcp"), status="cancelled")
    late = a_span(2, root.trace_id, ("ledger", "read", "sqlite"))
    write_rows(tmp_path / "trace.jsonl", [root, late])
    [tree] = read_all(tmp_path / "trace.jsonl")
    assert [row.operation for row in tree.walk()] == ["tool.x", "read"]


def test_spans_whose_parent_never_comes_do_not_fill_the_memory(tmp_path: Path) -> None:
    """A server that is killed leaves them, each time."""
    rows = [
        a_span(number, f"too_1_{number}", ("ledger", "read", "x"))
        for number in range(MOST_WAITING + 10)
    ]
    write_rows(tmp_path / "trace.jsonl", rows)
    assert len(read_all(tmp_path / "trace.jsonl")) == MOST_WAITING + 10
    assert len(read_all(tmp_path / "trace.jsonl", most=3)) == 3


def test_the_end_of_a_long_log_is_enough_for_the_last_calls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And all of it is read where the end does not hold enough of what is wanted."""
    monkeypatch.setattr("bicameral.observe.reading.FIRST_BYTES", 2_000)
    path = tmp_path / "trace.jsonl"
    write_rows(path, [a_span(n, None, ("tool", f"tool.{n}", "mcp")) for n in range(400)])
    last = read_trees(path, wanted=lambda tree: True, most=5)
    assert [tree.row.operation for tree in last.trees] == [f"tool.{n}" for n in range(395, 400)]
    first = read_trees(path, wanted=lambda tree: tree.row.operation == "tool.3", most=5)
    assert [tree.row.operation for tree in first.trees] == ["tool.3"]


def test_a_percentile_is_by_nearest_rank() -> None:
    """One that was measured, never one in between."""
    assert nearest_rank([1.0], 95) == 1.0
    assert nearest_rank([1.0, 2.0], 50) == 1.0
    assert nearest_rank([float(n) for n in range(1, 101)], 95) == 95.0
    assert nearest_rank([float(n) for n in range(1, 21)], 95) == 19.0


def test_the_json_of_a_view_has_every_field_and_the_children(person: Person) -> None:
    """For whoever counts on it."""
    write_trace(person.home)
    document = json.loads((FOLDER / "view.json").read_text(encoding="utf-8"))
    assert document["skipped_lines"] == 1
    first = document["calls"][0]
    assert first["metadata"]["preflight_id"] == PREFLIGHT_ID
    assert [each["operation"] for each in first["children"]] == ["decide"]
