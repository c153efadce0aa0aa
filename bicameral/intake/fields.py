"""Named values in the head of a document: `**Status:** Accepted`, list items, tables, RST fields.

Only names of the vocabulary count, so that ordinary prose with a colon stays prose.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bicameral.intake.markup import is_list_item, plain, without_bullet
from bicameral.intake.outline import Outline
from bicameral.intake.vocabulary import Role, role_of

_LONGEST_VALUE_LINES = 30
_BOLD_NAME = re.compile(r"(?:\*\*|__)([^*_\n]{1,60}?)[ ]?([:：]?)(?:\*\*|__)[ ]?([:：]?)")
_EMPHASISED_NAME = re.compile(r"^[*_]([^*_\n:：]{1,40})[:：]?[*_][:：]?\s*(.*)$")
_PLAIN_NAME = re.compile(
    r"^([^\W\d_][^:：|.]{0,40}?)(?:\s{0,5}[:：]\s+|(?<!\s)[:：](?=[^\s/]|$))(.*)$"
)
_RST_FIELD = re.compile(r"^:([^:\n]{1,40}):(?:\s+(.*)|)$")
_LIST_TABLE_CELL = re.compile(r"^\s*(?:\*\s+)?-(?:\s+(.*)|)$")
_TABLE_RULE = re.compile(r"^[|+\s:=-]+$")
_SEPARATORS = " \t|·•;,—–-/"


@dataclass(frozen=True, slots=True)
class Field:
    """A named value: what it is for, the name as written, the value, and its line."""

    role: Role
    name: str
    value: str
    line: int


def fields_between(outline: Outline, start: int, end: int) -> list[Field]:
    """Return the named values on the lines `start` to `end`, in order."""
    numbers = [n for n in range(start, end) if outline.kinds[n] == "text"]
    found: list[Field] = []
    rows: list[tuple[int, list[str]]] = []
    for number in numbers:
        line = outline.shown[number]
        if line.lstrip().startswith("|"):
            rows.append((number, cells_of(line)))
            continue
        found.extend(_from_rows(rows))
        rows = []
        found.extend(_from_line(outline, number, end))
    found.extend(_from_rows(rows))
    return sorted([*found, *_from_list_table(outline, numbers)], key=lambda field: field.line)


def cells_of(row: str) -> list[str]:
    """Return the cells of a table row, without its outer bars."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _from_line(outline: Outline, number: int, end: int) -> Iterator[Field]:
    line = outline.shown[number]
    text = without_bullet(line)
    pairs = list(_pairs(text))
    for index, (name, value) in enumerate(pairs):
        role = role_of(name)
        if not role:
            continue
        if not value and index == len(pairs) - 1:
            value = _value_below(outline, number + 1, end)  # noqa: PLW2901 - the value follows
        yield Field(role, name, value, number)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Yield the (name, value) pairs of one line, which may hold several in bold."""
    if found := _RST_FIELD.match(text):
        yield found[1], (found[2] or "").strip()
        return
    bold = [
        b for b in _BOLD_NAME.finditer(text) if b[2] or b[3] or (b.start() == 0 and role_of(b[1]))
    ]
    if bold and bold[0].start() == 0:
        ends = [later.start() for later in bold[1:]] + [len(text)]
        for mark, stop in zip(bold, ends, strict=True):
            yield mark[1], text[mark.end() : stop].strip(_SEPARATORS if len(bold) > 1 else " \t")
        return
    if found := _EMPHASISED_NAME.match(text) or _PLAIN_NAME.match(text):
        yield found[1], found[2].strip()


def _value_below(outline: Outline, start: int, end: int) -> str:
    """Return the list, or the paragraph, that follows a name without a value."""
    taken: list[str] = []
    for number in range(start, min(end, start + _LONGEST_VALUE_LINES)):
        line = outline.shown[number] if outline.kinds[number] == "text" else ""
        if not line.strip():
            if taken:
                break
            continue
        if any(role_of(name) for name, _ in _pairs(without_bullet(line))):
            break
        if (
            taken
            and is_list_item(line) != is_list_item(outline.shown[start])
            and not line[0].isspace()
        ):
            break
        taken.append(without_bullet(line))
    return "\n".join(taken)


def _from_rows(rows: Sequence[tuple[int, list[str]]]) -> Iterator[Field]:
    """Read a table as names beside values, or as one row of names over one of values."""
    rows = [(number, cells) for number, cells in rows if not _TABLE_RULE.match("|".join(cells))]
    if not rows:
        return
    head_line, head = rows[0]
    roles = [role_of(cell) for cell in head]
    across = len(rows) == 2 and sum(map(bool, roles)) >= 2  # noqa: PLR2004 - names over values
    if across:
        for role, name, value in zip(roles, head, rows[1][1], strict=False):
            if role:
                yield Field(role, plain(name), value, head_line)
        return
    if len(head) != 2 and len(rows) > 1:  # noqa: PLR2004 - a list of things is no list of fields
        return
    for number, cells in rows:
        if len(cells) > 1 and role_of(cells[0]):
            yield Field(role_of(cells[0]), plain(cells[0]), cells[1], number)


def _from_list_table(outline: Outline, numbers: Sequence[int]) -> Iterator[Field]:
    """Read the rows of an RST list-table: `* - Status` with `  - Accepted` below."""
    if outline.markup != "rst":
        return
    for number, below in pairwise(numbers):
        name = _LIST_TABLE_CELL.match(outline.shown[number])
        value = _LIST_TABLE_CELL.match(outline.shown[below])
        opens_row = outline.shown[number].lstrip().startswith("* -")
        if opens_row and name and value and role_of(name[1] or ""):
            yield Field(role_of(name[1]), plain(name[1]), (value[1] or "").strip(), number)
