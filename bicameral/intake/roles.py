"""What each section of an outline is for: by its own heading, else by the section it stands in.

Whatever stands under a list of options stays an option, save the decision itself and the
option marked as chosen: rejected options must not be taken for the decision.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re

from bicameral.intake.dates import find_date
from bicameral.intake.fields import cells_of
from bicameral.intake.markup import normal, plain
from bicameral.intake.outline import NAMED_LINE_LEVEL, Outline, Section
from bicameral.intake.vocabulary import (
    ABOUT_THE_RECORD,
    STATUS_WORD,
    Role,
    bare_name,
    is_option,
    role_of,
)

_CHOSEN = re.compile(
    r"[(\[*✅✓✔☑]\s*(?:✅|✓|✔|☑|chosen|selected|accepted|adopted|our choice|the choice|winner|"
    r"gewahlt|choisie?|retenue?|elegida|escolhida|scelta|选定|采用|採用|выбран[оа]?)|[✅✓✔☑]"
)
_REFUSED = re.compile(r"\b(?:not chosen|not selected|not accepted|not adopted|rejected)\b")
# Alone these also name settings, so inside a decision they are part of it.
_OPTIONS_OR_SETTINGS = frozenset({"options", "option", "optionen", "opciones", "opcoes", "opzioni"})
_INHERITING: frozenset[Role] = frozenset({"proposal", "summary", "meeting", "feature", "authors"})
_LINES_OF_A_STATUS = 12
_LONGEST_LINE = 500


def effective_roles(outline: Outline, title: int) -> tuple[Role, ...]:
    """Return the role of every section; `title` is the index of the section that is the title."""
    roles: list[Role] = []
    for index, section in enumerate(outline.sections):
        parent = roles[section.parent] if section.parent >= 0 else ""
        own = "" if index in {0, title} else role_of(section.title)
        roles.append(_role(outline, section, own, parent))
    return tuple(roles)


def is_chosen(heading: str) -> bool:
    """Tell whether an option's heading says that it is the one chosen."""
    spread = normal(heading)
    return bool(_CHOSEN.search(spread)) and not _REFUSED.search(spread)


def _role(outline: Outline, section: Section, own: Role, parent: Role) -> Role:
    if is_option(section.title) and is_chosen(section.title):
        return "decision"
    if parent == "options":
        return "decision" if own == "decision" else "options"
    if own == "options" and parent in {"decision", "proposal"} and _may_be_settings(section):
        return parent
    if own in ABOUT_THE_RECORD:
        return own if _describes_the_record(outline, section, own, parent) else parent
    if own in _INHERITING and parent:
        return parent
    return own or parent


def _may_be_settings(section: Section) -> bool:
    return bare_name(section.title) in _OPTIONS_OR_SETTINGS


def _describes_the_record(outline: Outline, section: Section, own: Role, parent: Role) -> bool:
    """Tell a record's `Status` or `Date` from a section about somebody's status or data."""
    if parent and parent not in ABOUT_THE_RECORD and section.level < NAMED_LINE_LEVEL:
        return False
    if own == "date":
        return any(find_date(text) for text in [section.title, *_first_lines(outline, section)])
    if own == "status":
        lines = [section.title.partition(":")[2], *_first_lines(outline, section)]
        return any(STATUS_WORD.search(normal(plain(line))) for line in lines) or not any(lines[1:])
    return True


def _first_lines(outline: Outline, section: Section) -> list[str]:
    found: list[str] = []
    for _, line in outline.body(section):
        if line.strip():
            short = line[:_LONGEST_LINE]
            found.extend(cells_of(short) if line.lstrip().startswith("|") else [short])
        if len(found) >= _LINES_OF_A_STATUS:
            break
    return found
