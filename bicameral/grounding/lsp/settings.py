"""Which language server a person wants: the table `[lsp]` of `config.toml` in the data home.

Only the home is read, never the repository under work: whoever wrote the code must not
choose the programs that run. A value of another type switches its language off.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bicameral.grounding.lsp.budget import Limits
from bicameral.grounding.lsp.servers import LANGUAGES

ANY_FOUND = "any_found"
START_SECONDS = "start_seconds"
SHORTEST_START, LONGEST_START = 0.1, 60.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What was written down.

    `commands` has the languages that were spoken of: the command of each, empty where it is
    switched off. `any_found` lets every known server start that is on the path. `limits`
    follow from how long a server may take to start.
    """

    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    any_found: bool = False
    limits: Limits = field(default_factory=Limits)


def read_settings(table: object) -> tuple[Settings, tuple[str, ...]]:
    """Read the table; return it, and a line for each thing amiss. None is an empty one."""
    if table is None:
        return Settings(), ()
    if not isinstance(table, Mapping):
        off = dict.fromkeys(sorted(LANGUAGES), ())
        return Settings(off), ("`lsp` is not a table, so no language server is used",)
    spoken_of = {key: _command(value) or () for key, value in table.items() if key in LANGUAGES}
    limits = _limits(table[START_SECONDS]) if START_SECONDS in table else None
    settings = Settings(
        MappingProxyType(spoken_of), table.get(ANY_FOUND) is True, limits or Limits()
    )
    return settings, tuple(_warnings(table))


def _limits(value: object) -> Limits | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not SHORTEST_START <= value <= LONGEST_START:
        return None
    usual = Limits()
    return Limits(start=value, answer=usual.answer, call=value + usual.call - usual.start)


def _command(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        return None
    return tuple(value)


def _warnings(table: Mapping[str, object]) -> Iterator[str]:
    for key, value in table.items():
        if key == ANY_FOUND:
            if not isinstance(value, bool):
                yield f"`lsp.{key}` is not true or false (without quotes), so it is off"
        elif key == START_SECONDS:
            if _limits(value) is None:
                yield f"`lsp.{key}` is not a number from {SHORTEST_START} to {LONGEST_START:g}"
        elif key not in LANGUAGES:
            yield f"`lsp.{key}` is not known and was ignored; [lsp] takes {_keys()}"
        elif _command(value) is None:
            yield f"`lsp.{key}` is not a list of words, so no server is used for {key}"


def _keys() -> str:
    return ", ".join([ANY_FOUND, START_SECONDS, *sorted(LANGUAGES)])
