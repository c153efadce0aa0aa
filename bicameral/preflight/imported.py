"""The import channel: decisions that bind what the asked files import, one hop away.

Whoever calls code is bound by what was decided about it, but less than whoever changes it:
so these stand behind what binds the asked files, and only a few of them are shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

MOST_IMPORTED = 1_000


@dataclass(frozen=True, slots=True)
class Through:
    """How a decision is reached: it binds `imported`, which the asked file `importer` imports."""

    imported: str
    importer: str


def importers_of(paths: Sequence[str], imports: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return each file that asked paths import, and which of them does so first.

    `imports` are the files that each asked path imports; an asked path is reached by itself.
    """
    asked = set(paths)
    importers: dict[str, str] = {}
    for importer in paths:
        for imported in imports.get(importer, ()):
            if imported not in asked:
                importers.setdefault(imported, importer)
    return dict(islice(importers.items(), MOST_IMPORTED))


def reached_by_import(
    bound: Mapping[str, Sequence[str]], importers: Mapping[str, str]
) -> dict[str, list[Through]]:
    """Return how each decision is reached, of those that are bound on imported files."""
    found: dict[str, list[Through]] = {}
    for path, ids in bound.items():
        for decision_id in ids:
            found.setdefault(decision_id, []).append(Through(path, importers[path]))
    return found
