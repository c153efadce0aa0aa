"""The data home: can it be used, is it for its owner alone, and is it the only one?

A process creates and tightens the home when it writes; this looks before anything does.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.policy import POLICY_FILE
from bicameral.environment import data_home
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import ClientEntry, Clients, Surroundings
from bicameral.observe.doctor.writable import blocked_in

VARIABLE = "BICAMERAL_HOME"
LEAST_FREE_BYTES = 50_000_000
MOST_LISTED = 5
_FOR_OWNER_ALONE = 0o077
_LEDGER = "ledger.sqlite3"


@dataclass(frozen=True, slots=True)
class Place:
    """A file or folder of the home: its mode and whether it is this user's."""

    name: str
    mode: int
    is_own: bool


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """The home as it is found. `kind` is `folder`, `nothing` or `other`.

    `nearest` is the home, or the folder above it that is there; `places` all that is in it,
    `blocked` what of it cannot be written, with the reason.
    """

    path: Path
    kind: str
    nearest: Path
    is_writable: bool
    free_bytes: int
    places: tuple[Place, ...] = ()
    blocked: tuple[str, ...] = ()


def check_home(around: Surroundings) -> Finding:
    """Look at the home and everything in it."""
    return judge_home(look_at(around.environment.home))


def look_at(home: Path) -> HomeFacts:
    """Gather what can be seen of a home; raises `OSError`."""
    nearest = next(each for each in (home, *home.parents) if os.path.lexists(each))
    kind = "nothing" if nearest != home else "folder" if home.is_dir() else "other"
    return HomeFacts(
        home,
        kind,
        nearest,
        is_writable=_is_writable(nearest),
        free_bytes=_free_bytes(nearest),
        places=tuple(_places(home)) if kind == "folder" else (),
        blocked=blocked_in(home) if kind == "folder" else (),
    )


def judge_home(facts: HomeFacts) -> Finding:
    """Say whether the home can serve, and what stands in its way."""
    home = facts.path
    if facts.kind == "other":
        return failed(f"{home} is no folder", mend=f"rm {home}, or set {VARIABLE} elsewhere")
    if not facts.is_writable:
        return failed(
            "the data home is read-only for you, so nothing can be decided or captured",
            f"{facts.nearest} cannot be written to",
            mend=f"chmod u+rwx {facts.nearest}, or export {VARIABLE}=FOLDER-OF-YOUR-OWN",
        )
    if facts.free_bytes < LEAST_FREE_BYTES:
        return failed(
            "the disk of the data home is nearly full",
            f"{facts.free_bytes:,} bytes are free at {facts.nearest}",
            mend=f"make room, or export {VARIABLE}=FOLDER-ON-ANOTHER-DISK",
        )
    if facts.kind == "nothing":
        return passed(f"{home} is not there yet, and can be made", f"{facts.nearest} is writable")
    return _judge_places(facts)


def _judge_places(facts: HomeFacts) -> Finding:
    foreign = [each.name for each in facts.places if not each.is_own]
    if foreign:
        return failed(
            "files in the data home belong to somebody else, as after a run with sudo",
            *_some(foreign),
            mend=f'sudo chown -R "$USER" {facts.path}',
        )
    if facts.blocked:
        return failed(
            "files in the data home cannot be written to, so rows are dropped or decisions refused",
            *_some(list(facts.blocked)),
            mend=f"chmod -R u+rwX {facts.path}; what is a folder or a link in the place of a file "
            "has to be moved away",
        )
    wide = [
        f"{each.name} has mode {each.mode:04o}"
        for each in facts.places
        # A person's own file, with switches in it and nothing else.
        if each.mode & _FOR_OWNER_ALONE and each.name != POLICY_FILE
    ]
    if wide:
        return failed(
            "others can read the data home or files in it",
            *_some(wide),
            mend=f"chmod -R go= {facts.path}",
        )
    return passed(
        "the data home is yours alone and can be written to",
        f"{facts.path}: {len(facts.places) - 1} files and folders",
        free_bytes=facts.free_bytes,
    )


def check_homes(around: Surroundings) -> Finding:
    """Compare the home of this shell with the homes that clients give their servers."""
    variables = around.environment.variables
    default = _default_home(variables)
    is_chosen = bool(variables.get(VARIABLE, "").strip())
    return judge_homes(
        around.environment.home,
        default,
        around.clients(),
        is_chosen=is_chosen,
        has_other=is_chosen and (default / _LEDGER).exists(),
    )


def judge_homes(
    home: Path, default: Path, clients: Clients, *, is_chosen: bool, has_other: bool
) -> Finding:
    """Say whether everything that starts a server uses this home.

    `default` is the home of whoever names none; `is_chosen`: this shell names one;
    `has_other`: the default home holds a ledger.
    """
    apart = [
        f"{each.client} uses {place} ({each.file})"
        for each in clients.entries
        if (place := _home_of(each, home, default)) != home
    ]
    here = f"this shell uses {home} ({VARIABLE if is_chosen else 'the default'})"
    if apart:
        return failed(
            "two data homes are in use, so what one knows the other does not",
            here,
            *apart,
            mend=f"set {VARIABLE} to the same folder in the client's entry and in this shell, "
            "or take it out of both",
        )
    if has_other and default != home and not _all_name_it(clients):
        return failed(
            "two data homes hold a ledger, and a server that is not started from this shell "
            "uses the other",
            here,
            f"{default} holds a ledger too",
            mend=f"unset {VARIABLE}, or put the other aside: mv {default} {default}.unused",
        )
    return passed("one data home is in use", here)


def _home_of(entry: ClientEntry, home: Path, default: Path) -> Path:
    if entry.variables.get(VARIABLE, "").strip():
        return data_home(entry.variables)
    return home if entry.passes_shell else default


def _default_home(variables: Mapping[str, str]) -> Path:
    own = variables.get("HOME") or variables.get("USERPROFILE")
    return Path(own) / ".bicameral" if own else data_home({})


def _all_name_it(clients: Clients) -> bool:
    return bool(clients.entries) and all(VARIABLE in each.variables for each in clients.entries)


def _places(home: Path) -> Iterator[Place]:
    yield _place(home, home)
    for folder, folders, files in os.walk(home):
        for name in sorted((*folders, *files)):
            try:
                yield _place(home, Path(folder, name))
            except FileNotFoundError:  # a server at work makes and removes files
                continue


def _place(home: Path, path: Path) -> Place:
    state = path.lstat()
    is_posix = os.name == "posix" and not stat.S_ISLNK(state.st_mode)
    name = str(path.relative_to(home)) if path != home else str(home)
    mode = stat.S_IMODE(state.st_mode) if is_posix else 0
    return Place(name, mode, os.name != "posix" or state.st_uid == os.geteuid())


def _is_writable(folder: Path) -> bool:
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    # The system lets root pass everywhere; a file system mounted read-only it does not.
    is_read_only = hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY
    has_bit = os.name != "posix" or bool(folder.stat().st_mode & 0o222)
    return has_bit and not is_read_only


def _free_bytes(folder: Path) -> int:
    import shutil  # noqa: PLC0415 - start-up time

    return shutil.disk_usage(folder).free


def _some(lines: list[str]) -> list[str]:
    left = len(lines) - MOST_LISTED
    return [*lines[:MOST_LISTED], *([f"and {left} more"] if left > 0 else [])]
