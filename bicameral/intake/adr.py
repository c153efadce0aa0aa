"""One decision record becomes one draft, whatever template it was written on."""

import re
from collections.abc import Iterator
from datetime import date

from bicameral.intake.attributes import feature_group_of, level_of, participants_of
from bicameral.intake.dates import date_in_name, find_date
from bicameral.intake.document import Document, title_and_number
from bicameral.intake.draft import LONGEST_TITLE, DecisionDraft, SignOff
from bicameral.intake.fields import Field, cells_of
from bicameral.intake.instructions import find_instructions
from bicameral.intake.lineage import read_lineage
from bicameral.intake.markup import cut, plain, sha256_hex, without_bullet
from bicameral.intake.mentions import candidate_names
from bicameral.intake.passages import read_passages
from bicameral.intake.status import Status, judge, read_status
from bicameral.intake.supersession import Supersession
from bicameral.intake.vocabulary import Role

_LONGEST_DATE_LINE = 40
_MARKED_SUPERSEDED = re.compile(
    r"[\[(](?:superseded|superceded|deprecated)[\])]|~~.{3,200}~~", re.IGNORECASE
)


def read_adr(document: Document) -> DecisionDraft:
    """Read a record into a draft; its references are not resolved yet."""
    title, number = title_and_number(document)
    fields = document.head_fields()
    lineage = read_lineage(document)
    status = _status(document, fields)
    passages = read_passages(document, title)
    return DecisionDraft(
        title=cut(title, LONGEST_TITLE),
        description=passages.decision,
        rationale=passages.reasons,
        source_type="adr",
        source_ref=document.path,
        excerpt=passages.excerpt,
        source_status=status.text,
        signoff=_signoff(document, status, lineage),
        decided_on=_decided_on(document, fields, status),
        participants=participants_of(document, fields),
        number=number,
        supersedes=lineage.supersedes,
        superseded_by=lineage.superseded_by,
        feature_group=feature_group_of(document, fields),
        level=level_of(document, fields),
        mentions=candidate_names(
            f"{title}\n{passages.decision}\n{passages.reasons}", path=document.path
        ),
        search_text=passages.search_text,
        instruction_flags=find_instructions(document.text, document.outline.markup),
        content_digest=sha256_hex(document.text),
    )


def _status(document: Document, fields: list[Field]) -> Status:
    """Return the first status that says something known, else the first that says anything."""
    unknown = Status()
    for lines in _stated(document, fields):
        found = read_status(lines)
        if any(map(judge, found.text.split("\n"))):
            return found
        unknown = unknown if unknown.text else found
    return unknown


def _stated(document: Document, fields: list[Field]) -> Iterator[list[str]]:
    """Yield what states the status: front matter, head, sections, tags."""
    for value in [document.front.first("status"), *_values(fields, "status")]:
        yield value.split("\n")
    for index, section in enumerate(document.outline.sections):
        if document.roles[index] == "status":
            yield [section.title.partition(":")[2], *_status_lines(document, index)]
    yield [tag for tag in document.front.all("tags") if judge(tag) and len(tag.split()) == 1][:1]


def _status_lines(document: Document, index: int) -> list[str]:
    """Return the lines of a status section; of a table, the cells."""
    lines: list[str] = []
    for _, line in document.outline.body(document.outline.sections[index]):
        lines.extend([" ".join(cells_of(line))] if line.lstrip().startswith("|") else [line])
    return lines


def _signoff(document: Document, status: Status, lineage: Supersession) -> SignOff:
    title = document.outline.sections[document.title].title if document.title >= 0 else ""
    marked = _MARKED_SUPERSEDED.search(document.stem) or _MARKED_SUPERSEDED.search(title)
    if marked or any(not reference.partial for reference in lineage.superseded_by):
        return "superseded"
    return status.signoff


def _decided_on(document: Document, fields: list[Field], status: Status) -> date | None:
    """Return the stated date; else the status's, the log's first, or the file name's."""
    named = document.front.all(
        "date", "decided", "decision-date", "decision_date", "accepted", "decided_on"
    )
    for value in [*named, *_values(fields, "date"), *document.lines_of("date")]:
        if found := find_date(value):
            return found
    return (
        _bare_date(document)
        or (status.since if status.signoff != "superseded" else None)
        or _logged_date(document)
        or date_in_name(document.stem)
    )


def _bare_date(document: Document) -> date | None:
    """Return the date of a line in the head that holds little else."""
    for index in {0, max(document.title, 0)}:
        for _, line in document.outline.body(document.outline.sections[index]):
            short = plain(without_bullet(line))
            if len(short) <= _LONGEST_DATE_LINE and (found := find_date(short)):
                return found
    return None


def _logged_date(document: Document) -> date | None:
    """Return when the change log says it was accepted, else the log's earliest date."""
    entries = [
        (found, judge(line))
        for line in document.lines_of("changelog")
        if (found := find_date(line))
    ]
    accepted = [day for day, signoff in entries if signoff == "ratified"]
    return min(accepted or [day for day, _ in entries], default=None)


def _values(fields: list[Field], role: Role) -> list[str]:
    return [field.value for field in fields if field.role == role and field.value]
