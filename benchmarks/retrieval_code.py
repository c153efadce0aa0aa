"""What a clone knows of a case: the commits before it, and what comments cite at its commit.

Asked with the functions that a running server asks with, of bare clones that a folder holds.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path

from bicameral.grounding.git import Git
from bicameral.grounding.head import HeadWatch
from bicameral.grounding.history.history import MOST_COMMITS
from bicameral.grounding.history.log import PastCommit, read_log
from bicameral.grounding.index.citations import Citation
from bicameral.grounding.index.facts import NO_FACTS, Facts, read_facts, reader_name
from bicameral.grounding.index.question import MOST_BESIDE, MOST_NEW_FILES
from bicameral.grounding.objects import batch_request, parse_batch
from bicameral.grounding.repository import Repository

# What a citation cannot do without, so that most files need not be parsed.
_MAY_CITE = re.compile(rb"adr|decision|dec_", re.IGNORECASE)
Cited = dict[str, tuple[Citation, ...]]


class Clone:
    """A bare clone of one repository, read at the commits of its cases."""

    def __init__(self, folder: Path) -> None:
        self._git = Git(folder, {})
        self._repository = Repository(
            folder, folder, folder, self._git, HeadWatch(self._git, folder, folder)
        )

    def log(self, commit: str, *, base: str = "") -> list[PastCommit]:
        """Return the newest commits up to one, newest first, without those of its `base`."""
        return read_log(self._repository, commit, base=base or None, most=MOST_COMMITS)

    def is_ancestor(self, earlier: str, later: str) -> bool:
        asked = self._git.ask("merge-base", "--is-ancestor", earlier, later, expected=(0, 1))
        return asked.status == 0

    def look(self, commit: str, paths: Sequence[str]) -> tuple[dict[str, Facts], Cited]:
        """Return what files say, and what is cited beside those that are not there yet."""
        contents = self._contents(commit, paths)
        fresh = [path for path in paths if "/" in path and contents[path] is None]
        beside: Cited = {}
        if fresh:
            tree = self._git.ask("ls-tree", "-r", "-z", "--name-only", commit).text().split("\0")
            for path in fresh[:MOST_NEW_FILES]:
                alike = (other for other in sorted(tree) if _is_beside(other, path))
                several = list(islice(alike, MOST_BESIDE))
                found = self._contents(commit, several)
                beside[path] = tuple(c for p in several for c in _cited(p, found[p]))
        return {path: _facts(path, contents[path]) for path in paths}, beside

    def _contents(self, commit: str, paths: Sequence[str]) -> Mapping[str, bytes | None]:
        if not paths:
            return {}
        request = batch_request(commit, paths)
        asked = self._git.ask("cat-file", *request.options, standard_input=request.content)
        return dict(zip(paths, parse_batch(asked.output, request.names), strict=True))


def _is_beside(other: str, path: str) -> bool:
    folder, _, name = path.rpartition("/")
    other_folder, _, other_name = other.rpartition("/")
    parents = folder.rpartition("/")[0], other_folder.rpartition("/")[0]
    is_alike = name == other_name and parents[0] == parents[1]
    return is_alike and bool(other_folder) and folder != other_folder and bool(reader_name(other))


@lru_cache(maxsize=2_000)
def _facts(path: str, content: bytes | None) -> Facts:
    if content is None or reader_name(path, content) is None:
        return NO_FACTS
    return read_facts(path, content)


def _cited(path: str, content: bytes | None) -> tuple[Citation, ...]:
    if content is None or not _MAY_CITE.search(content):
        return ()
    return _facts(path, content).citations
