"""The registry: every kind of line by its id, and how a line is known for one of them.

It is the one source: schemas, pages and what may leave are made from it, and `problems`
holds it against the structs that are really written, in both directions.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from bicameral.govern.kinds import Field, Kind
from bicameral.govern.schemas import Schema, objects_within, shape_schema

# The same limit that storage puts to a kind's name.
ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
DISCRIMINATOR = "event_type"


class Registry:
    """All kinds; raises `ValueError` where two have the same id."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds: dict[str, Kind] = {}
        for kind in kinds:
            if kind.id in self._kinds:
                raise ValueError(f"two kinds are called {kind.id}")
            self._kinds[kind.id] = kind

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def __len__(self) -> int:
        return len(self._kinds)

    def __contains__(self, kind_id: object) -> bool:
        return kind_id in self._kinds

    def get(self, kind_id: str) -> Kind | None:
        """Return the kind of this id; None where none is registered."""
        return self._kinds.get(kind_id)

    def by_file(self) -> Mapping[str, list[Kind]]:
        """Return the kinds of each file below the data home, by its pattern."""
        found = defaultdict(list)
        for kind in self:
            if kind.file is not None:
                found[kind.file].append(kind)
        return dict(found)

    def kind_of(self, name: str, row: Mapping[str, object]) -> Kind | None:
        """Return the kind of a line of the file with this name; None where it has none.

        A log that was put aside (`.1`, `.2`) is the same file.
        """
        name = re.sub(r"\.\d+$", "", name)
        kinds = [kind for kind in self if kind.file and fnmatchcase(name, kind.file)]
        if DISCRIMINATOR in row:
            kinds = [kind for kind in kinds if kind.id == row[DISCRIMINATOR]]
        return kinds[0] if len(kinds) == 1 else None


def problems(registry: Registry) -> list[str]:
    """Return what is wrong with the registry itself; nothing where all is well."""
    return [problem for kind in registry for problem in _problems_of(kind)]


def _problems_of(kind: Kind) -> Iterator[str]:
    if not ID.fullmatch(kind.id):
        yield f"{kind.id}: the id has other than letters, digits and _ . : -"
    if not kind.description:
        yield f"{kind.id}: it has no description"
    if kind.file is not None and kind.retention is None:
        yield f"{kind.id}: it is stored, and nothing says for how long"
    yield from _compare(kind.id, kind.fields, shape_schema(kind.shape))


def _compare(place: str, fields: tuple[Field, ...], schema: Schema) -> Iterator[str]:
    """Yield each field that is only written, and each that is only registered."""
    written = schema.get("properties", {})
    registered = {field.name: field for field in fields}
    for name in written.keys() - registered.keys():
        yield f"{place}.{name} is written and not registered"
    for name in registered.keys() - written.keys():
        yield f"{place}.{name} is registered and never written"
    for name in sorted(registered.keys() & written.keys()):
        field = registered[name]
        if not field.meaning:
            yield f"{place}.{name} has no meaning"
        if field.within:
            yield from _compare(f"{place}.{name}", field.within, objects_within(written[name]))
