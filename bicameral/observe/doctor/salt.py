"""The salt: is it one that capture trusts, and was it made where it is?

Only what the file system knows is read; nothing about the machine is stored to compare with.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bicameral.capture.locks import OWNER_ONLY_FILE
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE, read_lines_backwards
from bicameral.capture.salt import SALT_BYTES, SALT_FILE
from bicameral.capture.stamps import Stamps
from bicameral.observe.doctor.finding import Finding, failed, passed, skipped
from bicameral.observe.doctor.surroundings import Surroundings

# Its making writes it and gives it its name, within moments of each other.
MADE_WITHIN_NS = 60 * 1_000_000_000
MOST_BYTES = 16_000_000
_ERASE = "bicameral-mcp telemetry erase --i-understand"
_NONE_YET = "there is no salt yet; the first row with a hash in it makes it"
# The rows that are written without a hash, and so before there is a salt.
_WITHOUT_HASH = frozenset({"session_started", "session_ended"})


class _Kind(msgspec.Struct):
    event_type: str | msgspec.UnsetType = msgspec.UNSET


_kinds = msgspec.json.Decoder(_Kind)


@dataclass(frozen=True, slots=True)
class SaltFacts:
    """The salt as it is found; `wrong` is why capture would refuse it, or empty.

    `written_ns` is when its content was last written, `settled_ns` when the file came to
    be as it is: its name, mode and owner. Nothing but the system can set the latter.
    """

    path: Path
    wrong: str
    mode: int
    written_ns: int
    settled_ns: int


def look_at(home: Path) -> SaltFacts | None:
    """Look at the salt of a home, without opening it; None if there is none."""
    path = home / SALT_FILE
    try:
        state = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    # Windows keeps the time of the making there, which a copy gets anew as well.
    mode = stat.S_IMODE(state.st_mode) if os.name == "posix" else OWNER_ONLY_FILE
    return SaltFacts(path, _wrong(state), mode, state.st_mtime_ns, state.st_ctime_ns)


def check_salt(around: Surroundings) -> Finding:
    """Look at the file's kind, length, owner and mode."""
    home = around.environment.home
    facts = look_at(home)
    if facts is None:
        logs = (home / EVENTS_FILE, home / ENGAGEMENTS_FILE)
        return _judge_absence(home, [path for path in logs if has_hashes(path)])
    if facts.wrong:
        return failed(
            f"the salt {facts.wrong}, so capture refuses it and drops every row",
            str(facts.path),
            mend=f"restore {facts.path} from a backup and chmod 600 it, or remove it with the "
            f"rows that were hashed with it: {_ERASE}; a folder in its place has to be moved away",
        )
    if facts.mode & ~OWNER_ONLY_FILE:
        return failed(
            "others can read the salt, and with it test guesses against the hashes",
            f"{facts.path} has mode {facts.mode:04o}",
            mend=f"chmod 600 {facts.path}",
        )
    return passed(f"the salt holds {SALT_BYTES} bytes, for you alone", str(facts.path))


def has_hashes(path: Path) -> bool:
    """Tell whether the newest 16 MB of a log hold a row that was made with a salt."""
    lines = read_lines_backwards(path, most_bytes=MOST_BYTES)
    return any(_is_hashed(line) for line in lines if line)


def _is_hashed(line: bytes) -> bool:
    try:
        return _kinds.decode(line).event_type not in _WITHOUT_HASH
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False  # no row; the check of the logs names it


def _judge_absence(home: Path, logs: list[Path]) -> Finding:
    if not logs:
        return skipped(_NONE_YET)
    return failed(
        "rows are here whose salt is gone: the next ones cannot be compared with them",
        *map(str, logs),
        mend=f"restore {home / 'salt'} from a backup, or remove the rows: {_ERASE}",
    )


def check_origin(around: Surroundings) -> Finding:
    """Look for the sign that a copy leaves: content older than the file."""
    facts = look_at(around.environment.home)
    return skipped(_NONE_YET) if facts is None else judge_origin(facts)


def judge_origin(facts: SaltFacts) -> Finding:
    """Say whether the salt was made where it is.

    A copy that keeps the time of its original (of a backup, of another machine) has content
    older than the file; so has a salt whose mode or owner was changed later. A copy that
    takes the present time shows no sign.
    """
    written, settled = (Stamps().write(ns) for ns in (facts.written_ns, facts.settled_ns))
    evidence = (f"{facts.path}: content written {written}, in place since {settled}",)
    if facts.settled_ns - facts.written_ns <= MADE_WITHIN_NS:
        return passed("the salt shows no sign of having been copied here", *evidence)
    return failed(
        "the salt was not made where it is: it was copied from another machine or restored, "
        "or its mode was changed later",
        *evidence,
        "whoever has another copy can test guesses against the hashes that are made here",
        mend="if no other machine has it, say so with: touch "
        f"{facts.path}; else remove it with the rows: {_ERASE}",
    )


def _wrong(state: os.stat_result) -> str:
    if stat.S_ISLNK(state.st_mode):
        return "is a symbolic link"
    if not stat.S_ISREG(state.st_mode):
        return "is not a regular file"
    if state.st_size != SALT_BYTES:
        return f"holds {state.st_size} bytes instead of {SALT_BYTES}"
    if os.name != "posix":
        return ""
    if state.st_uid != os.geteuid():
        return f"belongs to user {state.st_uid}"
    return ""
