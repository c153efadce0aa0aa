"""The salt: one secret per install, so that event hashes mean nothing elsewhere.

Written once, owner-only, never replaced: a new salt would make every hash already
recorded incomparable with the next one. It appears under its name only when complete.
"""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from bicameral.capture.locks import OWNER_ONLY_FILE, held_lock
from bicameral.environment import prepare_home
from bicameral.errors import SaltUnusable

SALT_FILE = "salt"
SALT_BYTES = 32
# Without a link to follow, and without waiting for the other end of a pipe.
_TO_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_TO_READ |= getattr(os, "O_BINARY", 0)
_TO_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
LOCK_ATTEMPTS = 2_000


def read_salt(home: Path, random_bytes: Callable[[int], bytes]) -> bytes:
    """Return the 32 bytes of `salt` under the home; the first caller of an install makes them.

    Raises `SaltUnusable` when what stands there is not a salt of ours (it is left as it is)
    or when none can be made, and `HomeUnusable` when the home cannot be.
    """
    path = home / SALT_FILE
    try:
        return _read_trusted(path)
    except (FileNotFoundError, NotADirectoryError):
        prepare_home(home)
    try:
        _publish(path, random_bytes)
        return _read_trusted(path)
    except OSError as error:
        raise SaltUnusable(
            f"no salt can be made at {path}: {error.strerror or error}",
            next_step="make the data home writable, or set BICAMERAL_HOME elsewhere",
        ) from error


def has_salt(home: Path) -> bool:
    """Tell whether something stands where the salt would, without making one."""
    return (home / SALT_FILE).exists()


def _read_trusted(path: Path) -> bytes:
    try:
        descriptor = os.open(path, _TO_READ)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        why = "is a symbolic link" if path.is_symlink() else f"cannot be read: {error.strerror}"
        raise _refusal(path, why) from error
    try:
        _check(descriptor, path)
        return os.read(descriptor, SALT_BYTES)
    finally:
        os.close(descriptor)


def _check(descriptor: int, path: Path) -> None:
    state = os.fstat(descriptor)
    if not stat.S_ISREG(state.st_mode):
        raise _refusal(path, "is not a regular file")
    if state.st_size != SALT_BYTES:
        raise _refusal(path, f"holds {state.st_size} bytes instead of {SALT_BYTES}")
    if os.name == "posix":
        _check_owner(descriptor, state, path)


def _check_owner(descriptor: int, state: os.stat_result, path: Path) -> None:
    if state.st_uid != os.geteuid():
        raise _refusal(path, f"belongs to user {state.st_uid}, not to you")
    if stat.S_IMODE(state.st_mode) != OWNER_ONLY_FILE:
        try:
            os.fchmod(descriptor, OWNER_ONLY_FILE)
        except OSError as error:
            raise _refusal(path, "can be read by others and cannot be closed to them") from error


def _refusal(path: Path, why: str) -> SaltUnusable:
    return SaltUnusable(
        f"the salt {path} {why}",
        next_step="restore it from a backup so that old hashes stay comparable, or remove it "
        "together with the .jsonl files beside it, whose hashes were made with it",
    )


def _publish(path: Path, random_bytes: Callable[[int], bytes]) -> None:
    """Put a complete salt under its name unless one is there already."""
    temporary = path.with_name(f"salt.{random_bytes(8).hex()}")
    try:
        _write_synced(temporary, random_bytes(SALT_BYTES))
        _link_exclusively(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _write_synced(path: Path, content: bytes) -> None:
    descriptor = os.open(path, _TO_CREATE, OWNER_ONLY_FILE)
    try:
        if os.write(descriptor, content) != len(content):
            raise OSError(errno.ENOSPC, "the disk is full", str(path))
        # Once per install, and unlike telemetry: a power cut must not leave an empty salt,
        # which would be refused from then on.
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _link_exclusively(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError:
        # Some file systems (exFAT, some shared folders) have no hard links. There all
        # processes come this way, so a lock serves: it is let go when its process dies.
        with held_lock(path.with_name("salt.lock"), attempts=LOCK_ATTEMPTS) as is_mine:
            if is_mine and not path.exists():
                temporary.replace(path)
