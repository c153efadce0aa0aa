"""The documentation as data: its pages, their blocks of code, headings, links and prose."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(?P<language>[\w-]*)\s*$")
_HEADING = re.compile(r"^(?P<level>#{1,6}) (?P<title>.+)$")
_LINK = re.compile(r"\[[^\]\[]*\]\((?P<target>[^()\s]+)\)")
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the line its content begins on (from 0), its lines."""

    language: str
    first: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def pages() -> list[Path]:
    """Return every page, those at the root of the repository first."""
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def package_files() -> list[Path]:
    """Return the files of the package itself."""
    rooms = [*(ROOT / "bicameral").rglob("*.py"), *(ROOT / "handlers").rglob("*.py")]
    return [ROOT / "server.py", ROOT / "preflight_telemetry.py", *rooms]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def read(page: Path | str) -> str:
    """Return a page's text; a name is relative to the repository's root."""
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page in order."""
    lines = text.split("\n")
    opened: tuple[str, int] | None = None
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence is None:
            continue
        if opened is None:
            opened = (fence["language"], number + 1)
        else:
            language, first = opened
            yield Block(language, first, tuple(lines[first:number]))
            opened = None
    assert opened is None, f"a block opened on line {opened[1]} never ends"


def outside_blocks(text: str) -> list[str]:
    """Return the lines of a page that are not code."""
    lines = text.split("\n")
    for block in blocks(text):
        for number in range(block.first - 1, block.first + len(block.lines) + 1):
            lines[number] = ""
    return lines


def headings(text: str) -> list[str]:
    """Return the titles of a page's headings as written."""
    found = (_HEADING.match(line) for line in outside_blocks(text))
    return [heading["title"] for heading in found if heading]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    plain = (_NOT_IN_ANCHOR.sub("", title.replace("`", "")) for title in headings(text))
    return {title.strip().lower().replace(" ", "-") for title in plain}


def links(text: str) -> list[str]:
    """Return the targets of a page's links."""
    return [found["target"] for line in outside_blocks(text) for found in _LINK.finditer(line)]


def table_rows(text: str) -> list[list[str]]:
    """Return the cells of every table row of a page, without headers and rules."""
    return [
        [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        for line in outside_blocks(text)
        if line.startswith("| ")
    ]
