"""The passages of a record: its decision, its reasons, and the text a search may see.

Rejected options are in none of them. Code is kept whole for people, and short for the search.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bicameral.intake.document import Document
from bicameral.intake.draft import LONGEST_EXCERPT, LONGEST_SEARCH_TEXT, LONGEST_TEXT
from bicameral.intake.fields import fields_between
from bicameral.intake.markup import cut, normal, plain, without_bullet
from bicameral.intake.vocabulary import ABOUT_THE_RECORD, Role, is_role_name, role_of

_LEAST_CONSEQUENCES = 3_000
_CODE_LINES_FOR_SEARCH = 3
_LONGEST_LINE_FOR_SEARCH = 2_000
_NAMED_OPTIONS = re.compile(
    r"(?:^\W*|(?<!\w)(?:cho[os]se|chosen|choosing|select(?:ed)?|pick(?:ed)?|adopt(?:ed)?|go|going|went|take|"
    r"taken|proceed|decided|us(?:e|ing)|prefer(?:red)?|implement|gewahlt|entschieden|choisi|elegid[oa]|"
    r"escolhid[oa]|scelt[oa])\W{1,6}(?:(?!not\W|against\W)\w{1,12}\W{1,4}){0,3})"
    r"(?:option|alternative|variant|approach|opcion|opcao|opzione)e?s?\W{1,4}(.{1,24})"
)
_LABELS = re.compile(r"\W{0,3}([a-z]|\d{1,2}[a-z]?)(?!\w)(?:\W{1,2}(?:and|und|y|e|et|&)(?=\W))?")
_QUOTED_OPTION = re.compile(r"(?:chosen|selected) option\W{1,6}(.{3,120})")
_OPTION_LABEL = re.compile(
    r"^\W*(?:(?:option|alternative|alt|variante?|approach|ansatz|opcion|opcao|opzione)\W{0,3})?"
    r"([a-z]|\d{1,2}[a-z]?)(?=[):.]|\s?[-–—]|\W*$)"
)
_NOTHING_YET = re.compile(
    r"^\W*(?:tbd|todo|to be (?:determined|decided)|pending|wip|n/a|none|)\W*$", re.IGNORECASE
)
_CONTENTS_ENTRY = re.compile(r"^\[[^\[\]]+\]\(#[^()]*\)$")
_PLACEHOLDER = re.compile(r"^(?:\[[^\[\]]*\]|\{[^{}]*\}|<[^<>]*>)$")
_SHORT_DECISION = 80
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Passages:
    """What was decided, why, the first words of it verbatim, and the text for searching."""

    decision: str
    reasons: str
    excerpt: str
    search_text: str


def read_passages(document: Document, title: str) -> Passages:
    """Read the passages of a record whose title is known."""
    decided, text = _decision(document)
    reasons = _reasons(document, decided)
    return Passages(
        decision=cut(text, LONGEST_TEXT),
        reasons=reasons,
        excerpt=_excerpt(document, decided, text),
        search_text=_search_text(document, title, decided, text),
    )


def text_of(document: Document, indexes: Iterable[int]) -> str:
    """Return the text of sections, each below its heading unless that only names its role."""
    parts: list[str] = []
    for index in indexes:
        section = document.outline.sections[index]
        body = "\n".join(line for line, kind in _lines(document, index) if kind != "comment").strip(
            "\n"
        )
        if index != document.title and section.title and not is_role_name(section.title):
            parts.append(plain(section.title))
        if body.strip():
            parts.append(body)
    return "\n\n".join(parts).strip()


def _lines(document: Document, index: int) -> Iterator[tuple[str, str]]:
    outline, section = document.outline, document.outline.sections[index]
    for number in range(section.start, section.end):
        yield outline.shown[number], outline.kinds[number]


def _with_role(document: Document, *roles: Role) -> list[int]:
    return [index for index, role in enumerate(document.roles) if role in roles]


def _decision(document: Document) -> tuple[list[int], str]:
    """Return the sections that say what was decided, and their text; the best there is."""
    decided = _stated(document, sorted(_with_role(document, "decision"), key=document.in_option))
    proposed = _stated(document, _with_role(document, "proposal"))
    if decided[1] and (len(decided[1]) >= _SHORT_DECISION or not proposed[1]):
        return decided
    if proposed[1]:
        # A decision of a few words ("Accepted", "Option D") needs what it accepts beside it.
        kept = ([], "") if _NOTHING_YET.match(decided[1]) else decided
        return kept[0] + proposed[0], "\n\n".join(filter(None, [kept[1], proposed[1]]))
    stated = _decision_field(document)
    return ([], stated) if stated else _first_statement(document)


def _stated(document: Document, indexes: list[int]) -> tuple[list[int], str]:
    """Return sections with the options that they choose, and the text of both."""
    text = text_of(document, indexes)
    if not text:
        return [], ""
    chosen = _chosen_options(document, text)
    return indexes + chosen, "\n\n".join(filter(None, [text, text_of(document, chosen)]))


def _decision_field(document: Document) -> str:
    """Return the value of a line `Decision: …` that stands outside the options."""
    for index, section in enumerate(document.outline.sections):
        if document.roles[index] != "options":
            for field in fields_between(document.outline, section.start, section.end):
                if field.role == "decision" and field.value:
                    return field.value
    return ""


def _first_statement(document: Document) -> tuple[list[int], str]:
    """Return the summary, else the first paragraph that is not about the record."""
    summary = _with_role(document, "summary")
    if text := text_of(document, summary):
        return summary, text
    for index in _with_role(document, "", "context"):
        body = "\n".join(line for line, kind in _lines(document, index) if kind == "text")
        for paragraph in _PARAGRAPH_END.split(body):
            if paragraph.strip() and not _is_apparatus(paragraph):
                return [], paragraph.strip()
    return [], ""


def _is_apparatus(paragraph: str) -> bool:
    """Tell dates, statuses, placeholders and a table of contents from a paragraph of text."""
    lines = [without_bullet(line) for line in paragraph.strip().split("\n")]
    words = re.findall(r"[^\W\d_]{2,}", plain(paragraph))
    if _PLACEHOLDER.match(paragraph.strip()):
        return True
    if len(words) < 2 and "".join(words).isascii():  # noqa: PLR2004 - a word is no statement
        return True
    return all(_CONTENTS_ENTRY.match(line) or role_of(line.partition(":")[0]) for line in lines)


def _chosen_options(document: Document, decision: str) -> list[int]:
    """Return the option sections that the decision names (`we choose option B`)."""
    spread = normal(plain(decision[:LONGEST_TEXT]))
    labels = {
        label for listed in _NAMED_OPTIONS.findall(spread) for label in _leading_labels(listed)
    }
    quoted = [found[:120] for found in _QUOTED_OPTION.findall(spread)]
    chosen: list[int] = []
    for index in _with_role(document, "options"):
        title = normal(plain(document.outline.sections[index].title))
        label = _OPTION_LABEL.match(title)
        name = re.sub(r"^\W+|\W+$", "", title)
        named = len(name) > 2 and any(words.startswith(name) for words in quoted)  # noqa: PLR2004
        if named or (label and label[1] in labels):
            chosen.append(index)
    return chosen


def _leading_labels(listed: str) -> list[str]:
    """Return the labels that a list opens with: `1b and 2a are …` gives 1b and 2a."""
    labels: list[str] = []
    at = 0
    while found := _LABELS.match(listed, at):
        labels.append(found[1])
        at = found.end()
    return labels


def _reasons(document: Document, decided: list[int]) -> str:
    used = set(decided)
    before = [index for index in _with_role(document, "context", "summary") if index not in used]
    context = text_of(document, before)
    after = text_of(document, _with_role(document, "consequences"))
    room = LONGEST_TEXT - 2 - min(len(after), _LEAST_CONSEQUENCES)
    context = cut(context, room)
    return "\n\n".join(filter(None, [context, cut(after, LONGEST_TEXT - 2 - len(context))]))


def _excerpt(document: Document, decided: list[int], text: str) -> str:
    """Return the first words of the decision exactly as the file has them."""
    for index in decided:
        section = document.outline.sections[index]
        raw = "\n".join(document.outline.lines[section.start : section.end]).strip()
        if raw:
            start = max(raw.find(text[:40]), 0)
            return raw[start : start + LONGEST_EXCERPT].rstrip()
    start = max(document.text.find(text[:40]), 0)
    return document.text[start : start + LONGEST_EXCERPT].strip()


def _search_text(document: Document, title: str, decided: list[int], decision: str) -> str:
    used = set(decided)
    rest = [
        index
        for index, role in enumerate(document.roles)
        if index not in used and role not in ABOUT_THE_RECORD | {"options", "links"}
    ]
    parts = [title]
    if decided:
        parts += [_searchable(document, index) for index in decided]
    else:
        parts.append(plain(decision))
    # The reasons come before whatever else the record goes on to describe.
    rest.sort(key=lambda index: document.roles[index] != "context")
    parts += [_searchable(document, index) for index in rest]
    return cut("\n".join(filter(None, parts)), LONGEST_SEARCH_TEXT)


def _searchable(document: Document, index: int) -> str:
    section = document.outline.sections[index]
    heading = "" if index == document.title or is_role_name(section.title) else plain(section.title)
    kept, code = [heading], 0
    for line, kind in _lines(document, index):
        code = code + 1 if kind == "code" else 0
        if kind != "comment" and code <= _CODE_LINES_FOR_SEARCH + 1 and line.strip(" \t|`~-=+:"):
            kept.append(plain(line[:_LONGEST_LINE_FOR_SEARCH]).strip("| "))
    return "\n".join(filter(None, kept))
