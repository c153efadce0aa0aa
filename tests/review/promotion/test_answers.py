"""Answers: read from words, the nearest counts, and nothing is kept without a reason."""

import pytest

from bicameral.errors import PromotionRefused
from bicameral.review.promotion.answers import (
    Answer,
    account_of,
    check_all,
    open_findings,
    read_answers,
)
from bicameral.review.promotion.findings import Finding, in_context
from tests.review.promotion.parts import a_scanner
from tests.review.promotion.planted import SECRETS

TEXT = "ask Zelda about wiki.northwind.io and then NWT-4711; Will agrees"
FOUND = a_scanner().scan({"topic": TEXT})
NAME, HOST, TICKET, WORD = FOUND
SECRET_TEXT = f"Zelda uses {SECRETS['github classic token']()} here"
SECRET = a_scanner().scan({"topic": SECRET_TEXT})[1]


def test_the_nearest_answer_counts() -> None:
    """What is said of one finding is meant more than what is said of all."""
    answers = read_answers(
        ["all=replace", "host=generalise", f"{TICKET.id}=keep:it is a public ticket"]
    )
    assert answers.answer_to(NAME) == Answer("replace")
    assert answers.answer_to(HOST) == Answer("generalise")
    assert answers.answer_to(TICKET) == Answer("keep", "it is a public ticket")
    assert answers.answer_to(WORD) is None
    assert open_findings(answers, FOUND) == [WORD]
    assert read_answers(["name_or_word=replace"]).answer_to(WORD) == Answer("replace")


def test_secrets_can_be_answered_together_and_by_their_kind() -> None:
    """A page of them is answered in one word."""
    for name in ("all", "secrets", "github_token", SECRET.id[:6]):
        assert read_answers([f"{name}=replace"]).answer_to(SECRET) == Answer("replace")
    assert read_answers(["secrets=replace"]).answer_to(NAME) is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("all", "is no answer"),
        ("all=drop", "is no answer"),
        ("=replace", "is no answer"),
        ("all=keep:they are all known", "one by one"),
        ("secrets=keep:they are all old", "one by one"),
        ("host=keep:they are all known", "one by one"),
        ("abcdef123456=keep", "without a reason"),
        ("abcdef123456=keep:no reason", "without a reason"),
    ],
)
def test_an_answer_that_says_too_little_is_refused(words: str, said: str) -> None:
    """Before anything is looked at, so that a script finds out at once."""
    with pytest.raises(PromotionRefused, match=said) as refused:
        read_answers([words])
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("abcdef123456=replace", "names no finding"),
        (f"{HOST.id[:3]}=replace", "names no finding"),
        (f"{SECRET.id}=keep:it is an example", "a secret is never kept"),
    ],
)
def test_an_answer_that_fits_nothing_is_refused(words: str, said: str) -> None:
    """A typing error must not leave a finding open in silence, or keep the wrong thing."""
    with pytest.raises(PromotionRefused, match=said):
        check_all(read_answers([words]), [*FOUND, SECRET])


def test_a_kind_that_does_not_occur_is_no_error() -> None:
    """Scripts give the same answers for every row."""
    check_all(read_answers(["email=replace", "all=replace", "secrets=replace"]), FOUND)


def test_the_account_names_what_was_kept_and_no_text() -> None:
    """The record in the data home must hold no plain text in hashed mode."""
    answers = read_answers(["all=replace", f"{HOST.id}=keep:everybody knows it"])
    account = account_of(answers, FOUND)
    assert account == "kept host in topic: everybody knows it"
    assert HOST.text not in account


def test_a_finding_is_shown_among_its_words_and_a_secret_is_not() -> None:
    """Without the words around it nobody can judge; with a secret among them it is out."""
    assert in_context(NAME, TEXT, FOUND)[:2] == ("ask ", "Zelda")
    found: list[Finding] = a_scanner().scan({"topic": SECRET_TEXT})
    before, shown, after = in_context(found[0], SECRET_TEXT, found)
    assert (before, shown) == ("", "Zelda")
    assert after == " uses [github_token, 40 characters] here"
    assert in_context(SECRET, SECRET_TEXT, found)[1] == "[github_token, 40 characters]"
    assert SECRET.text not in repr(SECRET)


def test_long_surroundings_are_cut() -> None:
    """A finding in a long text is shown in one line."""
    text = f"{'before ' * 40}Zelda{' after' * 40}"
    (found,) = a_scanner().scan({"topic": text})
    before, _, after = in_context(found, text, [found])
    assert before.startswith("…")
    assert after.endswith("…")
    assert len(before) == len(after) == 49
