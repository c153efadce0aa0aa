"""Tool names in two spellings: with dots, as the contract has them, and with underscores.

Calls accept both, always. Listings use the one that the asking client is known to take,
because a client that refuses dots drops the tool, and some drop the whole list.
"""

from collections.abc import Iterable
from typing import Literal

Spelling = Literal["dotted", "underscored"]
ToolNames = Literal["auto", "dotted", "underscored"]
SPELLINGS: tuple[Spelling, ...] = ("dotted", "underscored")

# How the name in `clientInfo` begins, in lower case, and what was seen there.
REFUSE_DOTS = (
    "claude-ai",  # Claude Desktop drops the whole list: ^[a-zA-Z0-9_-]{1,64}$
    "cursor",  # Cursor (`cursor-vscode`): letters, digits and underscores only
    "github-copilot",  # Copilot CLI and agent: the model's API answers 400
    "copilot-cli",
)


def spelling_for(client_name: str | None, tool_names: ToolNames) -> Spelling:
    """Choose the spelling of a listing; `auto` means dotted unless the client refuses dots."""
    if tool_names != "auto":
        return tool_names
    refuses = (client_name or "").lower().startswith(REFUSE_DOTS)
    return "underscored" if refuses else "dotted"


def spell(name: str, spelling: Spelling) -> str:
    """Write a dotted tool name in a spelling."""
    return name.replace(".", "_") if spelling == "underscored" else name


def both_spellings(names: Iterable[str]) -> dict[str, str]:
    """Map every accepted spelling to the dotted name it stands for."""
    return {spell(name, spelling): name for name in names for spelling in SPELLINGS}
