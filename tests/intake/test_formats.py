"""Each way of writing a decision record that is found in the wild gives the same draft."""

from datetime import date

import pytest

from tests.intake.reading import read_one

NYGARD = """
    # 12. Use Postgres

    Date: 2024-03-05

    ## Status

    Accepted

    ## Context

    Rows are written by many services.

    ## Decision

    We will keep orders in Postgres.

    ## Consequences

    Backups become our task.
"""
MADR_2 = """
    # Use Postgres

    * Status: accepted
    * Deciders: Ada, [Grace](https://example.org/grace) and @linus
    * Date: 2024-03-05

    Technical Story: a ticket

    ## Context and Problem Statement

    Rows are written by many services.

    ## Considered Options

    * Postgres
    * A flat file on a floppy disk

    ## Decision Outcome

    Chosen option: "Postgres". We will keep orders in Postgres.

    ### Positive Consequences

    * Backups become our task.

    ## Pros and Cons of the Options

    ### A flat file on a floppy disk

    * Bad, because a floppy disk bends
"""
MADR_4 = """
    ---
    status: "accepted"
    date: 2024-03-05
    decision-makers: [Ada, Grace, linus]
    consulted: Barbara
    ---
    # Use Postgres

    ## Context and Problem Statement

    Rows are written by many services.

    ## Considered Options

    * Postgres
    * A flat file on a floppy disk

    ## Decision Outcome

    Chosen option: "Postgres". We will keep orders in Postgres.

    ### Consequences

    * Good, because backups become our task.

    ### Confirmation

    A test reads an order.
"""
LOG4BRAINS = """
    # Use Postgres

    - Status: accepted
    - Deciders: Ada, Grace, linus
    - Date: 2024-03-05
    - Tags: storage, orders

    ## Context and Problem Statement

    Rows are written by many services.

    ## Decision Outcome

    We will keep orders in Postgres.

    ### Consequences

    Backups become our task.
"""
BARE = """
    Use Postgres

    Status
    Accepted

    Date: 5 March 2024

    Context

    Rows are written by many services.

    Decision:

    We will keep orders in Postgres.

    Consequences

    Backups become our task.
"""
BOLD = """
    # ADR-0012: Use Postgres

    **Status:** Accepted | **Date:** 2024-03-05
    **Deciders**: Ada, Grace, linus

    **Context**

    Rows are written by many services.

    **Decision:**

    We will keep orders in Postgres.

    **Consequences**

    Backups become our task.
"""
TABLE = """
    # Use Postgres

    | Status    | Accepted           |
    |-----------|--------------------|
    | Date      | 2024-03-05         |
    | Deciders  | Ada, Grace, linus  |

    ## Context

    Rows are written by many services.

    ## Decision

    We will keep orders in Postgres.

    ## Consequences

    Backups become our task.
"""
TABLE_ACROSS = TABLE.replace(
    """    | Status    | Accepted           |
    |-----------|--------------------|
    | Date      | 2024-03-05         |
    | Deciders  | Ada, Grace, linus  |
""",
    """    | Status   | Date       | Deciders          | Ticket |
    | -------- | ---------- | ----------------- | ------ |
    | Accepted | 2024-03-05 | Ada, Grace, linus | none   |
""",
)
RST = """
    ################
    12. Use Postgres
    ################

    :Status: Accepted
    :Date: 2024-03-05
    :Deciders: Ada, Grace, linus

    Context
    *******

    Rows are written by many services.

    .. This comment is hidden::

       Decision
       ========

    Decision
    ********

    We will keep orders in Postgres.

    Consequences
    ************

    Backups become our task.
"""
RST_LIST_TABLE = """
    Use Postgres
    ------------

    .. list-table::
       :widths: 25 75

       * - Status
         - Accepted
       * - Date
         - 2024-03-05

    Context
    =======

    Rows are written by many services.

    Decisions
    =========

    We will keep orders in Postgres.

    Consequences
    ============

    Backups become our task.
"""
RST_SECTIONS = """
    Use Postgres
    ------------

    Status
    ======

    **Accepted** *2024-03-05*

    Context
    =======

    Rows are written by many services.

    Decision
    ========

    We will keep orders in Postgres.

    Consequences
    ============

    Backups become our task.
"""
ASCIIDOC = """
    = 12. Use Postgres

    Date: 2024-03-05

    == Status

    Accepted

    == Context

    Rows are written by many services.

    ----
    == Not a heading
    ----

    == Decision

    We will keep orders in Postgres.

    == Consequences

    Backups become our task.
"""
NO_SPACE_AND_SETEXT = """
    12: Use Postgres
    ================

    2024-03-05

    ##Status
    Accepted

    Context
    -------
    Rows are written by many services.

    ##Decision##
    We will keep orders in Postgres.

    ##Consequences
    Backups become our task.
"""
TOML = (
    MADR_4.replace("---", "+++")
    .replace('status: "', 'status = "')
    .replace("date: 2024-03-05", "date = 2024-03-05")
    .replace("decision-makers: [Ada, Grace, linus]", 'deciders = ["Ada", "Grace", "linus"]')
    .replace("consulted: Barbara", 'consulted = "Barbara"')
)
FORMATS = {
    "nygard": (NYGARD, "md"),
    "madr 2": (MADR_2, "md"),
    "madr 4": (MADR_4, "md"),
    "log4brains": (LOG4BRAINS, "md"),
    "bare": (BARE, "md"),
    "bold": (BOLD, "md"),
    "table": (TABLE, "md"),
    "table across": (TABLE_ACROSS, "md"),
    "rst fields": (RST, "rst"),
    "rst list table": (RST_LIST_TABLE, "rst"),
    "rst sections": (RST_SECTIONS, "rst"),
    "asciidoc": (ASCIIDOC, "adoc"),
    "setext": (NO_SPACE_AND_SETEXT, "md"),
    "toml front matter": (TOML, "md"),
}
WITH_PEOPLE = ["madr 2", "madr 4", "log4brains", "bold", "table", "table across", "rst fields"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_decision(name: str) -> None:
    """A team's template must not decide whether its decisions are remembered."""
    text, ending = FORMATS[name]
    draft = read_one(text, f"docs/adr/0012-use-postgres.{ending}")

    assert draft.title == "Use Postgres"
    assert draft.number == "0012"
    assert draft.signoff == "ratified"
    assert draft.source_status.lower().startswith("accepted")
    assert draft.decided_on == date(2024, 3, 5)
    assert draft.source_type == "adr"
    assert draft.level == "L2"
    assert "We will keep orders in Postgres." in draft.description
    assert "Rows are written by many services." in draft.rationale
    assert "ackups become our task." in draft.rationale
    assert "Rows are written" not in draft.description
    assert draft.excerpt.endswith(("Postgres.", "Postgres.\n")) or name == "madr 2"


@pytest.mark.parametrize("name", WITH_PEOPLE)
def test_people_who_decided_are_named(name: str) -> None:
    """Whoever is asked about a decision later is looked up here."""
    text, ending = FORMATS[name]
    assert read_one(text, f"docs/adr/0012-x.{ending}").participants == ("Ada", "Grace", "linus")


def test_tags_in_the_head_name_the_feature_group() -> None:
    """log4brains writes tags as a list item."""
    assert read_one(LOG4BRAINS).feature_group == "storage"
