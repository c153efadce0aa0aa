"""Both spellings are one tool, and a listing suits the client that asks."""

import pytest

from bicameral.serving.names import both_spellings, spell, spelling_for


@pytest.mark.parametrize(
    "client",
    ["claude-ai", "cursor-vscode", "Cursor", "github-copilot-developer", "copilot-cli"],
)
def test_a_client_that_refuses_dots_gets_underscores(client: str) -> None:
    """Claude Desktop drops the whole list over one dot."""
    assert spelling_for(client, "auto") == "underscored"


@pytest.mark.parametrize(
    "client", [None, "", "claude-code", "codex-mcp-client", "Visual Studio Code", "my-claude-ai"]
)
def test_everyone_else_gets_the_names_of_the_contract(client: str | None) -> None:
    """Dots are legal, and the contract has them."""
    assert spelling_for(client, "auto") == "dotted"


def test_the_option_wins_over_the_client() -> None:
    """A person who knows better must be able to say so."""
    assert spelling_for("claude-ai", "dotted") == "dotted"
    assert spelling_for("claude-code", "underscored") == "underscored"


def test_both_spellings_name_the_same_tool() -> None:
    """Clients rewrite names on their own, so a call may come in either."""
    names = both_spellings(["bicameral.link_commit"])
    assert set(names.values()) == {"bicameral.link_commit"}
    assert set(names) == {"bicameral.link_commit", "bicameral_link_commit"}
    assert spell("bicameral.link_commit", "underscored") == "bicameral_link_commit"
