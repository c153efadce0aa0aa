"""The source tree as guards see it: its modules, its pages, and what stands in their tables.

An installation without its source has no pages; what needs one is then skipped, and says so.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_VARIABLE = re.compile(r"(?!O_)[A-Z]+(?:_[A-Z]+)+|COLUMNS|TERM")
# Reading whole modules takes seconds, so only those are that may have what is looked for.
_QUOTED_VARIABLE = re.compile(rf"[\"'](?:{_VARIABLE.pattern})[\"']")
_CODE = re.compile(r"^ +code = ", re.MULTILINE)
# Words in the code that are written like variables and are none.
_NO_VARIABLES = frozenset(
    {"DECISION_ID", "SC_CLK_TCK", "DETACHED_PROCESS", "CREATE_NEW_PROCESS_GROUP"}
)


@dataclass(frozen=True, slots=True)
class Sources:
    """The tree below `root`; paths are relative to it, with `/`."""

    root: Path

    @property
    def is_there(self) -> bool:
        """Whether this is a source tree, with the pages of the reference."""
        return (self.root / "docs" / "reference").is_dir()

    def read(self, path: str) -> str:
        """Return a file's text; nothing where there is none. Raises `OSError`."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def names_in(self, folder: str) -> set[str]:
        """Return the names of the files of a folder; none where there is no folder."""
        return {path.name for path in (self.root / folder).glob("*") if path.is_file()}

    def texts(self) -> Iterator[str]:
        """Yield the text of every module of the package."""
        rooms = [self.root / "bicameral", self.root / "handlers"]
        files = [path for room in rooms for path in sorted(room.rglob("*.py"))]
        for path in [self.root / "server.py", self.root / "preflight_telemetry.py", *files]:
            yield path.read_text(encoding="utf-8")

    def modules(self, having: re.Pattern[str]) -> Iterator[ast.Module]:
        """Yield every module of the package whose text has a match, parsed."""
        yield from (ast.parse(text) for text in self.texts() if having.search(text))

    def headings(self, path: str) -> list[str]:
        """Return the headings of a page."""
        return _HEADING.findall(self.read(path))

    def first_cells(self, path: str) -> set[str]:
        """Return what stands in code marks in the first column of a page's tables."""
        lines = (line for line in self.read(path).splitlines() if line.startswith("|"))
        rows = (line.strip("|").split(" | ")[0] for line in lines)
        return {cell.strip().strip("`") for cell in rows if cell.strip().startswith("`")}


def differences(here: set[str], there: set[str], *, one: str, other: str) -> Iterator[str]:
    """Yield what only one of two sides says."""
    yield from (f"{each} is {one} and not {other}" for each in sorted(here - there))
    yield from (f"{each} is {other} and not {one}" for each in sorted(there - here))


def variables_in(sources: Sources) -> set[str]:
    """Return every variable that the code names."""
    found = {
        node.value
        for module in sources.modules(_QUOTED_VARIABLE)
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {word for word in found if _VARIABLE.fullmatch(word)} - _NO_VARIABLES


def variables_on(sources: Sources, page: str) -> set[str]:
    """Return every variable that the tables of a page name."""
    return {cell for cell in sources.first_cells(page) if _VARIABLE.fullmatch(cell)}


def error_codes_in(sources: Sources) -> set[str]:
    """Return the code of every error that the code defines, but for the demo's own."""
    found = (
        (node.name, each.value.value)
        for module in sources.modules(_CODE)
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
        for each in node.body
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant)
        if [getattr(target, "id", "") for target in each.targets] == ["code"]
    )
    return {str(code) for name, code in found if name != "LoopBroken"}
