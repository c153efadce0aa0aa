"""Labels: on the disk when the call returns, one whole line each, whoever else writes."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral.environment import Environment
from bicameral.review.rows import LABELS_FILE
from bicameral.review.triage import labels
from bicameral.review.triage.labels import append_label, person_at_work
from tests.conftest import MakeEnvironment
from tests.review.triage.parts import a_label, labels_on_disk

PROCESSES = 32
LABELS_EACH = 4
BOUND_SECONDS = 300
WRITER = """\
import sys
from bicameral.environment import read_environment
from bicameral.review.triage.labels import append_label

environment = read_environment()
name, number = sys.argv[1], int(sys.argv[2])
sys.stdin.readline()
for count in range(number):
    append_label(environment, f"rev_{name}_{count}", "label", who=name, label="borderline")
    print(count, flush=True)
"""

posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX modes, links and signals")


@pytest.fixture
def start_writer(environment: Environment) -> Callable[[str, int], "subprocess.Popen[str]"]:
    def start(name: str, number: int) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", WRITER, name, str(number)],
            env={**os.environ, "BICAMERAL_HOME": str(environment.home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def test_32_processes_that_label_at_once_lose_nothing(
    environment: Environment, start_writer: Callable[[str, int], "subprocess.Popen[str]"]
) -> None:
    """Every label is found exactly once, and each person's in the order they were given."""
    writers = [start_writer(f"w{number}", LABELS_EACH) for number in range(PROCESSES)]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=BOUND_SECONDS)
        assert writer.returncode == 0
    found = [each.review_id for each in labels_on_disk(environment.home)]
    assert len(found) == PROCESSES * LABELS_EACH
    for number in range(PROCESSES):
        own = [each for each in found if each.startswith(f"rev_w{number}_")]
        assert own == [f"rev_w{number}_{count}" for count in range(LABELS_EACH)]


@posix_only
def test_a_label_that_was_given_outlives_the_process(
    environment: Environment, start_writer: Callable[[str, int], "subprocess.Popen[str]"]
) -> None:
    """Nothing is kept back in memory for later."""
    writer = start_writer("w", 1_000_000)
    assert writer.stdin
    assert writer.stdout
    writer.stdin.write("go\n")
    writer.stdin.flush()
    given = [writer.stdout.readline() for _ in range(5)]
    writer.send_signal(signal.SIGKILL)
    writer.communicate(timeout=BOUND_SECONDS)
    assert given == [f"{number}\n" for number in range(5)]
    assert len(labels_on_disk(environment.home)) >= 5
    append_label(environment, "rev_next", "label", who="ada", label="real_miss")
    assert labels_on_disk(environment.home)[-1].review_id == "rev_next"


@posix_only
def test_the_file_and_its_folder_are_synced_before_the_call_returns(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut right after must find both the line and the file's name on the disk."""
    synced: list[int] = []
    sync = os.fsync

    def note(descriptor: int) -> None:
        state = os.fstat(descriptor)
        synced.append(state.st_ino)
        if stat.S_ISREG(state.st_mode):
            assert state.st_size > 0, "the line comes before the sync"
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    append_label(environment, "rev_1", "label", who="ada", label="real_miss")
    home = environment.home
    assert synced == [(home / LABELS_FILE).stat().st_ino, home.stat().st_ino]


@posix_only
def test_the_file_is_its_owners_alone(environment: Environment) -> None:
    """Also under a generous umask, and when somebody widened it."""
    before = os.umask(0)
    try:
        append_label(environment, "rev_1", "label", who="ada", label="real_miss")
    finally:
        os.umask(before)
    path = environment.home / LABELS_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o666)
    append_label(environment, "rev_1", "undo", who="ada")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(environment.home.stat().st_mode) == 0o700


def test_a_label_says_who_when_what_and_why(environment: Environment) -> None:
    """The row that comes back is the one on the disk."""
    said = append_label(
        environment, "rev_1", "label", who=" Ada ", label="borderline", note=" could be\neither "
    )
    assert labels_on_disk(environment.home) == [said]
    assert (said.who, said.label, said.note) == ("Ada", "borderline", "could be\neither")
    assert said.ts == "2026-05-28T20:26:40.000000Z"
    promoted = append_label(environment, "rev_1", "promote", who="ada", eval_row_id="row_1")
    assert labels_on_disk(environment.home) == [said, promoted]


def test_a_torn_line_does_not_swallow_the_next_label(environment: Environment) -> None:
    """The power went while somebody labelled; their line is lost, not the next one's."""
    append_label(environment, "rev_1", "label", who="ada", label="real_miss")
    path = environment.home / LABELS_FILE
    path.write_bytes(path.read_bytes() + b'{"ts":"2026-')
    append_label(environment, "rev_2", "label", who="ada", label="borderline")
    lines = path.read_bytes().splitlines()
    assert lines[1] == b'{"ts":"2026-'
    assert b'"rev_2"' in lines[2]


@posix_only
def test_a_full_disk_leaves_the_file_as_it_was(environment: Environment) -> None:
    """Half a label must not be there, and the person must hear that it was not saved."""
    append_label(environment, "rev_1", "label", who="ada", label="real_miss")
    path = environment.home / LABELS_FILE
    before = path.read_bytes()
    script = (
        "import resource, sys\n"
        "_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 10}, hard))\n"
        "from bicameral.environment import read_environment\n"
        "from bicameral.review.triage.labels import append_label\n"
        "try:\n"
        "    append_label(read_environment(), 'rev_2', 'label', who='a', label='borderline')\n"
        "except OSError as error:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))\n"
        "    sys.exit(str(error.strerror))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "BICAMERAL_HOME": str(environment.home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=BOUND_SECONDS,
    )
    assert done.stderr.strip().endswith("bytes fitted")
    assert path.read_bytes() == before


@posix_only
def test_a_planted_link_or_pipe_is_refused(environment: Environment, tmp_path: Path) -> None:
    """Labels go into our file or nowhere."""
    environment.home.mkdir(mode=0o700)
    path = environment.home / LABELS_FILE
    target = tmp_path / "target"
    path.symlink_to(target)
    with pytest.raises(OSError, match=r"(?i)symbolic links"):
        append_label(environment, "rev_1", "label", who="ada", label="real_miss")
    assert not target.exists()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        append_label(environment, "rev_1", "label", who="ada", label="real_miss")


@posix_only
def test_a_lock_that_stays_taken_is_said(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds it was stopped in the middle; waiting for ever helps nobody."""
    import fcntl

    monkeypatch.setattr(labels, "LOCK_ATTEMPTS", 2)
    append_label(environment, "rev_1", "label", who="ada", label="real_miss")
    with (environment.home / LABELS_FILE).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another process holds it"):
            append_label(environment, "rev_2", "label", who="ada", label="real_miss")
    assert len(labels_on_disk(environment.home)) == 1


def test_text_that_has_no_utf8_is_stored_with_question_marks(environment: Environment) -> None:
    """A note from a broken locale is still a note; very long ones are cut."""
    said = append_label(
        environment, "rev_1", "label", who="\udcff", label="borderline", note="caf\udce9 " * 1_000
    )
    assert said.who == "?"
    assert said.note.startswith("caf? caf?")
    assert len(said.note) == labels.LONGEST_NOTE
    assert labels_on_disk(environment.home) == [said]


@pytest.mark.parametrize(
    ("variables", "named", "who"),
    [
        ({"USER": "ada"}, "Grace", "Grace"),
        ({"USER": "ada", "USERNAME": "win"}, None, "ada"),
        ({"USERNAME": "win"}, "  ", "win"),
        ({"USER": " "}, None, "unknown"),
        ({}, None, "unknown"),
    ],
)
def test_who_labels_is_the_name_given_or_the_users(
    make_environment: MakeEnvironment, variables: dict[str, str], named: str | None, who: str
) -> None:
    """Several people may share a home; nobody has to name themselves."""
    assert person_at_work(make_environment(variables=variables).variables, named) == who


def test_rows_written_before_are_left_alone(environment: Environment) -> None:
    """Append-only: the bytes before are the same bytes after."""
    path = environment.home / LABELS_FILE
    seen = b""
    for label in ("real_miss", "borderline", "not_a_failure"):
        append_label(environment, "rev_1", "label", who="ada", label=label)
        assert path.read_bytes().startswith(seen)
        seen = path.read_bytes()
    assert a_label("rev_1", label="borderline").label == labels_on_disk(environment.home)[1].label
