"""How much of one piece of code is said by another: by the pairs of tokens they share.

Comments, docstrings, formatting and the code's own name do not count. The threshold was
chosen on half of the repositories of `benchmarks/drift.py` and holds on the other half.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

THRESHOLD = 0.6
"""From here on two pieces of code are taken for one that was changed on its way."""
TIE = 0.02
"""Two candidates whose similarities are nearer than this cannot be told apart."""

Pairs = Counter[tuple[bytes, ...]]


def pairs_of(tokens: Sequence[bytes]) -> Pairs:
    """Count each pair of neighbouring tokens; a single token is a pair with nothing."""
    return Counter(pairwise(tokens)) if len(tokens) > 1 else Counter([tuple(tokens)])


def similarity(one: Pairs, other: Pairs) -> float:
    """Return twice the pairs in common over all pairs (Dice's coefficient), from 0 to 1."""
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def share(part: Pairs, whole: Pairs) -> float:
    """Return how much of a part is said by the whole, from 0 to 1."""
    return (part & whole).total() / max(1, part.total())
