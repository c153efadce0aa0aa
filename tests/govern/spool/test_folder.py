"""The folders of the spool: modes, torn files, and a kill at any step."""

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from bicameral.environment import Environment
from bicameral.errors import SpoolUnusable
from bicameral.govern.spool.batch import is_name, key_of, name_of, time_of
from bicameral.govern.spool.enqueue import enqueue
from bicameral.govern.spool.folder import DEAD, FOLDER, PENDING, REASON, SENT, open_spool
from bicameral.govern.spool.overview import look
from tests.conftest import Clock
from tests.docs.pages import ROOT
from tests.govern.spool.parts import KILLER, PYTHON, REGISTRY, capture, queued


@pytest.fixture
def spooled(environment: Environment, clock: Clock) -> Environment:
    """A home with three batches of one row."""
    for _ in range(3):
        clock.advance(seconds=1)
        capture(environment, 1)
        enqueue(environment, REGISTRY)
    return environment


def pending(environment: Environment) -> list[Path]:
    return sorted((environment.home / FOLDER / PENDING).iterdir())


def test_everything_is_for_its_owner_alone_under_an_open_umask(environment: Environment) -> None:
    """Files 0600 and folders 0700, also where a folder was found wider."""
    was = os.umask(0)
    try:
        (environment.home / FOLDER).mkdir(parents=True, mode=0o777)
        capture(environment, 1)
        enqueue(environment, REGISTRY)
        with open_spool(environment) as spool:
            [path] = spool.pending()
            path.with_name(f"x{path.name}").write_bytes(b"strange")
            for each in spool.pending():
                entry = spool.read(each)
                spool.taken(entry, 200) if entry else None
    finally:
        os.umask(was)
    for path in [environment.home / FOLDER, *(environment.home / FOLDER).rglob("*")]:
        if path.name.startswith("x"):
            continue  # as somebody made it
        expected = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == expected, path


def test_names_are_in_the_order_of_time_and_say_what_is_in_them() -> None:
    """A listing is a queue, and the same content has the same key."""
    early, late = name_of(b"{}", time_ns=1_000), name_of(b"[]", time_ns=1_780_000_000_000_000_000)
    assert early < late
    assert is_name(early)
    assert time_of(late) == 1_780_000_000_000_000_000
    assert key_of(early) == key_of(name_of(b"{}", time_ns=5_000))
    assert key_of(early) != key_of(late)
    assert (is_name("batch.json"), key_of("batch.json"), time_of("batch.json")) == (False, "", 0)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "its content is not what was"),
        (lambda path: path.write_bytes(b""), "its content is not what was"),
        (lambda path: path.write_bytes(path.read_bytes() + b" "), "its content is not what was"),
        (lambda path: path.rename(path.with_name("0000-batch.json")), "its name is none of ours"),
    ],
)
def test_a_torn_file_goes_to_the_dead_with_its_reason_and_the_rest_goes_on(
    spooled: Environment, damage: object, reason: str
) -> None:
    """Whatever a disk or a person did to one, the others are sent."""
    damage(pending(spooled)[0])  # type: ignore[operator]
    with open_spool(spooled) as spool:
        entries = [spool.read(path) for path in spool.pending()]
        spool.save()
    assert sum(entry is not None for entry in entries) == 2
    dead = sorted((spooled.home / FOLDER / DEAD).iterdir())
    assert len(dead) == 2
    [note] = [json.loads(each.read_bytes()) for each in dead if each.name.endswith(REASON)]
    assert note["reason"].startswith(reason)
    assert look(spooled.home).dropped == {"torn_files": 1}
    assert look(spooled.home).dead.files == 1


def test_a_batch_that_is_whole_and_none_of_ours_is_torn_too(spooled: Environment) -> None:
    """A name that fits is no proof of what is in it."""
    content = b'{"schema":1,"rows":"all"}'
    path = spooled.home / FOLDER / PENDING / name_of(content, time_ns=1)
    path.write_bytes(content)
    with open_spool(spooled) as spool:
        assert spool.read(path) is None
    assert (spooled.home / FOLDER / DEAD / path.name).read_bytes() == content


def test_a_draft_that_nobody_counted_is_removed(spooled: Environment) -> None:
    """Its rows are still ahead in the log, and will be queued."""
    draft = spooled.home / FOLDER / PENDING / f"{name_of(b'x', time_ns=1)}.new"
    draft.write_bytes(b"x")
    with open_spool(spooled) as spool:
        assert len(spool.pending()) == 3
    assert not draft.exists()


def test_a_batch_whose_receipt_is_there_is_not_sent_again(spooled: Environment) -> None:
    """The process died between the receipt and letting go."""
    path = pending(spooled)[0]
    content = path.read_bytes()
    with open_spool(spooled) as spool:
        entry = spool.read(path)
        assert entry
        spool.taken(entry, 200)
    path.write_bytes(content)
    with open_spool(spooled) as spool:
        assert path not in spool.pending()
        assert len(spool.pending()) == 2
    assert (spooled.home / FOLDER / SENT / path.name).exists()


@pytest.mark.parametrize("name", ["", PENDING, SENT])
def test_a_folder_that_is_none_is_refused_and_left_alone(
    environment: Environment, tmp_path: Path, name: str
) -> None:
    """A link could lead what is queued anywhere."""
    (environment.home / FOLDER).mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    place = environment.home / FOLDER / name
    place.rmdir() if place.exists() else None
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SpoolUnusable), open_spool(environment):
        raise AssertionError
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_the_queue_is_not_followed(spooled: Environment, tmp_path: Path) -> None:
    """Only files that stand there themselves are read."""
    secret = tmp_path / "secret"
    secret.write_text("s", encoding="utf-8")
    (spooled.home / FOLDER / PENDING / name_of(b"s", time_ns=1)).symlink_to(secret)
    with open_spool(spooled) as spool:
        assert len(spool.pending()) == 3


ENQUEUED = """
from bicameral.environment import read_environment
from bicameral.govern.spool.enqueue import enqueue
from bicameral.registry.whole import whole_registry
from dataclasses import replace

BASE, HERE = Path(sys.argv[1]), replace(read_environment(), warn=print)
REGISTRY = whole_registry()


def home(number):
    return replace(HERE, home=BASE.with_name(f"home{number}"))


def prepare(number):
    shutil.copytree(BASE, home(number).home)


def work(number):
    enqueue(home(number), REGISTRY)


print(kill_everywhere(prepare, work))
"""


def test_a_kill_at_any_step_queues_every_row_once(environment: Environment) -> None:
    """Killed at the first change of a file, at the second, and so on; then run again."""
    capture(environment, 5)
    code = KILLER + ENQUEUED
    done = subprocess.run(
        [PYTHON, "-c", code, str(environment.home)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BICAMERAL_HOME": str(environment.home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    steps = int(done.stdout)
    assert steps > 10
    for number in range(1, steps + 1):
        home = environment.home.with_name(f"home{number}")
        ids = [row["id"] for row in queued(home)]
        assert len(ids) == len(set(ids)) == 5, number
        assert not list((home / FOLDER / PENDING).glob("*.new")), number
