"""The generator and its score: what they claim to hold has to be held, or be seen to fail."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.review.rows import Classification, ReviewRow
from tests.review.generator.conduct import HIDDEN
from tests.review.generator.scores import confusion, figures, judge, worst, wrong
from tests.review.generator.sessions import generate
from tests.review.generator.truth import (
    MODES,
    Generated,
    KnownPreflight,
    missed_of,
    truth_of,
)
from tests.server.served import ENGAGEMENTS, EVENTS, rows

SESSIONS = 20


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    folder = tmp_path_factory.mktemp("generated")
    return generate(folder, sessions=SESSIONS, chance=random.Random(11), hidden=0.2)


def said_of(known: KnownPreflight, classification: Classification) -> ReviewRow:
    """Return a row that says this of a preflight."""
    return ReviewRow(
        id=known.preflight_id,
        ts="2026-01-01T00:00:00.000000Z",
        session_id=known.session_id,
        repository_id=None,
        preflight_id=known.preflight_id,
        classification=classification,
        confidence=1.0,
        because="made up",
        fired=bool(known.surfaced_ids),
        reason=known.reason,
        surfaced_ids=list(known.surfaced_ids),
        topic_hash="",
        path_hashes=[],
        session_ended_at="2026-01-01T00:00:00.000000Z",
    )


def test_the_same_seed_does_the_same(tmp_path: Path) -> None:
    """A figure that nobody can repeat is worth nothing."""
    first, again, other = (
        generate(tmp_path / name, sessions=4, chance=random.Random(seed)).preflights
        for name, seed in (("first", 12), ("again", 12), ("other", 13))
    )
    assert first == again != other


def test_every_preflight_was_really_asked_of_the_server(generated: Generated) -> None:
    """The truth is about rows that the server wrote, one for each question, in its order."""
    captured = rows(generated.home, EVENTS, "preflight")
    by_id = {row["preflight_id"]: row for row in captured}
    assert len(by_id) == len(captured) == len(generated.preflights)
    for known in generated.preflights:
        row = by_id[known.preflight_id]
        assert row["session_id"] == known.session_id
        assert row["surfaced_ids"] == list(known.surfaced_ids)
        assert row["reason"] == known.reason


def test_modes_do_what_they_say(generated: Generated) -> None:
    """Plain text only in raw mode, explicit attribution only where agents thread the id."""
    modes = {session.session_id: session.mode for session in generated.sessions}
    assert set(modes.values()) == set(MODES)
    for row in rows(generated.home, EVENTS, "preflight"):
        assert ("topic" in row) == (modes[row["session_id"]].capture == "raw")
    how = Counter(
        (modes[row["session_id"]].threading, row["attribution"])
        for row in rows(generated.home, ENGAGEMENTS)
        if row["session_id"] in modes and row["tool"] != "bicameral.history"
    )
    assert how["explicit", "explicit"] > how["explicit", "fallback"]
    assert how["fallback", "explicit"] == 0 < how["fallback", "fallback"]


def test_all_kinds_come_about(generated: Generated) -> None:
    """Misses, false fires, crashes, parallel and muted sessions, and conduct without a trace."""
    assert {each.truth for each in generated.preflights} == {
        "suspected_miss",
        "suspected_false_fire",
        "normal",
    }
    assert {session.ended for session in generated.sessions} == {"closed", "killed"}
    hidden = [each for each in generated.preflights if not each.leaves_trace]
    assert hidden
    named = {"is cut off", "passes its id with a call on another decision", *HIDDEN}
    assert all(named & set(each.conduct) for each in hidden)
    ended = {row["session_id"] for row in rows(generated.home, EVENTS, "session_ended")}
    for session in generated.sessions:
        assert (session.session_id in ended) == (session.ended == "closed")


def test_truth_follows_from_intent_and_answer() -> None:
    """Nothing else is an argument."""
    assert missed_of(["a", "b", "c"], told=["a"], waved=["b"]) == ("c",)
    table: list[tuple[list[str], list[str], list[str], bool, Classification]] = [
        (["a"], [], ["a"], False, "suspected_miss"),
        (["a"], ["b"], ["a"], False, "suspected_miss"),
        (["a"], [], ["a"], True, "normal"),
        (["a"], ["a", "b"], [], False, "normal"),
        (["a"], ["b"], [], False, "suspected_false_fire"),
        ([], ["b"], [], False, "suspected_false_fire"),
        ([], [], [], False, "normal"),
    ]
    for relevant, surfaced, missed, is_muted, truth in table:
        found = truth_of(relevant=relevant, surfaced=surfaced, missed=missed, is_muted=is_muted)
        assert found == truth


def test_a_right_classifier_scores_full_and_wrong_ones_do_not(generated: Generated) -> None:
    """A score that cannot fall proves nothing: one that says normal, and one that guesses."""
    right = [said_of(known, known.truth) for known in generated.preflights]
    assert worst(judge(generated, right)) == 1.0

    lazy = judge(generated, [said_of(known, "normal") for known in generated.preflights])
    assert {f.classification: f.recall for f in figures(lazy)} == {
        "suspected_miss": 0.0,
        "suspected_false_fire": 0.0,
        "normal": 1.0,
    }
    truths = [known.truth for known in generated.preflights]
    random.Random(1).shuffle(truths)
    guessed = judge(generated, map(said_of, generated.preflights, truths))
    assert worst(guessed) < 0.5
    assert len(wrong(guessed)) == sum(
        count for (was, said), count in confusion(guessed).items() if was != said
    )


def test_shuffled_truth_scores_low(generated: Generated) -> None:
    """The other way round: right rows, and the truth dealt out anew."""
    said = [said_of(known, known.truth) for known in generated.preflights]
    truths = [known.truth for known in generated.preflights]
    random.Random(2).shuffle(truths)
    dealt = iter(truths)
    shuffled = replace(
        generated,
        sessions=tuple(
            replace(
                session,
                preflights=tuple(replace(k, truth=next(dealt)) for k in session.preflights),
            )
            for session in generated.sessions
        ),
    )
    assert worst(judge(shuffled, said)) < 0.5


def test_a_preflight_without_its_row_or_with_two_is_refused(generated: Generated) -> None:
    """A row that is lost must not make the figures better."""
    said = [said_of(known, known.truth) for known in generated.preflights]
    with pytest.raises(ValueError, match="1 preflights have not just one row"):
        judge(generated, said[1:])
    with pytest.raises(ValueError, match="1 preflights have not just one row"):
        judge(generated, [*said, said[0]])
