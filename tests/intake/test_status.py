"""What a status amounts to, and which date a record has."""

from datetime import date

import pytest

from bicameral.intake.dates import find_date
from bicameral.intake.draft import SignOff
from tests.intake.reading import read_one


def with_status(status: str) -> str:
    return f"# Use Postgres\n\n## Status\n\n{status}\n\n## Decision\n\nWe do.\n"


@pytest.mark.parametrize(
    ("status", "signoff"),
    [
        ("Accepted", "ratified"),
        ("**Accepted** 2023-10-02", "ratified"),
        ("✅ Accepted", "ratified"),
        ("Decision status: Approved", "ratified"),
        ("Decided", "ratified"),
        ("ACCEPTED Not Implemented", "ratified"),
        ("Implemented in <https://example.org/pull/1> and revised later", "ratified"),
        ("Accepted (supersedes ADR-3)", "ratified"),
        ("Accepted\n\nSupercedes [1. Old](0001-old.md)", "ratified"),
        ("Draft", "proposed"),
        ("DRAFT Not Implemented", "proposed"),
        ("Proposed and initial implementation is complete.", "proposed"),
        ("Not yet accepted", "proposed"),
        ("Pending review", "proposed"),
        ("Provisional", "proposed"),
        ("Deferred — after the first release", "proposed"),
        ("{Proposed | Accepted | Rejected}", "proposed"),
        ("> It may be proposed, accepted, or rejected.\n\nRejected", "rejected"),
        ("Rejected.", "rejected"),
        ("Withdrawn", "rejected"),
        ("Deprecated", "superseded"),
        ("Superseded", "superseded"),
        ("Superseded by ADR-12", "superseded"),
        ("Accepted\n\nSuperceded by [2. New](0002-new.md)", "superseded"),
        ("Implemented. Superseded by [ADR-13](0013-x.md).", "superseded"),
        ("Superseded: 2019-12-19 by [ADR 14](0014-x.md)", "superseded"),
        ("Deprecated in favor of [another](https://example.org/pull/7)", "superseded"),
        ("Implemented. Parts of this ADR were superseded by [ADR-20](0020-x.md).", "ratified"),
        ("Accepted, partially superseded by ADR-20", "ratified"),
        ("Partially superseded by ADR-20", "ratified"),
        ("- 2020-01-01: proposed\n- 2021-01-01: accepted", "ratified"),
        ("- 2021-01-01: rejected\n- 2020-01-01: proposed", "rejected"),
        ("| State | Since |\n|---|---|\n| Accepted | 2020-01-01 |", "ratified"),
    ],
)
def test_a_status_amounts_to_a_signoff(status: str, signoff: SignOff) -> None:
    """A wrong sign-off makes a dead decision bind, or a standing one silent."""
    assert read_one(with_status(status)).signoff == signoff


def test_the_status_is_kept_as_written() -> None:
    """A person must be able to check our reading of it."""
    draft = read_one(with_status("Implemented. Superseded by [ADR-13](0013-x.md)."))
    assert draft.source_status == "Implemented. Superseded by ADR-13."


def test_no_status_is_proposed() -> None:
    """Nobody said yes."""
    draft = read_one("# Use Postgres\n\n## Decision\n\nWe do.\n")
    assert (draft.source_status, draft.signoff) == ("", "proposed")


def test_an_unknown_status_is_kept_and_proposed() -> None:
    """A word that we do not know is not a yes."""
    draft = read_one("# X\n\nStatus: Simmering\n\n## Decision\n\nWe do.\n")
    assert (draft.source_status, draft.signoff) == ("Simmering", "proposed")


def test_a_status_heading_with_its_value_is_read() -> None:
    """`## Status: Accepted` is one line."""
    draft = read_one("# X\n\n## Status: Rejected\n\n## Decision\n\nWe do.\n")
    assert draft.signoff == "rejected"


def test_a_section_about_somebody_elses_status_is_not_the_status() -> None:
    """Records also decide about columns named status."""
    draft = read_one("""
        # Store orders

        ## Decision

        Each order has a state machine.

        ### Status

        Rejected orders keep their row.

        ## Data

        Nothing dated here.
    """)
    assert draft.signoff == "proposed"
    assert draft.source_status == ""
    assert "Rejected orders keep their row." in draft.description


@pytest.mark.parametrize(
    "path", ["docs/adr/0003-[Superseded] use-mongo.md", "docs/adr/0003-(deprecated)-use-mongo.md"]
)
def test_a_file_name_can_say_that_it_is_superseded(path: str) -> None:
    """Some teams rename the file and leave the text alone."""
    assert read_one(with_status("Accepted"), path).signoff == "superseded"


def test_a_struck_or_marked_title_is_superseded() -> None:
    """Others strike the title out."""
    marked = read_one("# [Superseded] 3. Use Mongo\n\nStatus: accepted\n\n## Decision\n\nWe do.\n")
    struck = read_one("# ~~Use Mongo~~\n\nStatus: accepted\n\n## Decision\n\nWe do.\n")
    assert (marked.signoff, marked.title) == ("superseded", "Use Mongo")
    assert (struck.signoff, struck.title) == ("superseded", "Use Mongo")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("2024/3/5", date(2024, 3, 5)),
        ("2024.03.05", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("2024-03-05T10:00:00Z", date(2024, 3, 5)),
        ("14.11.2022", date(2022, 11, 14)),
        ("6/19/24: changed", date(2024, 6, 19)),
        ("19/06/2024", date(2024, 6, 19)),
        ("05/05/2024", date(2024, 5, 5)),
        ("September 22th, 2021: first draft", date(2021, 9, 22)),
        ("5 March 2024", date(2024, 3, 5)),
        ("27th of June, 2024", date(2024, 6, 27)),
        ("2022, June 06th", date(2022, 6, 6)),
        ("21-Jan-2019", date(2019, 1, 21)),
        ("5. März 2024", date(2024, 3, 5)),
        ("5 août 2024", date(2024, 8, 5)),
        ("5 de marzo de 2024", date(2024, 3, 5)),
        ("5 de março de 2024", date(2024, 3, 5)),
        ("5 maggio 2024", date(2024, 5, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("5 марта 2024", date(2024, 3, 5)),
        ("03/04/2021", None),
        ("October 2024", None),
        ("2024-01-105", None),
        ("2024-13-01", None),
        ("shipped in v1.10.22", None),
        ("0001-01-01", None),
        ("5 Frogs 2024", None),
        ("YYYY-MM-DD", None),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, found: date | None) -> None:
    """A date that could mean two days, or lacks its day, is not guessed."""
    assert find_date(text) == found


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("# X\n\n2023-01-06\n\n## Decision\n\nY.\n", "docs/adr/1-x.md", date(2023, 1, 6)),
        (
            "# X\n\n## Date\n\n2023-01-06\n\n## Decision\n\nY.\n",
            "docs/adr/1-x.md",
            date(2023, 1, 6),
        ),
        ("# X\n\nIntroduced: 20230106\n\n## Decision\n\nY.\n", "docs/adr/1-x.md", date(2023, 1, 6)),
        ("# X\n\n## Decision\n\nY.\n", "docs/adr/20230106-x.md", date(2023, 1, 6)),
        ("# X\n\n## Decision\n\nY.\n", "docs/adr/2023-01-06-x.md", date(2023, 1, 6)),
        ("# X\n\n## Decision\n\nOn 2023-01-06 it rained.\n", "docs/adr/1-x.md", None),
        (
            "# X\n\n## Changelog\n\n- 2023-01-01: a\n- 2023-01-06: accepted\n\n# Decision\n\nY\n",
            "docs/adr/1-x.md",
            date(2023, 1, 6),
        ),
        (
            "# X\n\n## Changelog\n\n- 2023-01-06: draft\n- 2023-02-01: typo\n\n## Decision\n\nY.\n",
            "docs/adr/1-x.md",
            date(2023, 1, 6),
        ),
        (with_status("Accepted 2023-01-06"), "docs/adr/1-x.md", date(2023, 1, 6)),
        (with_status("Superseded 2023-01-06"), "docs/adr/1-x.md", None),
    ],
)
def test_the_date_is_found_where_records_keep_it(text: str, path: str, found: date | None) -> None:
    """A date of supersession, or one in the prose, is not the date of the decision."""
    assert read_one(text, path).decided_on == found
