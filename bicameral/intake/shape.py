"""What kind of document this is, by its shape and its place, never by the caller's word."""

import re
from pathlib import PurePosixPath
from typing import Literal

from bicameral.intake.document import Document, file_number
from bicameral.intake.markup import normal, plain
from bicameral.intake.status import is_choice

Kind = Literal["adr", "template", "index", "document"]

_ADR_FOLDER = re.compile(
    r"^(?:adrs?|pdrs?|decisions?|decision[-_ ]?(?:records?|logs?)|decisionlog"
    r"|architect(?:ure|ural)[-_ ]?decisions?(?:[-_ ]?records?)?|arch|architecture"
    r"|design[-_ ]decisions|entscheidungen|decisiones|decisoes|решения)$"
)
_ADR_NAME = re.compile(r"^[\[(]?(?:[a-z]{0,3}adr)[-_ ]?\d", re.IGNORECASE)
_INDEX_NAMES = frozenset(
    "readme index _index toc summary _sidebar sidebar contributing changelog glossary".split()
)
_TEMPLATE_WORDS = frozenset(
    "template templates tmpl adr adrs madr nygard nygards architecture architectural decision "
    "decisions record records short long full bare minimal simple nnnn nnn xxxx xxx en new example "
    "the markdown md rst pdr plantilla vorlage modele modelo".split()
)
_PLACEHOLDER = re.compile(
    r"^\W{0,3}(?:\{[^{}]{1,80}\}|\[[^\[\]]{3,80}\]|<[^<>]{1,80}>)\W{0,3}$|\{[A-Z][A-Z _-]{2,40}\}"
    r"|\[(?:short|title|number|description|brief|insert)\b|\{(?:short|title|number)\b|\bN{3,4}\b|\bX{3,4}\b",
)
_MEETING_NAME = re.compile(
    r"(?:^|[-_ /])(?:meetings?|minutes|notes?|protokolle?|retro|standup|sync)(?:$|[-_ /.])"
)


def kind_of(document: Document) -> Kind:
    """Return the kind of a document: a record, a template of one, an index, or plain text."""
    if _is_template(document):
        return "template"
    if _is_index(document):
        return "index"
    return "adr" if _is_adr(document) else "document"


def _folders(document: Document) -> list[str]:
    return [normal(part) for part in PurePosixPath(document.path).parent.parts]


def _is_template(document: Document) -> bool:
    words = [w for w in re.split(r"[\W_\d]+", normal(document.stem)) if w]
    named = bool({"template", "templates", "plantilla", "vorlage"} & set(words))
    if (named and set(words) <= _TEMPLATE_WORDS) or {"templates", "_templates"} & set(
        _folders(document)
    ):
        return True
    return _title_is_placeholder(document) and _status_is_choice(document)


def _title_is_placeholder(document: Document) -> bool:
    title = document.outline.sections[document.title].title if document.title >= 0 else ""
    words = normal(plain(title))
    return bool(_PLACEHOLDER.search(title)) or words.endswith("template") or words == "title"


def _status_is_choice(document: Document) -> bool:
    """Tell whether the status is still a list to choose from, or only a placeholder."""
    values = [field.value for field in document.head_fields() if field.role == "status"]
    values += document.front.all("status")
    for section, role in zip(document.outline.sections, document.roles, strict=True):
        if role == "status":
            values += [line for _, line in document.outline.body(section) if line.strip()][:3]
    return not values or any(is_choice(value) or _PLACEHOLDER.search(value) for value in values)


def _is_index(document: Document) -> bool:
    """A `README` is an index unless its folder is the numbered home of one record."""
    if normal(document.stem) not in _INDEX_NAMES:
        return False
    folder = PurePosixPath(document.path).parent.name
    numbered = bool(file_number(document.path)) or bool(_ADR_NAME.match(folder))
    return not (numbered and _states_a_decision(document))


def _is_adr(document: Document) -> bool:
    place = any(_ADR_FOLDER.match(folder) for folder in _folders(document)[-3:])
    named = bool(_ADR_NAME.match(document.stem))
    numbered = bool(file_number(document.path))
    if place or named:
        return named or numbered or _states_a_decision(document)
    if document.has_role("meeting") or _MEETING_NAME.search(normal(document.path)):
        return False
    shaped = document.has_role("decision") and document.has_role("context", "status", "options")
    return shaped and (
        _has_status(document) or document.has_role("consequences", "options") or numbered
    )


def _states_a_decision(document: Document) -> bool:
    return document.has_role("decision") or (
        document.has_role("context", "consequences", "proposal") and _has_status(document)
    )


def _has_status(document: Document) -> bool:
    return (
        document.has_role("status")
        or bool(document.front.first("status"))
        or any(field.role == "status" for field in document.head_fields())
    )
