"""Explicit decisions in plain documents, each with a fragment of its own."""

# ruff: noqa: RUF001 - texts in their own script

from datetime import date

import pytest

from bicameral.intake.draft import DecisionDraft
from bicameral.intake.minutes import MOST_DECISIONS
from bicameral.intake.reading import read_document

NOTES = """# Storage meeting

Date: 2024-03-05
Attendees: Ada, Grace

## Agenda

- storage

## Discussion

Ada would rather keep punchcards.

## Decisions

- We decided to keep orders in Postgres. It is there already.
  - Rationale: nobody owns punchcards
- D-7: Backups run nightly, see `jobs/backup.py`.

## Action items

- buy a disk
"""


def read(text: str, path: str = "notes/2024-storage.md") -> tuple[DecisionDraft, ...]:
    return read_document(path, text).drafts


def test_each_listed_decision_is_a_draft() -> None:
    """Meeting notes decide several things at once."""
    first, second = read(NOTES)
    assert first.title == "Keep orders in Postgres"
    assert first.description == "We decided to keep orders in Postgres. It is there already."
    assert first.rationale == "- Rationale: nobody owns punchcards"
    assert first.source_ref == "notes/2024-storage.md#keep-orders-in-postgres"
    assert first.source_type == "document"
    assert first.decided_on == date(2024, 3, 5)
    assert first.participants == ("Ada", "Grace")
    assert (first.signoff, first.source_status, first.number) == ("proposed", "", "")
    assert first.excerpt in NOTES
    assert second.source_ref == "notes/2024-storage.md#decision-d-7"
    assert second.mentions == ("jobs/backup.py",)
    assert "punchcards" not in second.search_text


@pytest.mark.parametrize(
    "line",
    [
        "Decision: keep orders in Postgres",
        "DECISION: keep orders in Postgres",
        "**Decision:** keep orders in Postgres",
        "- **Decision**: keep orders in Postgres",
        "* Decision: keep orders in Postgres",
        "> Decision: keep orders in Postgres",
        "✅ Decision: keep orders in Postgres",
        "[DECISION]: keep orders in Postgres",
        "Decided: keep orders in Postgres",
        "Entscheidung: keep orders in Postgres",
        "Décision : keep orders in Postgres",
        "决定：keep orders in Postgres",
    ],
)
def test_a_marked_line_is_a_decision(line: str) -> None:
    """However it is marked."""
    text = f"# Weekly\n\nWe spoke of storage.\n{line}\nfor a year at least.\n\nThen we left.\n"
    (draft,) = read(text)
    assert draft.title == "Keep orders in Postgres for a year at least"
    assert draft.description == "keep orders in Postgres\nfor a year at least."


@pytest.mark.parametrize(
    "text",
    [
        "A decision: hard to make.\n",
        "The decision was to wait.\n",
        "We decided to keep punchcards.\n",
        "Decision:\n",
        "```\nDecision: no\n```\n",
        "## Options\n\nDecision: punchcards\n",
    ],
)
def test_prose_about_decisions_is_none(text: str) -> None:
    """Only what is marked as a decision counts outside a section of decisions."""
    assert read(f"# Weekly\n\n{text}") == ()


def test_headings_below_decisions_are_decisions() -> None:
    """Longer ones get a heading each."""
    text = (
        "# Weekly\n\n## Decisions\n\n### Use Postgres\n\nFor orders.\n\n"
        "### Decision 2: Back up\n\nNightly.\n"
    )
    first, second = read(text)
    assert (first.title, first.description) == ("Use Postgres", "For orders.")
    assert (second.title, second.description) == ("Back up", "Nightly.")


def test_paragraphs_below_decisions_are_decisions() -> None:
    """Without a list each paragraph stands for itself."""
    first, second = read("# Weekly\n\n## Decisions\n\nUse Postgres.\n\nBack up\nnightly.\n")
    assert first.title == "Use Postgres"
    assert second.description == "Back up\nnightly."


def test_a_fragment_survives_its_neighbours() -> None:
    """A decision added above must not turn the others into new ones."""
    before = {draft.title: draft.source_ref for draft in read(NOTES)}
    longer = NOTES.replace("## Decisions\n\n", "## Decisions\n\n- Buy a chair\n- Sell a table\n")
    after = {draft.title: draft.source_ref for draft in read(longer)}
    assert len(after) == 4
    assert before.items() <= after.items()


def test_equal_words_get_different_fragments() -> None:
    """Two decisions of the same words are two."""
    refs = [
        draft.source_ref for draft in read("# W\n\n## Decisions\n\n- Wait\n- Wait\n- 待つこと\n")
    ]
    assert refs == [
        "notes/2024-storage.md#wait",
        "notes/2024-storage.md#wait-2",
        "notes/2024-storage.md#待つこと",
    ]


def test_the_nearest_dated_heading_dates_a_decision() -> None:
    """Running notes keep many meetings in one file."""
    text = (
        "# Notes\n\n## 2024-03-05\n\n### Decisions\n\n- Wait\n\n"
        "## 2024-04-09\n\n### Decisions\n\n- Go\n"
    )
    assert [draft.decided_on for draft in read(text)] == [date(2024, 3, 5), date(2024, 4, 9)]


def test_the_file_name_dates_what_nothing_else_does() -> None:
    """Notes are often named after their day."""
    (draft,) = read("# Notes\n\nDecision: wait here\n", "notes/2024-03-05-weekly.md")
    assert draft.decided_on == date(2024, 3, 5)


def test_decisions_beyond_the_limit_are_reported() -> None:
    """A list without end is cut, and says so."""
    items = "".join(f"- Decide on thing {number}\n" for number in range(MOST_DECISIONS + 3))
    reading = read_document("notes/x.md", f"# Notes\n\n## Decisions\n\n{items}")
    assert len(reading.drafts) == MOST_DECISIONS
    assert reading.skipped[0].reason == "holds 3 decisions beyond the first 200"


def test_an_item_without_words_is_none() -> None:
    """A dash is not a decision."""
    assert read("# Notes\n\n## Decisions\n\n- -\n- \n\n---\n") == ()
