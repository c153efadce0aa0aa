"""A settings file on a real disk: whole or untouched, whatever happens to it meanwhile."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bicameral.capture.locks import held_lock
from bicameral.cli.setup.files import read_backups, read_settings, remove, write
from bicameral.cli.setup.settings import NotEditable
from bicameral.errors import SettingsRefused

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "settings"
    folder.mkdir()
    return folder / "mcp.json"


def names(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir()}


def test_a_new_file_is_made_with_its_folder(tmp_path: Path) -> None:
    """An editor that has never kept settings of a project has no folder either."""
    file = read_settings(tmp_path / ".cursor" / "mcp.json")
    assert write(file, b"{}", keeps_backup=True) is None
    assert file.real.read_bytes() == b"{}"
    assert names(file.real) == {"mcp.json"}


def test_backups_are_numbered_and_never_written_over(path: Path) -> None:
    """What somebody needs back is most often not the latest."""
    made = []
    for number in range(12):
        path.write_bytes(b"%d" % number)
        made.append(write(read_settings(path), b"changed", keeps_backup=True))
    first = f"{path}.bicameral-backup"
    assert made == [Path(first), *(Path(f"{first}.{number}") for number in range(1, 12))]
    assert [each.read_bytes() for each in made if each] == [b"%d" % n for n in range(12)]
    found = [each.text for each in read_backups(read_settings(path))]
    assert found == [str(number) for number in reversed(range(12))]


def test_the_same_bytes_are_backed_up_once(path: Path) -> None:
    """A folder must not fill up with copies of one another."""
    for _ in range(3):
        path.write_bytes(b"before")
        write(read_settings(path), b"after", keeps_backup=True)
    assert names(path) == {"mcp.json", "mcp.json.bicameral-backup"}


def test_a_backup_of_another_encoding_is_not_taken_for_this_file(path: Path) -> None:
    """With another byte order mark it could not be put back as it was."""
    path.write_bytes(b"\xef\xbb\xbf{}")
    Path(f"{path}.bicameral-backup").write_bytes(b"{}")
    Path(f"{path}.bicameral-backup.1").write_bytes(b"\xff\xfe")
    Path(f"{path}.bicameral-backup.x").write_bytes(b"{}")
    file = read_settings(path)
    assert (file.text, file.encoded("{}")) == ("{}", b"\xef\xbb\xbf{}")
    assert read_backups(file) == []


@posix
def test_mode_and_owner_stay(path: Path) -> None:
    """A file with keys in it must not become readable, nor a shared one private."""
    for mode in (0o600, 0o664, 0o640):
        path.write_bytes(b"before")
        path.chmod(mode)
        backup = write(read_settings(path), b"%o" % mode, keeps_backup=True)
        assert path.stat().st_mode & 0o777 == mode
        assert backup is None or backup.stat().st_mode & 0o777 == mode
        Path(f"{path}.bicameral-backup").unlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_an_owner_who_is_somebody_else_stays_too(path: Path) -> None:
    """Root sets up a file of a person's: it is the person's afterwards."""
    path.write_bytes(b"before")
    os.chown(path, 1234, 1235)
    write(read_settings(path), b"after", keeps_backup=False)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder for everybody, seen as one who is not root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "mcp.json").write_bytes(b"before")
        (folder / "mcp.json").chmod(0o666)
        os.seteuid(65534)
        try:
            yield folder
        finally:
            os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_a_file_that_would_change_its_owner_is_refused(nobody: Path) -> None:
    """Whoever owned it could not use it any more; nothing is left behind either."""
    file = read_settings(nobody / "mcp.json")
    with pytest.raises(NotEditable, match="belongs to somebody else"):
        write(file, b"after", keeps_backup=False)
    assert file.real.read_bytes() == b"before"
    assert names(file.real) == {"mcp.json"}


@posix
def test_a_link_is_followed_to_the_real_file(path: Path, tmp_path: Path) -> None:
    """People keep their settings in a repository and link to them."""
    real = tmp_path / "dotfiles.json"
    real.write_bytes(b"before")
    middle = tmp_path / "middle"
    middle.symlink_to(real)
    path.symlink_to(middle)
    assert write(read_settings(path), b"after", keeps_backup=True) == Path(
        f"{real}.bicameral-backup"
    )
    assert path.is_symlink()
    assert (path.readlink(), real.read_bytes()) == (middle, b"after")
    assert names(path) == {"mcp.json"}


@posix
@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "utf-16", "broken"])
def test_what_is_no_text_file_is_not_read(path: Path, kind: str) -> None:
    """Reading a pipe would wait for ever."""
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.write_bytes("{}".encode("utf-16") if kind == "utf-16" else b'{"a": "\xe9"}')
    with pytest.raises(NotEditable):
        read_settings(path)


@posix
@pytest.mark.parametrize("what", ["file", "folder", "folder of a new file"])
def test_what_is_read_only_is_left_alone(path: Path, what: str) -> None:
    """Replacing gets around a mode that somebody set on purpose; so it is looked at."""
    if what != "folder of a new file":
        path.write_bytes(b"before")
    locked = path if what == "file" else path.parent
    file = read_settings(path)
    locked.chmod(0o555 if locked.is_dir() else 0o444)
    try:
        with pytest.raises(NotEditable, match="is read-only"):
            write(file, b"after", keeps_backup=True)
        with pytest.raises(NotEditable, match="is read-only"):
            remove(file, with_folder=True)
    finally:
        path.parent.chmod(0o755)
    assert names(path) == ({"mcp.json"} if what != "folder of a new file" else set())


@posix
def test_a_file_with_two_names_is_left_alone(path: Path) -> None:
    """One of the names would go on showing what was there before."""
    path.write_bytes(b"before")
    path.with_name("other").hardlink_to(path)
    with pytest.raises(NotEditable, match="hard link"):
        write(read_settings(path), b"after", keeps_backup=True)
    assert names(path) == {"mcp.json", "other"}


@pytest.mark.parametrize("change", [b"changed", None])
def test_a_change_of_somebody_else_is_not_lost(path: Path, change: bytes | None) -> None:
    """A client writes its own settings while it runs."""
    path.write_bytes(b"before")
    file = read_settings(path)
    path.unlink()
    if change:
        path.write_bytes(change)
    with pytest.raises(SettingsRefused, match="changed by somebody else"):
        write(file, b"after", keeps_backup=False)
    assert names(path) == ({"mcp.json"} if change else set())
    if change:
        assert path.read_bytes() == change
        with pytest.raises(SettingsRefused):
            remove(file, with_folder=False)


def test_a_file_that_appeared_meanwhile_is_not_overwritten(path: Path) -> None:
    """Not being there is a state like any other."""
    file = read_settings(path)
    path.write_bytes(b"new")
    with pytest.raises(SettingsRefused, match="changed by somebody else"):
        write(file, b"after", keeps_backup=False)
    assert path.read_bytes() == b"new"


def test_two_setups_at_once_do_not_mix(path: Path) -> None:
    """The second is told; what a dead one left is cleared away."""
    path.write_bytes(b"before")
    file = read_settings(path)
    draft = Path(f"{path}.bicameral-new")
    with held_lock(draft) as is_held:
        assert is_held
        with pytest.raises(SettingsRefused, match="another setup"):
            write(file, b"after", keeps_backup=True)
    assert (path.read_bytes(), draft.exists()) == (b"before", True)
    write(file, b"after", keeps_backup=False)
    assert (path.read_bytes(), draft.exists()) == (b"after", False)


@pytest.mark.parametrize("has_more", [False, True])
def test_a_folder_goes_with_its_last_file(tmp_path: Path, has_more: bool) -> None:
    """What setup made it takes away, and not a file more."""
    folder = tmp_path / ".cursor"
    file = read_settings(folder / "mcp.json")
    write(file, b"{}", keeps_backup=False)
    if has_more:
        (folder / "rules").write_text("", encoding="utf-8")
    remove(read_settings(file.path), with_folder=True)
    assert folder.exists() is has_more
    assert not file.real.exists()


# A process that kills itself at the n-th thing that it asks of the system for the file.
MORTAL = """\
import os, signal, sys
from pathlib import Path
from bicameral.cli.setup.files import read_settings, write
path, left = Path(sys.argv[1]), int(sys.argv[2])
def count(event, arguments):
    global left
    if any(str(path) in str(each) for each in arguments):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
write(read_settings(path), b"after" * 20000, keeps_backup=True)
"""


@posix
def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(path: Path) -> None:
    """And whoever runs it again gets there, with nothing lying about."""
    before, after = b"before" * 20000, b"after" * 20000
    seen = set()
    for moment in range(1, 100):
        path.write_bytes(before)
        done = subprocess.run([sys.executable, "-c", MORTAL, path, str(moment)], check=False)
        seen.add(path.read_bytes())
        assert seen <= {before, after}
        for backup in path.parent.glob("*.bicameral-backup*"):
            assert backup.read_bytes() == before
        if path.read_bytes() == before:
            write(read_settings(path), after, keeps_backup=True)
        assert names(path) == {"mcp.json", "mcp.json.bicameral-backup"}
        Path(f"{path}.bicameral-backup").unlink()
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert moment > 8
    assert seen == {before, after}
