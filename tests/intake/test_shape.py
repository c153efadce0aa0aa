"""What kind of document a text is, by its shape and its place."""

import pytest

from bicameral.intake.reading import read_document
from tests.intake.reading import read_one, reason_skipped

RECORD = (
    "# 1. Use Postgres\n\n## Status\n\nAccepted\n\n## Context\n\nRows.\n\n## Decision\n\nWe do.\n"
)
TEMPLATE = (
    "# [short title of solved problem and solution]\n\n"
    "* Status: [proposed | rejected | accepted | deprecated]\n\n"
    "## Context and Problem Statement\n\n[Describe it]\n\n## Decision Outcome\n\nChosen: [x]\n"
)


@pytest.mark.parametrize(
    "path",
    [
        "docs/adr/template.md",
        "docs/adr/adr-template.md",
        "docs/adr/0000-template.md",
        "docs/adr/000-adr-template-short.md",
        "docs/adr/templates/madr.md",
        "docs/adr/_template.md",
    ],
)
def test_templates_are_known_by_their_name(path: str) -> None:
    """A template decides nothing."""
    assert reason_skipped(RECORD, path) == "is a template"


@pytest.mark.parametrize(
    "text",
    [
        TEMPLATE,
        "# ADR {NUMBER}: {TITLE}\n\n## Status\n\n{DRAFT | PROPOSED} Not yet\n\n## Decision\n\nx\n",
        "# ADR template\n\n## Status\n\n> proposed, accepted, rejected\n\n## Decision\n\nx\n",
    ],
)
def test_templates_are_known_by_their_placeholders(text: str) -> None:
    """Also under a name like any other."""
    assert reason_skipped(text, "docs/adr/0001-record.md") == "is a template"


@pytest.mark.parametrize(
    "path",
    [
        "docs/adr/024-template-callable-auto-call.md",
        "docs/adr/0002-use-the-madr-template-engine.md",
    ],
)
def test_a_decision_about_templates_is_no_template(path: str) -> None:
    """Template engines are decided upon too."""
    assert read_one(RECORD, path).title == "Use Postgres"


@pytest.mark.parametrize("name", ["README.md", "index.md", "index.rst", "_index.md", "SUMMARY.md"])
def test_indexes_are_skipped(name: str) -> None:
    """An index repeats the statuses of others, often out of date."""
    text = "# Decisions\n\n| ADR | Status |\n|---|---|\n| [1](0001-x.md) | Accepted |\n"
    assert reason_skipped(text, f"docs/adr/{name}") == "is an index"


def test_a_readme_in_a_numbered_folder_is_the_record() -> None:
    """Some teams give each record a folder."""
    assert read_one(RECORD, "docs/adr/0001-use-postgres/README.md").number == "0001"
    assert reason_skipped("# Files\n\nSee there.\n", "docs/adr/0001-x/README.md") == "is an index"


@pytest.mark.parametrize(("text", "reason"), [("", "is empty"), ("\ufeff\n \t\r\n", "is empty")])
def test_an_empty_record_is_reported(text: str, reason: str) -> None:
    """Real folders hold records that somebody forgot to write."""
    assert reason_skipped(text, "docs/adr/0016-forgotten.md") == reason


@pytest.mark.parametrize(
    "text", ["# 3. Title only\n", "[ADR_CONTENT]\n", "# X\n\n## Decision\n\n<!-- why -->\n"]
)
def test_a_record_without_text_is_reported(text: str) -> None:
    """A title alone binds nobody."""
    assert reason_skipped(text, "docs/adr/0003-x.md") == "has no text"


def test_a_text_beyond_the_limit_is_reported() -> None:
    """Nobody decides in a quarter of a megabyte."""
    assert "longer than 262144" in reason_skipped("x" * 262_145, "docs/adr/0001-x.md")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("doc/storage.md", RECORD),
        ("architecture/decisions/storage.md", RECORD),
        ("docs/ADR-003-storage.md", "# X\n\nWe keep rows.\n"),
        ("docs/decisions/0003-storage.rst", "We keep rows here.\n"),
        ("docs/adr/storage.md", "# X\n\nStatus: accepted\n\n## Context\n\nWe keep rows.\n"),
    ],
)
def test_records_are_known_by_shape_or_place(path: str, text: str) -> None:
    """The caller does not say what a file is."""
    assert read_one(text, path).source_type == "adr"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/adr/process.md", "# How we decide\n\n## Status\n\nOne of proposed or accepted.\n"),
        ("docs/guide.md", "# Guide\n\n## Context\n\nUse it.\n"),
        ("docs/0003-guide.md", "# Guide\n\nUse it.\n"),
        ("CHANGES.txt", "1.0: decisions were made\n"),
    ],
)
def test_other_documents_state_no_decision(path: str, text: str) -> None:
    """Prose that decides nothing must not become a decision."""
    assert reason_skipped(text, path) == "states no decision"


def test_hidden_text_is_no_decision() -> None:
    """A section inside a comment or a fence is an example."""
    text = (
        "# Guide\n\n<!--\n## Decision\n\nx y z\n-->\n\n```\n## Decision\n\nDecision: x y z\n```\n"
    )
    assert read_document("docs/guide.md", text).drafts == ()
