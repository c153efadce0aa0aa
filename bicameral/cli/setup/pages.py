"""How setup shows itself: the clients, a change before it is made, and what came of it."""

from bicameral.cli.execution import Answer
from bicameral.cli.page import Page, Style, count

_STYLES: dict[str, Style] = {"+": "green", "-": "red", "@": "dim"}


def clients(answer: Answer, page: Page) -> None:
    """Show each client: where it was seen, where it is set up, and what to type."""
    for each in answer["clients"]:
        found = ", ".join(each["found"]) or "not found"
        page.line(f"{each['title']}: {found}", is_wrapped=False)
        for path in each["set_up_in"]:
            page.line(f"set up in {path}", indent=2, style="green", is_wrapped=False)
        page.line(each["command"], indent=2, is_wrapped=False)
    page.line()
    page.line("Each shows what it would write; --write writes it, --undo takes it back.")


def set_up(answer: Answer, page: Page) -> None:
    """Show a change that was made or could be, or that there is none to make."""
    if answer["state"] == "unchanged":
        page.line(f"already set up: {answer['file']}", style="green", is_wrapped=False)
    elif answer["state"] == "written":
        page.line(f"written: {answer['file']}", style="green", is_wrapped=False)
        if answer["backup"]:
            page.line(f"as it was before: {answer['backup']}", indent=2, is_wrapped=False)
    else:
        _show_difference(answer, page)
        _show_ways(answer, page)
    for note in answer["notes"]:
        page.line(f"note: {note}", style="dim")
    if "tried" in answer:
        _show_tried(answer, page)


def undone(answer: Answer, page: Page) -> None:
    """Show what was taken back."""
    if answer["state"] == "unchanged":
        page.line(f"not set up, so nothing to undo: {answer['file']}", is_wrapped=False)
        return
    what = "removed" if answer["file_removed"] else "taken out of"
    page.line(f"{what}: {answer['file']}", style="green", is_wrapped=False)
    for path in answer["backups"]:
        page.line(f"a backup is still there: {path}", indent=2, is_wrapped=False)
    if not answer["file_removed"]:
        _show_difference(answer, page)


def conflict(answer: Answer, page: Page) -> None:
    """Show what replacing another entry would change."""
    _show_difference(answer, page)


def _show_difference(answer: Answer, page: Page) -> None:
    for line in answer["difference"]:
        page.line(line, style=_STYLES.get(line[:1], "plain"), is_wrapped=False)


def _show_ways(answer: Answer, page: Page) -> None:
    ways = answer["ways"]
    page.line()
    page.line("To write this:")
    page.line(ways["write"], indent=2, is_wrapped=False)
    if ways["own"]:
        page.line(f"Or let {answer['title']} do it:")
        page.line(ways["own"], indent=2, is_wrapped=False)
    if ways["plugin"]:
        page.line("Or, instead of this entry, the plugin with its hooks and skills:")
    for line in ways["plugin"]:
        page.line(line, indent=2, is_wrapped=False)


def _show_tried(answer: Answer, page: Page) -> None:
    tried = answer["tried"]
    if tried["problem"]:
        page.line(f"but the command does not work: {tried['problem']}", style="red")
        return
    tools = count(tried["tools"], "tool")
    page.line(f"{tools} answered in {tried['milliseconds']} ms", style="green")
