"""`bicameral.link_commit`: bring a commit into the ledger; learn what it did to decisions."""

from pydantic import Field

from bicameral.grounding.linking import Linked, Touched
from bicameral.ledger.domain import MAIN
from bicameral.ledger.status import has_changed_since_judged
from bicameral.serving.tool import Call, Tool
from handlers.cursors import offset_of
from handlers.services import Services
from handlers.shapes import (
    NOTICE,
    Answer,
    Arguments,
    Cursor,
    Limit,
    PreflightId,
    SessionId,
    shorten,
)

NAME = "bicameral.link_commit"
MOST_PLACES = 8


class LinkCommitArguments(Arguments):
    """Which commit, or range of commits."""

    commit: str = Field(
        default="HEAD",
        min_length=1,
        max_length=512,
        description="A commit, branch or tag, or a range A..B.",
    )
    preflight_id: PreflightId = None
    limit: Limit = 10
    cursor: Cursor = None
    session_id: SessionId = None


class TouchedCard(Answer):
    """A bound region that the commit touched, for one decision."""

    decision_id: str
    title: str
    region_id: str
    path: str
    symbol: str = ""
    lines: str = ""
    change: str = Field(
        description=(
            "cosmetic, moved, renamed, split, changed, removed; unchanged: still to be judged"
        )
    )
    moved_from: str = Field(default="", description="Where this code was, if it is elsewhere now.")
    recognised_by: str = Field(
        default="", description="digest, or similarity with its value from 0 to 1."
    )
    places: list[str] = Field(
        default=[], description="The parts of split code; of removed code, what may be it."
    )
    digest: str = ""
    verdict: str = Field(default="", description="The verdict that stands on this code.")
    verdict_wanted: bool = Field(description="Judge it and call bicameral.resolve.")


class LinkCommitAnswer(Answer):
    """What the commit did to the code that decisions bind."""

    preflight_id: str | None
    commit: str
    branch: str = Field(description="main, or the unmerged branch on which this counts.")
    files_changed: int
    regions_unchanged: int
    touched: list[TouchedCard]
    verdicts_wanted: int
    already_linked: bool
    next_cursor: str | None = None
    notice: str = ""


def run(services: Services, call: Call, arguments: LinkCommitArguments) -> LinkCommitAnswer:
    """Bring the commit in; list what it touched, what wants a verdict first."""
    start = offset_of(arguments.cursor)
    actor = services.actor(call, NAME, arguments.preflight_id)
    linked = services.workspace.link(actor, arguments.commit)
    shown = linked.touched[start : start + arguments.limit]
    end = start + len(shown)
    if not start:
        services.note_engagement(call, NAME, arguments.preflight_id, concerned(linked))
    return LinkCommitAnswer(
        preflight_id=arguments.preflight_id,
        commit=linked.commit,
        branch="main" if linked.branch == MAIN else linked.branch,
        files_changed=linked.files_changed,
        regions_unchanged=linked.regions_unchanged,
        touched=[_card(each) for each in shown],
        verdicts_wanted=sum(each.verdict_wanted for each in linked.touched),
        already_linked=linked.was_linked,
        next_cursor=str(end) if end < len(linked.touched) else None,
        notice=NOTICE if shown else "",
    )


def concerned(linked: Linked) -> list[tuple[str, list[str]]]:
    """Return each decision whose code the commit touched, with the paths.

    A preflight may have brought the commit in before: then the code that changed since it
    was judged is what tells.
    """
    paths: dict[str, dict[str, None]] = {}
    for each in linked.touched:
        if each.change != "unchanged" or has_changed_since_judged(each.grounding):
            paths.setdefault(each.decision.id, {})[each.grounding.region.path] = None
    return [(decision_id, list(found)) for decision_id, found in paths.items()]


def _card(each: Touched) -> TouchedCard:
    region, state = each.grounding.region, each.grounding.state
    evidence = each.evidence
    return TouchedCard(
        decision_id=each.decision.id,
        title=shorten(each.decision.content.title, 120),
        region_id=region.id,
        path=region.path,
        symbol=region.selector if region.kind == "symbol" else "",
        lines=f"{state.start_line}-{state.end_line}" if region.kind != "file" else "",
        change=each.change,
        moved_from=evidence.moved_from if evidence and each.change != "removed" else "",
        recognised_by=evidence.in_words() if evidence else "",
        places=list(evidence.places[:MOST_PLACES]) if evidence else [],
        digest=state.digest,
        verdict=each.grounding.verdict or "",
        verdict_wanted=each.verdict_wanted,
    )


TOOL = Tool(
    name=NAME,
    title="Link a commit",
    description=(
        "Call after committing: brings a commit or range into the ledger, tells which bound "
        "code it changed or moved, and lists the verdicts wanted (answer with bicameral.resolve). "
        "Repeating it changes nothing. Not for binding code to decisions (bicameral.bind)."
    ),
    arguments=LinkCommitArguments,
    answer=LinkCommitAnswer,
    run=run,
    read_only=False,
    destructive=False,
    idempotent=True,
)
