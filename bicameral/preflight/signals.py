"""Signals: what speaks for each decision, channel by channel, before any of it is weighed.

Text and paths are looked up in the ledger's index by their rarest words, past commits in a
snapshot, so what a question costs does not follow the size of the ledger or of the history.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection

from bicameral.grounding.history.past import Past, Words, breadth, nearness
from bicameral.grounding.history.words import words_of_paths
from bicameral.ledger.decisions import titles_of
from bicameral.ledger.terms import (
    Statistics,
    TermStatistics,
    TextMatch,
    match_terms,
    term_statistics,
    within_budget,
)
from bicameral.ledger.text import COMMON_STEMS, distinct_terms, terms_of

MOST_TOPIC_TERMS = 200
MOST_PATH_WORDS = 150
MOST_HOLDERS = 200
MOST_POSTINGS = 400
MOST_WEIGHED = 30
_SMOOTHING = 20
"""Commits that are added to the known ones, so that a young history calls no word common."""
_YOUNG_FOR = 100
"""After so many commits a record counts half as fresh."""


_Lexical = tuple[float, float, tuple[str, ...]]
NO_WORDS: _Lexical = (0.0, 0.0, ())


@dataclass(frozen=True, slots=True)
class Question:
    """What is about to change, where, and which names comments in these files cite."""

    topic: str
    paths: Sequence[str] = ()
    cited: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the ledger; every part may be missing.

    `meant` says which decision each name in a commit or a comment means, `words` how common
    words are among past commits.
    """

    past: Past | None = None
    meant: Mapping[str, str] = field(default_factory=dict)
    words: Callable[[list[str]], Words] = lambda _wanted: {}


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for one decision, each from 0 upwards.

    `text` and `places` are scores of its text for the topic's words and the paths' words;
    the others are shares up to 1: of its title's weight that topic and paths name, how near
    to the paths it was cited before, how much of the topic commits that cite it spoke of,
    how lately it came up for the first time, and whether an asked file's comment cites it.
    """

    decision_id: str
    text: float = 0.0
    places: float = 0.0
    words: tuple[str, ...] = ()
    """The topic's terms that it shares, by what they add to `text`, most first."""
    title: float = 0.0
    history: float = 0.0
    spoken: float = 0.0
    fresh: float = 0.0
    code: float = 0.0


@dataclass(frozen=True, slots=True)
class Gathered:
    """All signals of one question, and how broad the change is: a share of recent commits."""

    signals: Sequence[Signals]
    breadth: float


@dataclass(frozen=True, slots=True)
class _Asked:
    topic: Sequence[str]
    path_words: Mapping[str, float]
    """The words of the paths, each with the square root of the share of paths that hold it."""
    commonness: Words
    commit_count: int

    def rarity(self, word: str, *, in_paths: bool) -> float:
        """Return how rare a word is among past commits: 1 for one that none of them had."""
        seen = self.commonness.get(word, (0, 0))[in_paths]
        known = self.commit_count + _SMOOTHING
        return max(0.0, math.log(known / (seen + 1)) / math.log(known))


def gather(
    connection: Connection, repository_id: str, question: Question, around: Around
) -> Gathered:
    """Gather what speaks for decisions: those with shared words, and those cited near by."""
    paths = question.paths
    asked = _asked(question.topic, paths, around)
    statistics = term_statistics(connection, repository_id, [*asked.topic, *asked.path_words])
    beside = {
        "history": _history(around, paths),
        "spoken": _spoken(around, asked, statistics),
        "code": {around.meant[name]: 1.0 for name in question.cited if name in around.meant},
    }
    lexical = _lexical(_matches(connection, statistics), asked)
    near = sorted({key for channel in beside.values() for key in channel})
    chosen = list(dict.fromkeys([*list(lexical)[:MOST_WEIGHED], *near[:MOST_WEIGHED]]))
    beside["title"] = _title_shares(connection, repository_id, chosen, asked)
    beside["fresh"] = _first_cited(around, chosen)
    signals = [
        _signals(decision_id, lexical.get(decision_id, NO_WORDS), beside)
        for decision_id in chosen
        if decision_id in beside["title"]  # which holds those that stand
    ]
    return Gathered(signals, breadth(around.past, len(paths)) if around.past else 0.5)


def _signals(
    decision_id: str, lexical: _Lexical, beside: Mapping[str, Mapping[str, float]]
) -> Signals:
    text, places, words = lexical
    return Signals(
        decision_id,
        text,
        places,
        words,
        title=beside["title"].get(decision_id, 0.0),
        history=beside["history"].get(decision_id, 0.0),
        spoken=beside["spoken"].get(decision_id, 0.0),
        fresh=beside["fresh"].get(decision_id, 0.0),
        code=beside["code"].get(decision_id, 0.0),
    )


def _asked(topic: str, paths: Sequence[str], around: Around) -> _Asked:
    terms = distinct_terms(topic, most=MOST_TOPIC_TERMS)
    counted = words_of_paths(paths).most_common(MOST_PATH_WORDS)
    path_words = {word: math.sqrt(count / len(paths)) for word, count in counted}
    past = around.past
    return _Asked(
        terms,
        path_words,
        around.words([*terms, *path_words]) if past else {},
        past.commit_count if past else 0,
    )


def _matches(connection: Connection, statistics: Statistics) -> list[TextMatch]:
    held = (each for each in statistics.terms if each.document_count <= MOST_HOLDERS)
    read = within_budget(held, most_postings=MOST_POSTINGS, most_terms=MOST_TOPIC_TERMS)
    return match_terms(connection, read, mean_length=statistics.mean_length) if read else []


def _lexical(matches: Iterable[TextMatch], asked: _Asked) -> dict[str, _Lexical]:
    """Return the scores for topic and paths, and the shared terms; the best sum first."""
    scored = {
        match.decision_id: (_text(match, asked), _places(match, asked), _shared(match, asked))
        for match in matches
    }
    order = sorted(scored, key=lambda key: (-scored[key][0] - scored[key][1], key))
    return {key: scored[key] for key in order}


def _text(match: TextMatch, asked: _Asked) -> float:
    return math.fsum(match.scores.get(term, 0.0) for term in asked.topic)


def _places(match: TextMatch, asked: _Asked) -> float:
    return math.fsum(
        match.scores[word] * share * asked.rarity(word, in_paths=True)
        for word, share in asked.path_words.items()
        if word in match.scores
    )


def _shared(match: TextMatch, asked: _Asked) -> tuple[str, ...]:
    telling = [term for term in asked.topic if term in match.scores and term not in COMMON_STEMS]
    return tuple(sorted(telling, key=lambda term: -match.scores[term]))


def _title_shares(
    connection: Connection, repository_id: str, ids: Sequence[str], asked: _Asked
) -> dict[str, float]:
    """Return, for each standing decision, the share of its title that topic and paths name."""
    titles = {key: _words_of(title) for key, title in titles_of(connection, ids).items()}
    wanted = sorted(set().union(*titles.values()))
    statistics = term_statistics(connection, repository_id, wanted)
    weights = {each.term: each for each in statistics.terms}
    return {key: _title_share(words, weights, asked) for key, words in titles.items()}


@lru_cache(maxsize=4_096)
def _words_of(title: str) -> frozenset[str]:
    return frozenset(terms_of(title))


def _title_share(
    words: Iterable[str], weights: Mapping[str, TermStatistics], asked: _Asked
) -> float:
    topic = frozenset(asked.topic)
    whole = named = 0.0
    for word in sorted(words):
        weight = weights[word].weight if word in weights else 0.0
        in_topic = asked.rarity(word, in_paths=False)
        in_paths = asked.rarity(word, in_paths=True) * asked.path_words.get(word, 0.0)
        whole += weight * in_topic
        named += weight * max(in_topic if word in topic else 0.0, in_paths)
    return min(1.0, named / whole) if whole else 0.0


def _history(around: Around, paths: Sequence[str]) -> dict[str, float]:
    """Return how near to the paths each decision was cited; several commits add up."""
    past = around.past
    if past is None or not paths:
        return {}
    far: dict[str, float] = {}
    for number, near in nearness(past, paths).items():
        cited = _cited_by(around, past, number)
        for decision_id in cited:
            far[decision_id] = far.get(decision_id, 1.0) * (1 - near / len(cited))
    return {decision_id: 1 - share for decision_id, share in far.items()}


def _spoken(around: Around, asked: _Asked, statistics: Statistics) -> dict[str, float]:
    """Return the share of the topic's weight in the subjects of the commits that cite each."""
    past = around.past
    if past is None:
        return {}
    weights = {each.term: each.weight for each in statistics.terms}
    whole, held = 0.0, dict[str, dict[str, float]]()
    for term in asked.topic:
        if term in COMMON_STEMS:
            continue
        weight = weights.get(term, statistics.unknown_weight) * asked.rarity(term, in_paths=False)
        whole += weight
        for number in past.by_word.get(term, ()):
            cited = _cited_by(around, past, number)
            for decision_id in cited:
                words = held.setdefault(decision_id, {})
                words[term] = min(weight, words.get(term, 0.0) + weight / len(cited))
    return {key: math.fsum(words.values()) / whole for key, words in held.items() if whole}


def _cited_by(around: Around, past: Past, number: int) -> frozenset[str]:
    names = past.citing[number].names
    return frozenset(around.meant[name] for name in names if name in around.meant)


def _first_cited(around: Around, ids: Sequence[str]) -> dict[str, float]:
    """Return how lately each of these decisions came up first: 1 in the newest commit."""
    past = around.past
    if past is None:
        return {}
    first: dict[str, int] = {}
    for number, commit in past.citing.items():
        for name in commit.names:
            if (decision_id := around.meant.get(name)) is not None:
                first[decision_id] = min(number, first.get(decision_id, number))
    return {
        each: 1 / (1 + (past.newest - first[each]) / _YOUNG_FOR) for each in ids if each in first
    }
