"""The data set's file: whole rows only, whoever dies, writes beside us, or put it there."""

import errno
import os
import re
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bicameral.errors import DatasetRefused
from bicameral.review.dataset import EvalRow, row_id
from bicameral.review.promotion.dataset_file import open_dataset
from bicameral.review.promotion.redaction import serialise
from tests.review.promotion.parts import a_draft, rows_of

BOUND_SECONDS = 300
WRITER = """
import sys
from pathlib import Path
from bicameral.review.promotion.dataset_file import open_dataset
from tests.review.promotion.test_dataset_file import a_line
path, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
print("ready", flush=True)
for number in range(first, last):
    with open_dataset(path) as dataset:
        dataset.append(a_line(number))
    print(number, flush=True)
"""


def an_eval_row(number: int) -> EvalRow:
    return a_draft(topic=f"retry failed charges {number}", id=f"row_{number:016x}")


def a_line(number: int) -> bytes:
    return serialise(an_eval_row(number))


def append(path: Path, number: int) -> None:
    with open_dataset(path) as dataset:
        dataset.append(a_line(number))


def start(path: Path, first: int, last: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(first), str(last)],
        stdout=subprocess.PIPE,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "rows.jsonl"


def test_rows_are_appended_in_a_folder_that_is_made(path: Path) -> None:
    """The first promotion of a repository makes the file."""
    append(path, 1)
    append(path, 2)
    assert path.read_bytes() == a_line(1) + b"\n" + a_line(2) + b"\n"


@pytest.mark.parametrize("length", [1, 5, 8, 40, -1])
def test_half_a_row_is_cut_off_before_the_next_one(path: Path, length: int) -> None:
    """A writer that died leaves a beginning; glued to it, the next row would be lost."""
    append(path, 1)
    with path.open("ab") as file:
        file.write(a_line(2)[:length])
    append(path, 3)
    assert [row.id for row in rows_of(path)] == [an_eval_row(n).id for n in (1, 3)]


def test_a_whole_row_without_its_newline_is_kept(path: Path) -> None:
    """Some editors take the last newline away."""
    path.parent.mkdir()
    path.write_bytes(a_line(1))
    append(path, 2)
    assert [row.id for row in rows_of(path)] == [an_eval_row(n).id for n in (1, 2)]


@pytest.mark.parametrize(
    "content",
    [
        b"not a row\n",
        b'{"id":"row_1"}\n',
        b"half a sentence",
        a_line(1)[:-1] + b',"schema":9}\n',
        a_line(1)[:40] + b"\n" + a_line(2) + b"\n",
    ],
)
def test_a_file_that_is_no_data_set_is_refused_and_left_as_it_is(
    path: Path, content: bytes
) -> None:
    """Somebody's notes must not end in a line of ours, and a broken row is for a person."""
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(DatasetRefused, match="line 1 of"):
        append(path, 2)
    assert path.read_bytes() == content


def test_a_symbolic_link_is_refused(path: Path, tmp_path: Path) -> None:
    """A link that somebody planted leads the row elsewhere."""
    path.parent.mkdir()
    target = tmp_path / "elsewhere.jsonl"
    target.write_bytes(b"")
    path.symlink_to(target)
    with pytest.raises(DatasetRefused, match="is a symbolic link"):
        append(path, 1)
    assert target.read_bytes() == b""


def test_a_folder_that_leads_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    """A link in the middle of the path does the same."""
    root, outside = tmp_path / "repository", tmp_path / "outside"
    (root / "tests").mkdir(parents=True)
    outside.mkdir()
    (root / "tests" / "eval").symlink_to(outside)
    with (
        pytest.raises(DatasetRefused, match="leads out of"),
        open_dataset(root / "tests" / "eval" / "rows.jsonl", below=root),
    ):
        pass
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_regular_file_is_refused(path: Path, make: object) -> None:
    """A pipe would wait for a reader for ever."""
    path.parent.mkdir()
    assert callable(make)
    make(path)
    with pytest.raises(DatasetRefused, match="is not a regular file"):
        append(path, 1)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_refused(path: Path) -> None:
    """Who owns a file can change what a person has vouched for."""
    append(path, 1)
    os.chown(path, 12_345, -1)
    with pytest.raises(DatasetRefused, match="belongs to user 12345"):
        append(path, 2)


def test_writers_at_once_lose_nothing(path: Path) -> None:
    """Two people who promote at the same moment both find their rows."""
    writers = [start(path, first, first + 8) for first in (100, 200, 300)]
    for each in writers:
        each.communicate(timeout=BOUND_SECONDS)
        assert each.returncode == 0
    wanted = {an_eval_row(n).id for first in (100, 200, 300) for n in range(first, first + 8)}
    found = [row.id for row in rows_of(path)]
    assert set(found) == wanted
    assert len(found) == len(wanted)


@pytest.mark.parametrize("after", [1, 9])
def test_a_writer_that_is_killed_leaves_whole_rows(path: Path, after: int) -> None:
    """Whatever it had said was written is there, and one more at most."""
    writer = start(path, 1, 1_000_000)
    assert writer.stdout is not None
    said = [writer.stdout.readline() for _ in range(after + 1)]
    writer.send_signal(signal.SIGKILL)
    rest = writer.stdout.read().splitlines()
    writer.wait(timeout=BOUND_SECONDS)
    writer.stdout.close()
    last = int((rest or said)[-1])
    numbers = [int(row.id.removeprefix("row_"), 16) for row in rows_of(path)]
    assert numbers[:last] == list(range(1, last + 1))
    assert len(numbers) <= last + 1
    append(path, 2_000_000)
    assert rows_of(path)[-1].id == an_eval_row(2_000_000).id


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.review.promotion.test_dataset_file import append
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    append(Path(sys.argv[1]), 2)
except OSError as error:
    print(error.errno)
"""


@pytest.mark.parametrize("room", [0, 10])
def test_a_full_disk_leaves_the_file_as_it_was(path: Path, room: int) -> None:
    """Half a row is worse than none."""
    append(path, 1)
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(len(before) + room)],
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=True,
        preexec_fn=None,
    )
    assert int(done.stdout) in {errno.ENOSPC, errno.EFBIG}
    assert path.read_bytes() == before
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != len(before) + room


def test_the_id_of_a_row_comes_from_what_it_asks() -> None:
    """A note or a label may change without making it another row."""
    row = a_draft()
    assert re.fullmatch(r"row_[0-9a-f]{16}", row_id(row))
    assert row_id(row) == row_id(a_draft(note="seen twice", label="not_a_failure"))
    assert row_id(row) != row_id(a_draft(topic="refund"))
