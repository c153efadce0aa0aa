"""How long everything stays: the policy, read from `retention-policy.toml` beside this module.

The one source: the registry takes its words from it, pruning and erasing go by it, and the
guards hold it against every file and table. A kind that is unknown, or a limit without a
clock to go by, is an error.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bicameral.govern.kinds import Retention, RetentionKind

SHIPPED = Path(__file__).with_name("retention-policy.toml")
NO_CLOCK = "none"
KIND_MEANINGS: Mapping[RetentionKind, str] = {
    "days": "a row goes when it is so many days old, by its own clock",
    "rotate": "a full or old file is put aside, and the oldest file aside goes; "
    "with a limit, a row goes at that age at the latest",
    "manual": "stays until a person, or the part that wrote it, removes it",
    "keep_forever": "stays for good; only a person removes it, who says so in so many words",
}
_ROTATION = ("size_bytes", "aside_days", "keep")
_FILE_KEYS = {"pattern", "kind", "days", "clock", "erased", "reason", *_ROTATION}
_TABLE_KEYS = {"name", "kind", "days", "clock", "reason"}


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a file is put aside (by size, or by the age of its first row), how many are kept."""

    size_bytes: int
    aside_days: int
    keep: int


@dataclass(frozen=True, slots=True)
class FileRule:
    """How long what stands in the files of a pattern below the data home is kept.

    `clock` names the field with a row's own time, `NO_CLOCK` where there is none; `days` is
    the age at which a row goes. `is_erased` tells whether `telemetry erase` removes it.
    """

    pattern: str
    retention: Retention
    clock: str
    is_erased: bool
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True)
class TableRule:
    """How long the rows of a table of the ledger are kept; `clock` is a column."""

    name: str
    retention: Retention
    clock: str


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules, in the order of the file."""

    files: tuple[FileRule, ...]
    tables: tuple[TableRule, ...]

    def file(self, pattern: str) -> FileRule:
        """Return the rule of a pattern; raises `KeyError` where there is none."""
        return {each.pattern: each for each in self.files}[pattern]


def read_policy() -> Policy:
    """Return the policy that is shipped. Raises `ValueError` where it is not one."""
    return parse_policy(SHIPPED.read_text(encoding="utf-8"))


def parse_policy(text: str) -> Policy:
    """Return the policy in a text of TOML; raises `ValueError` that names what is wrong."""
    read = tomllib.loads(text)
    if strange := read.keys() - {"file", "table"}:
        raise ValueError(f"{', '.join(sorted(strange))}: neither a file nor a table")
    files = tuple(map(_file_rule, read.get("file", ())))
    tables = tuple(map(_table_rule, read.get("table", ())))
    _refuse_twice(each.pattern for each in files)
    _refuse_twice(each.name for each in tables)
    return Policy(files, tables)


def _file_rule(entry: Mapping[str, Any]) -> FileRule:
    name = _name(entry, "pattern", _FILE_KEYS)
    if type(entry.get("erased")) is not bool:
        raise ValueError(f"{name}: erased is neither true nor false")
    retention = _retention(name, entry)
    return FileRule(name, retention, _clock(name, entry), entry["erased"], _rotation(name, entry))


def _table_rule(entry: Mapping[str, Any]) -> TableRule:
    name = _name(entry, "name", _TABLE_KEYS)
    if entry.get("kind") == "rotate":
        raise ValueError(f"{name}: a table is not put aside, so its kind cannot be rotate")
    return TableRule(name, _retention(name, entry), _clock(name, entry))


def _name(entry: Mapping[str, Any], key: str, known: set[str]) -> str:
    name = entry.get(key)
    if not isinstance(name, str) or not name:
        raise ValueError(f"a rule has no {key}: {dict(entry)}")
    if strange := entry.keys() - known:
        raise ValueError(f"{name}: unknown {', '.join(sorted(strange))}")
    return name


def _retention(name: str, entry: Mapping[str, Any]) -> Retention:
    kind, days, reason = _kind(name, entry), entry.get("days"), entry.get("reason")
    if not isinstance(reason, str) or not reason:
        raise ValueError(f"{name}: it has no reason")
    if days is None and kind == "days":
        raise ValueError(f"{name}: it is kept for days, and nothing says how many")
    if days is not None and not (type(days) is int and days > 0):
        raise ValueError(f"{name}: {days!r} is no number of days")
    if days is not None and kind not in {"days", "rotate"}:
        raise ValueError(f"{name}: what is kept as {kind} has no limit in days")
    if days is not None and entry.get("clock") == NO_CLOCK:
        raise ValueError(f"{name}: it has a limit in days and no clock to go by")
    return Retention(kind, reason, days)


def _kind(name: str, entry: Mapping[str, Any]) -> RetentionKind:
    for kind in KIND_MEANINGS:
        if entry.get("kind") == kind:
            return kind
    known = ", ".join(KIND_MEANINGS)
    raise ValueError(f"{name}: unknown kind {entry.get('kind')!r}; it is one of {known}")


def _clock(name: str, entry: Mapping[str, Any]) -> str:
    clock = entry.get("clock")
    if not isinstance(clock, str) or not clock:
        raise ValueError(f"{name}: it has no clock; where there is none, say {NO_CLOCK!r}")
    return clock


def _rotation(name: str, entry: Mapping[str, Any]) -> Rotation | None:
    given = [entry[key] for key in _ROTATION if key in entry]
    if entry["kind"] != "rotate":
        if given:
            raise ValueError(f"{name}: only what rotates has {', '.join(_ROTATION)}")
        return None
    if len(given) < len(_ROTATION) or not all(type(each) is int and each > 0 for each in given):
        raise ValueError(f"{name}: what rotates has {', '.join(_ROTATION)}, as numbers")
    return Rotation(*given)


def _refuse_twice(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{name}: it has two rules")
        seen.add(name)
