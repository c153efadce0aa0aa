"""kill -9 at any moment, and the next run ends as if nothing had happened (PT-20).

Each round kills a real process at a line of the reconciliation chosen by chance, or in the
middle of a write; the seed is fixed, so a failure comes again.
"""

import random

from tests.capture.processes import run
from tests.review.reconciliation.parts import Home

ROUNDS = 40
SESSIONS = 40
SCRIPT = """
import dataclasses, os, pathlib, random, shutil, signal
from bicameral.environment import read_environment
from bicameral.ledger.database import open_ledger
from bicameral.capture import follow
from bicameral.review.reconciliation import journal, reconcile, reviewing
import bicameral.ledger.past

follow.CHUNK_BYTES, journal.BUFFER_BYTES = 4096, 2000
reconcile.CHECKPOINT_BYTES, reviewing.BATCH = 16384, 40
template, rounds, now_ns = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
here = template.parent / "round"
chance = random.Random(20)
OURS = (os.path.join("review", "reconciliation"), os.path.join("capture", "follow.py"))
seen = 0

def reconcile_home():
    environment = dataclasses.replace(
        read_environment(), home=here, time_ns=lambda: now_ns, variables={}
    )
    return reconcile.reconcile(environment, lambda: open_ledger(environment))

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def trace_until(last):
    def line(frame, event, argument):
        global seen
        seen += event == "line"
        if seen == last:
            die()
        return line
    def call(frame, event, argument):
        name = frame.f_code.co_filename
        return line if any(part in name for part in OURS) else None
    sys.settrace(call)

def write_in_halves(last):
    left = [last]
    real = os.write
    def write(descriptor, content):
        left[0] -= 1
        if left[0] == 0:
            real(descriptor, content[: len(content) // 2])
            die()
        return real(descriptor, content)
    os.write = write

def child(prepare):
    pid = os.fork()
    if pid == 0:
        prepare()
        reconcile_home()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def start_anew():
    shutil.rmtree(here, ignore_errors=True)
    shutil.copytree(template, here)

def review():
    return (here / "failure_review.jsonl").read_bytes()

start_anew()
trace_until(-1)
reconcile_home()
sys.settrace(None)
lines, undisturbed, killed = seen, review(), 0
seen = 0
for number in range(rounds):
    start_anew()
    for _ in range(chance.randint(1, 3)):
        if number % 4 == 0:
            how = lambda: write_in_halves(chance.randint(1, 30))
        else:
            how = lambda: trace_until(chance.randint(1, lines))
        killed += child(how) == -signal.SIGKILL
        chance.random()
    assert child(lambda: None) == 0
    assert review() == undisturbed, f"round {number}"
    assert child(lambda: None) == 0
    assert review() == undisturbed, f"round {number}, once more"
print(killed, undisturbed.count(b"\\n"))
"""


def fill(home: Home) -> None:
    """Sessions of every sort, some of them at the same time, some without end."""
    chance = random.Random(7)
    paths = [f"src/{number}.py" for number in range(6)]
    decisions = [home.decide(f"Decision {path}", path) for path in paths[:4]]
    at = 0.0
    for number in range(SESSIONS):
        sessions = [f"s{number}", f"t{number}"]
        for _ in range(chance.randint(4, 12)):
            at += chance.random() * 20
            session = chance.choice(sessions)
            path, decision = chance.choice(paths), chance.choice(decisions)
            what = chance.randrange(5)
            if what < 2:
                shown = (decision,) if chance.random() < 0.4 else ()
                last = home.preflight(at, path, shown=shown, session=session)
            elif what == 2:
                home.edit(at, path, session=session)
            elif what == 3:
                home.engage(at, decision, path, session=session)
            elif number:
                home.engage(at, decision, path, preflight_id=last, session=session)
        home.end(at + 1, session=sessions[0])
        if number % 3:
            home.end(at + 2, session=sessions[1])


def test_a_killed_run_and_another_leave_the_same_bytes(home: Home) -> None:
    """Undisturbed, or killed up to three times on the way: no row less, more, torn or moved."""
    fill(home)
    home.ledger.close()
    now_ns = 1_780_000_000_000_000_000 + 10**15
    said = run(SCRIPT, home.path, ROUNDS, now_ns).split()
    killed, rows = map(int, said)
    assert killed > ROUNDS / 2
    assert rows > SESSIONS
