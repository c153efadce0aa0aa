"""Bindings that a decision's own text suggests: the files and symbols it names.

They are marked as inferred. Only what the repository really has is bound, and only where a
name fits one place; documents are passed over, for decisions bind code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bicameral.grounding.file_kinds import is_minified, is_test
from bicameral.grounding.occurrences import occurrences
from bicameral.grounding.regions import symbols_of
from bicameral.grounding.repository import Repository
from bicameral.intake.draft import DecisionDraft
from bicameral.intake.mentions import TrackedPaths
from bicameral.ledger.columns import MOST_KEY_BYTES, MOST_LONG_KEY_BYTES, why_unstorable

MOST_PER_DECISION = 8
MOST_FILES_OF_FOLDER = 5
_DOCUMENTS = frozenset({".md", ".markdown", ".mdx", ".rst", ".txt", ".adoc", ".asciidoc", ".pdf"})


@dataclass(frozen=True, slots=True)
class Suggested:
    """A place that a decision's text names: a tracked file, and a symbol in it or ""."""

    source_ref: str
    path: str
    symbol: str = ""


def infer(repository: Repository, drafts: Sequence[DecisionDraft]) -> list[Suggested]:
    """Return the places that the drafts' texts name, at most `MOST_PER_DECISION` for each."""
    head = repository.head()
    if head is None:
        return []
    tracked = TrackedPaths(repository.tracked_paths())
    named = {draft.source_ref: _paths(draft, tracked) for draft in drafts}
    open_names = {
        draft.source_ref: [name for name in draft.mentions if is_symbol(name, tracked)]
        for draft in drafts
    }
    places = find_symbols(repository, head, {n for names in open_names.values() for n in names})
    suggested = []
    for draft in drafts:
        symbols = [place for name in open_names[draft.source_ref] for place in places.get(name, ())]
        inside = {path for path, _ in symbols}
        # A symbol says more than its file; a file whose symbol is named is not bound as well.
        files = [(path, "") for path in named[draft.source_ref] if path not in inside]
        found = [place for place in dict.fromkeys([*files, *symbols]) if _is_storable(*place)]
        suggested += [Suggested(draft.source_ref, *each) for each in found[:MOST_PER_DECISION]]
    return suggested


def is_symbol(name: str, tracked: TrackedPaths) -> bool:
    """Return whether a mention can only be a symbol: no path and nothing tracked."""
    return "/" not in name and tracked.find(name) is None


def find_symbols(
    repository: Repository, commit: str, names: Iterable[str]
) -> Mapping[str, list[tuple[str, str]]]:
    """Return, per name, the one (path, qualified name) that defines it; else nothing.

    What tests or minified files define is passed over: a decision binds the code behind them.
    """
    dotted = {name: name.replace("::", ".").replace("#", ".") for name in names}
    last = {name: wanted.rpartition(".")[2] for name, wanted in dotted.items()}
    files = occurrences(repository, commit, last.values())
    every = {path for paths in files.values() for path in paths}
    candidates = [path for path in every if not (is_test(path) or is_minified(path))]
    contents = repository.read_files(commit, sorted(candidates))
    defined = {path: symbols_of(path, content) for path, content in contents.items() if content}
    found: dict[str, list[tuple[str, str]]] = {}
    for name, word in last.items():
        wanted = dotted[name]
        places = [
            (path, qualified)
            for path in files.get(word, ())
            for qualified in defined.get(path, ())
            if qualified == wanted or qualified.endswith(f".{wanted}")
        ]
        if len(places) == 1:
            found[name] = places
    return found


def _paths(draft: DecisionDraft, tracked: TrackedPaths) -> list[str]:
    found: list[str] = []
    for mention in filter(None, map(tracked.find, draft.mentions)):
        if mention.via != "directory":
            found.append(mention.path)
            continue
        inside = tracked.below(mention.path)
        found += inside if len(inside) <= MOST_FILES_OF_FOLDER else []
    return [path for path in dict.fromkeys(found) if is_code(path)]


def is_code(path: str) -> bool:
    """Return whether a tracked file can follow a decision: anything but a document."""
    return PurePosixPath(path).suffix.lower() not in _DOCUMENTS


def _is_storable(path: str, symbol: str) -> bool:
    """Tell whether the ledger can name a place: not every file name is text."""
    return not (
        why_unstorable(path, most_bytes=MOST_LONG_KEY_BYTES)
        or why_unstorable(symbol, most_bytes=MOST_KEY_BYTES)
    )
