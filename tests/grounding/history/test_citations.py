"""Citations: a text means a decision by its record's file, or by a number that is certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.grounding.history.citations import (
    by_name,
    names_cited,
    names_in,
    names_of,
    names_of_comment,
    resolve,
)
from bicameral.grounding.history.log import PastCommit
from bicameral.grounding.index.citations import Citation

SOURCES = {
    "charges": "docs/adr/0012-charge-once.md",
    "events": "docs/adr/0013-event-payload.md",
    "billing": "billing/decisions/0013-invoices-are-final.md",
}


def commit(subject: str, *paths: str, body: str = "") -> PastCommit:
    return PastCommit("c" * 40, subject, body, paths)


def meant_by(subject: str, *paths: str, body: str = "") -> frozenset[str]:
    return resolve(names_cited(commit(subject, *paths, body=body)), by_name(SOURCES))


@pytest.mark.parametrize(
    "subject",
    [
        "feat: implement ADR-012",
        "fix(pay): retry once (ADR 12)",
        "ADR-0012: charge once",
        "follow adr_12 in the gateway",
        "see docs/adr/0012-charge-once.md for why",
        "per 0012-charge-once",
        "moved to architecture/records/0012-charge-once.md",
    ],
)
def test_a_record_is_meant_by_number_or_file(subject: str) -> None:
    """However people spell it, also after its folder has moved."""
    assert meant_by(subject) == {"charges"}


@pytest.mark.parametrize(
    "subject",
    [
        "feat: agent-kit ADR-0012 is followed",
        "as owner/name ADR-12 says",
        "see witan's ADR-0012",
        "[#ADR-012] charge once",
        "ADR-99 was never written",
        "ADR-0013 is about two things here",
        "12 retries",
    ],
    ids=[
        "another series",
        "another repository",
        "a possessive",
        "a tag",
        "a ghost",
        "twice",
        "bare",
    ],
)
def test_a_number_that_is_not_certain_means_nothing(subject: str) -> None:
    """A wrong citation would show a decision that has nothing to do with the change."""
    assert meant_by(subject) == frozenset()


def test_a_number_that_two_records_share_is_told_apart_by_the_file() -> None:
    """Folders of several teams count on their own."""
    assert meant_by("follow 0013-event-payload") == {"events"}
    assert meant_by("x", "billing/decisions/0013-invoices-are-final.md") == {"billing"}


def test_a_commit_that_changes_a_record_cites_it() -> None:
    """Code that is changed together with a record belongs to it."""
    assert meant_by("write it down", "docs/adr/0012-charge-once.md", "src/pay.py") == {"charges"}


@pytest.mark.parametrize(
    "word",
    [
        "165075402",
        "deadbee1f00d4",
        "#123456789",
        "v1.2.3-rc.1",
        "lint-action-3.7.0",
        "a_2b3c4d5e6f",
    ],
)
def test_ids_that_a_message_holds_name_no_record(word: str) -> None:
    """Else tickets and hashes crowd out the commits that do cite one."""
    assert names_cited(commit(f"fix: see {word}", body=f"{word}\nRelated: {word}")) == frozenset()


def test_other_documents_are_no_records() -> None:
    """Every second commit touches a readme."""
    assert names_cited(commit("docs", "README.md", "docs/architecture.md")) == frozenset()


@pytest.mark.parametrize(
    ("citation", "names"),
    [
        (Citation("adr", "ADR-12", 12, 1), ("number 12",)),
        (Citation("path", "adr/0012-charge-once.md", 12, 1), names_of(SOURCES["charges"])),
        (Citation("decision", "decision 12", 12, 1), ()),
    ],
    ids=["number", "path", "a word"],
)
def test_a_comment_cites_as_a_commit_does(citation: Citation, names: tuple[str, ...]) -> None:
    """One way to name a record, wherever it is named."""
    assert names_of_comment(citation) == names


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    """Commit messages come from many hands."""
    assert all(name.startswith(("number ", "file ")) for name in names_in(text))
