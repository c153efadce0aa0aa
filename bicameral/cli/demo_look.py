"""How the demo tells of a person's own repository: what it read, and what would surface."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bicameral.cli.cards import place_of
from bicameral.cli.demo_account import Account
from bicameral.cli.page import count

MOST_SKIPPED = 5
MOST_TITLES = 3


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as a task that could have begun with a preflight: its subject and its code."""

    short_id: str
    subject: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """A commit and what a preflight before it would have answered."""

    commit: Commit
    answer: Mapping[str, Any]


def show_documents(account: Account, folders: Sequence[str], answer: Mapping[str, Any]) -> None:
    """Tell what was found, in numbers."""
    account.say(f"Read {', '.join(folders)}; nothing there was changed.", "")
    signoffs = Counter(each["signoff"] for each in answer.get("decisions", ()))
    listed = ", ".join(f"{number} {name}" for name, number in signoffs.most_common())
    account.say(count(answer["added"], "decision") + (f" (listed: {listed})" if listed else ""))
    account.say(f"{count(answer['inferred_bindings'], 'place')} in the code that their texts name")
    skipped = answer.get("skipped", [])
    account.say(
        *(f"skipped {each['path']}: {each['reason']}" for each in skipped[:MOST_SKIPPED]), indent=2
    )
    if len(skipped) > MOST_SKIPPED:
        account.say(f"skipped {len(skipped) - MOST_SKIPPED} more", indent=2)


def show_bindings(account: Account, decisions: Sequence[Mapping[str, Any]]) -> None:
    """Tell where some decisions bind, by the words of their own texts."""
    if decisions:
        account.say("", "For example:")
    for each in decisions:
        places = ", ".join(place_of(region) for region in each.get("regions", [])[:MOST_TITLES])
        account.say(f"{each['title']} → {places}", indent=2)


def show_preflights(account: Account, tried: Sequence[Tried]) -> None:
    """Tell what preflights before some commits would have said, and how many were silent."""
    if not tried:
        return
    account.say("", "Had an agent asked before these commits:")
    for each in tried:
        _show_preflight(account, each)
    silent = sum(not each.answer["fired"] for each in tried)
    account.say(f"silent on {silent} of {len(tried)}")


def _show_preflight(account: Account, tried: Tried) -> None:
    commit, answer = tried.commit, tried.answer
    paths = commit.paths
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    account.say(f"{commit.short_id} {commit.subject} ({paths[0]}{more})", indent=2)
    if not answer["fired"]:
        account.say(f"silent ({answer['reason']})", indent=6)
    for each in answer.get("decisions", [])[:MOST_TITLES]:
        account.say(f"{each['title']}: {each['why']}", indent=6)


def show_installation(account: Account) -> None:
    """Tell how to have it for real."""
    account.say(
        "",
        "To have this in every session (or: codex, cursor, vscode):",
        "  bicameral-mcp setup claude-code --write",
        "and once, in the repository:",
        "  bicameral-mcp ingest " + " ".join(account.record["documents"]),
    )
