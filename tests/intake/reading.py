"""Short ways to read one text in a test."""

from textwrap import dedent

from bicameral.intake.draft import DecisionDraft
from bicameral.intake.reading import read_document


def read_one(text: str, path: str = "docs/adr/0012-use-postgres.md") -> DecisionDraft:
    """Read a text that must give exactly one draft."""
    reading = read_document(path, dedent(text).lstrip("\n"))
    assert reading.skipped == ()
    (draft,) = reading.drafts
    return draft


def reason_skipped(text: str, path: str) -> str:
    """Read a text that must be skipped; return the reason."""
    reading = read_document(path, dedent(text).lstrip("\n"))
    assert reading.drafts == ()
    (skipped,) = reading.skipped
    assert skipped.path == path
    return skipped.reason
