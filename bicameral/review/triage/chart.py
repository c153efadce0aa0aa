"""A small chart for the terminal: one bar a row, of two parts that share one scale."""

from collections.abc import Sequence
from dataclasses import dataclass

_BLOCKS, _PLAIN = ("█", "▒"), ("#", "-")
_SHORTEST_BAR, _LONGEST_BAR = 8, 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: its name, and the numbers of its two parts."""

    name: str
    first: int
    second: int


def draw(bars: Sequence[Bar], *, width: int, encoding: str) -> list[str]:
    """Return the rows of the chart, none longer than `width` if the names leave room.

    The longest bar takes the room there is; a part that is not zero is always seen. Where
    the encoding has no blocks, `#` and `-` stand for them.
    """
    first, second = fills(encoding)
    names = max((len(bar.name) for bar in bars), default=0)
    numbers = max((len(_numbers(bar)) for bar in bars), default=0)
    room = min(max(width - names - numbers - 4, _SHORTEST_BAR), _LONGEST_BAR)
    most = max((bar.first + bar.second for bar in bars), default=0)
    rows = []
    for bar in bars:
        drawn = first * cells(bar.first, most, room) + second * cells(bar.second, most, room)
        rows.append(f"{bar.name:<{names}}  {drawn:<{room}}  {_numbers(bar)}".rstrip())
    return rows


def cells(number: int, most: int, room: int) -> int:
    """Return how many cells show a number when `most` fills the room; at least one if any.

    The two parts of a bar together never take more than the room, as long as it has two cells.
    """
    if not number:
        return 0
    return max(1, number * (room - 1) // most)


def fills(encoding: str) -> tuple[str, str]:
    """Return the characters of the two parts that an encoding can hold."""
    try:
        "".join(_BLOCKS).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _PLAIN
    return _BLOCKS


def _numbers(bar: Bar) -> str:
    return f"{bar.first} + {bar.second}"
