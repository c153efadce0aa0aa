"""The same over real pipes: servers as processes, hooks as processes, ends by kill -9."""

import random
from pathlib import Path

import pytest

from tests.review.generator.desks import OverStdio, RealClock
from tests.review.generator.reviewing import read_review, reconcile_in_a_process
from tests.review.generator.scores import judge, wrong
from tests.review.generator.sessions import World, run_shape
from tests.review.generator.truth import MODES
from tests.server.served import EVENTS, rows

SHAPES = ("several tasks", "killed", "in parallel")


@pytest.mark.parametrize("threading", ["explicit", "fallback"])
def test_sessions_over_stdio_are_judged_as_they_were(tmp_path: Path, threading: str) -> None:
    """What holds in one process holds for servers that are hung up on, or killed mid-session."""
    world = World(
        tmp_path,
        random.Random(5),
        hidden=0.0,
        keeps_house=0.0,
        clock=RealClock(),
        open_desk=OverStdio,
    )
    modes = [mode for mode in MODES if mode.threading == threading]
    for number, shape in enumerate(SHAPES):
        run_shape(world, shape, modes[number % len(modes)])
    world.close()
    generated = world.generated()
    assert {session.ended for session in generated.sessions} == {"closed", "killed"}
    assert rows(generated.home, EVENTS, "edit_observed")

    assert reconcile_in_a_process(generated.home) == 0

    judged = judge(generated, read_review(generated.home))
    assert [each for each in wrong(judged) if each.known.leaves_trace] == []
