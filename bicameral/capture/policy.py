"""The policy: `config.toml` in the data home, where a person writes down what may be recorded.

Only a TOML boolean switches anything on. A value of another type, or a file that cannot be
read as TOML, means off: whoever wrote it may have meant just that. Nothing here raises.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

POLICY_FILE = "config.toml"
# Every switch the file may hold, by table; a key that is not here is warned about.
SWITCHES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"telemetry": ("relay", "preflight", "raw"), "tracing": ("enabled",)}
)
# Keys that take one of a few words; any other means the first of them.
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"tracing": MappingProxyType({"arguments": ("omit", "hash", "full")})}
)
# Tables that say more than yes or no; each is read, and warned about, where it is used.
TABLES = ("lsp", "chosen", "consent")
MOST_BYTES = 1_000_000
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the file says; `trouble` is why it is not believed, empty if it is.

    `switches` has the switches it speaks of, as `telemetry.preflight`: true only for a TOML
    `true`. A file in trouble says false of every switch; one that is not there, nothing.
    `tables` has those of `TABLES` that are there, as they were read. `words` has those of
    `WORDS` that it names, as `tracing.arguments`.
    """

    switches: Mapping[str, bool] = field(default_factory=dict)
    trouble: str = ""
    tables: Mapping[str, object] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    def says(self, switch: str) -> bool | None:
        """Return what the file says of a switch (`telemetry.raw`); None if it is silent."""
        return self.switches.get(switch)

    @property
    def tracing_enabled(self) -> bool | None:
        """What the file says of tracing (`[tracing] enabled`); None if it is silent."""
        return self.says("tracing.enabled")

    @property
    def trace_arguments(self) -> str:
        """How traces keep the arguments of calls: `omit` where the file says nothing of it."""
        return self.words.get("tracing.arguments", WORDS["tracing"]["arguments"][0])


def read_policy(home: Path, warn: Callable[[str], None]) -> Policy:
    """Read the policy of a data home; `warn` is given one line for each thing amiss."""
    path = home / POLICY_FILE
    try:
        content = _content(path)
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            return _refused(path, "it is a link that leads nowhere", warn)
        return Policy()
    except OSError as error:
        return _refused(path, error.strerror or type(error).__name__, warn)
    try:
        read = _parse(content)
    except (ValueError, RecursionError) as error:  # both of TOML and of UTF-8
        return _refused(path, " ".join(str(error).split()), warn)
    for warning in _warnings(read):
        warn(f"{path}: {warning}")
    tables = {name: read[name] for name in TABLES if name in read}
    return Policy(
        MappingProxyType(dict(_switches(read))),
        tables=MappingProxyType(tables),
        words=MappingProxyType(dict(_words(read))),
    )


def _content(path: Path) -> bytes:
    # Never waiting for the writer of a pipe; a link is fine, a person's own files often are.
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MOST_BYTES} bytes")
    return content


def _parse(content: bytes) -> dict[str, object]:
    import tomllib  # noqa: PLC0415 - a hook without such a file does without

    # An editor on Windows may put a mark in front that TOML does not know.
    return tomllib.loads(content.decode("utf-8-sig"))


def _refused(path: Path, why: str, warn: Callable[[str], None]) -> Policy:
    warn(f"{path} cannot be read ({why}), so everything it could switch is off; mend or remove it")
    return Policy(MappingProxyType(dict.fromkeys(_names(), False)), why)


def _names() -> Iterator[str]:
    for table, keys in SWITCHES.items():
        yield from (f"{table}.{key}" for key in keys)


def _switches(read: Mapping[str, object]) -> Iterator[tuple[str, bool]]:
    for table, keys in SWITCHES.items():
        found = read.get(table, {})
        for key in keys:
            if not isinstance(found, dict):
                yield f"{table}.{key}", False
            elif key in found:
                yield f"{table}.{key}", found[key] is True


def _words(read: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for table, keys in WORDS.items():
        found = read.get(table, {})
        for key, allowed in keys.items():
            word = found.get(key) if isinstance(found, dict) else None
            if isinstance(word, str) and word in allowed:
                yield f"{table}.{key}", word


def _warnings(read: Mapping[str, object]) -> Iterator[str]:
    for table, found in read.items():
        if table in TABLES:
            continue
        if table not in SWITCHES:
            yield f"`{table}` is not known and was ignored; it takes {_tables()}"
        elif not isinstance(found, dict):
            yield f"`{table}` is not a table, so all of it is off; write it as [{table}]"
        else:
            yield from _warnings_of(table, found)


def _warnings_of(table: str, found: Mapping[str, object]) -> Iterator[str]:
    for key, value in found.items():
        name = f"{table}.{key}"
        if key in (words := WORDS.get(table, {})):
            if value not in words[key]:
                told = ", ".join(f'"{each}"' for each in words[key])
                yield f"`{name}` is none of {told}, so it counts as the first of them"
        elif key not in SWITCHES[table]:
            yield f"`{name}` is not known and was ignored; [{table}] takes {_keys(table)}"
        elif not isinstance(value, bool):
            yield f"`{name}` is not true or false (without quotes), so it is off"


def _tables() -> str:
    return ", ".join(f"[{table}]" for table in (*SWITCHES, *TABLES))


def _keys(table: str) -> str:
    return ", ".join((*SWITCHES[table], *WORDS.get(table, {})))
