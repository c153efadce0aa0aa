"""Real cases of what became of a region of code, and the repositories they are read from."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bicameral.grounding.cache import ParseCache
from bicameral.grounding.git import Git
from bicameral.grounding.head import HeadWatch
from bicameral.grounding.regions import Region, locate, own_name, place_of
from bicameral.grounding.repository import Repository
from bicameral.grounding.selectors import Selector, base_name, exactly

LANGUAGES = {"py": "Python", "go": "Go", "ts": "TypeScript"}
LAYOUTS = ("{owner}+{name}/repo", "{owner}+{name}", "{owner}__{name}", "{owner}/{name}")


@dataclass(frozen=True, slots=True)
class Case:
    """One region before a commit, what the commit did to it, and where it is afterwards.

    `place` is `path::Qualified.name`, None where it is gone.
    """

    id: str
    repository: str
    language: str
    label: str
    old_commit: str
    new_commit: str
    path: str
    symbol: str
    first_line: int
    last_line: int
    place: str | None

    @property
    def old_place(self) -> str:
        return f"{self.path}::{self.symbol}"


def read_cases(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        old, new = row["old"], row["new"]
        yield Case(
            id=row["id"],
            repository=row["repo"],
            language=LANGUAGES[row["lang"]],
            label=row["label"],
            old_commit=row["commit"],
            new_commit=row["fix_commit"],
            path=old["file"],
            symbol=old["symbol"],
            first_line=old["start"],
            last_line=old["end"],
            place=None if new is None else f"{new['file']}::{new['symbol']}",
        )


def repository_in(folder: Path, full_name: str, variables: Mapping[str, str]) -> Repository | None:
    """Find a repository, bare or with a work tree, in one of the usual layouts."""
    owner, _, name = full_name.partition("/")
    for layout in LAYOUTS:
        place = folder / layout.format(owner=owner, name=name)
        git_dir = place / ".git" if (place / ".git").exists() else place
        if (git_dir / "objects").is_dir():
            git = Git(place, variables)
            return Repository(place, git_dir, git_dir, git, HeadWatch(git, git_dir, git_dir))
    return None


def region_before(case: Case, content: bytes, cache: ParseCache) -> Region | None:
    """Take the snapshot of a case's region; None where no symbol stands at its lines."""
    file = cache.open(case.path, content)
    own = case.symbol.rpartition(".")[2]
    for symbol in file.skeleton().symbols:
        is_named = base_name(symbol.qualified_name).rpartition(".")[2] == own
        if is_named and symbol.start_line <= case.first_line <= case.last_line <= symbol.end_line:
            selector = Selector(case.path, symbol=exactly(symbol.qualified_name))
            found = locate(selector, content, cache=cache)
            if found.end_line - case.last_line <= 1:
                return found
    return None


def is_at(region: Region | None, place: str | None) -> bool:
    """Tell whether a region stands where a case says, whatever its ordinal in the file.

    A method of an unnamed receiver has no owner in the cases.
    """
    if region is None or place is None:
        return region is None and place is None
    path, _, symbol = place.partition("::")
    if symbol.startswith("."):
        return (region.path, own_name(region)) == (path, symbol[1:])
    return base_name(place_of(region)) == place


def halves(names: set[str]) -> dict[str, str]:
    """Put every other repository, in the order of their names, in the half to choose on."""
    ordered = sorted(names, key=str.casefold)
    return {name: "chosen on" if n % 2 == 0 else "held out" for n, name in enumerate(ordered)}


def variables() -> dict[str, Any]:
    return dict(os.environ)
