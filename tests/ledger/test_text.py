"""Words as the topic search sees them: whatever the script, the same for asker and asked."""

import sys
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.ledger import text as text_module
from bicameral.ledger.common_words import COMMON, STOP
from bicameral.ledger.text import (
    COMMON_STEMS,
    MOST_CONTENT_TERMS,
    content_terms,
    distinct_terms,
    terms_of,
    words_by_term,
)

any_text = st.text(max_size=200)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Migrate the billing tables", ["migrat", "bill", "tabl"]),
        ("camelCaseName", ["camel", "case", "name", "camelcasenam"]),
        ("HTTPServerPool", ["http", "server", "pool", "httpserverpool"]),
        ("retry_policy", ["retri", "polici", "retrypolici"]),
        ("MAX_RETRY_COUNT", ["max", "retri", "count", "maxretrycount"]),
        ("データベース", ["デー", "ータ", "タベ", "ベー", "ース"]),
        ("日", ["日"]),
        ("APIサーバー", ["api", "サー", "ーバ", "バー"]),
        ("PostgreSQL数据库", ["postgr", "sql", "postgresql", "数据", "据库"]),
        ("foo_日本_bar", ["foo", "日本", "bar"]),
        ("결제 서비스", ["결제", "서비", "비스"]),
        ("Миграция базы данных", ["миграция", "базы", "данных"]),
        ("Größenänderung der Straße", ["grössenänderung", "der", "strass"]),
        ("STRASSE", ["strass"]),
        ("\ufb01le \uff21dmin \u2460", ["file", "admin"]),
        ("cafe\u0301", ["café"]),
        ("2026 12 v2", ["v2"]),
        ("the of and to", []),
        ("", []),
        ("x" * 41, []),
        ("!?.,;:-—()[]{}", []),
    ],
)
def test_a_text_is_cut_into_these_terms(text: str, terms: list[str]) -> None:
    """What is asked in one spelling must be found in the other."""
    assert terms_of(text) == terms


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("retry policies", "the retry_policy of a client"),
        ("payment gateway", "PaymentGateway"),
        ("paymentgateway", "payment_gateway"),
        ("データ", "データベース"),
        ("straße", "STRASSE"),
        ("\ufb01nance", "finances"),
        ("миграция", "МИГРАЦИЯ"),
    ],
)
def test_two_spellings_share_a_term(asked: str, written: str) -> None:
    """Agents ask in prose about what code spells its own way."""
    assert set(terms_of(asked)) & set(terms_of(written))


@given(any_text, any_text)
def test_terms_of_two_texts_are_those_of_each(one: str, other: str) -> None:
    """A term never reaches over a line's end, so texts can be counted apart or together."""
    assert terms_of(f"{one}\n{other}") == terms_of(one) + terms_of(other)


@given(any_text)
def test_terms_are_folded_short_and_storable(text: str) -> None:
    """A term is a key of the index: bounded, and alike however the text was typed."""
    for term in terms_of(text):
        assert 1 <= len(term) <= 40
        assert term == unicodedata.normalize("NFC", term) or term.casefold() == term
        assert not any(character in term for character in "\0_ \n")
        assert not any("\ud800" <= character <= "\udfff" for character in term)
        assert term not in STOP


@given(any_text)
def test_content_terms_are_terms_without_the_common_ones(text: str) -> None:
    """A topic of nothing but common words says nothing."""
    assert content_terms(text) == frozenset(terms_of(text)) - COMMON_STEMS


@given(st.lists(st.sampled_from("kafka outbox retry ledger queue".split()), max_size=30))
def test_distinct_terms_come_in_the_order_of_the_text(words: list[str]) -> None:
    """The first words of a topic are what it is about; a bound keeps those."""
    expected = list(dict.fromkeys(terms_of(" ".join(words))))
    for most in range(len(expected) + 2):
        assert distinct_terms(" ".join(words), most=most) == expected[:most]


def test_a_topic_of_a_hundred_thousand_characters_costs_no_more_than_its_first_words() -> None:
    """A pasted log is not a reason to stem, look up and weigh a hundred thousand words."""
    words = [f"word{number}x" for number in range(12_000)]
    text_module._stem.cache_clear()
    assert len(content_terms(" ".join(words))) <= MOST_CONTENT_TERMS
    assert text_module._stem.cache_info().currsize <= 3 * MOST_CONTENT_TERMS


@pytest.mark.parametrize("text", ["x" * 100_000, "aB" * 50_000, "日" * 100_000, "a_" * 50_000])
def test_one_word_of_a_hundred_thousand_characters_is_bounded_too(text: str) -> None:
    """The memory of stems keeps no such word: fifty thousand of them would fill the machine."""
    text_module._stem.cache_clear()
    assert len(content_terms(text)) <= MOST_CONTENT_TERMS
    assert text_module._stem.cache_info().currsize < 10


def test_threads_that_stem_at_once_get_the_stems_of_one_alone() -> None:
    """A wrong stem would be remembered, and written to the index, for good."""
    words = [f"{stem}{ending}" for stem in stems() for ending in ("ing", "ations", "ness", "ly")]
    text_module._stem.cache_clear()
    expected = [terms_of(word) for word in words]
    text_module._stem.cache_clear()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            found = [pool.submit(lambda: [terms_of(word) for word in words]) for _ in range(8)]
            assert all(each.result() == expected for each in found)
    finally:
        sys.setswitchinterval(before)


def stems() -> list[str]:
    return [f"{a}{b}{c}" for a in "bcdfg" for b in "aeio" for c in ("lat", "rm", "nd", "tion")]


def test_people_are_shown_the_word_and_not_its_stem() -> None:
    """`polici` on a screen reads like an error; the first word that gave it is shown."""
    found = words_by_term("Retry policies, the RetryPolicy of \uff21PI")
    assert found == {
        "retri": "Retry",
        "polici": "policies",
        "retrypolici": "RetryPolicy",
        "api": "API",
    }


def test_every_common_word_is_known_by_its_stem() -> None:
    """The lists name words; topics are compared by stems."""
    missing = {word for word in COMMON - STOP if not set(terms_of(word)) & COMMON_STEMS}
    assert missing == set()
    assert not COMMON_STEMS & {"postgr", "kafka", "outbox", "idempot"}
