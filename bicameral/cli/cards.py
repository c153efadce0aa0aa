"""How decisions, questions and refused entries look on a page; shared by the commands."""

from collections.abc import Mapping
from typing import Any

from bicameral.cli.page import Page, Style
from bicameral.cli.translation import in_command_words

Card = Mapping[str, Any]
_STYLES: dict[str, Style] = {
    "reflected": "green",
    "compliant": "green",
    "drifted": "red",
    "partial": "yellow",
    "pending": "yellow",
}
NO_DECISIONS = "no decisions; read some with `bicameral-mcp ingest docs/adr`"


def show_decision(card: Card, page: Page) -> None:
    """Show one decision: what it says, how it stands, where it binds."""
    page.line(card["title"], style="bold")
    page.facts(card["id"], card["signoff"], card.get("feature_group", ""), indent=2)
    page.line(
        card["status"] + ("" if not card.get("drifted") else ": its code moved away from it"),
        indent=2,
        style=_STYLES.get("drifted" if card.get("drifted") else card["status"], "plain"),
    )
    page.facts(card.get("source", ""), card.get("decided_on", ""), indent=2)
    if card.get("why"):
        page.facts(f"{card['why']} (confidence {card['confidence']:.2f})", indent=2)
    if card.get("text"):
        page.line(card["text"], indent=2)
    for warning in card.get("warnings", ()):
        page.line(f"warning: {warning}", indent=2, style="yellow")
    for region in card.get("regions", ()):
        show_region(region, page)


def show_region(card: Card, page: Page) -> None:
    """Show one bound place, with what a verdict on it has to name."""
    marks = [card.get("status", "")]
    marks += ["changed since it was judged"] if card.get("changed") else []
    page.line(
        f"→ {place_of(card)}  {', '.join(filter(None, marks))}",
        indent=2,
        style=_STYLES.get(card.get("status", ""), "plain"),
    )
    page.facts(card["region_id"], card.get("digest", ""), card.get("degraded", ""), indent=4)


def place_of(card: Card) -> str:
    """Return a place in the code as one writes it: `path::symbol (10-24)`."""
    symbol = f"::{card['symbol']}" if card.get("symbol") else ""
    lines = f" ({card['lines']})" if card.get("lines") else ""
    return f"{card['path']}{symbol}{lines}"


def show_question(card: Card, page: Page) -> None:
    """Show what waits for a person, and how to answer it."""
    page.line(f"waiting ({card['kind']}): {card['text']}", style="yellow")
    page.facts(
        card["question_id"],
        card["decision_id"],
        card.get("other_decision_id") or "",
        "answer with `bicameral-mcp answer`",
        indent=2,
    )


def show_failure(failure: Card, page: Page, *, indent: int) -> None:
    """Show why one entry of a batch was refused."""
    page.line(f"error: {in_command_words(failure['message'])}", indent=indent, style="red")
    page.line(f"next: {in_command_words(failure['next_step'])}", indent=indent)


def show_more(answer: Card, page: Page) -> None:
    """Say how to read on, where there is more."""
    if answer.get("next_cursor"):
        page.line(f"more: repeat with --cursor {answer['next_cursor']}", style="dim")
