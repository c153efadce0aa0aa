"""How a reviewed row looks: for a person on a page, and as JSON for a script.

Hashes stand for topics and paths until plain text is asked for, and then it is shown only
where raw mode captured it; where it did not, the page says so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec

from bicameral.cli.page import Page, Style, count
from bicameral.environment import Environment
from bicameral.review.rows import Evidence, LabelRow, ReviewRow
from bicameral.review.triage.queue import Suspect, standing_label

if TYPE_CHECKING:
    from bicameral.review.triage.decisions import DecisionText

Decisions = Mapping[str, "DecisionText"]
PLAIN_FIELDS = ("topic", "file_paths")
NOT_CAPTURED = "not captured in plain text"
_TITLES = {
    "suspected_miss": "suspected miss",
    "suspected_false_fire": "suspected false fire",
    "normal": "normal",
}
_STYLES: dict[str, Style] = {"reflected": "green", "drifted": "red"}


def read_concerned(environment: Environment, suspects: Iterable[Suspect]) -> Decisions:
    """Return the decisions that the rows are about; those gone are left out."""
    ids = dict.fromkeys(each for suspect in suspects for each in suspect.concerned_ids)
    if not ids:
        return {}
    from bicameral.review.triage.decisions import read_decisions  # noqa: PLC0415 - start-up time

    return read_decisions(environment, ids)


def as_entry(
    suspect: Suspect, *, is_raw: bool, decisions: Decisions | None = None
) -> dict[str, Any]:
    """Return a row as JSON: as it stands, with its label, its history and its decisions."""
    row: dict[str, Any] = msgspec.to_builtins(suspect.row)
    if not is_raw:
        row = {name: value for name, value in row.items() if name not in PLAIN_FIELDS}
    entry = row | {
        "band": suspect.band,
        "label": standing_label(suspect),
        "has_plain_text": suspect.row.topic is not None,
        "history": [msgspec.to_builtins(each) for each in suspect.history],
        "promoted_as": suspect.promoted.eval_row_id if suspect.promoted else None,
    }
    if decisions is not None:
        known = (decisions.get(each) for each in suspect.concerned_ids)
        entry["decisions"] = [asdict(each) for each in known if each is not None]
        entry["gone"] = [each for each in suspect.concerned_ids if each not in decisions]
    return entry


def show_line(suspect: Suspect, page: Page, *, is_raw: bool) -> None:
    """Show a row in a list."""
    row, label = suspect.row, standing_label(suspect)
    page.facts(row.id, _short(row.ts), label or "", style="plain")
    page.line(f"{headline(suspect)}: {row.because}", indent=2, style="dim")
    if is_raw:
        page.line(f"topic: {row.topic or NOT_CAPTURED}", indent=2)


def headline(suspect: Suspect) -> str:
    """Return what is suspected, and how surely."""
    return f"{_TITLES[suspect.row.classification]}, {suspect.band} ({suspect.row.confidence:.2f})"


def show_suspect(suspect: Suspect, page: Page, decisions: Decisions, *, is_raw: bool) -> None:
    """Show a row in full: the evidence first, then the decisions, then what was asked."""
    row = suspect.row
    page.line(headline(suspect), style="bold")
    page.facts(beyond_evidence(row), indent=2, style="plain")
    for each in row.evidence:
        _show_evidence(each, page)
    page.line()
    for decision_id in suspect.concerned_ids:
        _show_decision(decision_id, _part(row, decision_id), decisions, page)
        page.line()
    _show_question(row, page, is_raw=is_raw)
    page.facts(row.id, _short(row.ts), f"session {row.session_id}", indent=2)
    for said in suspect.history:
        page.line(told(said), indent=2, style="green" if said is suspect.label else "dim")


def beyond_evidence(row: ReviewRow) -> str:
    """Return why a row is suspected, without the words of an evidence that is shown below."""
    for each in row.evidence:
        if row.because.startswith(same := f"{each.decision_id}: {each.words}"):
            return row.because.removeprefix(same).lstrip("; ")
    return row.because


def told(said: LabelRow) -> str:
    """Return what somebody once said, in a line."""
    what = {
        "label": f"labelled {said.label}",
        "undo": "label taken back",
        "promote": f"promoted as {said.eval_row_id}",
    }[said.action]
    return f"{what} by {said.who} on {_short(said.ts)}" + (f": {said.note}" if said.note else "")


def _show_evidence(each: Evidence, page: Page) -> None:
    page.line(f"- {each.words}", indent=2)
    joined = f"{each.attribution} id" if each.attribution == "explicit" else each.attribution
    page.facts(
        each.decision_id,
        f"by {each.tool}" if each.tool else "",
        f"path {each.path_hash}" if each.path_hash else "",
        joined or "",
        _short(each.at or ""),
        indent=4,
    )


def _part(row: ReviewRow, decision_id: str) -> str:
    if decision_id in row.missed_ids:
        return "missed"
    return "shown for nothing" if decision_id in row.unused_ids else "named by the evidence"


def _show_decision(decision_id: str, part: str, decisions: Decisions, page: Page) -> None:
    decision = decisions.get(decision_id)
    if decision is None:
        page.line(f"{part}: {decision_id}", style="bold")
        page.line("not in the ledger any more", indent=2, style="yellow")
        return
    page.line(f"{part}: {decision.title}", style="bold")
    page.facts(decision.id, decision.signoff, decision.feature_group, indent=2)
    page.line(decision.status, indent=2, style=_STYLES.get(decision.status, "yellow"))
    if decision.text:
        page.line(decision.text, indent=2)
    for place in decision.places:
        page.line(f"→ {place}", indent=2)


def _show_question(row: ReviewRow, page: Page, *, is_raw: bool) -> None:
    page.line("asked" if row.fired else "asked, and the answer was silence", style="bold")
    has_text = is_raw and row.topic is not None
    paths = row.file_paths if has_text and row.file_paths is not None else row.path_hashes
    page.line(f"topic: {row.topic if has_text else row.topic_hash}", indent=2)
    page.line(f"paths: {', '.join(paths) or 'none'}", indent=2)
    if is_raw and not has_text:
        page.line(f"{NOT_CAPTURED}: these are hashes", indent=2, style="yellow")
    page.facts(
        f"answered {row.reason}", f"{count(len(row.surfaced_ids), 'decision')} shown", indent=2
    )


def _short(stamp: str) -> str:
    """Return a stamp without the parts of its second."""
    return f"{stamp[:19]}Z" if stamp else ""
