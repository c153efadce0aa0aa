"""Who decided, and which feature and level a record belongs to."""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re
from pathlib import PurePosixPath
from typing import get_args

from bicameral.intake.document import Document
from bicameral.intake.draft import Level
from bicameral.intake.fields import Field
from bicameral.intake.markup import LINK, cut, normal, plain, without_bullet
from bicameral.intake.status import judge
from bicameral.intake.vocabulary import role_of

_MOST_PARTICIPANTS = 50
_LONGEST_NAME = 100
_NAME_SEPARATOR = re.compile(r"[,;\n、，；|]|\s(?:and|und|et|y|e|и|&)\s")
_ADDRESS_OR_ASIDE = re.compile(r"<[^<>]{0,100}>|\([^()]{0,100}\)")
_PLACEHOLDER = re.compile(
    r"^[{\[<].*[}\]>]$|^(?:tbd|n/a|none|-|everyone|list everyone.*)$", re.IGNORECASE
)
_GENERIC_FOLDERS = frozenset(
    "adr adrs pdr pdrs decision decisions decision-records decision-log arch architecture docs doc "
    "documentation design src lib packages apps services modules website content pages site wiki "
    "records architecture-decisions architectural-decisions architecture-decision-records en main "
    "internal dev developer engineering technical tech log accepted proposed superseded rejected "
    "deprecated archive".split()
)


def participants_of(document: Document, fields: list[Field]) -> tuple[str, ...]:
    """Return who decided; the authors where nobody else is named."""
    front = document.front.all(
        "deciders", "decision-makers", "decision_makers", "participants", "attendees", "decider"
    )
    for values in (
        [*front, *_values(fields, "participants"), *document.lines_of("participants")],
        [*document.front.all("authors", "author", "owner"), *_values(fields, "authors")],
    ):
        people = [value for value in values if not role_of(value.partition(":")[0])]
        names = [name for value in people for name in _names(value)]
        if names:
            return tuple(dict.fromkeys(names))[:_MOST_PARTICIPANTS]
    return ()


def _names(value: str) -> list[str]:
    """Part a list of people; links, addresses and `@` are taken off, placeholders dropped."""
    names = []
    for part in _NAME_SEPARATOR.split(LINK.sub(r"\1", value)):
        name = plain(without_bullet(re.sub(r"<[^<>]{0,100}>|\([^()]{0,100}\)", "", part))).strip(
            " @.:"
        )
        if name and len(name) <= _LONGEST_NAME and not _PLACEHOLDER.match(name):
            names.append(name)
    return names


def feature_group_of(document: Document, fields: list[Field]) -> str:
    """Return the stated feature or area, else the first tag, else the nearest telling folder."""
    stated = document.front.first(
        "feature_group",
        "feature-group",
        "feature",
        "area",
        "component",
        "category",
        "domain",
        "module",
    ) or next(iter(_values(fields, "feature")), "")
    tags = [*document.front.all("tags", "labels"), *",".join(_values(fields, "tags")).split(",")]
    topics = [plain(tag).strip(" #[]") for tag in tags if not judge(tag)]
    folders = [part for part in PurePosixPath(document.path).parent.parts if _names_a_feature(part)]
    return cut(
        plain(stated) or next(filter(None, topics), "") or (folders or [""])[-1], _LONGEST_NAME
    )


def _names_a_feature(folder: str) -> bool:
    return (
        normal(folder) not in _GENERIC_FOLDERS
        and not folder[:1].isdigit()
        and folder[:1] not in "._"
    )


def level_of(document: Document, fields: list[Field]) -> Level:
    """Return the level that the record states (`level: L1`), L2 when it states none."""
    stated = document.front.first("level") or next(iter(_values(fields, "level")), "")
    return next((level for level in get_args(Level) if level == stated.strip().upper()), "L2")


def _values(fields: list[Field], role: str) -> list[str]:
    return [field.value for field in fields if field.role == role and field.value]
