"""Settings in TOML: our table at the end of the text, or where it is already.

The standard parser says what is in a text, before and after; of the text itself only the
headers, the strings and the comments are told apart, so no second opinion on TOML is kept.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json import dumps
from typing import Any

from bicameral.cli.setup.settings import NAME, Edit, Entry, NotEditable, apply, newline_of

GROUP = "mcp_servers"
# A closing of three quotes may follow one or two that belong to the string.
_STRING_OR_COMMENT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|(?P<comment>\#[^\r\n]*)",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_PLAIN = re.compile(r"[^\r\n]")


@dataclass(frozen=True, slots=True)
class Section:
    """A header and what stands under it; `end` is after its last line that says something."""

    path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TomlSettings:
    """The format, with the group that Codex keeps servers in."""

    def entry(self, text: str) -> Entry | None:
        """Return our entry, or None where there is none."""
        servers = load(text).get(GROUP, {})
        if not isinstance(servers, dict):
            raise NotEditable(f"{GROUP} is not a table")
        entry = servers.get(NAME)
        if entry is not None and not isinstance(entry, dict):
            raise NotEditable(f"{GROUP}.{NAME} is not a table")
        return entry

    def has_group(self, text: str) -> bool:
        """Tell whether any server is there."""
        return GROUP in load(text)

    def put(self, text: str, entry: Entry) -> str:
        """Return the text with our table added or replaced, and nothing else changed."""
        present, table = self.entry(text), _table(entry, newline_of(text))
        if present is None:
            return _checked(text, [(len(text), len(text), gap(text) + table)], entry)
        first, *rest = _own_sections(text)
        edits = [(first.start, first.end, table), *((s.start, s.end, "") for s in rest)]
        return _checked(text, edits, entry)

    def remove(self, text: str, *, keeps_group: bool) -> str:  # noqa: ARG002 - TOML has no empty group
        """Return the text without our table and the empty line before it."""
        if self.entry(text) is None:
            return text
        edits = [(with_gap(text, each.start), each.end, "") for each in _own_sections(text)]
        return _checked(text, edits, None)

    def snippet(self, entry: Entry) -> str:
        """Return the table."""
        return _table(entry, "\n")

    def is_plain(self, text: str) -> bool:  # noqa: ARG002 - comments are TOML
        """Tell that there is one TOML only."""
        return True


def load(text: str) -> dict[str, Any]:
    """Return what a text says; raises `NotEditable` for what is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NotEditable(str(error)) from error
    except RecursionError as error:
        raise NotEditable("it is nested too deeply") from error


def _checked(text: str, edits: Sequence[Edit], entry: Entry | None) -> str:
    """Make the edits, and see that they did what they should and nothing else."""
    after = apply(text, edits)
    kept = [c for place, c in comments(text) if not any(s <= place < e for s, e, _ in edits)]
    if not _holds(after, load(text), entry) or [c for _, c in comments(after)] != kept:
        raise NotEditable("our table cannot be told apart from what is around it")
    return after


def _holds(text: str, before: dict[str, Any], entry: Entry | None) -> bool:
    try:
        now = load(text)
    except NotEditable:
        return False
    _pop(before)
    return _pop(now) == entry and spelled(now) == spelled(before)


def spelled(value: object) -> object:
    """Return a value in a form that can be compared: `nan` is `nan`, tables have no order."""
    if isinstance(value, dict):
        return {key: spelled(each) for key, each in value.items()}
    return [spelled(each) for each in value] if isinstance(value, list) else repr(value)


def _pop(document: dict[str, Any]) -> Entry | None:
    """Take our entry out of a parsed document; a group without servers goes with it."""
    entry: Entry | None = document.get(GROUP, {}).pop(NAME, None)
    if not document.get(GROUP, True):
        del document[GROUP]
    return entry


def _own_sections(text: str) -> list[Section]:
    found = [each for each in sections(text) if each.path[:2] == (GROUP, NAME)]
    if not found:
        raise NotEditable(f"{GROUP}.{NAME} is there, but not under a header of its own")
    return found


def sections(text: str) -> Iterator[Section]:
    """Yield every table with a header, in order."""
    blank = _STRING_OR_COMMENT.sub(_blanked, text)
    header: tuple[tuple[str, ...], int] | None = None
    place = end = depth = 0
    for line in blank.splitlines(keepends=True):
        is_header = depth == 0 and line.lstrip(" \t").startswith("[")
        if is_header:
            if header:
                yield Section(*header, end)
            header = _path(text[place : place + len(line)]), place
        place += len(line)
        depth += 0 if is_header else _opened(line)
        if line.strip():
            end = place
    if header:
        yield Section(*header, end)


def _blanked(found: re.Match[str]) -> str:
    """Blank a comment; of a string keep that something is there. Lines stay lines."""
    return _PLAIN.sub(" " if found["comment"] else "x", found[0])


def _opened(line: str) -> int:
    return sum(line.count(each) for each in "[{") - sum(line.count(each) for each in "]}")


def _path(header: str) -> tuple[str, ...]:
    """Return the keys that a header names, as the parser reads them."""
    found: object = tomllib.loads(header)
    keys = []
    while isinstance(found, dict) and found:
        ((key, found),) = found.items()
        keys.append(key)
    return tuple(keys)


def comments(text: str) -> list[tuple[int, str]]:
    """Return every comment of a text with its place."""
    found = _STRING_OR_COMMENT.finditer(text)
    return [(each.start(), each[0]) for each in found if each["comment"]]


def gap(text: str) -> str:
    """Return what has to come between a text and a table after it: one empty line."""
    newline = newline_of(text)
    if not text:
        return ""
    return newline if text.endswith("\n") else newline * 2


def with_gap(text: str, start: int) -> int:
    """Return the start of the empty line before a place, if there is one."""
    newline = newline_of(text)
    return start - len(newline) if text[:start].endswith(newline * 2) else start


def _table(entry: Entry, newline: str) -> str:
    lines = [
        f"[{GROUP}.{NAME}]",
        *(f"{_key(key)} = {_value(value)}" for key, value in entry.items()),
    ]
    return "".join(f"{line}{newline}" for line in lines)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else dumps(key, ensure_ascii=False)


def _value(value: object) -> str:
    """Write what an entry of ours holds; strings are spelled as in JSON, which TOML takes."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool | int | float | str):
        return dumps(value, ensure_ascii=False)
    raise NotEditable(f"{value!r} cannot be put back")
