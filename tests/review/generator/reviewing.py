"""Reconciliation as it is run: the real command, here or as a process, and what it wrote.

Generated sessions have a clock of their own, and the command goes by it: months later, what
was captured would rightly have expired.
"""

import io
import os
import subprocess
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

import msgspec

import server
from bicameral.cli.main import run
from bicameral.environment import Environment
from bicameral.review.rows import REVIEW_FILE, ReviewRow
from tests.review.generator.truth import Generated
from tests.server.served import variables_for

BOUND_SECONDS = 300
ROOT = Path(__file__).parent.parent.parent.parent


def reconcile(generated: Generated) -> str:
    """Run the command on a data home whose sessions are over; return what it says."""
    environment = Environment(
        home=generated.home,
        cwd=generated.home,
        variables={},
        process_id=os.getpid(),
        time_ns=lambda: generated.over_ns,
        monotonic_ns=time.perf_counter_ns,
        random_bytes=os.urandom,
        warn=print,
    )
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(said):
        status = run(["reconcile"], environment, serve=server.serve, connect=server.Desk)
    said.seek(0)
    text = said.read()
    assert status == 0, text
    return text


def reconcile_in_a_process(home: Path, *launcher: str) -> int:
    """Run the command as a process, by way of `launcher` if there is one; return its status."""
    words = ["-m", *(launcher or ("server",)), "reconcile"]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=variables_for(home),
        capture_output=True,
        timeout=BOUND_SECONDS,
        check=False,
    )
    assert done.returncode <= 0, done.stderr.decode()
    return done.returncode


def review_bytes(home: Path) -> bytes:
    """Return all that reconciliation wrote."""
    return (home / REVIEW_FILE).read_bytes()


def read_review(home: Path) -> list[ReviewRow]:
    """Return the rows that reconciliation wrote, in their order."""
    return msgspec.json.Decoder(ReviewRow).decode_lines(review_bytes(home))
