"""A document's outline: its headings and what stands under each, read line by line.

Real decision files mix Markdown, RST and broken markup, so every form of heading is known
and nothing is an error. A heading inside a fence or a comment is not one.
"""

# ruff: noqa: RUF001 - marks and letters of other scripts are meant

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bicameral.intake.blocks import Block, Markup, blocks

# Bold or bare lines that name a section stand below every real heading.
NAMED_LINE_LEVEL = 9
_LONGEST_HEADING = 300
_LONGEST_SETEXT = 160
_ATX = re.compile(r"^ {0,3}(#{1,6})(.*)$")
_ASCIIDOC = re.compile(r"^(={1,6})[ \t]+(\S.*)$")
_RULE = re.compile(r"^([=\-~^\"'`#*+.:_<>])\1{2,}[ \t]*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_BOLD_LINE = re.compile(r"^(\*\*|__)([^*_]{1,80})\1[ \t]*[:：]?[ \t]*$")
_NOT_A_SETEXT_TITLE = re.compile(r"^(?: {4}|\t|[ ]{0,3}(?:[-*+>|:<#]|\d{1,9}[.)]\s))")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the lines up to the next heading of any level.

    `level` is 0 for what stands before the first heading. `parent` is an index into
    `Outline.sections`, -1 at the top. Lines are numbered from 0: the heading's is `heading`
    (-1 for none), the body is `start` to `end`, end excluded.
    """

    level: int
    title: str
    parent: int
    heading: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """The lines of a document as written and as shown, the kind of each, and the sections."""

    markup: Markup
    lines: tuple[str, ...]
    shown: tuple[str, ...]
    kinds: tuple[Block, ...]
    sections: tuple[Section, ...]

    def body(self, section: Section) -> Iterator[tuple[int, str]]:
        """Yield the number and shown text of a section's own lines, code and comments left out."""
        for number in range(section.start, section.end):
            if self.kinds[number] == "text":
                yield number, self.shown[number]


def markup_of(path: str) -> Markup:
    """Return the markup that a file's name promises; Markdown where it promises nothing."""
    ending = path.rpartition(".")[2].lower()
    if ending in {"adoc", "asciidoc", "asc"}:
        return "asciidoc"
    return "rst" if ending in {"rst", "rest"} else "markdown"


def read_outline(text: str, markup: Markup, *, is_name: Callable[[str], bool]) -> Outline:
    """Read the outline of a text with `\\n` line ends.

    `is_name` says whether a line that stands alone, bold or bare, names a section.
    """
    lines = text.split("\n")
    kinds, shown = blocks(lines, markup)
    headings = list(_headings(shown, kinds, markup, is_name))
    return Outline(
        markup, tuple(lines), tuple(shown), tuple(kinds), _sections(headings, len(lines))
    )


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    title: str
    first: int  # an RST title may have a line above it
    last: int


def _headings(
    shown: Sequence[str], kinds: Sequence[Block], markup: Markup, is_name: Callable[[str], bool]
) -> Iterator[_Heading]:
    styles: dict[tuple[str, bool], int] = {}
    free = 0  # the first line that no heading has taken
    for number, line in enumerate(shown):
        if number < free or kinds[number] != "text" or not line.strip():
            continue
        found = _marked(line, number, markup) or _underlined(shown, kinds, number, markup, styles)
        if found is None and (number == 0 or not shown[number - 1].strip() or number == free):
            found = _named(line, number, is_name)
        if found:
            yield found
            free = found.last + 1


def _marked(line: str, number: int, markup: Markup) -> _Heading | None:
    """Read `## Title`, `##Title` and, in AsciiDoc, `== Title`."""
    if markup == "asciidoc" and (found := _ASCIIDOC.match(line)):
        return _Heading(len(found[1]), found[2].strip(), number, number)
    found = _ATX.match(line)
    if not found or len(line) > _LONGEST_HEADING:
        return None
    marks, rest = found.groups()
    title = rest.strip().rstrip("#").strip()
    glued = rest[:1] not in {" ", "\t"}
    # `#tag #other` and `#!/bin/sh` are not headings; `#Status` and `##1. Title` are.
    if not title or (glued and (not rest[:1].isalnum() or "#" in title or _is_issue(marks, rest))):
        return None
    return _Heading(len(marks), title, number, number)


def _is_issue(marks: str, rest: str) -> bool:
    return len(marks) == 1 and rest[:1].isdigit()


def _underlined(
    shown: Sequence[str],
    kinds: Sequence[Block],
    number: int,
    markup: Markup,
    styles: dict[tuple[str, bool], int],
) -> _Heading | None:
    if markup == "rst":
        return _rst_heading(shown, kinds, number, styles)
    if markup == "markdown" and number + 1 < len(shown) and kinds[number + 1] == "text":
        return _setext_heading(shown, number)
    return None


def _setext_heading(shown: Sequence[str], number: int) -> _Heading | None:
    rule = _SETEXT.match(shown[number + 1])
    line = shown[number]
    alone = number == 0 or not shown[number - 1].strip()
    if not rule or not alone or len(line) > _LONGEST_SETEXT or _NOT_A_SETEXT_TITLE.match(line):
        return None
    return _Heading(1 if rule[1][0] == "=" else 2, line.strip(), number, number + 1)


def _rst_heading(
    shown: Sequence[str], kinds: Sequence[Block], number: int, styles: dict[tuple[str, bool], int]
) -> _Heading | None:
    """Read a title with a line below it, or above and below; levels by order of appearance."""
    over = bool(_RULE.match(shown[number]))
    below = number + (2 if over else 1)
    if below >= len(shown) or kinds[below] != "text" or not _RULE.match(shown[below]):
        return None
    title, mark = shown[below - 1], shown[below].strip()
    # A line shorter than half its title is a typing accident or a quotation, not an underline.
    if _RULE.match(title) or not title.strip() or len(mark) * 2 < len(title.strip()):
        return None
    if title[0].isspace() and not over:
        return None
    level = styles.setdefault((mark[0], over), len(styles) + 1)
    return _Heading(level, title.strip(), number, below)


def _named(line: str, number: int, is_name: Callable[[str], bool]) -> _Heading | None:
    """Read a line that stands alone and names a section: `**Decision:**`, `Status`."""
    bold = _BOLD_LINE.match(line.strip())
    name = (bold[2] if bold else line).strip().rstrip(":：")
    if line[:1].isspace() or not name[:1].isalnum() or len(name) > 80 or not is_name(name):  # noqa: PLR2004
        return None
    return _Heading(NAMED_LINE_LEVEL, name.strip(" :："), number, number)


def _sections(headings: Sequence[_Heading], line_count: int) -> tuple[Section, ...]:
    ends = [heading.first for heading in headings] + [line_count]
    sections = [Section(0, "", -1, -1, 0, ends[0])]
    open_levels: list[tuple[int, int]] = []
    for index, heading in enumerate(headings, start=1):
        while open_levels and open_levels[-1][0] >= heading.level:
            open_levels.pop()
        parent = open_levels[-1][1] if open_levels else -1
        start = heading.last + 1
        sections.append(
            Section(heading.level, heading.title, parent, heading.first, start, ends[index])
        )
        open_levels.append((heading.level, index))
    return tuple(sections)
