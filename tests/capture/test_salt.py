"""The salt: one per install, whole or absent, never replaced (PT-03, PT-04)."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral.capture.hashes import Hashes
from bicameral.capture.salt import read_salt
from bicameral.errors import HomeUnusable, SaltUnusable
from tests.capture.processes import run, run_at_once

HASH_A_TOPIC = """
import os, pathlib
from bicameral.capture.hashes import Hashes
from bicameral.capture.salt import read_salt
wait_for_the_others()
salt = read_salt(pathlib.Path(sys.argv[2]), os.urandom)
print(len(salt), Hashes(salt).hash_topic("topic"))
"""
READ_AS_ANOTHER_USER = """
import os, pathlib
from bicameral.capture.salt import read_salt
from bicameral.errors import BicameralError
wait_for_the_others()
os.setuid(65534)
try:
    read_salt(pathlib.Path(sys.argv[1]), os.urandom)
except BicameralError as error:
    print(type(error).__name__, error)
"""
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can change users"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_the_first_caller_makes_it_and_the_next_ones_read_it(home: Path) -> None:
    """One per install, 32 bytes, for its owner alone."""
    made = read_salt(home, os.urandom)

    assert len(made) == 32
    assert read_salt(home, os.urandom) == made
    assert (home / "salt").read_bytes() == made
    assert stat.S_IMODE((home / "salt").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [entry.name for entry in home.iterdir()] == ["salt"]


def test_processes_that_start_at_once_on_an_empty_home_hash_alike(tmp_path: Path) -> None:
    """The race at the first run: an empty or second salt would split the data for good."""
    for number in range(3):
        outputs = run_at_once(HASH_A_TOPIC, 32, tmp_path / f"home{number}")

        assert len(set(outputs)) == 1
        assert outputs[0].startswith("32 ")


def test_a_wide_mode_is_tightened(home: Path) -> None:
    """A salt that others can read makes guessed topics checkable for them."""
    made = read_salt(home, os.urandom)
    (home / "salt").chmod(0o644)

    assert read_salt(home, os.urandom) == made
    assert stat.S_IMODE((home / "salt").stat().st_mode) == 0o600


def test_a_wide_mode_that_cannot_be_tightened_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read-only and open to others: the system call is refused here as it is there."""
    read_salt(home, os.urandom)
    (home / "salt").chmod(0o644)
    monkeypatch.setattr(os, "fchmod", refuse)

    with pytest.raises(SaltUnusable, match="can be read by others"):
        read_salt(home, os.urandom)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:31])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"!")


def make_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_symlink(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def make_dangling_symlink(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (empty, "holds 0 bytes"),
        (truncate, "holds 31 bytes"),
        (lengthen, "holds 33 bytes"),
        (make_directory, "not a regular file"),
        (make_symlink, "symbolic link"),
        (make_dangling_symlink, "symbolic link"),
        (make_pipe, "not a regular file"),
    ],
)
def test_what_is_no_salt_of_ours_is_refused_and_left_alone(
    home: Path, spoil: Callable[[Path], None], why: str
) -> None:
    """Silently replaced, it would make every hash so far incomparable."""
    old = Hashes(read_salt(home, os.urandom)).hash_topic("topic")
    content = (home / "salt").read_bytes()
    spoil(home / "salt")
    before = (home / "salt").lstat()

    with pytest.raises(SaltUnusable, match=why) as refusal:
        read_salt(home, os.urandom)

    assert "restore it from a backup" in refusal.value.next_step
    after = (home / "salt").lstat()
    assert (after.st_ino, after.st_size) == (before.st_ino, before.st_size)
    put_back(home / "salt", content)
    assert Hashes(read_salt(home, os.urandom)).hash_topic("topic") == old


def put_back(path: Path, content: bytes) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()
    path.write_bytes(content)


@as_root
def test_a_salt_of_another_user_is_refused(home: Path) -> None:
    """Whoever owns the file knows the salt, and can change it."""
    read_salt(home, os.urandom)
    os.chown(home / "salt", 65534, 65534)

    with pytest.raises(SaltUnusable, match="belongs to user 65534"):
        read_salt(home, os.urandom)


@as_root
def test_a_salt_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """Permission is checked by the system for everyone but root, so another user asks."""
    home = tmp_path / "home"
    read_salt(home, os.urandom)
    open_the_way_to(home)

    assert run(READ_AS_ANOTHER_USER, home).splitlines()[1].startswith("SaltUnusable")


def open_the_way_to(folder: Path) -> None:
    folder.chmod(0o755)
    for parent in folder.parents[:4]:
        parent.chmod(0o755)


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The person needs to know which setting to change."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(HomeUnusable, match="cannot be used"):
        read_salt(tmp_path / "file" / "home", os.urandom)


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_without_hard_links_the_salt_is_published_under_a_lock(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems have none; the system call is refused here as they refuse it."""
    monkeypatch.setattr(os, "link", refuse)

    made = read_salt(home, os.urandom)

    assert read_salt(home, os.urandom) == made
    assert sorted(entry.name for entry in home.iterdir()) == ["salt", "salt.lock"]


NO_LINKS = """
import os
def refuse_links(*_, **__):
    raise PermissionError(1, "Operation not permitted")
os.link = refuse_links
"""


def test_without_hard_links_processes_at_once_hash_alike(home: Path) -> None:
    """The same race, on the other path."""
    assert len(set(run_at_once(NO_LINKS + HASH_A_TOPIC, 12, home))) == 1


FULL_DISK = """
import os, pathlib, resource
from bicameral.capture.salt import read_salt
from bicameral.errors import SaltUnusable
wait_for_the_others()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    read_salt(pathlib.Path(sys.argv[1]), os.urandom)
except SaltUnusable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


@pytest.mark.parametrize("room", [0, 16])
def test_a_full_disk_leaves_no_salt_at_all(home: Path, room: int) -> None:
    """Half a salt under the name would be refused from then on."""
    output = run(FULL_DISK, home, room)

    assert "no salt can be made" in output
    assert list(home.iterdir()) == []
    assert len(read_salt(home, os.urandom)) == 32
