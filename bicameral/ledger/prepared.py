"""Statements made ready once: their text, and where each value goes in it.

SQLAlchemy binds a statement anew each time it is run, which costs more than most of those of
a preflight take. Lists are filled up to a power of two, so few texts serve any length.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler
from sqlalchemy.sql.expression import SelectBase

from bicameral.ledger.columns import CheckedText, check_texts


class Prepared:
    """A query that is run often.

    Its values are given by name, a list for an `IN`; names that it does not use do no harm.
    """

    def __init__(self, statement: SelectBase) -> None:
        self.statement = statement
        self._ready: dict[tuple[object, ...], _Ready] = {}

    def rows(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Any]:
        """Return its rows. Raises `InputRefused` for a text that no column holds."""
        lists = {name: each for name, each in values.items() if isinstance(each, (list, tuple))}
        sizes = {name: _size_for(len(each)) for name, each in lists.items()}
        key = (connection.dialect.name, *sizes.values())
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _make_ready(
                self.statement, connection.dialect, {**values, **_samples(sizes)}
            )
        for name, most_bytes in ready.checked:
            texts: Any = lists[name] if name in lists else (values[name],)
            check_texts(texts, most_bytes=most_bytes)
        parameters = {**ready.fixed, **values}
        for name, places in ready.places.items():
            parameters.update(zip(places, _filled_up(lists[name], len(places)), strict=True))
        return _rows(connection, ready.text, ready.arrange(parameters))


def _rows(connection: Connection, text: str, values: Any) -> Sequence[Any]:
    """Run it; SQLAlchemy's own result costs more than most of these queries take.

    It is asked where it has to translate an error or tell a listener.
    """
    if connection.dialect.name != "sqlite" or connection.dispatch.before_cursor_execute:
        return connection.exec_driver_sql(text, values).all()
    if not connection.in_transaction():
        connection.begin()  # as it does by itself before a statement
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text, values)
        row = _row_type(tuple([column[0] for column in cursor.description]))
        return list(map(tuple.__new__, repeat(row), cursor.fetchall()))
    finally:
        cursor.close()


@cache
def _row_type(names: tuple[str, ...]) -> Any:
    """Return what a row is made of: its values by name, and all of them as SQLAlchemy has them."""
    values = namedtuple("Row", names)  # type: ignore[misc]
    return type("Row", (values,), {"__slots__": (), "_mapping": property(values._asdict)})


@dataclass(frozen=True, slots=True)
class _Ready:
    """One text, and what has to be put in: `places` are the names that a list is spread over.

    `fixed` are values that the statement holds itself, `checked` the names of texts with the
    most bytes that each may have.
    """

    text: str
    fixed: Mapping[str, object]
    places: Mapping[str, Sequence[str]]
    checked: Sequence[tuple[str, int | None]]
    arrange: Callable[[Mapping[str, object]], Any]


def _make_ready(statement: SelectBase, dialect: Dialect, values: Mapping[str, Any]) -> _Ready:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - what every query compiles to
    state = compiled.construct_expanded_state(dict(values))
    places = {name: each for name, each in state.parameter_expansion.items() if name in values}
    given = {*values, *(place for name in values for place in places.get(name, ()))}
    types = {name: compiled.binds[name].type for name in values if name in compiled.binds}
    return _Ready(
        text=state.statement,
        fixed={name: value for name, value in state.parameters.items() if name not in given},
        places=places,
        checked=[
            (name, kind.most_bytes) for name, kind in types.items() if isinstance(kind, CheckedText)
        ],
        arrange=_arrangement(state),
    )


def _arrangement(state: ExpandedState) -> Callable[[Mapping[str, object]], Any]:
    """Return what puts values in the order of their places, or leaves them by name."""
    order = state.positiontup
    if order is None:
        names = state.parameters.keys()
        return lambda values: {name: values[name] for name in names}
    return lambda values: tuple([values[name] for name in order])


def _size_for(length: int) -> int:
    """Return how many places a list of a length is given."""
    return 1 << (length - 1).bit_length() if length else 0


def _samples(sizes: Mapping[str, int]) -> dict[str, list[None]]:
    return {name: [None] * size for name, size in sizes.items()}


def _filled_up(values: Sequence[object], size: int) -> Sequence[object]:
    """Repeat the last value: what an `IN` finds stays as it is."""
    return [*values, *repeat(values[-1], size - len(values))] if values else values
