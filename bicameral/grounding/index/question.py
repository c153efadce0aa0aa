"""One question to the index: the asked files as they are now, and what they lead to.

A file that changed since it was indexed is read on the spot, within the time that is left.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from bicameral.grounding.index.citations import Citation
from bicameral.grounding.index.facts import NO_FACTS, Facts, reader_name
from bicameral.grounding.index.reading import read_file
from bicameral.grounding.index.resolving import OutOfTime, imported_files
from bicameral.grounding.index.scan import FileLook
from bicameral.grounding.index.store import Store, TreeState
from bicameral.grounding.languages.imports import Tree

LARGEST_READ_NOW_BYTES = 256 * 1024
MOST_NEW_FILES = 10
MOST_BESIDE = 20

Fallback = Literal["", "index_cold", "index_unavailable", "out_of_time"]
BEHIND: Mapping[Fallback, str] = {
    "index_cold": "the code index is not built yet, so imports are only those that the given "
    "files tell by themselves",
    "index_unavailable": "the code index cannot be read, so imports were not looked at",
    "out_of_time": "there was no time to look at the imports of every given file",
}
_LAGGING = "the code index has not yet seen the last commit, checkout or `git add`"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was asked of the index, by path; a path without any is not in it.

    `beside` holds, for a file that is not there yet, what the files of its name cite that lie
    in the folders beside its own: who adds a file follows the ones of its kind. `names` are
    the keys of the names of code in each file. `fallback` says why it is less than the whole,
    `behind` the same for a reader.
    """

    imports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    citations: Mapping[str, tuple[Citation, ...]] = field(default_factory=dict)
    beside: Mapping[str, tuple[Citation, ...]] = field(default_factory=dict)
    names: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    fallback: Fallback = ""
    behind: str = ""


@dataclass(slots=True)
class Question:
    """One question, about several paths; `store` and `state` are None where there are none."""

    look: FileLook
    store: Store | None
    state: TreeState | None
    tree: Tree
    is_out_of_time: Callable[[], bool]
    _is_partial: bool = False

    def answer(self, paths: Sequence[str], *, is_about_imports: bool, is_current: bool) -> Seen:
        """Look at each path, as far as the time goes."""
        imports: dict[str, tuple[str, ...]] = {}
        facts: dict[str, Facts] = {}
        beside: dict[str, tuple[Citation, ...]] = {}
        try:
            beside = self._beside(paths)
            for path in paths:
                facts[path] = said = self._facts(path)
                if is_about_imports:
                    imports[path] = imported_files(path, said, self.tree, self.is_out_of_time)
        except OutOfTime:
            self._is_partial = True
        fallback, behind = self._told(facts.values(), is_current=is_current)
        return Seen(
            imports={path: found for path, found in imports.items() if found},
            citations={path: said.citations for path, said in facts.items() if said.citations},
            beside={path: found for path, found in beside.items() if found},
            names={path: said.names for path, said in facts.items() if said.names},
            fallback=fallback,
            behind=behind,
        )

    def _told(self, facts: Iterable[Facts], *, is_current: bool) -> tuple[Fallback, str]:
        """Return why the answer is less than the whole, and the same for a reader."""
        has_references = any(said.references for said in facts)
        is_whole = self.state is not None and self.state.completed_ns is not None
        # Where nothing is imported, nothing can be missed.
        is_whole = is_whole or not has_references
        fallback: Fallback = "" if is_whole else "index_cold"
        if self._is_partial:
            fallback = "out_of_time"
        is_lagging = has_references and not is_current
        behind = BEHIND[fallback] if fallback else _LAGGING if is_lagging else ""
        return fallback, behind

    def _beside(self, paths: Iterable[str]) -> dict[str, tuple[Citation, ...]]:
        """Return what is cited beside each of the first few paths that are not there yet."""
        if self.store is None or self.state is None:
            return {}
        tree_id, store = self.state.id, self.store
        fresh = (path for path in paths if "/" in path and self.look.stamp(path) is None)
        return {
            path: cited_in(store.beside(tree_id, path, most=MOST_BESIDE))
            for path in islice(fresh, MOST_NEW_FILES)
        }

    def _facts(self, path: str) -> Facts:
        """Return what a file says as it is now: from the index, or read on the spot."""
        if self.is_out_of_time():
            raise OutOfTime
        stamp = self.look.stamp(path)
        if stamp is None or reader_name(path) is None:
            return NO_FACTS
        known = self.store.file(self.state.id, path) if self.store and self.state else None
        if known is not None and known[0] == stamp:
            return known[1] or NO_FACTS
        if stamp.size > LARGEST_READ_NOW_BYTES:
            self._is_partial = True
            return (known and known[1]) or NO_FACTS
        return self._read_now(path)

    def _read_now(self, path: str) -> Facts:
        store = self.store
        read = read_file(self.look, path, store.is_known if store else _nothing_is_known)
        if read is None or read.key is None:
            return NO_FACTS
        if read.facts is not None:
            return read.facts
        return (store.facts(read.key) if store else None) or NO_FACTS


def cited_in(several: Iterable[Facts]) -> tuple[Citation, ...]:
    """Return what the comments of several files cite, in order."""
    return tuple(citation for facts in several for citation in facts.citations)


def _nothing_is_known(_key: bytes) -> bool:
    return False
