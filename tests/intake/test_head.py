"""The head of a record: people, front matter, title and number, feature group, excerpt."""

# ruff: noqa: RUF001 - texts in their own script

from datetime import date

import pytest

from tests.intake.reading import read_one


def test_authors_stand_in_where_no_decider_is_named() -> None:
    """Some templates have only authors, and as mappings at that."""
    draft = read_one("""
        ---
        authors:
        - name: Ada
        - name: Grace
        ---
        # Use Postgres
        ## Decision
        Yes.
    """)
    assert draft.participants == ("Ada", "Grace")


def test_placeholders_are_not_people() -> None:
    """A template's hint left in place is nobody."""
    draft = read_one("""
        # Use Postgres
        * Deciders: [list everyone involved], TBD, Ada <ada@example.org> (lead)
        ## Decision
        Yes.
    """)
    assert draft.participants == ("Ada",)


def test_a_list_below_the_name_is_its_value() -> None:
    """Deciders are often a list of their own."""
    draft = read_one("""
        # Use Postgres

        Deciders:

        - Ada
        - Grace

        Status: accepted

        ## Decision
        Yes.
    """)
    assert draft.participants == ("Ada", "Grace")
    assert draft.signoff == "ratified"


def test_a_nested_list_is_the_value_of_its_item() -> None:
    """Up to the next name, or to a line that is no item."""
    draft = read_one("""
        # Use Postgres
        - Deciders:
          - Ada
          - Grace
        - Status: accepted
        - Approvers:
          - Linus

        ## Decision
        Yes.
    """)
    assert draft.participants == ("Ada", "Grace", "Linus")
    plain = read_one("# X\nStatus: accepted\nDeciders:\n- Ada\nNobody else.\n\n## Decision\nYes.\n")
    assert plain.participants == ("Ada",)


def test_front_matter_numbers_stay_as_written() -> None:
    """YAML 1.1 reads 024 as twenty."""
    draft = read_one(
        """
        ---
        id: 024
        title: Use Postgres
        tags: [storage, accepted]
        level: l1
        ---
        ## Decision
        Yes.
        """,
        "docs/adr/use-postgres.md",
    )
    assert draft.number == "024"
    assert draft.title == "Use Postgres"
    assert draft.feature_group == "storage"
    assert draft.level == "L1"
    assert draft.signoff == "ratified"  # the tag is all that states it


def test_broken_front_matter_still_names_its_fields() -> None:
    """A colon in a title breaks YAML, not the record."""
    draft = read_one("""
        ---
        title: Storage: use Postgres
        status: rejected
        date: 2024-03-05
        ---
        ## Decision
        Yes.
    """)
    assert draft.title == "Storage: use Postgres"
    assert draft.signoff == "rejected"
    assert draft.decided_on == date(2024, 3, 5)


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    """Text between two rules is text."""
    draft = read_one("---\n\nSome words\n\n---\n\n# Use Postgres\n\n## Decision\n\nYes, we do.\n")
    assert draft.title == "Use Postgres"


@pytest.mark.parametrize(
    ("title", "path", "expected", "number"),
    [
        ("# ADR-0012: Use Postgres", "docs/adr/0012-x.md", "Use Postgres", "0012"),
        ("# ADR 12 – Use Postgres", "docs/adr/12-x.md", "Use Postgres", "12"),
        ("# [ADR-7] Use Postgres", "docs/adr/adr-007-x.md", "Use Postgres", "007"),
        ("# 9. Use Postgres", "docs/adr/0012-x.md", "Use Postgres", "0012"),
        ("# 0012 Use Postgres", "docs/adr/0012-x.md", "Use Postgres", "0012"),
        ("# Decision record: use Postgres", "docs/adr/adr-3-x.md", "use Postgres", "3"),
        ("# ADR 4: `Use` [Postgres](x.md)", "docs/adr/x.md", "Use Postgres", "4"),
        ("# 3 tiers of storage", "docs/adr/0012-x.md", "3 tiers of storage", "0012"),
        ("# 12-factor config", "docs/adr/x.md", "12-factor config", ""),
        ("# 2FA for all", "docs/adr/x.md", "2FA for all", ""),
        ("# ADR-0012", "docs/adr/0012-use-postgres.md", "use postgres", "0012"),
        ("", "docs/adr/0012-use-postgres.md", "use postgres", "0012"),
        ("", "docs/adr/20240305-use-postgres.md", "use postgres", ""),
        ("# X", "docs/adr/0012-use-postgres/README.md", "X", "0012"),
        ("", "docs/adr/0012-use-postgres/README.md", "use postgres", "0012"),
    ],
)
def test_title_and_number_are_parted(title: str, path: str, expected: str, number: str) -> None:
    """The number is part of neither title nor key, and the file's name outranks the heading's."""
    draft = read_one(f"{title}\n\n## Status\n\nAccepted\n\n## Decision\n\nWe do.\n", path)
    assert (draft.title, draft.number) == (expected, number)
    assert draft.source_ref == path


def test_records_that_share_a_number_keep_apart() -> None:
    """Numbers repeat in real folders; the path is the key."""
    text = "# 5. {}\n\n## Decision\n\nWe do.\n"
    one = read_one(text.format("Snapshots"), "docs/adr/adr-005-snapshots.md")
    other = read_one(text.format("Signatures"), "docs/adr/adr-005-signatures.md")
    assert one.number == other.number
    assert one.source_ref != other.source_ref
    assert one.content_digest != other.content_digest


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("docs/adr/0001-x.md", ""),
        ("services/billing/docs/adr/0001-x.md", "billing"),
        ("docs/adr/backend/0001-x.md", "backend"),
    ],
)
def test_the_feature_group_falls_back_on_a_telling_folder(path: str, group: str) -> None:
    """Monorepos keep a folder of records for each part."""
    assert read_one("# X\n\n## Decision\n\nWe do.\n", path).feature_group == group


def test_the_excerpt_is_verbatim_and_short() -> None:
    """An excerpt is shown as a quotation, so it must be one."""
    body = "We *will* keep `orders` in Postgres.  " * 40
    text = f"# X\n\n## Decision\n\n{body}\n"
    draft = read_one(text)
    assert draft.excerpt in text
    assert 400 < len(draft.excerpt) <= 500
