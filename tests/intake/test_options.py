"""Rejected options are never the decision, and never found by a search for it."""

import pytest

from tests.intake.reading import read_one

MADR = """
    # Keep orders

    ## Context

    Orders are kept.

    ## Decision Drivers

    * price of zinc

    ## Considered Options

    * Postgres
    * Punchcards in a drawer

    ## Decision Outcome

    Chosen option: "Postgres", because it is there.

    ## Pros and Cons of the Options

    ### Postgres

    * Good, because rowlocks

    ### Punchcards in a drawer

    * Good, because oaken

    #### Consequences

    A drawer is bought.
"""


def test_only_the_chosen_option_is_searchable() -> None:
    """A search for a rejected idea must not answer with the decision that rejected it."""
    draft = read_one(MADR)
    for text in (draft.search_text, draft.description, draft.rationale):
        assert "unchcards" not in text
        assert "oaken" not in text
        assert "drawer" not in text
    assert "rowlocks" in draft.search_text
    assert "price of zinc" in draft.rationale
    assert draft.description.startswith('Chosen option: "Postgres", because it is there.')


@pytest.mark.parametrize(
    "decision",
    [
        "We choose option B.",
        "Option B",
        "We decided to go with **Option B** for now.",
        "The board selected options B and 2a on Monday.",
        "We will proceed with option B in the short term.",
    ],
)
def test_an_option_named_by_its_letter_is_the_decision(decision: str) -> None:
    """`We choose option B` says nothing without the text of option B."""
    draft = read_one(f"""
        # Keep orders
        ## Options
        ### Option A: Punchcards
        oaken
        ### B) Postgres
        rowlocks
        ### 2a) Backups
        nightly
        ## Decision
        {decision}
        ## Consequences
        none
    """)
    assert "rowlocks" in draft.description
    assert ("nightly" in draft.description) == ("2a" in decision)
    assert "oaken" not in draft.description + draft.search_text


@pytest.mark.parametrize("decision", ["We decided against option A.", "We chose not option A."])
def test_an_option_decided_against_is_not_the_decision(decision: str) -> None:
    """Naming an option is not choosing it."""
    draft = read_one(f"# X\n## Options\n### Option A\noaken\n## Decision\n{decision}\n")
    assert "oaken" not in draft.description + draft.search_text


@pytest.mark.parametrize("mark", ["(CHOSEN)", "(selected)", "✅", "[accepted]"])
def test_an_option_marked_as_chosen_is_the_decision(mark: str) -> None:
    """Some records have no other decision than the mark."""
    draft = read_one(f"""
        # Keep orders

        Status: accepted

        ## Context
        Orders.

        ## Options considered
        ### Option 1: Punchcards
        oaken
        ### Option 2: Postgres {mark}
        rowlocks
        ### Option 3: Clay (not chosen)
        baked
    """)
    assert "rowlocks" in draft.description
    assert "oaken" not in draft.search_text
    assert "baked" not in draft.search_text


@pytest.mark.parametrize(
    "heading",
    [
        "Alternatives",
        "Alternatives Briefly Considered",
        "Rejected alternatives",
        "Why Not Other Options?",
        "Options considered (optional)",
        "Alternative 2 — Clay",
    ],
)
@pytest.mark.parametrize("level", ["##", "###"])
def test_options_stand_under_many_names(heading: str, level: str) -> None:
    """Also inside the decision's own section."""
    draft = read_one(f"# X\n\n## Decision\n\nPostgres it is.\n\n{level} {heading}\n\nbaked clay\n")
    assert draft.description == "Postgres it is."
    assert "clay" not in draft.search_text


def test_settings_called_options_stay_in_the_decision() -> None:
    """`### Options` below a decision lists what can be set."""
    draft = read_one("# X\n\n## Decision\n\nA flag.\n\n### Options\n\n`--fast` is on.\n")
    assert "`--fast` is on." in draft.description


def test_bold_names_part_a_section_like_headings() -> None:
    """Many records write their sections as bold lines."""
    draft = read_one("""
        # X

        ## Decision

        Postgres it is.

        **Alternatives:**

        - baked clay

        **Consequences:**

        - a backup
    """)
    assert draft.description == "Postgres it is."
    assert draft.rationale == "- a backup"
    assert "clay" not in draft.search_text


def test_a_proposal_stands_in_for_a_decision_that_says_little() -> None:
    """`Decision: Accepted` accepts what the design section says."""
    text = "# X\n\n## Decision\n\n{}\n\n## Detailed Design\n\nRows in Postgres.\n"
    assert read_one(text.format("Accepted")).description == "Accepted\n\nRows in Postgres."
    assert read_one(text.format("TBD")).description == "Rows in Postgres."


def test_a_decision_still_open_stays_open() -> None:
    """The context must not be passed off as the decision."""
    draft = read_one("# X\n\n## Context\n\nOrders.\n\n## Decision\n\nTo be determined.\n")
    assert draft.description == "To be determined."


@pytest.mark.parametrize(
    ("text", "statement"),
    [
        ("# X\n\n## Abstract\n\nRows in Postgres.\n\n## Context\n\nWhy.\n", "Rows in Postgres."),
        (
            "# X\n\nDate: 2020-01-01\n\nRows in Postgres.\n\n## Notes\n\nMore.\n",
            "Rows in Postgres.",
        ),
        ("# X\n\n**Decision:** Rows in Postgres.\n\n## Context\n\nWhy.\n", "Rows in Postgres."),
        (
            "# X\n\n1. [Plan](#plan)\n2. [End](#end)\n\n## Plan\n\nRows in Postgres.\n",
            "Rows in Postgres.",
        ),
        (
            "# X\n\n## Glossary\n\nES is a store\n\n## Context\n\nRows in Postgres.\n",
            "Rows in Postgres.",
        ),
    ],
)
def test_without_a_decision_section_the_first_statement_counts(text: str, statement: str) -> None:
    """Old records have no template, yet decide."""
    assert read_one(text, "docs/adr/0001-x.md").description == statement


def test_code_is_kept_for_people_and_short_for_the_search() -> None:
    """Ten screens of code would drown the words that a search needs."""
    code = "\n".join(f"line_number_{number}" for number in range(20))
    draft = read_one(f"# X\n\n## Decision\n\nAs follows.\n\n```python\n{code}\n```\n")
    assert "line_number_19" in draft.description
    assert "line_number_1\n" in draft.search_text
    assert "line_number_9" not in draft.search_text


def test_long_texts_are_cut_at_a_word_and_keep_the_consequences() -> None:
    """A long context must not push the consequences out."""
    words = "context " * 3000
    draft = read_one(
        f"# X\n\n## Context\n\n{words}\n\n## Decision\n\n{words}\n\n## Consequences\n\nEnd.\n"
    )
    assert len(draft.description) <= 8000
    assert draft.description.endswith("context…")
    assert len(draft.rationale) <= 8000
    assert draft.rationale.endswith("End.")
    assert len(draft.search_text) <= 20_000
