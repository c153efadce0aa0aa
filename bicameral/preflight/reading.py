"""What a question is read by: its words, what surrounds it, and who holds these words.

The ledger's index is read once for a question, by its rarest words alone, whatever it is
then weighed by; what commits cite is found out once for all questions.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from bicameral.grounding.history.past import Past, Words
from bicameral.grounding.history.words import words_of_paths
from bicameral.ledger.terms import (
    Holders,
    Statistics,
    TermStatistics,
    read_holders,
    term_statistics,
    within_budget,
)
from bicameral.ledger.text import distinct_terms
from bicameral.preflight.named import NamesOfTexts
from bicameral.preflight.titles import Titles, rarity_among
from bicameral.preflight.topic import NO_EVIDENCE, Evidence, Gate, evidence_of, terms_to_read

MOST_TOPIC_TERMS = 200
MOST_PATH_WORDS = 150
MOST_HOLDERS = 200
MOST_POSTINGS = 400


@dataclass(frozen=True, slots=True)
class Question:
    """What is about to change, where, and which names comments in these files cite.

    `beside` are the names that are cited beside files which are not there yet, `names` the
    keys of the names of code in the files.
    """

    topic: str
    paths: Sequence[str] = ()
    cited: Sequence[str] = ()
    beside: Sequence[str] = ()
    names: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the ledger; every part may be missing.

    `meant` says which decision each name in a commit or a comment means, `words` how common
    words are among past commits.
    """

    past: Past | None = None
    meant: Mapping[str, str] = field(default_factory=dict)
    words: Callable[[list[str]], Words] = lambda _wanted: {}
    titles: Titles = field(init=False, compare=False)
    names: NamesOfTexts = field(default_factory=NamesOfTexts, init=False, compare=False)
    _cited: dict[int, frozenset[str]] = field(default_factory=dict, init=False, compare=False)
    _first: dict[str, int] = field(default_factory=dict, init=False, compare=False)

    def __post_init__(self) -> None:
        count = self.past.commit_count if self.past else 0
        object.__setattr__(self, "titles", Titles(self.words, count))

    def cited_by(self, number: int) -> frozenset[str]:
        """Return the decisions that a commit of the past cites."""
        found = self._cited.get(number)
        if found is None and self.past is not None:
            names = self.past.citing[number].names
            found = frozenset(self.meant[name] for name in names if name in self.meant)
            self._cited[number] = found
        return found or frozenset()

    def first_cited(self) -> Mapping[str, int]:
        """Return, per decision that commits cite, the number of the first of them."""
        if self.past is not None and not self._first:
            first: dict[str, int] = {}
            for number in self.past.citing:
                for decision_id in self.cited_by(number):
                    first[decision_id] = min(number, first.get(decision_id, number))
            self._first.update(first)
        return self._first


@dataclass(frozen=True, slots=True)
class Wording:
    """A question in words: the terms of its topic and those of its paths, and how rare they are."""

    topic: Sequence[str]
    path_words: Mapping[str, float]
    """The words of the paths, each with the square root of the share of paths that hold it."""
    commonness: Words
    commit_count: int
    _rarities: dict[tuple[str, bool], float] = field(default_factory=dict)

    def rarity(self, word: str, *, in_paths: bool) -> float:
        """Return how rare a word is among past commits: 1 for one that none of them had."""
        found = self._rarities.get((word, in_paths))
        if found is None:
            seen = self.commonness.get(word, (0, 0))[in_paths]
            found = rarity_among(seen, self.commit_count)
            self._rarities[word, in_paths] = found
        return found


@dataclass(frozen=True, slots=True)
class Read:
    """What one reading of the ledger's index says of a question, to be weighed in two ways."""

    wording: Wording
    statistics: Statistics
    holders: Holders
    """The decisions that hold words of the topic or the paths."""
    evidence: Evidence
    """What the topic's gate decides by; none where no gate was named."""


def read_texts(
    connection: Connection,
    repository_id: str,
    question: Question,
    around: Around,
    gates: Sequence[Gate] = (),
) -> Read:
    """Read what the index holds of a question: the same for its gate as for its signals."""
    wording = _wording(question.topic, question.paths, around)
    statistics = term_statistics(connection, repository_id, [*wording.topic, *wording.path_words])
    topic = frozenset(wording.topic)
    of_topic = replace(statistics, terms=[each for each in statistics.terms if each.term in topic])
    for_gates = terms_to_read(of_topic, gates)
    for_signals = _terms_to_read(statistics)
    wanted = list(dict.fromkeys([*for_signals, *for_gates]))
    length = statistics.mean_length
    held = read_holders(connection, wanted, mean_length=length) if wanted else {}
    evidence = NO_EVIDENCE
    if for_gates:
        evidence = evidence_of(wording.topic, of_topic, held, for_gates)
    return Read(wording, statistics, _held_of(held, for_signals), evidence)


def _wording(topic: str, paths: Sequence[str], around: Around) -> Wording:
    terms = distinct_terms(topic, most=MOST_TOPIC_TERMS)
    counted = words_of_paths(paths).most_common(MOST_PATH_WORDS)
    path_words = {word: math.sqrt(count / len(paths)) for word, count in counted}
    past = around.past
    return Wording(
        terms,
        path_words,
        around.words([*terms, *path_words]) if past else {},
        past.commit_count if past else 0,
    )


def _terms_to_read(statistics: Statistics) -> list[TermStatistics]:
    few = (each for each in statistics.terms if each.document_count <= MOST_HOLDERS)
    return within_budget(few, most_postings=MOST_POSTINGS, most_terms=MOST_TOPIC_TERMS)


def _held_of(holders: Holders, statistics: Iterable[TermStatistics]) -> Holders:
    """Leave out what is held of other terms."""
    terms = {each.term for each in statistics}
    if all(terms.issuperset(held) for held in holders.values()):
        return holders
    kept = {
        key: {term: each for term, each in held.items() if term in terms}
        for key, held in holders.items()
    }
    return {key: held for key, held in kept.items() if held}
