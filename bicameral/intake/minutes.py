"""Explicit decisions in plain documents: each one a draft with a fragment of its own.

Counted are the entries under a heading such as `Decisions`, and lines that begin with
`Decision:`. A fragment comes from the decision's words, so that it survives its neighbours.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bicameral.intake.attributes import feature_group_of, participants_of
from bicameral.intake.dates import date_in_name, find_date
from bicameral.intake.document import Document
from bicameral.intake.draft import LONGEST_EXCERPT, LONGEST_TEXT, DecisionDraft
from bicameral.intake.instructions import find_instructions
from bicameral.intake.markup import cut, is_list_item, plain, sha256_hex, slug, without_bullet
from bicameral.intake.mentions import candidate_names
from bicameral.intake.vocabulary import is_role_name, role_of

MOST_DECISIONS = 200
_LONGEST_TITLE = 120
_MARKED = re.compile(
    r"^\W{0,6}(?:final |key )?"
    r"(?:decision|decided|entscheidung|beschluss|d[ée]cision|decisi[óo]n|decis[ãa]o"
    r"|decisione|решение|决定|決定|决策|決策|決定事項)s?"
    r"[ ]{0,2}(?P<label>#?\d{1,4}|[A-Z]{1,4}-\d{1,4})?"
    r"\W{0,4}[:：]\W{0,4}(?=\w|[`\"'(])",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:\W{0,3}(?:we|the team|the group|it was|it is)(?: have| has)? ?"
    r"(?:decided|agreed|resolved|chosen)(?: that| to| on)?|decided(?: that| to)?"
    r"|agreed(?: that| to)?)\s+(?:that we (?:will|would)\s+)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?P<label>[A-Z]{1,5}-?\d{1,4})\s?[:.)–-]\s")
_REASON = re.compile(
    r"^\W{0,6}(?:rationale|reason(?:s|ing)?|why|because|context|background|begründung|grund|raison|motif"
    r"|raz[óo]n|motivo|理由|причина)\W{0,4}(?:[:：]|\s)",
    re.IGNORECASE,
)
# Two characters before the stop, or `e.g.` would end a sentence.
_SENTENCE_END = re.compile(r"(?<=[\w)`\"'][\w)`\"'])[.!?](?=\s|$)|[。！？]")


@dataclass(frozen=True, slots=True)
class _Entry:
    """The lines that state one decision, with the section they stand in."""

    lines: tuple[str, ...]
    section: int
    heading: str = ""


def read_minutes(document: Document) -> tuple[tuple[DecisionDraft, ...], int]:
    """Return a draft for each explicit decision, and how many were left out beyond the limit."""
    drafts: list[DecisionDraft] = []
    taken: dict[str, int] = {}
    entries = list(_entries(document))
    for entry in entries[:MOST_DECISIONS]:
        draft = _draft(document, entry, taken)
        if draft:
            drafts.append(draft)
    return tuple(drafts), max(0, len(entries) - MOST_DECISIONS)


def _entries(document: Document) -> Iterator[_Entry]:
    for index, section in enumerate(document.outline.sections):
        role = document.roles[index]
        if role in {"options", "changelog"}:
            continue
        if role == "decision":
            yield from _under_decisions(document, index)
        else:
            lines = [line for _, line in document.outline.body(section)]
            yield from (entry for entry in _blocks(lines, index) if _MARKED.match(entry.lines[0]))


def _under_decisions(document: Document, index: int) -> Iterator[_Entry]:
    """Read what stands under `Decisions`: its list, a heading for each, or one statement."""
    section = document.outline.sections[index]
    lines = [line for _, line in document.outline.body(section)]
    named = not is_role_name(section.title)
    if named:
        heading = section.title
        if role_of(heading) == "decision":
            heading = heading.partition(":")[2].strip() or heading
        yield _Entry(tuple(lines), index, heading)
        return
    entries = list(_blocks(lines, index))
    listed = [entry for entry in entries if is_list_item(entry.lines[0])]
    yield from listed or entries


def _blocks(lines: list[str], section: int) -> Iterator[_Entry]:
    """Part lines into paragraphs and top-level list items with what is indented below them."""
    block: list[str] = []
    for line in [*lines, ""]:
        if block and _ends(block, line):
            yield _Entry(tuple(block), section)
            block = []
        if line.strip() or block:
            block.append(line)
    if any(line.strip() for line in block):
        yield _Entry(tuple(block), section)


def _ends(block: list[str], line: str) -> bool:
    """Tell whether a line does not belong to the block before it any more."""
    if not is_list_item(block[0]):
        return not line.strip() or is_list_item(line) or bool(_MARKED.match(line))
    if not line.strip() or _indent(line) > _indent(block[0]):
        return False
    return is_list_item(line) or not block[-1].strip() or bool(_MARKED.match(line))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _draft(document: Document, entry: _Entry, taken: dict[str, int]) -> DecisionDraft | None:
    statement, reasons, label = _parts(entry)
    title = cut(
        _OPENING.sub("", plain(_first_sentence(entry.heading or statement))), _LONGEST_TITLE
    )
    if not re.search(r"\w{2}", title):
        return None
    raw = "\n".join(entry.lines).strip("\n") or entry.heading
    title = title[0].upper() + title[1:]
    return DecisionDraft(
        title=title,
        description=cut(statement or entry.heading, LONGEST_TEXT),
        rationale=cut(reasons, LONGEST_TEXT),
        source_type="document",
        source_ref=f"{document.path}#{_fragment(label or title, taken)}",
        excerpt=raw.strip()[:LONGEST_EXCERPT],
        source_status="",
        signoff="proposed",
        decided_on=_decided_on(document, entry.section),
        participants=participants_of(document, document.head_fields()),
        number="",
        supersedes=(),
        superseded_by=(),
        feature_group=feature_group_of(document, []),
        level="L2",
        mentions=candidate_names(raw, path=document.path),
        search_text=cut(plain(f"{title}\n{statement}\n{reasons}"), LONGEST_TEXT),
        instruction_flags=find_instructions(raw, document.outline.markup),
        content_digest=sha256_hex(f"{entry.heading}\n{raw}"),
    )


def _parts(entry: _Entry) -> tuple[str, str, str]:
    """Return the statement, the reasons given below it, and the label written before it."""
    lines = [line.rstrip() for line in entry.lines]
    while lines and not lines[0].strip():
        lines.pop(0)
    first = lines[0] if lines else ""
    found = _MARKED.match(first)
    label = (found["label"] or "").lstrip("#") if found else ""
    head = first[found.end() :] if found else without_bullet(first)
    if not label and (labelled := _LABEL.match(head)):
        label, head = labelled["label"], head[labelled.end() :]
    split = next((n for n, line in enumerate(lines[1:], 1) if _REASON.match(line)), len(lines))
    statement = "\n".join([head, *lines[1:split]]).strip().strip("*_")
    return statement, "\n".join(lines[split:]).strip(), f"decision-{label}" if label else ""


def _first_sentence(text: str) -> str:
    paragraph = re.split(r"\n\s*\n|\n(?=\s*[-*+] )", text.strip(), maxsplit=1)[0]
    return _SENTENCE_END.split(paragraph, maxsplit=1)[0]


def _fragment(words: str, taken: dict[str, int]) -> str:
    """Return a fragment made of the decision's own words; the second of the same gets `-2`."""
    made = slug(words)
    taken[made] = taken.get(made, 0) + 1
    return made if taken[made] == 1 else f"{made}-{taken[made]}"


def _decided_on(document: Document, index: int) -> date | None:
    """Return the date in the nearest heading above, else the document's."""
    while index >= 0:
        section = document.outline.sections[index]
        if found := find_date(section.title):
            return found
        index = section.parent
    dates = [
        document.front.first("date"),
        *(f.value for f in document.head_fields() if f.role == "date"),
    ]
    stated = next((found for value in dates if (found := find_date(value))), None)
    return stated or date_in_name(document.stem)
