"""Triage by plain commands: labels given, taken back, refused, counted and exported."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from bicameral.cli.triage import SUB_COMMANDS
from tests.cli.parts import BOUND_SECONDS, Person
from tests.cli.triage_parts import FIRE, GONE, LATER_FIRE, MISS, NORMAL, PATH, TOPIC, fill_queue
from tests.review.triage.parts import PATH_HASH, a_row, labels_on_disk, write_reviews


@pytest.fixture
def triager(reader: Person) -> Person:
    """One with a ledger and a queue."""
    return fill_queue(reader)


def test_a_label_goes_round_from_the_command_to_every_view(triager: Person) -> None:
    """Given, seen, changed, taken back; nothing of it is ever lost."""
    given = triager.run_here(
        "triage", "label", MISS[:-1], "real_miss", "--note", "yes", "--by", "A"
    )
    assert f"labelled real_miss: {MISS}" in given.out
    assert MISS not in triager.run_here("triage", "list").out
    listed = triager.run_here("triage", "list", "--label", "real_miss", "--json").answer()["rows"]
    assert [each["label"] for each in listed] == ["real_miss"]
    again = triager.run_here("triage", "label", MISS, "borderline", "--json").answer()
    assert (again["before"], again["label"], again["who"]) == ("real_miss", "borderline", "unknown")
    shown = triager.run_here("triage", "show", MISS).out
    assert "labelled real_miss by A on 2026-05-28T20:26:40Z: yes" in shown
    assert "labelled borderline by unknown" in shown
    undone = triager.run_here("triage", "undo", MISS)
    assert "taken back borderline" in undone.out
    assert "it is real_miss again" in undone.out
    assert "it waits again" in triager.run_here("triage", "undo", MISS, "--by", "B").out
    assert "label taken back by B" in triager.run_here("triage", "show", MISS).out
    answer = triager.run_here("triage", "show", MISS, "--json").answer()
    assert answer["label"] is None
    assert [each["action"] for each in answer["history"]] == ["label", "label", "undo", "undo"]


def test_relabelling_by_command_says_what_stood_before(triager: Person) -> None:
    """Two people may disagree without knowing."""
    triager.run_here("triage", "label", FIRE, "real_false_fire")
    shown = triager.run_here("triage", "label", FIRE, "not_a_failure").out
    assert "before it was real_false_fire; that stays on record" in shown


def test_a_normal_row_can_be_labelled(triager: Person) -> None:
    """Reconciliation overlooks things too."""
    assert triager.run_here("triage", "label", NORMAL, "real_miss").status == 0
    assert NORMAL in triager.run_here("triage", "list", "--all").out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("label", "rev_x", "borderline"), 1, "next: see the ids with `bicameral-mcp triage list"),
        (("label", "rev_", "borderline"), 1, "is the beginning of 4 ids"),
        (("show", ""), 1, "the id is empty"),
        (("undo", MISS), 1, f"{MISS} has no label to take back"),
        (("list", "--since", "yesterday"), 1, "give an age such as 36h, 7d or 2w"),
        (("label", MISS, "good"), 2, "invalid choice: 'good'"),
        (("label", MISS, "borderline", "--note", "x" * 2_001), 2, "2000 characters at most"),
        (("list", "--class", "hit"), 2, "invalid choice: 'hit'"),
        (("list", "--limit", "0"), 2, "--limit must be 1 or more"),
        (("export", "--json"), 2, "--json needs FILE"),
        (("explain",), 2, "invalid choice: 'explain'"),
        (("list", "--cl", "miss"), 2, "unrecognized arguments"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_to_do(
    triager: Person, words: tuple[str, ...], status: int, said: str
) -> None:
    """Nothing is written then."""
    ended = triager.run_here("triage", *words)
    assert ended.status == status
    assert said in " ".join(ended.err.split())
    assert labels_on_disk(triager.home) == []


@pytest.mark.parametrize("name", SUB_COMMANDS)
def test_every_sub_command_has_its_help(triager: Person, name: str) -> None:
    """With its own usage, and the options that all commands share."""
    shown = triager.run_here("triage", name, "--help").out
    assert shown.startswith(f"usage: bicameral-mcp triage {name} ")
    assert "--json" in shown
    assert "--repo PATH" in shown


def test_shared_options_may_stand_before_the_sub_command_too(triager: Person) -> None:
    """Both ways are typed, and neither is forgotten."""
    before = triager.run_here("triage", "--json", "list")
    assert before.out == triager.run_here("triage", "list", "--json").out
    assert json.loads(before.out)["total"] == 3


def test_processes_that_label_at_once_lose_nothing(triager: Person) -> None:
    """Two people, one home."""
    processes = [
        triager.start("triage", "label", row, "borderline", "--by", f"p{number}")
        for number, row in enumerate((MISS, FIRE, LATER_FIRE, NORMAL))
    ]
    for process in processes:
        process.communicate(timeout=BOUND_SECONDS)
        assert process.returncode == 0
    assert {each.who for each in labels_on_disk(triager.home)} == {"p0", "p1", "p2", "p3"}


# Statistics.


def test_the_statistics_show_what_the_labels_add_up_to(triager: Person) -> None:
    """Precision with its interval, the weeks, and what is behind it."""
    triager.run_here("triage", "label", MISS, "real_miss")
    triager.run_here("triage", "label", FIRE, "not_a_failure")
    answer = triager.run_here("triage", "stats", "--json").answer()
    by_key = {(each["classification"], each["band"]): each for each in answer["precision"]}
    sure = by_key["suspected_miss", "high"]
    assert (sure["precision"], sure["judged"], sure["waiting"]) == (1.0, 1, 0)
    assert sure["interval"] == pytest.approx([0.2065, 1.0], abs=5e-5)
    assert by_key["suspected_false_fire", "low"]["precision"] == 0.0
    assert by_key["suspected_false_fire", "high"]["interval"] is None
    assert [each["week"] for each in answer["weeks"]] == ["2026-W09", "2026-W10"]
    assert [each["reviewed"] for each in answer["weeks"]] == [1, 3]
    assert [each["name"] for each in answer["misfiring"]] == [triager.first_id()]
    assert answer["missed"][0]["title"] == "Send an idempotency key with every charge"
    assert answer["missed_paths"] == [{"name": PATH_HASH, "suspected": 1, "real": 1, "path": None}]
    shown = triager.run_here("triage", "stats").out
    assert (
        "miss        high                0          1          0          0   1.00 (0.21 to"
        in shown
    )
    assert "2026-W10  █" in shown
    assert "1 time, 1 confirmed  Send an idempotency key with every charge" in shown


def test_paths_are_named_where_raw_mode_captured_them(triager: Person) -> None:
    """The hash of one call is the hash of another, so one capture names them all."""
    plain: dict[str, Any] = {"topic": TOPIC, "file_paths": [PATH, "src/other.py"]}
    write_reviews(
        triager.home, [a_row(id="rev_r", path_hashes=["1" * 16, "2" * 16], evidence=[], **plain)]
    )
    answer = triager.run_here("triage", "stats", "--raw", "--json").answer()
    paths = {each["name"]: each["path"] for each in answer["missed_paths"]}
    assert paths == {PATH_HASH: PATH, "1" * 16: PATH, "2" * 16: "src/other.py"}
    hidden = triager.run_here("triage", "stats", "--json").answer()["missed_paths"]
    assert {each["path"] for each in hidden} == {None}


def test_a_path_that_was_not_captured_stays_a_hash_and_says_so(reader: Person) -> None:
    """Also where the texts do not match the hashes one by one."""
    odd: dict[str, Any] = {"topic": TOPIC, "file_paths": [PATH, PATH]}
    write_reviews(reader.home, [a_row(id=MISS, missed_ids=[GONE], evidence=[], **odd)])
    shown = reader.run_here("triage", "stats", "--raw").out
    assert f"1 time, 0 confirmed  {PATH_HASH}  (not captured in plain text)" in shown
    assert "not in the ledger any more" in shown


def test_the_chart_does_without_blocks_where_the_encoding_has_none(triager: Person) -> None:
    """A build log in ASCII shows it too."""
    shown = triager.run_here("triage", "stats", encoding="ascii").out
    assert "suspected by week: # misses, - false fires" in shown
    assert "\\u2588" not in shown


# The export.


def test_labelled_rows_are_exported_as_json_lines(triager: Person, tmp_path: Path) -> None:
    """One object a line: the row as it stands, with its label and its history."""
    triager.run_here("triage", "label", LATER_FIRE, "borderline")
    lines = triager.run_here("triage", "export").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [LATER_FIRE]
    file = tmp_path / "labelled.jsonl"
    answer = triager.run_here("triage", "export", str(file), "--raw", "--json").answer()
    assert answer == {"file": str(file), "rows": 1}
    assert json.loads(file.read_text(encoding="utf-8"))["topic"] == TOPIC
    assert file.stat().st_mode & 0o777 == 0o600
    assert triager.run_here("triage", "export", str(file)).status == 1
    everything = triager.run_here("triage", "export", "--all").out.splitlines()
    assert len(everything) == 3


def test_a_lone_table_has_its_header(person: Person) -> None:
    """A script that reads it finds its columns, and no rows."""
    shown = person.run_here("triage", "export", "--format", "csv").out
    assert shown.startswith("id,ts,classification,")
    assert shown.count("\n") == 1


def test_labelled_rows_are_exported_as_a_table(triager: Person) -> None:
    """A note may hold commas, quotes and newlines; readers of CSV get it back."""
    note = 'so "odd", it\nbreaks'
    triager.run_here("triage", "label", LATER_FIRE, "borderline", "--note", note, "--by", "A, B")
    shown = triager.run_here("triage", "export", "--format", "csv", "--raw").out
    [found] = csv.DictReader(io.StringIO(shown, newline=""))
    assert (found["id"], found["label"]) == (LATER_FIRE, "borderline")
    assert (found["note"], found["who"]) == (note, "A, B")
    assert (found["topic"], found["file_paths"]) == (TOPIC, PATH)
    assert found["labelled_at"] == "2026-05-28T20:26:40.000000Z"
    hashed = triager.run_here("triage", "export", "--format", "csv", "--all").out
    assert "topic" not in hashed.splitlines()[0].split(",")
    assert len(list(csv.DictReader(io.StringIO(hashed)))) == 3
