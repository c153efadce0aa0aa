"""A document taken apart once: its path's words, front matter, outline, title and roles.

What kind of document it is, and what it decides, is read from this.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from bicameral.intake.dates import date_in_name, find_date
from bicameral.intake.fields import Field, fields_between
from bicameral.intake.front_matter import FrontMatter, read_front_matter
from bicameral.intake.markup import clean, normal, plain
from bicameral.intake.outline import Outline, markup_of, read_outline
from bicameral.intake.roles import effective_roles
from bicameral.intake.vocabulary import (
    ABOUT_THE_RECORD,
    Role,
    is_bare_role_name,
    is_option,
    role_of,
)

_NAME_NUMBER = re.compile(
    r"^(?P<series>[a-z]{0,6}dr|adrs?|rfc|decision|record|d)?[-_ ]{0,2}"
    r"(?P<number>\d{1,6})(?=[-_. ]|$)",
    re.IGNORECASE,
)
_TITLE_NUMBER = re.compile(
    r"^[\[(]?(?:(?P<series>[a-z]{0,5}dr|rfc|oep|decision(?: record)?"
    r"|architectur(?:e|al) decision(?: record)?)s?[-_ #:]{0,3}(?:no\.?\s)?(?P<number>\d{1,6})"
    r"|(?P<bare>\d{1,6}))[\])]?(?P<mark>\s*[:.)–—|-]{1,2}\s|[:)]|\s|$)",
    re.IGNORECASE,
)
_TITLE_SERIES = re.compile(
    r"^(?:adr|(?:architecture |architectural )?decision record|architecture decision)\s?[:–—-]\s",
    re.IGNORECASE,
)
_LONGEST_FIRST_LINE = 100
_GENERIC_TITLES = frozenset(
    "adr|adrs|architecture decision record|architectural decision record|decision record|"
    "architecture decision|decision log|decision|title|titel|titre|titulo|titolo".split("|")
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document taken apart; `title` and `roles` index `outline.sections` (title -1 for none)."""

    path: str
    text: str
    front: FrontMatter
    outline: Outline
    title: int
    roles: tuple[Role, ...]

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return PurePosixPath(self.path).stem

    def has_role(self, *wanted: Role) -> bool:
        """Tell whether a section has one of the roles."""
        return any(role in wanted for role in self.roles)

    def lines_of(self, role: Role) -> list[str]:
        """Return the lines of every section with a role; first the value in its heading, if any."""
        lines: list[str] = []
        for section, own in zip(self.outline.sections, self.roles, strict=True):
            if own == role:
                lines += [
                    section.title.partition(":")[2],
                    *(line for _, line in self.outline.body(section)),
                ]
        return lines

    def in_option(self, index: int) -> bool:
        """Tell whether a section is an option, or stands below one."""
        while index >= 0:
            if is_option(self.outline.sections[index].title):
                return True
            index = self.outline.sections[index].parent
        return False

    def head_fields(self) -> list[Field]:
        """Return the named values that describe the record, before its text begins."""
        found: list[Field] = []
        for index, section in enumerate(self.outline.sections):
            if index not in {0, self.title} and self.roles[index] not in ABOUT_THE_RECORD:
                if self.title < index:
                    break
                continue
            found.extend(fields_between(self.outline, section.start, section.end))
        return found


def take_apart(path: str, text: str) -> Document:
    """Read a document's parts; `path` is repository-relative, with `/`."""
    text = clean(text)
    front = read_front_matter(text)
    # Blank lines keep the numbers of the lines right.
    rest = (
        "\n" * front.line_count + text.split("\n", front.line_count)[-1]
        if front.line_count
        else text
    )
    outline = read_outline(rest, markup_of(path), is_name=is_bare_role_name)
    outline = replace(outline, lines=tuple(text.split("\n")))
    title = _title_section(outline)
    return Document(path, text, front, outline, title, effective_roles(outline, title))


def file_number(path: str) -> str:
    """Return the number that a file's name (or its folder's, for an index) carries, as written."""
    pure = PurePosixPath(path)
    for stem in (pure.stem, pure.parent.name):
        if date_in_name(stem):
            return ""
        found = _NAME_NUMBER.match(stem.lstrip("[("))
        if found:
            return found["number"]
        if pure.stem.casefold() not in {"readme", "index", "_index"}:
            break
    return ""


def title_and_number(document: Document) -> tuple[str, str]:
    """Return the title without its number, and the number; the file's name outranks the title's."""
    number = file_number(document.path)
    candidates = [document.front.first("title")]
    if document.title >= 0:
        candidates.insert(0, document.outline.sections[document.title].title)
    else:
        candidates.append(_first_line(document.outline))
    for written in candidates:
        title, own = split_number(plain(written), number)
        number = number or own
        if title and normal(title).strip(" :") not in _GENERIC_TITLES:
            return title, number or _id_number(document)
    return _title_from_name(document), number or _id_number(document)


def _first_line(outline: Outline) -> str:
    """Return the line that opens a document without a title, where it could be one."""
    lines = [line for _, line in outline.body(outline.sections[0])]
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    alone = first < len(lines) and not "".join(lines[first + 1 : first + 2]).strip()
    line = lines[first].strip() if alone else ""
    is_title = len(line) <= _LONGEST_FIRST_LINE and not line.endswith(".") and ":" not in line
    return line if is_title and line[:1].isalnum() and not find_date(line) else ""


def split_number(title: str, expected: str) -> tuple[str, str]:
    """Part `ADR-0012: Title` or `12. Title`; a bare number with only a space must be expected."""
    title = re.sub(
        r"^[\[(](?:superseded|deprecated|rejected)[\])]\s*", "", title, flags=re.IGNORECASE
    )
    found = _TITLE_NUMBER.match(title)
    if found and _is_number(found, expected):
        rest = title[found.end() :].strip(" :–—|-")
        return rest, found["number"] or found["bare"]
    return _TITLE_SERIES.sub("", title).strip(), ""


def _is_number(found: re.Match[str], expected: str) -> bool:
    if found["number"] or found["mark"].strip():
        return True
    bare = found["bare"]
    return bare.startswith("0") or (expected.isdigit() and int(bare) == int(expected))


def _id_number(document: Document) -> str:
    found = re.search(
        r"\d{1,6}$", document.front.first("number", "adr", "id", "adr_number", "adr-id")
    )
    return found[0] if found else ""


def _title_from_name(document: Document) -> str:
    stem = document.stem
    if stem.casefold() in {"readme", "index", "_index"}:
        stem = PurePosixPath(document.path).parent.name or stem
    found = _NAME_NUMBER.match(stem)
    words = stem[found.end() :] if found else stem
    words = re.sub(r"^\d{4}-?\d{2}-?\d{2}", "", words)
    return " ".join(re.split(r"[-_\s]+", words)).strip() or stem


def _title_section(outline: Outline) -> int:
    """Return the first heading that is not a role's; only the record's own data may precede it."""
    for index, section in enumerate(outline.sections[1:], start=1):
        role = role_of(section.title)
        if not role or _is_sentence(section.title):
            return index
        if role not in ABOUT_THE_RECORD:
            break
    return -1


def _is_sentence(title: str) -> bool:
    """Tell a title such as `Decision record: use X` from the heading `Decision`."""
    return ":" in title.strip(": ") and bool(_TITLE_SERIES.match(title))
