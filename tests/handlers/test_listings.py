"""The listings that clients get before anything is loaded, held to the table of tools."""

import pytest

from bicameral.serving.snapshot import stale
from handlers.listings import LISTINGS, listed
from handlers.table import TOOLS


def test_the_listings_are_what_the_server_would_answer() -> None:
    """Both eras, both spellings; write them anew with `make listings`."""
    assert stale(LISTINGS, listed()) == []


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_every_tool_says_what_it_is_for_and_what_not(tool) -> None:  # type: ignore[no-untyped-def]
    """A model chooses by these words: a title, a purpose, a sibling to use instead."""
    assert tool.title
    assert "Not for" in tool.description or "sends nothing" in tool.description
    assert len(tool.description) < 600
    for name, field in tool.arguments.model_fields.items():
        assert field.description or name in {"decision_id", "title", "rationale"}, name
