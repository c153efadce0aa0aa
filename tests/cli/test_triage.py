"""Triage: what is shown of a queue and of one row, to a person and as JSON."""

from typing import Any

import pytest

from bicameral.review.rows import Evidence
from tests.cli.parts import Person
from tests.cli.triage_parts import FIRE, GONE, LATER_FIRE, MISS, NORMAL, PATH, TOPIC, fill_queue
from tests.review.triage.parts import PATH_HASH, a_false_fire, a_row, write_reviews


@pytest.fixture
def triager(reader: Person) -> Person:
    """One with a ledger and a queue."""
    return fill_queue(reader)


def ids(answer: dict[str, Any]) -> list[str]:
    return [each["id"] for each in answer["rows"]]


# What waits.


def test_the_overview_says_how_much_waits_and_what_to_type(triager: Person) -> None:
    """The first thing anybody types is the command alone."""
    shown = triager.run_here("triage").out
    assert "3 of 4 reconciled preflights wait for a label" in shown
    assert "bicameral-mcp triage next" in shown
    answer = triager.run_here("triage", "--json").answer()
    assert answer["waiting"] == {
        "miss": {"high": 1, "medium": 0, "low": 0},
        "false-fire": {"high": 0, "medium": 1, "low": 1},
    }
    assert (answer["total"], answer["reviewed"], answer["labelled"]) == (3, 4, 0)


def test_the_overview_counts_what_is_labelled_and_what_was_taken_back(triager: Person) -> None:
    """A normal row that lost its label waits for nobody."""
    triager.run_here("triage", "label", NORMAL, "real_miss")
    triager.run_here("triage", "label", MISS, "real_miss")
    answer = triager.run_here("triage", "--json").answer()
    assert (answer["total"], answer["labelled"]) == (2, 2)
    triager.run_here("triage", "undo", NORMAL)
    answer = triager.run_here("triage", "--json").answer()
    assert (answer["total"], answer["labelled"]) == (2, 1)
    assert NORMAL not in triager.run_here("triage", "list", "--all").out


def test_the_overview_of_nothing_says_why(person: Person) -> None:
    """Instead of a table of zeros."""
    shown = person.run_here("triage").out
    assert shown.startswith("capture is off, so there is nothing to review\nnext: set BICAMERAL")
    assert "medium" not in shown
    assert not person.home.exists()


def test_the_list_is_in_the_order_of_work(triager: Person) -> None:
    """Misses first, then the surest; normal rows are nobody's work."""
    assert ids(triager.run_here("triage", "list", "--json").answer()) == [MISS, LATER_FIRE, FIRE]
    shown = triager.run_here("triage", "list").out
    assert shown.index(MISS) < shown.index(LATER_FIRE) < shown.index(FIRE)
    assert "suspected miss, high (0.90): the decision was engaged with" in shown
    assert NORMAL not in shown


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--class", "miss"), [MISS]),
        (("--class", "false-fire"), [LATER_FIRE, FIRE]),
        (("--class", "normal"), [NORMAL]),
        (("--confidence", "low"), [FIRE]),
        (("--since", "2026-03-05"), [MISS, LATER_FIRE]),
        (("--until", "2026-03-01"), [FIRE]),
        (("--until", "2026-03-04", "--class", "miss"), []),
        (("--feature", ""), [MISS, LATER_FIRE]),
        (("--feature", "no such group"), []),
        (("--label", "real_miss"), []),
        (("--all",), [MISS, LATER_FIRE, FIRE]),
        (("--limit", "1"), [MISS]),
    ],
)
def test_filters_narrow_the_list(
    triager: Person, options: tuple[str, ...], found: list[str]
) -> None:
    """Each alone, and two together."""
    assert ids(triager.run_here("triage", "list", *options, "--json").answer()) == found


def test_a_list_that_is_cut_says_how_to_see_the_rest(triager: Person) -> None:
    """A queue that looks short must be short."""
    assert "2 more: repeat with --limit 3" in triager.run_here("triage", "list", "--limit", "1").out


def test_a_feature_group_is_looked_up_in_the_ledger(triager: Person) -> None:
    """People own features, and work their own suspects."""
    done = triager.run_here("update", triager.first_id(), "regroup", "--feature", "payments")
    assert done.status == 0
    listed = triager.run_here("triage", "list", "--feature", "payments", "--json").answer()
    assert ids(listed) == [MISS, LATER_FIRE]
    assert listed["total"] == 2


# One row.


def test_a_row_is_shown_with_evidence_first_and_its_decisions_beside(triager: Person) -> None:
    """Enough to judge by without another command."""
    shown = triager.run_here("triage", "show", LATER_FIRE).out
    parts = [
        *("suspected false fire, medium (0.60)", "nothing that was shown was used"),
        *("shown for nothing: Send an idempotency key with every charge", "ratified"),
        *("src/payments.py::charge_card", "asked", LATER_FIRE),
    ]
    at = [shown.index(part) for part in parts]
    assert at == sorted(at)
    evidence = triager.run_here("triage", "show", MISS)
    assert "missed: Send an idempotency key" in evidence.out
    answer = triager.run_here("triage", "show", MISS, "--json").answer()
    decision = answer["decisions"][0]
    assert decision["title"] == "Send an idempotency key with every charge"
    assert decision["places"] == ["src/payments.py::charge_card"]
    assert (decision["signoff"], decision["status"]) == ("ratified", "pending")
    assert answer["gone"] == []


def test_evidence_is_shown_with_what_it_rests_on(reader: Person) -> None:
    """Words, and the ids to look it up by."""
    write_reviews(reader.home, [a_row(id=MISS)])
    shown = " ".join(reader.run_here("triage", "show", MISS).out.split())
    assert "- bicameral.bind concerned the decision 12 minutes later" in shown
    assert f"by bicameral.bind · path {PATH_HASH} · explicit id" in shown


@pytest.mark.parametrize("doubt", ["", "; it was shown later"])
def test_what_the_evidence_says_is_said_once(reader: Person, doubt: str) -> None:
    """The reason begins with the best evidence; only the doubts go beyond it."""
    [found] = a_row().evidence
    because = f"{found.decision_id}: {found.words}{doubt}"
    write_reviews(reader.home, [a_row(id=MISS, because=because)])
    for command in (("show", MISS), ("next",)):
        shown = reader.run_here("triage", *command).out
        assert shown.count(found.words) == 1
        assert f"  - {found.words}\n" in shown
        assert ("\n  it was shown later\n" in shown) == bool(doubt)


def test_evidence_without_a_call_or_a_path_is_shown_too(reader: Person) -> None:
    """What was shown for nothing rests on what did not happen."""
    plain = Evidence(kind="unused", words="nothing followed", decision_id=GONE)
    write_reviews(reader.home, [a_false_fire(id=FIRE, evidence=[plain], path_hashes=[])])
    shown = reader.run_here("triage", "show", FIRE).out
    assert f"- nothing followed\n    {GONE}\n" in shown
    assert "paths: none" in shown


def test_a_long_decision_is_shortened_at_a_word(reader: Person) -> None:
    """A page of rationale would push the row from the screen."""
    record = "# 7. Long\n\n## Status\n\nAccepted\n\n## Context\n\nC.\n\n## Decision\n\n"
    reader.repository.write("docs/adr/0007-long.md", record + "word " * 500)
    reader.run_here("ingest", "docs/adr")
    write_reviews(reader.home, [a_row(id=MISS, missed_ids=[reader.ids()["Long"]], evidence=[])])
    decision = reader.run_here("triage", "show", MISS, "--json").answer()["decisions"][0]
    assert decision["text"].endswith("word …")
    assert len(decision["text"]) <= 402


def test_a_decision_that_is_gone_says_so(triager: Person) -> None:
    """The suspicion still stands, but its text can be read nowhere."""
    shown = triager.run_here("triage", "show", FIRE).out
    assert f"shown for nothing: {GONE}" in shown
    assert "not in the ledger any more" in shown
    answer = triager.run_here("triage", "show", FIRE, "--json").answer()
    assert (answer["decisions"], answer["gone"]) == ([], [GONE])


def test_looking_leaves_no_row_that_the_next_reconciliation_would_read(triager: Person) -> None:
    """Reading a decision in order to judge it is not work on it."""
    watched = triager.elsewhere(triager.home, BICAMERAL_TELEMETRY="preflight")
    for words in (("show", MISS), ("next",), ("stats",), ("list", "--feature", "x")):
        assert watched.run_here("triage", *words).status == 0
    assert not (triager.home / "engagements.jsonl").exists()
    assert not (triager.home / "preflight_events.jsonl").exists()


def test_a_decision_text_cannot_steer_the_terminal(reader: Person) -> None:
    """Texts come from many hands; so do notes."""
    record = "# 3. Clear \x1b[2J the screen\n\n## Status\n\nAccepted\n\n## Context\n\nNone.\n\n"
    reader.repository.write("docs/adr/0003-odd.md", record + "## Decision\n\nSay \x1b]0;x\x07 it.")
    reader.run_here("ingest", "docs/adr")
    odd = next(found for title, found in reader.ids().items() if title.startswith("Clear"))
    write_reviews(reader.home, [a_row(id=MISS, missed_ids=[odd], because="\x1b[31mred")])
    reader.run_here("triage", "label", MISS, "borderline", "--note", "\x1b[2J")
    for words in (("show", MISS), ("list", "--all"), ("next", "--all"), ("stats",)):
        assert "\x1b" not in reader.run_here("triage", *words).out


# Plain text.


def test_topics_and_paths_are_hashes_until_plain_text_is_asked_for(triager: Person) -> None:
    """A screen is seen by more people than its owner."""
    for words in (("list",), ("show", LATER_FIRE), ("next",), ("stats",), ("export", "--all")):
        for json_too in ((), ("--json",)):
            if words[0] == "export" and json_too:
                continue
            shown = triager.run_here("triage", *words, *json_too).out
            assert "Acme" not in shown
            assert '"file_paths"' not in shown


def test_raw_shows_plain_text_only_where_it_was_captured(triager: Person) -> None:
    """And says so where it was not, so that nobody takes a hash for a name."""
    captured = triager.run_here("triage", "show", LATER_FIRE, "--raw").out
    assert f"topic: {TOPIC}" in captured
    assert f"paths: {PATH}" in captured
    hashed = triager.run_here("triage", "show", MISS, "--raw").out
    assert f"paths: {PATH_HASH}" in hashed
    assert "not captured in plain text: these are hashes" in hashed
    listed = triager.run_here("triage", "list", "--raw").out
    assert f"topic: {TOPIC}" in listed
    assert "topic: not captured in plain text" in listed
    answers = triager.run_here("triage", "list", "--raw", "--json").answer()["rows"]
    assert [each["has_plain_text"] for each in answers] == [False, True, False]
    assert [each.get("topic") for each in answers] == [None, TOPIC, None]


# The next one, without a terminal.


def test_without_a_terminal_the_next_row_is_shown_with_how_to_label_it(triager: Person) -> None:
    """In a pipe or a job nobody can press keys."""
    shown = triager.run("triage", "next").out
    assert shown.startswith("1 of 3\nsuspected miss, high (0.90)\n")
    assert f"label it: bicameral-mcp triage label {MISS} LABEL" in shown
    answer = triager.run_here("triage", "next", "--json").answer()
    assert (answer["row"]["id"], answer["total"]) == (MISS, 3)
    assert answer["row"]["decisions"][0]["id"] == triager.first_id()


def test_when_all_is_labelled_next_says_so(triager: Person) -> None:
    """A loop of a script ends when there is no row."""
    for _ in range(3):
        row = triager.run_here("triage", "next", "--json").answer()["row"]
        triager.run_here("triage", "label", row["id"], "not_a_failure")
    ended = triager.run_here("triage", "next", "--json").answer()
    assert (ended["row"], ended["total"]) == (None, 0)
    assert ended["notices"]["empty_because"] == "every suspected row has its label"
    assert "every suspected row has its label" in triager.run_here("triage", "next").out
