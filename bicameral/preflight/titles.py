"""Titles: the words of decisions' titles and what these weigh, read once for many questions.

They hold for one state of the texts and of the past; whoever sees another makes new ones.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from sqlalchemy import Connection

from bicameral.grounding.history.past import Words
from bicameral.ledger.decisions import titles_of
from bicameral.ledger.terms import MOST_ASKED, term_weights
from bicameral.ledger.text import terms_of

MOST_TITLES = 5_000
"""So many are kept, with their words, before all are read anew."""
_SMOOTHING = 20
"""Commits that are added to the known ones, so that a young history calls no word common."""

Commonness = Callable[[list[str]], Words]


@dataclass(frozen=True, slots=True)
class WordWorth:
    """What a word weighs among the texts, and how rare it is in topics and in paths, up to 1."""

    word: str
    weight: float
    in_topics: float
    in_paths: float


@dataclass(frozen=True, slots=True)
class Title:
    """The words of a title, each once and in order, and what they weigh together."""

    words: Sequence[WordWorth]
    whole: float

    def share(self, topic: Set[str], path_words: Mapping[str, float]) -> float:
        """Return the share of its weight that topic and paths name.

        `path_words` says how much each word of the paths counts, at most 1.
        """
        named = 0.0
        for worth in self.words:
            word = worth.word
            in_topic = worth.in_topics if word in topic else 0.0
            in_paths = worth.in_paths * path_words[word] if word in path_words else 0.0
            named += worth.weight * max(in_topic, in_paths)
        return min(1.0, named / self.whole) if self.whole else 0.0


class Titles:
    """Titles of one repository, and how common words are among its past commits.

    `commonness` tells that of words, `commit_count` among how many. Safe between threads.
    """

    def __init__(self, commonness: Commonness, commit_count: int) -> None:
        self._commonness = commonness
        self._commit_count = commit_count
        self._titles: dict[str, Title | None] = {}
        self._worths: dict[str, WordWorth] = {}

    def of(
        self, connection: Connection, repository_id: str, ids: Iterable[str]
    ) -> dict[str, Title]:
        """Return the titles of those of these decisions that stand."""
        # What another thread lets go of meanwhile stays in the one that was taken here.
        known, wanted = self._titles, list(ids)
        missing = [key for key in wanted if key not in known]
        if missing:
            known.update(self._read(connection, repository_id, missing))
        if len(known) > MOST_TITLES:
            self._titles, self._worths = {}, {}
        return {key: title for key in wanted if (title := known[key]) is not None}

    def _read(
        self, connection: Connection, repository_id: str, ids: Sequence[str]
    ) -> dict[str, Title | None]:
        texts = titles_of(connection, ids)
        words = {key: sorted(frozenset(terms_of(text))) for key, text in texts.items()}
        every = frozenset[str]().union(*words.values())
        worths = self._worths_of(connection, repository_id, every)
        read = {key: _title(tuple([worths[word] for word in each])) for key, each in words.items()}
        return {key: read.get(key) for key in ids}

    def _worths_of(
        self, connection: Connection, repository_id: str, words: Set[str]
    ) -> Mapping[str, WordWorth]:
        known = self._worths
        missing = sorted(word for word in words if word not in known)
        common = self._commonness(missing) if missing and self._commit_count else {}
        for at in range(0, len(missing), MOST_ASKED):
            asked = missing[at : at + MOST_ASKED]
            weights = term_weights(connection, repository_id, asked)
            for word in asked:
                known[word] = self._worth(word, weights.get(word, 0.0), common.get(word, (0, 0)))
        return known

    def _worth(self, word: str, weight: float, seen: tuple[int, int]) -> WordWorth:
        in_topics, in_paths = (rarity_among(count, self._commit_count) for count in seen)
        return WordWorth(word, weight, in_topics, in_paths)


def rarity_among(seen: int, commit_count: int) -> float:
    """Return how rare a word is that `seen` of the commits had: 1 for one that none had."""
    known = commit_count + _SMOOTHING
    return max(0.0, math.log(known / (seen + 1)) / math.log(known))


def _title(words: Sequence[WordWorth]) -> Title:
    whole = 0.0
    for worth in words:
        whole += worth.weight * worth.in_topics
    return Title(words, whole)
