"""The peers of `benchmarks.retrieval`: BM25 over whole records, path mention, their union."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from posixpath import basename, dirname

from benchmarks.retrieval_cases import Case
from bicameral.ledger.text import terms_of

SATURATION, LENGTH_INFLUENCE = 1.2, 0.75
LEAST_NAME = 7
FUSION = 60
Scores = dict[str, float]


@cache
def tokens(text: str) -> Counter[str]:
    return Counter(terms_of(text))


def bm25(words: Sequence[str], documents: Mapping[str, str]) -> Scores:
    """Score each document for some words."""
    counted = {key: tokens(text) for key, text in documents.items()}
    held = Counter(word for each in counted.values() for word in each)
    mean = sum(each.total() for each in counted.values()) / max(1, len(counted)) or 1.0
    return {key: _score(words, each, held, len(counted), mean) for key, each in counted.items()}


def _score(
    words: Sequence[str], document: Counter[str], held: Counter[str], count: int, mean: float
) -> float:
    norm = SATURATION * (1 - LENGTH_INFLUENCE + LENGTH_INFLUENCE * document.total() / mean)
    return sum(
        math.log(1 + (count - held[word] + 0.5) / (held[word] + 0.5))
        * document[word]
        * (SATURATION + 1)
        / (document[word] + norm)
        for word in dict.fromkeys(words)
        if document[word]
    )


def mentions(paths: Sequence[str], documents: Mapping[str, str]) -> Scores:
    """Score each document by the asked paths that it names: whole, by file name, by folder."""
    return {key: sum(_named(path, text) for path in paths) for key, text in documents.items()}


def _named(path: str, text: str) -> float:
    if path in text:
        return 3.0
    if len(basename(path)) >= LEAST_NAME and basename(path) in text:
        return 2.0
    return float("/" in dirname(path) and dirname(path) in text)


def union(several: Sequence[Scores]) -> Scores:
    """Fuse rankings by the reciprocal of the rank."""
    fused: Counter[str] = Counter()
    for scores in several:
        found = [key for key in scores if scores[key] > 0]
        for rank, key in enumerate(sorted(found, key=lambda key: -scores[key]), start=1):
            fused[key] += 1 / (FUSION + rank)  # type: ignore[assignment]
    return dict(fused)


def baselines(case: Case, paths: Sequence[str], texts: Mapping[str, str]) -> dict[str, Scores]:
    """Return the scores of every baseline for one case."""
    documents = {path: texts[blob] for path, blob in case.records}
    topic = terms_of(case.topic)
    of_paths = [word for path in paths for word in terms_of(path.replace("/", " "))]
    single = {
        "bm25 topic": bm25(topic, documents),
        "bm25 topic+paths": bm25([*topic, *of_paths], documents),
        "path mention": mentions(paths, documents),
    }
    return {**single, "union": union(list(single.values()))}
