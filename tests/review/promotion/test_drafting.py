"""Drafts: what a label makes of a row's decisions, and what the ledger says of them."""

from pathlib import Path
from typing import Any

import pytest

from bicameral.capture.hashes import Hashes
from bicameral.capture.salt import read_salt
from bicameral.errors import BicameralError, InputRefused, NotFound, PromotionRefused
from bicameral.review.rows import Label
from tests.conftest import MakeEnvironment, Repository
from tests.review.promotion.parts import PATH, TOPIC, Bench, a_draft, a_promotion

MISSED, RIGHT, WRONG = "Send an idempotency key", "Use cents for amounts", "Page by cursor"


@pytest.fixture
def ids(bench: Bench) -> dict[str, str]:
    return {title: bench.add(title) for title in (MISSED, RIGHT, WRONG)}


@pytest.mark.parametrize(
    ("label", "expected", "others"),
    [
        ("real_miss", [MISSED, RIGHT], []),
        ("real_false_fire", [RIGHT], [WRONG]),
        ("not_a_failure", [RIGHT, WRONG], [MISSED]),
    ],
)
def test_what_is_expected_follows_from_the_label(
    bench: Bench, ids: dict[str, str], label: Label, expected: list[str], others: list[str]
) -> None:
    """A miss expects what was missed, a false fire does without what was of no use."""
    row = bench.review(
        label,
        missed_ids=[ids[MISSED]],
        surfaced_ids=[ids[RIGHT], ids[WRONG]],
        unused_ids=[ids[WRONG]],
    )
    draft = bench.begin(row).scanned.row
    titles = {each.key: each.title for each in draft.decisions}
    assert [titles[key] for key in draft.expected] == expected
    assert [title for key, title in titles.items() if key not in draft.expected] == others
    assert [*titles] == [f"d{n}" for n in range(1, len(titles) + 1)]
    assert (draft.origin, draft.label, draft.topic) == ("labelled", label, TOPIC)


def test_a_false_fire_that_names_none_as_unused_expects_silence(
    bench: Bench, ids: dict[str, str]
) -> None:
    """Without a word about which one was wrong, all of them were."""
    row = bench.review("real_false_fire", surfaced_ids=[ids[RIGHT], ids[WRONG]])
    draft = bench.begin(row).scanned.row
    assert (draft.expected, len(draft.decisions)) == ([], 2)


def test_the_person_can_say_what_should_have_surfaced(bench: Bench, ids: dict[str, str]) -> None:
    """What is known better than the evidence knows overrules it."""
    row = bench.review("real_miss", surfaced_ids=[ids[WRONG]], unused_ids=[ids[WRONG]])
    with pytest.raises(PromotionRefused, match="names no decision that was missed"):
        bench.begin(row)
    draft = bench.begin(row, expect=[ids[MISSED]]).scanned.row
    assert [each.title for each in draft.decisions] == [MISSED]
    assert draft.expected == ["d1"]


@pytest.mark.parametrize(
    ("label", "said"),
    [(None, "has no label"), ("borderline", "no right answer")],
)
def test_a_row_without_a_right_answer_is_refused(
    bench: Bench, label: Label | None, said: str
) -> None:
    """A data set of opinions measures nothing."""
    with pytest.raises(PromotionRefused, match=said):
        bench.begin(bench.review(label))


def test_hashed_rows_take_their_texts_from_the_person(bench: Bench, ids: dict[str, str]) -> None:
    """Nothing can be read out of a hash."""
    row = bench.review(topic=None, file_paths=None, missed_ids=[ids[MISSED]])
    with pytest.raises(PromotionRefused, match="only hashes of its topic and paths"):
        bench.begin(row)
    with pytest.raises(PromotionRefused, match="only hashes of its paths"):
        bench.begin(row, topic="retry")
    draft = bench.begin(row, topic="retry", paths=["./src//payments.py", PATH]).scanned.row
    assert (draft.topic, draft.file_paths) == ("retry", [PATH])
    assert bench.begin(row, topic="retry", paths=[""]).scanned.row.file_paths == []
    with pytest.raises(InputRefused, match="leads out of the repository"):
        bench.begin(row, topic="retry", paths=["/etc/passwd"])


def test_a_hashed_row_without_paths_needs_none(bench: Bench, ids: dict[str, str]) -> None:
    """Who named no files has none to supply."""
    row = bench.review(topic=None, file_paths=None, path_hashes=[], missed_ids=[ids[MISSED]])
    draft = bench.begin(row, topic="retry").scanned.row
    assert (draft.file_paths, draft.category) == ([], "no_paths_given")


def test_decisions_come_with_their_texts_and_the_files_they_bind(bench: Bench) -> None:
    """A data set stands without anybody's ledger."""
    decision = bench.add(
        "Round half to even",
        paths=["src/money.py", PATH],
        signoff="proposed",
        description="Per line.",
        rationale="Accountants ask for it.",
        feature_group="Money",
    )
    (seed,) = bench.begin(bench.review(missed_ids=[decision])).scanned.row.decisions
    assert (seed.title, seed.description) == ("Round half to even", "Per line.")
    assert (seed.rationale, seed.feature_group) == ("Accountants ask for it.", "Money")
    assert (seed.signoff, seed.has_drifted) == ("proposed", False)
    assert sorted(seed.paths) == ["src/money.py", PATH]
    assert decision not in repr(seed)


def test_a_decision_is_bound_in_the_row_as_it_was_when_it_was_missed(bench: Bench) -> None:
    """The binding that the miss led to would make the row one that cannot be missed."""
    decision = bench.add("Round half to even", paths=[PATH])
    before = bench.review(missed_ids=[decision], ts="2020-01-01T00:00:00.000000Z")
    (seed,) = bench.begin(before).scanned.row.decisions
    assert seed.paths == []
    assert bench.begin(before).scanned.row.category == "ungrounded_decision"


def test_what_was_supplied_is_held_against_the_hashes(bench: Bench, ids: dict[str, str]) -> None:
    """A row that says what nobody asked is no known answer; other words may be meant."""
    salt = read_salt(bench.environment.home, bench.environment.random_bytes)
    hashes = Hashes(salt)
    row = bench.review(
        topic=None,
        file_paths=None,
        topic_hash=hashes.hash_topic("retry"),
        path_hashes=[hashes.hash_path(PATH), hashes.hash_path("a.py")],
        missed_ids=[ids[MISSED]],
    )
    assert bench.begin(row, topic="retry", paths=[PATH, "a.py"]).doubts == ()
    assert bench.begin(row, topic="other words", paths=[PATH, "b.py"]).doubts == (
        "the topic is not, word for word, the one that was asked",
        "1 of the paths was not asked about",
        "1 of the paths that were asked about is not among them",
    )


@pytest.mark.parametrize(
    ("changes", "category"),
    [
        ({}, "vocabulary_of_the_topic"),
        ({"file_paths": [], "path_hashes": []}, "no_paths_given"),
    ],
)
def test_the_category_of_a_miss_is_proposed(
    bench: Bench, ids: dict[str, str], changes: dict[str, Any], category: str
) -> None:
    """What can be told from the row; the person may know better."""
    row = bench.review(missed_ids=[ids[MISSED]], **changes)
    assert bench.begin(row).scanned.row.category == category
    assert bench.begin(row, category="jargon").scanned.row.category == "jargon"
    with pytest.raises(InputRefused, match="is no category"):
        bench.begin(row, category="bad luck")


def test_other_categories_follow_from_what_the_ledger_shows(bench: Bench) -> None:
    """A decision without files cannot be found by them, and drift is loud."""
    unbound = bench.add("Prefer composition", paths=[])
    drifted = bench.add("Round half up", has_drifted=True)
    miss = bench.begin(bench.review(missed_ids=[unbound])).scanned.row
    assert miss.category == "ungrounded_decision"
    loud = bench.review("real_false_fire", number=2, surfaced_ids=[drifted], unused_ids=[drifted])
    fire = bench.begin(loud).scanned.row
    assert (fire.category, fire.decisions[0].has_drifted) == ("drifted_but_irrelevant", True)
    plain = bench.review("real_false_fire", number=3, surfaced_ids=[unbound])
    assert bench.begin(plain).scanned.row.category == "shared_common_words"
    quiet = bench.review("not_a_failure", number=4)
    assert bench.begin(quiet).scanned.row.category == "plain_silence"
    right = bench.review("not_a_failure", number=5, surfaced_ids=[unbound])
    assert bench.begin(right).scanned.row.category == "plain_hit"


def test_a_decision_that_is_not_here_is_not_found(bench: Bench) -> None:
    """Its texts are in another ledger, or nowhere any more."""
    with pytest.raises(NotFound, match="has no decision"):
        bench.begin(bench.review(missed_ids=["dec_01M7Z0K4WSC7KP59K3E85RKT00"]))


@pytest.mark.parametrize("known", [True, False])
def test_a_row_of_another_repository_is_refused(
    bench: Bench, make_repository: Any, make_environment: MakeEnvironment, known: bool
) -> None:
    """The people there are not known here, so they would not be found."""
    row = bench.review(repository_id="rep_01M7Z0K4WSC7KP59K3E85RKT00" if known else None)
    if known:
        with pytest.raises(PromotionRefused, match="comes from another repository"):
            bench.begin(row)
        return
    other: Repository = make_repository()
    stranger = Bench(other, bench.environment)
    with pytest.raises(PromotionRefused, match="comes from another repository"):
        stranger.begin(row)


def test_every_refusal_says_what_to_do(bench: Bench) -> None:
    """An error without a way on is a dead end."""
    for label in (None, "borderline", "real_miss"):
        with pytest.raises(BicameralError) as refused:
            bench.begin(bench.review(label, number=len(str(label))))
        assert refused.value.next_step


def test_drafts_in_tests_have_nothing_private() -> None:
    """Or the tests of the scan would find something else than what they plant."""
    assert a_promotion(a_draft(note="seen twice"), Path()).scanned.findings == ()
