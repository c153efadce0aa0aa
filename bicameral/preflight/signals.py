"""Signals: what speaks for each decision, channel by channel, before any of it is weighed.

Text and paths are looked up in the ledger's index by their rarest words, past commits in a
snapshot, so what a question costs does not follow the size of the ledger or of the history.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest

from sqlalchemy import Connection

from bicameral.grounding.history.past import breadth, nearness
from bicameral.ledger.terms import (
    Held,
    Holders,
    Statistics,
)
from bicameral.ledger.text import COMMON_STEMS
from bicameral.preflight.named import Shared
from bicameral.preflight.reading import Around, Question, Read, Wording, read_texts

MOST_WEIGHED = 30
_YOUNG_FOR = 100
"""After so many commits a record counts half as fresh."""


_Lexical = tuple[float, float, float, tuple[str, ...]]
NO_WORDS: _Lexical = (0.0, 0.0, 0.0, ())


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for one decision, each from 0 upwards.

    `text` and `places` are scores of its text for the topic's words and the paths' words,
    `whole` for all of them, each counted once and none for less because it is common.
    The others are shares up to 1: of its title's weight that topic and paths name, how near
    to the paths it was cited before, how much of the topic commits that cite it spoke of,
    how lately it came up for the first time, whether an asked file's comment cites it, and
    whether a file of a new one's name does in a folder beside. `names` is the weight of the
    names of code that it shares with the asked files.
    """

    decision_id: str
    text: float = 0.0
    places: float = 0.0
    whole: float = 0.0
    words: tuple[str, ...] = ()
    """The topic's terms that it shares, by what they add to `text`, most first."""
    title: float = 0.0
    history: float = 0.0
    spoken: float = 0.0
    fresh: float = 0.0
    code: float = 0.0
    beside: float = 0.0
    names: float = 0.0
    named: tuple[str, ...] = ()
    """The names of code that it shares, rarest first."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """All signals of one question, and how broad the change is: a share of recent commits."""

    signals: Sequence[Signals]
    breadth: float


def gather(
    connection: Connection, repository_id: str, question: Question, around: Around
) -> Gathered:
    """Gather what speaks for decisions: those with shared words, and those cited near by."""
    read = read_texts(connection, repository_id, question, around)
    return gather_from(connection, repository_id, question, around, read)


def gather_from(
    connection: Connection, repository_id: str, question: Question, around: Around, read: Read
) -> Gathered:
    """Gather what speaks for decisions, as `gather` does, of what was read already."""
    paths, asked = question.paths, read.wording
    beside = {
        "history": _history(around, paths),
        "spoken": _spoken(around, asked, read.statistics),
        "code": {around.meant[name]: 1.0 for name in question.cited if name in around.meant},
        "beside": {around.meant[name]: 1.0 for name in question.beside if name in around.meant},
    }
    scored = _scored(read.holders, asked)
    best = nsmallest(MOST_WEIGHED, scored, key=lambda key: (-sum(scored[key]), key))
    near = sorted({key for channel in beside.values() for key in channel})
    chosen = list(dict.fromkeys([*best, *near[:MOST_WEIGHED]]))
    lexical = {
        key: (*scored[key], _whole(held), _shared(held, asked))
        for key in chosen
        if (held := read.holders.get(key)) is not None
    }
    beside["title"] = _title_shares(connection, repository_id, chosen, read, around)
    beside["fresh"] = _first_cited(around, chosen)
    standing = [each for each in chosen if each in beside["title"]]
    named = around.names.shared(connection, standing, question.names)
    signals = [
        _signals(each, lexical.get(each, NO_WORDS), beside, named.get(each)) for each in standing
    ]
    return Gathered(signals, breadth(around.past, paths) if around.past else 0.5)


def _signals(
    decision_id: str,
    lexical: _Lexical,
    beside: Mapping[str, Mapping[str, float]],
    named: Shared | None,
) -> Signals:
    text, places, whole, words = lexical
    return Signals(
        decision_id,
        text,
        places,
        whole,
        words,
        title=beside["title"].get(decision_id, 0.0),
        history=beside["history"].get(decision_id, 0.0),
        spoken=beside["spoken"].get(decision_id, 0.0),
        fresh=beside["fresh"].get(decision_id, 0.0),
        code=beside["code"].get(decision_id, 0.0),
        beside=beside["beside"].get(decision_id, 0.0),
        names=named.weight if named else 0.0,
        named=named.names if named else (),
    )


def _scored(holders: Holders, asked: Wording) -> dict[str, tuple[float, float]]:
    """Return the scores of each decision's text for the topic and for the paths."""
    topic = frozenset(asked.topic)
    rarities = {word: asked.rarity(word, in_paths=True) for word in asked.path_words}
    return {
        key: (_text(held, topic), _places(held, asked.path_words, rarities))
        for key, held in holders.items()
    }


def _text(held: Mapping[str, Held], topic: frozenset[str]) -> float:
    # fsum: equal in whatever order the terms come.
    return math.fsum([score for term, (score, _) in held.items() if term in topic])


def _places(
    held: Mapping[str, Held], path_words: Mapping[str, float], rarities: Mapping[str, float]
) -> float:
    return math.fsum(
        [
            score * path_words[word] * rarities[word]
            for word, (score, _) in held.items()
            if word in path_words
        ]
    )


def _whole(held: Mapping[str, Held]) -> float:
    return math.fsum([score for score, _ in held.values()])


def _shared(held: Mapping[str, Held], asked: Wording) -> tuple[str, ...]:
    telling = [term for term in asked.topic if term in held and term not in COMMON_STEMS]
    return tuple(sorted(telling, key=lambda term: -held[term][0]))


def _title_shares(
    connection: Connection, repository_id: str, ids: Sequence[str], read: Read, around: Around
) -> dict[str, float]:
    """Return, for each standing decision, the share of its title that topic and paths name."""
    topic, path_words = frozenset(read.wording.topic), read.wording.path_words
    titles = around.titles.of(connection, repository_id, ids)
    return {key: title.share(topic, path_words) for key, title in titles.items()}


def _history(around: Around, paths: Sequence[str]) -> dict[str, float]:
    """Return how near to the paths each decision was cited; several commits add up."""
    past = around.past
    if past is None or not paths:
        return {}
    far: dict[str, float] = {}
    for number, near in nearness(past, paths).items():
        cited = around.cited_by(number)
        for decision_id in cited:
            far[decision_id] = far.get(decision_id, 1.0) * (1 - near / len(cited))
    return {decision_id: 1 - share for decision_id, share in far.items()}


def _spoken(around: Around, asked: Wording, statistics: Statistics) -> dict[str, float]:
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
            cited = around.cited_by(number)
            for decision_id in cited:
                words = held.setdefault(decision_id, {})
                words[term] = min(weight, words.get(term, 0.0) + weight / len(cited))
    return {key: math.fsum(words.values()) / whole for key, words in held.items() if whole}


def _first_cited(around: Around, ids: Sequence[str]) -> dict[str, float]:
    """Return how lately each of these decisions came up first: 1 in the newest commit."""
    past = around.past
    if past is None:
        return {}
    first = around.first_cited()
    return {
        each: 1 / (1 + (past.newest - first[each]) / _YOUNG_FOR) for each in ids if each in first
    }
