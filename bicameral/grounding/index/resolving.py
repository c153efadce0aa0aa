"""From what a file writes to the files it means, one hop, within a time limit."""

from collections.abc import Callable

from bicameral.grounding.index.facts import Facts
from bicameral.grounding.language_table import language_of
from bicameral.grounding.languages.imports import Tree

MOST_IMPORTED = 500


class OutOfTime(Exception):
    """The time for an answer is over; what was not resolved is left out."""


def imported_files(
    path: str, facts: Facts, tree: Tree, is_out_of_time: Callable[[], bool]
) -> tuple[str, ...]:
    """Return the files of the tree that a file imports, each once, in the order of writing.

    At most `MOST_IMPORTED`; a file does not import itself. Raises `OutOfTime`.
    """
    language = language_of(path)
    if language is None or language.imports is None:
        return ()
    found: dict[str, None] = {}
    for reference in facts.references:
        if is_out_of_time():
            raise OutOfTime
        found.update(dict.fromkeys(language.imports.resolve(reference, path, tree)))
        if len(found) > MOST_IMPORTED:
            break
    found.pop(path, None)
    return tuple(found)[:MOST_IMPORTED]
