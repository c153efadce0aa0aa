"""Named: which of the asked files' names of code a decision's text has too.

Only texts that are weighed anyway are looked at, and each is read once for many questions.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from sqlalchemy import Connection

from bicameral.ledger.code_names import key_of, names_in
from bicameral.ledger.decisions import texts_of
from bicameral.ledger.terms import inverse_frequency

MOST_ASKED = 1_000
MOST_TEXTS = 5_000
"""The names of so many texts are kept before all are read anew."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a decision shares with the asked files: names as it spells them, and their weight.

    The rarest come first.
    """

    names: tuple[str, ...]
    weight: float


class NamesOfTexts:
    """The names of code in decisions' texts, for one state of these. Safe between threads."""

    def __init__(self) -> None:
        self._names: dict[str, Mapping[int, str]] = {}

    def shared(
        self, connection: Connection, ids: Sequence[str], names: Iterable[int]
    ) -> dict[str, Shared]:
        """Return what these decisions share with some names, by their keys.

        Each name counts as it is rare among these decisions.
        """
        asked = frozenset(names)
        if not asked:
            return {}
        known = self._of(connection, ids)
        held = {each: found for each in ids if (found := asked & known[each].keys())}
        counts = Counter(key for found in held.values() for key in found)
        weights = {key: inverse_frequency(count, len(ids)) for key, count in counts.items()}
        return {each: _shared(known[each], found, weights) for each, found in held.items()}

    def _of(self, connection: Connection, ids: Sequence[str]) -> Mapping[str, Mapping[int, str]]:
        # What another thread lets go of meanwhile stays in the one that was taken here.
        known = self._names
        missing = [each for each in ids if each not in known]
        if missing:
            texts = texts_of(connection, missing)
            known.update((each, _names_of(texts[each])) for each in missing)
        if len(known) > MOST_TEXTS:
            self._names = {}
        return known


def _names_of(text: str) -> Mapping[int, str]:
    # Reversed, so that the first spelling of a name is the one that stays.
    return {key_of(name): name for name in reversed(names_in(text))}


def _shared(names: Mapping[int, str], found: Iterable[int], weights: Mapping[int, float]) -> Shared:
    rarest_first = sorted(found, key=lambda key: (-weights[key], names[key]))
    weight = math.fsum(weights[key] for key in rarest_first)
    return Shared(tuple(names[key] for key in rarest_first), weight)


def names_of_files(files: Mapping[str, Sequence[int]]) -> tuple[int, ...]:
    """Return the names in some files, each once, the first ones of each file before the rest."""
    in_turn = (key for several in zip_longest(*files.values()) for key in several)
    return tuple(islice(dict.fromkeys(key for key in in_turn if key is not None), MOST_ASKED))
