"""Lists of any length, cut to what one statement may hold.

Either database bounds the parameters of a statement; SQLite's plain build takes 32,766.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

MOST_IN_A_STATEMENT = 500

_Item = TypeVar("_Item")


def in_batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Yield the distinct items in their order, at most `MOST_IN_A_STATEMENT` at a time."""
    distinct = list(dict.fromkeys(items))
    for start in range(0, len(distinct), MOST_IN_A_STATEMENT):
        yield distinct[start : start + MOST_IN_A_STATEMENT]
