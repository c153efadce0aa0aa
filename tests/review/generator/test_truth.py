"""The reconciliation against known truth: how often it is right, and that it can be rerun."""

import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.review.generator.reviewing import (
    read_review,
    reconcile,
    reconcile_in_a_process,
    review_bytes,
)
from tests.review.generator.scores import Judged, figures, judge, wrong
from tests.review.generator.sessions import SHAPES, World, generate, run_shape
from tests.review.generator.truth import MODES, Generated, Mode

SESSIONS = 36
SEED = 1
BARS = {"explicit": 0.98, "fallback": 0.90}
KILLED = "tests.review.generator.killed"
EVERY = 5
"""At which of its acts a run is killed: at the first, and at every fifth after it."""


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """One home with sessions of every mode, which nobody has reconciled."""
    folder = tmp_path_factory.mktemp("truth")
    return generate(folder, sessions=SESSIONS, chance=random.Random(SEED))


@pytest.fixture(scope="module")
def reconciled(untouched: Generated, tmp_path_factory: pytest.TempPathFactory) -> Generated:
    """A copy of it that was reconciled once."""
    copied = replace(untouched, home=tmp_path_factory.mktemp("reconciled") / "home")
    shutil.copytree(untouched.home, copied.home)
    assert "added: " in reconcile(copied)
    return copied


@pytest.fixture(scope="module")
def judged(reconciled: Generated) -> list[Judged]:
    return judge(reconciled, read_review(reconciled.home))


@pytest.mark.parametrize("threading", BARS)
def test_precision_and_recall_of_every_class_reach_what_is_stated(
    judged: list[Judged], threading: str
) -> None:
    """PT-20: with ids that agents thread, and with attribution by path and order alone.

    A class has some ten preflights here, so one error alone would say less than its share of
    them: the shares themselves are measured over hundreds of sessions, by the benchmark.
    """
    found = [each for each in judged if each.session.mode.threading == threading]
    for each in figures([one for one in found if one.known.leaves_trace]):
        allowed = max(1, (1 - BARS[threading]) * min(each.said, each.were))
        assert each.said > 0, each
        assert each.said - each.right <= allowed, each
        assert each.were - each.right <= allowed, each


def test_what_no_log_can_show_is_a_few_in_a_hundred(judged: list[Judged]) -> None:
    """It is in the figures of all, and is what most of the errors are."""
    hidden = [each for each in judged if not each.known.leaves_trace]
    assert len(hidden) < 0.06 * len(judged)
    assert len(wrong(judged)) <= 0.06 * len(judged)


@pytest.mark.parametrize("mode", MODES, ids=str)
def test_a_hash_of_a_path_is_as_good_as_the_path(judged: list[Judged], mode: Mode) -> None:
    """Each mode alone names all but a few; plain text is in the row only in raw mode."""
    found = [each for each in judged if each.session.mode == mode and each.known.leaves_trace]
    assert len(wrong(found)) <= 0.06 * len(found), wrong(found)
    assert all((each.row.topic is None) == (mode.capture == "hashed") for each in found)


def test_a_second_run_adds_nothing(reconciled: Generated) -> None:
    """PT-20: not a byte."""
    before = review_bytes(reconciled.home)
    for _ in range(2):
        assert reconcile(reconciled).startswith("nothing new")
        assert review_bytes(reconciled.home) == before


def test_a_run_that_is_killed_at_any_act_and_repeated_writes_the_same_file(
    untouched: Generated, reconciled: Generated, tmp_path: Path
) -> None:
    """PT-20: kill -9 while it opens, writes, syncs and renames; then once more, to the end."""
    wanted = review_bytes(reconciled.home)
    statuses = []
    for number in range(1, 500, EVERY):
        home = tmp_path / str(number)
        shutil.copytree(untouched.home, home)
        clock = str(untouched.over_ns)
        statuses.append(reconcile_in_a_process(home, KILLED, str(number), clock))
        reconcile(replace(untouched, home=home))
        assert review_bytes(home) == wanted, number
        shutil.rmtree(home)
        if statuses[-1] == 0:
            break
    assert statuses.count(-9) > 5
    assert statuses[-1] == 0


@settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(
    seed=st.integers(0, 2**32),
    shape=st.sampled_from(sorted(SHAPES)),
    capture=st.sampled_from(["hashed", "raw"]),
)
def test_small_worlds_are_named_exactly_what_they_were(
    tmp_path_factory: pytest.TempPathFactory, seed: int, shape: str, capture: str
) -> None:
    """Ids that are threaded, edits that are told, no call beside the task: no error at all."""
    folder, chance = tmp_path_factory.mktemp("world"), random.Random(seed)
    world = World(folder, chance, hidden=0.0, hooked=1.0, keeps_house=0.0)
    [mode] = [each for each in MODES if (each.threading, each.capture) == ("explicit", capture)]
    run_shape(world, shape, mode)
    world.close()
    generated = world.generated()
    reconcile(generated)
    judged = judge(generated, read_review(generated.home))
    assert [each for each in wrong(judged) if is_plain(each)] == []


def is_plain(each: Judged) -> bool:
    """Tell whether a log can show it: some leave no trace, some that of what came later.

    A decision that was shown for nothing and then mattered for another task of the session
    was used after it was shown; only who knows the intents can tell the two apart.
    """
    later = [known for known in each.session.preflights if known != each.known]
    mattered = {decision_id for known in later for decision_id in known.relevant_ids}
    is_mixed = each.known.truth == "suspected_false_fire" and mattered & {*each.known.surfaced_ids}
    return each.known.leaves_trace and not is_mixed
