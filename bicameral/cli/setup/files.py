"""A settings file: read whole, backed up, and replaced in one step or not at all.

It keeps its mode, its owner and its place behind a symbolic link. A run that is killed
leaves the old file or the new one, and a change that somebody made meanwhile is never lost.
"""

import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bicameral.capture.durable import sync_folder
from bicameral.capture.locks import try_lock
from bicameral.cli.setup.plan import Origin
from bicameral.cli.setup.settings import NotEditable
from bicameral.errors import SettingsRefused

BACKUP, DRAFT = ".bicameral-backup", ".bicameral-new"
OWNER_ONLY, SHARED = 0o600, 0o666
_MARK = b"\xef\xbb\xbf"  # how some editors begin a UTF-8 file; parsers want it gone
_ANY_WRITER = 0o222


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """A file as it was read. `real` is where it is behind links; `content` None if nowhere."""

    path: Path
    real: Path
    content: bytes | None

    @property
    def text(self) -> str:
        """What it says, without a byte order mark; nothing if it is not there."""
        return (self.content or b"").removeprefix(_MARK).decode("utf-8")

    def encoded(self, text: str) -> bytes:
        """Return a text as the bytes of this file."""
        mark = _MARK if (self.content or b"").startswith(_MARK) else b""
        return mark + text.encode("utf-8")


def read_settings(path: Path) -> SettingsFile:
    """Read a file, through links; raises `NotEditable` when it is not a readable text."""
    real = Path(os.path.realpath(path))
    try:
        file = SettingsFile(path, real, _content(real))
        file.text.isascii()
    except OSError as error:
        raise NotEditable(error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise NotEditable("it is not UTF-8 text") from error
    return file


def read_backups(file: SettingsFile) -> list[Origin]:
    """Return the backups of a file that can stand in its place, newest first."""
    found = []
    for path in reversed(_backups(file).values()):
        with suppress(OSError, UnicodeDecodeError):
            backup = SettingsFile(path, path, _content(path))
            if backup.encoded("") == file.encoded(""):
                found.append(Origin(path, backup.text))
    return found


def write(
    file: SettingsFile, content: bytes, *, keeps_backup: bool, mode: int = SHARED
) -> Path | None:
    """Put new bytes in the file's place; return the backup that was made first, if any.

    `mode` (through the umask) is for a new file. Raises `NotEditable` or `SettingsRefused`
    with everything as it was when the file may not be written, was changed since it was
    read, or is being written by another setup.
    """
    _refuse_if_changed(file)
    _refuse_unless_writable(file)
    file.real.parent.mkdir(parents=True, exist_ok=True)
    backup = _back_up(file) if keeps_backup and file.content is not None else None
    with _draft(file, mode) as (draft, stream):
        _fill(draft, stream, content, like=file)
        _refuse_if_changed(file)
        _rename(draft, stream, file.real)
    return backup


def remove(file: SettingsFile, *, with_folder: bool) -> None:
    """Remove a file that setup made, and its folder if nothing else is in it.

    Raises as `write` does.
    """
    _refuse_if_changed(file)
    _refuse_unless_writable(file)
    file.real.unlink()
    if with_folder:
        with suppress(OSError):  # something else is in it
            file.real.parent.rmdir()


def _back_up(file: SettingsFile) -> Path | None:
    """Keep a copy beside the file unless one like it is there.

    An earlier backup is never written over: the next one gets a number.
    """
    there = _backups(file)
    if any(_content(each) == file.content for each in there.values()):
        return None
    number = max(there, default=-1) + 1
    path = Path(f"{file.real}{BACKUP}{f'.{number}' if number else ''}")
    with _draft(file, OWNER_ONLY) as (draft, stream):
        _fill(draft, stream, file.content or b"", like=file)
        _rename(draft, stream, path)
    return path


def _backups(file: SettingsFile) -> dict[int, Path]:
    """Return the backups by their numbers, oldest first."""
    pattern = re.compile(re.escape(file.real.name + BACKUP) + r"(?:\.([1-9]\d*))?")
    folder = file.real.parent
    names = os.listdir(folder) if folder.is_dir() else []  # noqa: PTH208 - names are enough
    matches = [found for each in names if (found := pattern.fullmatch(each))]
    return {int(each[1] or 0): folder / each[0] for each in sorted(matches, key=_number)}


def _number(backup: re.Match[str]) -> int:
    return int(backup[1] or 0)


def _content(path: Path) -> bytes | None:
    try:
        # Opening something else may wait for ever, or drain it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotEditable("it is not a regular file")
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _refuse_unless_writable(file: SettingsFile) -> None:
    """Refuse what a replacement would get around: a file or folder that is read-only."""
    folder = next(each for each in file.real.parents if each.exists())
    for each in [file.real, folder] if file.content is not None else [folder]:
        if not each.stat().st_mode & _ANY_WRITER or not os.access(each, os.W_OK):
            raise NotEditable(f"{each} is read-only")
    if file.content is not None and file.real.stat().st_nlink > 1:
        raise NotEditable("it has a second name (a hard link), which would keep the old text")


def _refuse_if_changed(file: SettingsFile) -> None:
    if _content(file.real) != file.content:
        raise SettingsRefused(
            f"{file.path} was changed by somebody else just now; it was left alone",
            next_step="run the same command again",
        )


@contextmanager
def _draft(file: SettingsFile, mode: int) -> Iterator[tuple[Path, BinaryIO]]:
    """Make the file that will take the place of another, locked while this run lives."""
    path = Path(f"{file.real}{DRAFT}")
    with suppress(FileNotFoundError):
        _clear_away(path, file)
    stream = _create(path, OWNER_ONLY if file.content is not None else mode)
    try:
        with stream:
            try_lock(stream.fileno())
            yield path, stream
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _clear_away(path: Path, file: SettingsFile) -> None:
    """Remove what a killed run left; its lock went with it."""
    with path.open("rb") as left:
        if not try_lock(left.fileno()):
            raise SettingsRefused(
                f"another setup is writing {file.path}", next_step="run this again when it is done"
            )
    path.unlink()


def _create(path: Path, mode: int) -> BinaryIO:
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode))


def _fill(draft: Path, stream: BinaryIO, content: bytes, *, like: SettingsFile) -> None:
    stream.write(content)
    stream.flush()
    os.fsync(stream.fileno())
    if like.content is not None:
        _imitate(like.real, draft)


def _imitate(original: Path, copy: Path) -> None:
    """Give a copy the owner, mode and attributes of its original, but its own time."""
    was, now = original.stat(), copy.stat()
    if (was.st_uid, was.st_gid) != (now.st_uid, now.st_gid):
        try:
            os.chown(copy, was.st_uid, was.st_gid)
        except PermissionError as error:
            raise NotEditable("it belongs to somebody else, and has to go on doing so") from error
    shutil.copystat(original, copy)
    os.utime(copy)


def _rename(draft: Path, stream: BinaryIO, path: Path) -> None:
    if sys.platform == "win32":  # pragma: no cover - there an open file cannot be renamed
        stream.close()
    draft.replace(path)
    sync_folder(path.parent)
