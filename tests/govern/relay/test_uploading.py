"""Uploading: what is let go of and what is kept, against a real server and at every step."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from bicameral.capture.stamps import read_stamp_ns
from bicameral.environment import Environment
from bicameral.govern.relay.endpoint import parse_endpoint
from bicameral.govern.relay.pace import PaceLimits
from bicameral.govern.relay.sending import Reply, send
from bicameral.govern.relay.uploading import Uploaded, upload
from bicameral.govern.spool.enqueue import enqueue
from bicameral.govern.spool.folder import FOLDER, PENDING, SENT, open_spool
from bicameral.govern.spool.overview import look
from tests.conftest import Clock
from tests.docs.pages import ROOT
from tests.govern.relay import there
from tests.govern.relay.there import TOKEN, Answer, There, listening, status
from tests.govern.spool.parts import KILLER, PYTHON, REGISTRY, capture, queued

FEW = PaceLimits(attempts=3)


@pytest.fixture
def spooled(environment: Environment, clock: Clock) -> Environment:
    """A home with three batches, of one, two and three rows."""
    for rows in (1, 2, 3):
        clock.advance(seconds=1)
        capture(environment, rows)
        enqueue(environment, REGISTRY)
    return environment


@pytest.fixture
def slept() -> list[float]:
    """How long was waited, in order."""
    return []


Run = Callable[..., Uploaded]


@pytest.fixture
def run(spooled: Environment, clock: Clock, slept: list[float]) -> Run:
    """Upload to a server, with a clock that moves when somebody sleeps."""

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds=seconds)

    def once(each: There, *, limits: PaceLimits = FEW, seconds: float = 10.0) -> Uploaded:
        def post(headers: Mapping[str, str], body: bytes) -> Reply:
            return send(parse_endpoint(each.url), headers, body, timeout_seconds=seconds)

        with open_spool(spooled) as spool:
            return upload(spooled, spool, post, token=TOKEN, sleep=sleep, limits=limits)

    return once


def waiting(environment: Environment) -> int:
    return len(list((environment.home / FOLDER / PENDING).iterdir()))


@pytest.mark.parametrize("code", [200, 201, 204])
def test_what_was_taken_is_let_go_of_and_leaves_a_receipt(
    run: Run, spooled: Environment, code: int
) -> None:
    """Oldest first, each once, signed, and nothing of the rows stays but their ids."""
    ids = [row["id"] for row in queued(spooled.home)]
    with listening(status(code)) as each:
        done = run(each)
        assert all(request.is_signed() for request in each.requests)
        assert each.row_ids() == ids
        assert len(set(each.keys())) == 3
    assert (done.sent_batches, done.sent_rows, done.kept_batches) == (3, 6, 0)
    assert done.answers == {str(code): 3}
    assert waiting(spooled) == 0
    seen = look(spooled.home)
    assert (seen.sent.files, seen.sent.rows) == (3, 6)
    for path in (spooled.home / FOLDER / SENT).iterdir():
        assert b"preflight" not in path.read_bytes()


@pytest.mark.parametrize(
    ("answer", "stopped", "requests", "answers"),
    [
        (status(301, Location="https://x.invalid"), "redirected", 1, {"301": 1}),
        (status(400), "refused", 3, {"400": 3}),
        (status(401), "unauthorised", 1, {"401": 1}),
        (status(403), "unauthorised", 1, {"403": 1}),
        (status(429), "unreachable", 3, {"429": 3}),
        (status(500), "unreachable", 3, {"500": 3}),
        (status(202), "unreachable", 3, {"202": 3}),
        (there.broken, "unreachable", 3, {"the answer broke off": 3}),
        (there.closing, "unreachable", 3, {"RemoteDisconnected": 3}),
    ],
)
def test_whatever_is_no_plain_yes_keeps_every_batch(
    run: Run,
    spooled: Environment,
    answer: Answer,
    stopped: str,
    requests: int,
    answers: dict[str, int],
) -> None:
    """And it says why it stopped, and has not hammered on the other side."""
    before = queued(spooled.home)
    with listening(answer) as each:
        done = run(each)
        assert len(each.requests) == requests
    assert (done.sent_batches, done.kept_batches) == (0, 3)
    assert (done.stopped, done.answers) == (stopped, answers)
    assert queued(spooled.home) == before


def test_a_time_that_ran_out_keeps_the_batch(run: Run, spooled: Environment) -> None:
    """A server that takes and never answers."""
    with listening(there.silent) as each:
        done = run(each, limits=PaceLimits(attempts=1), seconds=0.5)
    assert (done.stopped, done.answers) == ("unreachable", {"timeout": 1})
    assert waiting(spooled) == 3


def test_one_that_is_refused_is_kept_and_the_next_is_tried(run: Run, spooled: Environment) -> None:
    """What is wrong with one batch says nothing of another."""
    with listening(status(400), status(200)) as each:
        done = run(each)
    assert (done.sent_batches, done.kept_batches, done.stopped) == (2, 1, "")
    assert waiting(spooled) == 1


def test_a_trouble_that_passes_is_waited_out(run: Run, slept: list[float]) -> None:
    """Under the same key each time, and with a fresh timestamp."""
    with listening(status(500), there.closing, status(200)) as each:
        done = run(each)
        assert each.keys()[0] == each.keys()[1] == each.keys()[2]
        assert all(request.is_signed() for request in each.requests)
    assert (done.sent_batches, done.stopped) == (3, "")
    assert len(slept) == 2
    assert 0 <= slept[0] <= 1
    assert 0 <= slept[1] <= 2


def test_what_the_other_side_asks_to_wait_is_waited(run: Run, slept: list[float]) -> None:
    """To the second, and not by chance."""
    with listening(status(429, Retry_After="7"), status(200)) as each:
        assert run(each).sent_batches == 3
    assert slept == [7.0]


def test_a_long_wait_is_remembered_by_the_next_upload(
    run: Run, spooled: Environment, clock: Clock, slept: list[float]
) -> None:
    """The command does not sleep for an hour, and the next does not come too early."""
    with listening(status(503, Retry_After="3600"), status(200)) as each:
        begin = clock()
        done = run(each)
        assert (done.stopped, done.kept_batches, slept) == ("told to wait", 3, [])
        assert read_stamp_ns(done.retry_at) == begin + 3_600 * 1_000_000_000
        clock.advance(seconds=3_599)
        again = run(each)
        assert (again.stopped, again.kept_batches) == ("told to wait", 3)
        assert (again.retry_at, len(each.requests)) == (done.retry_at, 1)
        clock.advance(seconds=1)
        assert run(each).sent_batches == 3
    assert look(spooled.home).retry_at == ""


def test_a_torn_batch_is_put_aside_and_the_others_are_sent(run: Run, spooled: Environment) -> None:
    """One bad sector must not hold up the queue."""
    path = sorted((spooled.home / FOLDER / PENDING).iterdir())[1]
    path.write_bytes(path.read_bytes()[:-20])
    with listening(status(200)) as each:
        done = run(each)
        assert len(each.row_ids()) == 4
    assert (done.sent_batches, done.kept_batches) == (2, 0)
    assert look(spooled.home).dead.files == 1


def test_an_answer_that_was_lost_is_no_second_batch(run: Run, spooled: Environment) -> None:
    """The other side took it and the line broke: the same key comes again, the same bytes."""
    with listening(there.broken, status(200)) as each:
        run(each)
        assert len(each.requests) == 4
        assert len(set(each.keys())) == 3
        assert len(each.row_ids()) == len(set(each.row_ids())) == 6


def test_requests_keep_their_pace(
    run: Run, spooled: Environment, clock: Clock, slept: list[float]
) -> None:
    """However much waits."""
    with listening(status(200)) as each:
        run(each, limits=PaceLimits(requests=2, seconds=60.0))
    assert slept == [60.0]


# Processes.

UPLOADED = """
from bicameral.environment import read_environment
from bicameral.govern.relay.endpoint import parse_endpoint
from bicameral.govern.relay.sending import send
from bicameral.govern.relay.uploading import upload
from bicameral.govern.spool.folder import open_spool
from dataclasses import replace

BASE, HERE = Path(sys.argv[1]), replace(read_environment(), warn=print)
THERE, TOKEN = parse_endpoint(sys.argv[2]), sys.argv[3]


def work(number):
    here = replace(HERE, home=BASE.with_name(f"home{number}"))
    with open_spool(here, attempts=20_000) as spool:
        done = upload(
            here,
            spool,
            lambda headers, body: send(THERE, {**headers, "X-Run": str(number)}, body),
            token=TOKEN,
            sleep=lambda seconds: None,
        )
    assert done.kept_batches == 0


def prepare(number):
    shutil.copytree(BASE, BASE.with_name(f"home{number}"))


"""


def in_process(code: str, environment: Environment, each: There) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [PYTHON, "-c", KILLER + UPLOADED + code, str(environment.home), each.url, TOKEN],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "BICAMERAL_HOME": str(environment.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def awaited(spooled: Environment, clock: Clock) -> Environment:
    """The same, queued a moment ago by the clock of the processes, which nobody can set."""
    import time

    pending = spooled.home / FOLDER / PENDING
    from bicameral.govern.spool.batch import name_of

    for number, path in enumerate(sorted(pending.iterdir())):
        content = path.read_bytes()
        path.rename(path.with_name(name_of(content, time_ns=time.time_ns() + number * 1_000_000)))
    return replace(spooled)


def test_a_kill_at_any_step_loses_nothing_and_sends_nothing_twice(awaited: Environment) -> None:
    """Killed at each change of a file and each connection, then run again: the other side has
    every row, and under no key more than one content."""
    ids = sorted(row["id"] for row in queued(awaited.home))
    with listening(status(200)) as each:
        process = in_process("print(kill_everywhere(prepare, work))", awaited, each)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        steps = int(out)
        assert steps > 15
        for number in range(1, steps + 1):
            mine = [r for r in each.requests if r.headers["X-Run"] == str(number)]
            seen = There([], [*mine])
            assert sorted(seen.row_ids()) == ids, number
            assert len({r.key for r in mine}) == len({r.body for r in mine}) == 3, number
            home = awaited.home.with_name(f"home{number}")
            assert queued(home) == []
            assert look(home).sent.rows == 6


def test_two_uploads_at_once_send_each_batch_once(awaited: Environment) -> None:
    """The second waits for the first, and finds nothing left."""
    with listening(status(200)) as each:
        awaited.home.rename(awaited.home.with_name("home0"))
        moved = replace(awaited, home=awaited.home.with_name("home0"))
        started = [in_process("work(0)\n", awaited, each) for _ in range(2)]
        for process in started:
            _, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
        assert len(each.requests) == 3
        assert len(set(each.keys())) == 3
    assert look(moved.home).sent.files == 3


def test_an_upload_that_is_killed_while_it_waits_lets_the_next_one_in(
    awaited: Environment,
) -> None:
    """A lock of a dead process is nobody's."""
    with listening(there.silent) as each:
        awaited.home.rename(awaited.home.with_name("home0"))
        process = in_process("work(0)\n", awaited, each)
        while not each.requests:
            assert process.poll() is None
            each.over.wait(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
    with listening(status(200)) as later:
        process = in_process("work(0)\n", awaited, later)
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        assert len(set(later.keys())) == 3
