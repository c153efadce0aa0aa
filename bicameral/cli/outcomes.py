"""How the outcomes of `bicameral.resolve` look; three commands record through it."""

from bicameral.cli.cards import show_failure
from bicameral.cli.execution import Answer
from bicameral.cli.page import Page

RESOLVE = "bicameral.resolve"


def show(answer: Answer, page: Page) -> None:
    """Show each outcome, or why it was refused."""
    for each in answer["outcomes"]:
        if each.get("failure"):
            show_failure(each["failure"], page, indent=0)
            continue
        if each["kind"] == "bypass" and each["recorded"]:
            page.line("bypass recorded: the decision stays quiet for an hour", style="green")
            page.facts(each["decision_id"], indent=2)
            continue
        done = "recorded" if each["recorded"] else "was so already"
        page.line(f"{each['kind']} {done}: {each['decision_id']}", style="green")
        page.facts(each.get("signoff", ""), indent=2)
        page.facts(each.get("note", ""), indent=2, style="yellow")
