"""Decisions that nothing binds to the asked files, though topic, paths or past point to them.

The topic's gate decides by words alone. The other channels, and words too where commits are
there to compare with, have to outdo what is usual in the repository.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from sqlalchemy import Connection

from bicameral.ledger.text import words_by_term
from bicameral.preflight.reading import Question, read_texts
from bicameral.preflight.relevance import Weighed, pull, rank, unusualness
from bicameral.preflight.signals import Gathered, gather_from
from bicameral.preflight.surroundings import Scene
from bicameral.preflight.topic import Gate, TopicMatch, is_generic, match_topic, pass_gate
from bicameral.preflight.usual import Usual

UnboundVia = Literal["topic", "code", "history", "kin"]

LEAST_OUTDONE = 0.78
"""The share of usual commits that has to have less speaking for it, the breadth counted in."""
LEAST_STANDING_OUT = 0.5
"""The share of usual commits whose best decision has to have fewer points."""
LEAST_OF_BEST = 0.75
MOST_RELATED = 3
LOWEST_CONFIDENCE, HIGHEST_CONFIDENCE = 0.40, 0.69
MOST_WORDS = 4
MOST_REASONS = 2
MOST_NAMED = 2


@dataclass(frozen=True, slots=True)
class Unbound:
    """Through which channel a decision came up, how sure that is (0 to 1), and why."""

    via: UnboundVia
    confidence: float
    why: str


CITED = Unbound("code", 0.75, "a comment in these files cites it")
"""Who wrote the comment tied the code to the decision: no comparison is needed."""
CITED_BESIDE = Unbound("code", 0.70, "files of the same name cite it in the folders beside")
"""Whoever adds a file of a kind is held to what the files of that kind say of themselves."""


def find_unbound(
    connection: Connection, repository_id: str, question: Question, gate: Gate, scene: Scene
) -> dict[str, Unbound]:
    """Return the decisions that a change seems to be about, surest first; mostly none.

    Without enough commits to compare with, the topic's gate and comments in the asked files
    decide alone.
    """
    says_nothing = is_generic(question.topic) and not question.paths
    if not says_nothing and scene.usual.is_known:
        return _compared(connection, repository_id, question, gate, scene)
    topical = match_topic(connection, repository_id, question.topic, gate)
    meant = scene.around.meant
    return {
        **_first(question.beside, meant, CITED_BESIDE),
        **_first(question.cited, meant, CITED),
        **{each.decision_id: _topical(each) for each in topical},
    }


def _compared(
    connection: Connection, repository_id: str, question: Question, gate: Gate, scene: Scene
) -> dict[str, Unbound]:
    """Return what passes the gate, or stands out of what is usual, after one reading for both."""
    read = read_texts(connection, repository_id, question, scene.around, [gate])
    topical = pass_gate(read.evidence, question.topic, gate)
    gathered = gather_from(connection, repository_id, question, scene.around, read)
    words = words_by_term(question.topic)
    return choose_unbound(topical, gathered, scene.usual, words=words)


def choose_unbound(
    topical: Sequence[TopicMatch], gathered: Gathered, usual: Usual, *, words: Mapping[str, str]
) -> dict[str, Unbound]:
    """Keep what stands out of what is usual, topic matches first; pure.

    `words` gives for each term of the topic the word that it came from.
    """
    ranked = rank(gathered)
    standing_out = {
        each.signals.decision_id: unusualness(each.compared, usual.bests) for each in ranked
    }
    found = {
        each.decision_id: _topical(each)
        for each in topical
        # What was not even weighed has no points to compare.
        if standing_out.get(each.decision_id, 1.0) >= LEAST_STANDING_OUT
    }
    for decision_id, cited in _by_comments(ranked).items():
        found.setdefault(decision_id, cited)
    outdone = unusualness(pull(gathered), usual.pulls)
    if not ranked or outdone < LEAST_OUTDONE:
        return found
    least = LEAST_OF_BEST * max(each.compared for each in ranked)
    for each in ranked[:MOST_RELATED]:
        share = standing_out[each.signals.decision_id]
        if each.compared >= least and share >= LEAST_STANDING_OUT:
            why = _why(each, words, outdone)
            related = Unbound(each.channel, confidence_of(share), why)
            found.setdefault(each.signals.decision_id, related)
    return found


def _first(names: Iterable[str], meant: Mapping[str, str], cited: Unbound) -> dict[str, Unbound]:
    ids = dict.fromkeys(meant[name] for name in names if name in meant)
    return dict.fromkeys(islice(ids, MOST_RELATED), cited)


def _by_comments(ranked: Sequence[Weighed]) -> dict[str, Unbound]:
    """Return what comments cite, a few of either kind; the asked files' own count more."""
    own = (each.signals.decision_id for each in ranked if each.signals.code)
    beside = (each.signals.decision_id for each in ranked if each.signals.beside)
    return {
        **dict.fromkeys(islice(beside, MOST_RELATED), CITED_BESIDE),
        **dict.fromkeys(islice(own, MOST_RELATED), CITED),
    }


def confidence_of(standing_out: float) -> float:
    """Return the confidence of a related decision: below that of a topic match or an import."""
    return round(LOWEST_CONFIDENCE + (HIGHEST_CONFIDENCE - LOWEST_CONFIDENCE) * standing_out, 2)


def _topical(match: TopicMatch) -> Unbound:
    return Unbound("topic", match.confidence, "the topic shares: " + ", ".join(match.words))


def _why(each: Weighed, words: Mapping[str, str], outdone: float) -> str:
    """Name what adds most, and how far the change is out of the usual."""
    shared = list(dict.fromkeys(words[term] for term in each.signals.words if term in words))
    told = {
        "code": "a comment in these files cites it",
        "beside": "files of the same name cite it in the folders beside",
        "history": "past commits near these paths cite it",
        "text": f"the topic shares: {', '.join(shared[:MOST_WORDS])}" if shared else "",
        "title": "its title names what is touched",
        "places": "its text speaks of these paths",
        "names": f"its text names {' and '.join(each.signals.named[:MOST_NAMED])}",
        "fresh": "it is new",
    }
    # That it is new says nothing about the question, so it comes last.
    most_first = sorted(each.parts, key=lambda part: (part[0] == "fresh", -part[1]))
    said = [told[name] for name, points in most_first if points and told[name]][:MOST_REASONS]
    return f"{'; '.join(said)}; out of the usual: more than {outdone:.0%} of recent commits"
