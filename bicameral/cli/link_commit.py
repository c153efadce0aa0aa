"""`link-commit`: bring a commit into the ledger, and see what it did to bound code."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from bicameral.cli.cards import Card, place_of, show_more
from bicameral.cli.commands import PROGRAM
from bicameral.cli.execution import Answer, Work
from bicameral.cli.page import Page, Style, count
from bicameral.cli.parsing import add_paging, add_preflight_id

SHORT_COMMIT = 12


def configure(parser: ArgumentParser) -> None:
    """Take a commit or a range."""
    parser.add_argument(
        "commit",
        nargs="?",
        metavar="REF",
        help="a commit, branch, tag, or a range A..B (default: HEAD)",
    )
    add_paging(parser)
    add_preflight_id(parser)


def run(work: Work, options: Namespace) -> int:
    """Bring it in."""
    arguments = {
        "commit": options.commit,
        "limit": options.limit,
        "cursor": options.cursor,
        "preflight_id": options.preflight_id,
    }
    return work.call("bicameral.link_commit", arguments, show)


def _evidence(card: Card) -> Iterator[str]:
    """Say where the code was before, and how it was recognised."""
    if card.get("moved_from"):
        yield f"from {card['moved_from']}, known by {card['recognised_by']}"
    if card.get("places"):
        what = "now in" if card["change"] == "split" else "alike, so none was taken:"
        yield f"{what} {', '.join(card['places'])}"


def _change(card: Card) -> str:
    """Return what became of code; what is unchanged is listed for want of a verdict alone."""
    return "still unjudged" if card["change"] == "unchanged" else str(card["change"])


def show(answer: Answer, page: Page) -> None:
    """Show the code that was touched, what wants a verdict first."""
    for each in answer["touched"]:
        style: Style = "yellow" if each["verdict_wanted"] else "plain"
        page.line(f"{_change(each)}: {place_of(each)}", style=style)
        page.facts(each["title"], each["decision_id"], indent=2)
        page.facts(*_evidence(each), indent=2, style="plain")
        verdict = each.get("verdict")
        page.facts(f"verdict {verdict}" if verdict else "", indent=2, style="plain")
        page.facts(each["region_id"], each.get("digest", ""), indent=2)
        if each["verdict_wanted"]:
            judge = f"resolve {each['decision_id']} VERDICT --region {each['region_id']}"
            page.line(f"judge it: {PROGRAM} {judge}", indent=2, is_wrapped=False)
    page.line(_summary(answer))
    show_more(answer, page)


def _summary(answer: Answer) -> str:
    again = ", linked before" if answer["already_linked"] else ""
    counts = [
        f"{count(answer['files_changed'], 'file')} changed",
        f"{count(answer['verdicts_wanted'], 'verdict')} wanted",
    ]
    # What is listed above may be unchanged too: only the rest is counted here.
    if not answer["touched"]:
        counts.append(f"{count(answer['regions_unchanged'], 'bound region')} unchanged")
    elif answer["regions_unchanged"]:
        counts.append(f"{count(answer['regions_unchanged'], 'other bound region')} unchanged")
    where = f"{answer['commit'][:SHORT_COMMIT]} on {answer['branch']}"
    return f"{where}{again}: {', '.join(counts)}"
