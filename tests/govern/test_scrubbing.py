"""Scrubbing: a corpus of secrets, of personal data and of places, and made-up texts around."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.govern.scrubbing import find_private, is_ours, keyed_digest, scrub
from tests.govern.parts import DECISION, DIGEST, UUID
from tests.review.promotion.planted import PERSONAL, SECRETS
from tests.review.promotion.test_planted import pieces

# Names can only be known from a repository's history: promotion looks for them, a form cannot.
NAMES = {name for name in PERSONAL if name.startswith(("author", "owner"))}
PLACES = [
    "/home/pdoe/work/shop/src/pay.py",
    "/workspace/acme/src/pay.py",
    "/x",
    "//server/share/pay.py",
    "C:\\Users\\pdoe\\shop\\pay.py",
    "d:/builds/acme/pay.py",
    "\\\\filer-3\\acme\\pay.py",
    "\\\\?\\C:\\acme\\pay.py",
    "~/acme/pay.py",
    "~pdoe/acme",
    "$HOME/acme",
    "${HOME}/acme",
    "%USERPROFILE%\\acme",
    "home/pdoe/acme",
    "Users\\pdoe\\acme",
    "git@git.acme.io:shop/pay.git",
    "deploy@10.0.0.4:/srv/pay.git",
    "ssh://git@git.acme.io:22/shop/pay.git",
    "https://git.acme.io/shop/pay.git",
    "https://pat:hunter2x@git.acme.io/shop.git",
    "file:///home/pdoe/acme",
    "https://example.com/acme",
]
A_WORD = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1)
SURROUNDINGS = st.text("abc xyz.,:()[]{}\"'\n\t=-", max_size=20)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_goes_whole_and_leaves_only_its_kind(name: str) -> None:
    """Not even in part, and without a digest that could be guessed."""
    secret = SECRETS[name]()
    text = scrub(f"rotate {secret} now", DIGEST).text
    assert not [piece for piece in pieces(secret) if piece in text], text
    assert "[secret: " in text
    assert DIGEST(secret) not in text


@pytest.mark.parametrize("name", sorted(PERSONAL.keys() - NAMES))
def test_personal_data_goes_and_leaves_a_keyed_digest(name: str) -> None:
    """Two lines about one person can be told to be about one, and no more."""
    found = scrub(f"ask {PERSONAL[name]()} first", DIGEST)
    for part in ("pdoe", "northwind", "pat.doe", "4711"):
        assert part not in found.text.casefold()
    assert found.found
    assert re.search(r"\[[a-z_]+: (?:[0-9a-f]{16}|[a-z_]+)\]", found.text)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_goes_whole_on_every_platform(place: str) -> None:
    """A path tells whose machine it is, a remote whose code."""
    text = scrub(f"see ({place}) there", DIGEST).text
    for part in ("pdoe", "acme", "hunter2x", "filer", "10.0.0.4", "home", "Users", "builds"):
        assert part not in re.sub(r"\[[a-z_]+: [0-9a-z_]+\]", "", text), text


@given(A_WORD, st.sampled_from(["/home/{}/x.py", "C:\\Users\\{}\\x", "\\\\srv\\{}\\x", "~/{}"]))
def test_no_name_in_a_place_survives(name: str, place: str) -> None:
    """Whatever a person or a customer is called."""
    found = scrub(f"read {place.format(name)} twice", DIGEST)
    rest = re.sub(r"\[[a-z_]+(?:: [0-9a-z_]+)?\]", "", found.text)
    assert re.fullmatch(r"read  (?:twice)?", rest) or rest == "read  twice", found.text


@given(SURROUNDINGS, st.sampled_from(sorted(SECRETS)), SURROUNDINGS)
def test_a_secret_is_found_whatever_stands_around_it(before: str, name: str, after: str) -> None:
    """In a bracket, behind an equals sign, over a line's end."""
    secret = SECRETS[name]()
    text = scrub(f"{before} {secret} {after}", DIGEST).text
    assert secret not in text
    assert not [piece for piece in pieces(secret) if piece in text], text


@given(st.text())
def test_a_scrubbed_text_is_left_as_it_is(text: str) -> None:
    """A mark is nothing private, and what is clean stays clean."""
    once = scrub(text, DIGEST).text
    assert find_private(once) == []
    assert scrub(once, DIGEST).text == once


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no_relevant_decisions",
        "it was shown and not used; joined by path, for the call named no preflight",
        "bicameral.link_commit",
        "0.1.0",
        DECISION,
        UUID,
        "9a7901d31fa7338f",
        "2026-03-05T09:30:00.000000Z",
        "rev_2e59316fca202f66378e",
        "row_9280744157524c4f",
        "and/or",
    ],
)
def test_what_we_write_ourselves_stays(text: str) -> None:
    """Or nothing would be left to count."""
    assert scrub(text, DIGEST).text == text


def test_an_id_within_a_sentence_is_not_taken_for_ours_alone() -> None:
    """Only a whole text is known to be ours."""
    assert is_ours(UUID)
    assert not is_ours(f"see {UUID}")


def test_a_digest_is_of_this_install_and_of_this_use() -> None:
    """The same text elsewhere, or hashed for an event, has other digits."""
    other = keyed_digest(b"x" * 32)
    assert DIGEST("pdoe") == DIGEST("pdoe") != other("pdoe")
    assert re.fullmatch("[0-9a-f]{16}", DIGEST("\ud800"))


def test_letters_of_another_width_hide_nothing() -> None:
    """Nor do joiners that nobody sees."""
    for hidden in ("pat.doe\uff20northwind.com", "pat.doe@north\u200bwind.com"):
        assert "doe" not in scrub(f"ask {hidden}", DIGEST).text
