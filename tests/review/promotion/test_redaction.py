"""Redaction: placeholders that agree with each other, cuts that hide nothing, a last look."""

from pathlib import Path

import msgspec
import pytest

from bicameral.environment import Environment
from bicameral.errors import PromotionRefused
from bicameral.govern.detection.normal_form import normalised
from bicameral.review.dataset import Asked
from bicameral.review.promotion.answers import Answers, read_answers
from bicameral.review.promotion.findings import KINDS, Finding
from bicameral.review.promotion.placeholders import Placeholders, blanked
from bicameral.review.promotion.redaction import (
    LIMITS,
    SERIALISED,
    check_finished,
    leftovers,
    redact,
    scan_draft,
    serialise,
)
from bicameral.review.promotion.texts import is_path, texts_of
from tests.review.promotion.parts import SWEEP, a_draft, a_promotion, a_scanner, a_seed, write
from tests.review.promotion.planted import SECRETS


def swept(**fields: object) -> dict[str, str]:
    """Return the texts of a draft after everything was replaced."""
    draft = a_draft(**fields)
    return texts_of(redact(scan_draft(draft, a_scanner()), SWEEP))


def test_the_same_text_gets_the_same_placeholder_everywhere() -> None:
    """A question and its decision must still speak of the same thing."""
    texts = swept(
        topic="Zelda moves the northwind importer",
        file_paths=["src/northwind/importer.py"],
        decision_title="The northwind importer is Zelda's",
        decision_paths=["src/northwind/importer.py", "src/northwind/export.py"],
        note="see NWT-4711 and NWT-4712, and again NWT-4711",
    )
    assert texts["topic"] == "person-1 moves the word-1 importer"
    assert texts["decisions[d1].title"] == "The word-1 importer is person-1's"
    assert texts["file_paths[0]"] == "src/dir-1/importer.py"
    assert texts["decisions[d1].paths[0]"] == "src/dir-1/importer.py"
    assert texts["decisions[d1].paths[1]"] == "src/dir-1/export.py"
    assert texts["note"] == "see ticket-1 and ticket-2, and again ticket-1"


def test_generalising_keeps_the_form() -> None:
    """A number stays as large, an address an address, a path a path with its extension."""
    answers = read_answers(["all=generalise"])
    draft = a_draft(
        topic="order 20481937 from 10.20.30.41 via https://wiki.northwind.io/people",
        note="in /home/pdoe/work/notes.md on vault.northwind.internal",
    )
    texts = texts_of(redact(scan_draft(draft, a_scanner()), answers))
    assert texts["topic"] == "order 10000000 from 192.0.2.1 via https://host-1.example/"
    assert texts["note"] == "in /path-1.md on host-2.example"


def test_replacing_leaves_a_word_for_the_kind() -> None:
    """A reader can tell what stood there."""
    texts = swept(topic="order 20481937, ask pat.doe@northwind.com", note="at 10.20.30.41")
    assert texts["topic"] == "order number-1, ask person-1@mail.example"
    assert texts["note"] == "at address-1"


@pytest.mark.parametrize("kind", [*KINDS, "github_token"])
def test_a_placeholder_is_never_found_again(kind: str) -> None:
    """Or a clean row could not be written, and a promoted one not be promoted again."""
    is_secret = kind not in KINDS
    for action in ("replace", "generalise"):
        for in_path in (False, True):
            finding = Finding("0", "topic", 0, 8, kind, is_secret, "20481937")
            given = Placeholders().give(finding, action, in_path=in_path, at_end=True)
            for frame in (
                "{}",
                "ask {} about it",
                "password={}",
                "api_key: {}",
                "x/{}.py",
                "({}).",
            ):
                if kind == "number" and frame.startswith(("password", "api_key")):
                    continue  # a number that is a password is a secret
                text = frame.format(given)
                place = "file_paths[0]" if in_path else "topic"
                assert a_scanner().scan({place: text}) == [], text


def test_addresses_do_not_run_out() -> None:
    """The range for documentation has 254 of them."""
    placeholders = Placeholders()
    given = [
        placeholders.give(
            Finding("0", "topic", 0, 8, "ip_address", False, f"10.0.{n // 200}.{n % 200}"),
            "generalise",
            in_path=False,
            at_end=False,
        )
        for n in range(300)
    ]
    assert len(set(given)) == 300
    assert given[0] == "192.0.2.1"
    assert given[-1] == "address-300"


def test_a_text_is_cut_between_sentences() -> None:
    """A row takes what it needs of a long record."""
    sentence = "Every charge carries an idempotency key. "
    draft = a_draft(decision_description=sentence * 60, decision_rationale="word " * 400)
    texts = scan_draft(draft, a_scanner()).texts
    assert texts["decisions[d1].description"].endswith("key.")
    assert (
        LIMITS["description"] - 60
        < len(texts["decisions[d1].description"])
        <= LIMITS["description"]
    )
    assert texts["decisions[d1].rationale"].endswith("word")


@pytest.mark.parametrize("name", ["github classic token", "rsa key", "postgres url"])
@pytest.mark.parametrize("before", range(-40, 1, 4))
def test_a_cut_leaves_no_half_of_a_secret(name: str, before: int) -> None:
    """Half a token has no form any more, and half a password opens half a door."""
    secret = SECRETS[name]()
    text = "retry " * (LIMITS["description"] // 6 + before // 6) + secret + " end" * 300
    scanned = scan_draft(a_draft(decision_description=text), a_scanner())
    cut = scanned.texts["decisions[d1].description"]
    assert secret in cut or not any(secret[:n] in cut for n in range(12, len(secret)))


def test_a_text_of_one_word_is_cut_all_the_same() -> None:
    """There is no blank to cut at."""
    scanned = scan_draft(a_draft(decision_description="é" * 4_000), a_scanner())
    assert len(scanned.texts["decisions[d1].description"]) == LIMITS["description"]


def test_what_two_edits_put_together_is_found_by_the_last_look(
    tmp_path: Path, environment: Environment
) -> None:
    """The bytes that would be written are scanned, not what somebody thinks they are."""
    promotion = a_promotion(a_draft(), tmp_path)
    row, line = promotion.finish(Answers())
    tampered = msgspec.structs.replace(row, note=f"token {SECRETS['npm token']()}")
    with pytest.raises(PromotionRefused, match="npm_token in note"):
        check_finished(serialise(tampered), promotion.scanned, Answers(), promotion.scanner)
    check_finished(line, promotion.scanned, Answers(), promotion.scanner)


def test_what_stands_between_fields_is_found_too() -> None:
    """Category and keys are closed sets, but nobody has to take that on trust."""
    promotion = a_promotion(a_draft(), Path())
    row, _ = promotion.finish(Answers())
    odd = msgspec.structs.replace(row, decisions=[a_seed(key=SECRETS["npm token"]())])
    (left,) = leftovers(serialise(odd), promotion.scanned, Answers(), promotion.scanner)
    assert (left.place, left.is_secret) == (SERIALISED, True)


def test_what_is_kept_may_stand_and_nothing_else(tmp_path: Path, environment: Environment) -> None:
    """A reason holds for the words that it was given for, in their place."""
    draft = a_draft(topic="see wiki.northwind.io", note="see wiki.northwind.io")
    promotion = a_promotion(draft, tmp_path)
    first, second = promotion.scanned.findings
    kept = read_answers([f"{first.id}=keep:everybody knows this", f"{second.id}=replace"])
    row = write(promotion, kept, environment).row
    assert (row.topic, row.note) == ("see wiki.northwind.io", "see host-1.example")


def test_a_word_of_a_replaced_path_is_found_in_the_texts() -> None:
    """The folder is gone, and the sentence still says whose it was."""
    draft = a_draft(topic="as northwind asked", file_paths=["src/northwind/retry.py"])
    kinds = {each.place: each.kind for each in scan_draft(draft, a_scanner()).findings}
    assert kinds == {"topic": "related_word", "file_paths[0]": "path_segment"}


def test_a_word_of_an_address_is_found_in_the_texts() -> None:
    """The address is gone, and the sentence still says whose it was, and the password may, too."""
    texts = swept(
        topic="for Zorblatt, ask pat@zorblatt.com",
        note="Flimflam's is postgres://app:wonkapass@db.flimflam.io/x, wonkapass apart",
    )
    assert texts["topic"] == "for word-1, ask person-1@mail.example"
    assert texts["note"] == "word-2's is [secret] [secret] apart"


def test_earlier_questions_of_a_row_are_scanned_as_well() -> None:
    """A row may bring the questions that came before it."""
    before = [Asked(topic="ask Zelda", file_paths=["src/northwind/a.py"])]
    texts = swept(before=before)
    assert texts["before[0].topic"] == "ask person-1"
    assert texts["before[0].file_paths[0]"] == "src/dir-1/a.py"


def test_paths_that_become_the_same_are_named_once() -> None:
    """A list with the same file twice is no question anybody asks."""
    texts = swept(file_paths=["src/Northwind/a.py", "src/northwind/a.py"])
    assert [text for place, text in texts.items() if place.startswith("file_paths")] == [
        "src/dir-1/a.py"
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("pat\uff20x.io", "pat@x.io"),
        ("to\u200bken\u00ad", "token"),
        ("a\r\nb\tc\x00", "a\nb c"),
        ("  x  ", "x"),
        ("\u202eevil", "evil"),
    ],
)
def test_nothing_hides_in_a_text(text: str, plain: str) -> None:
    """What cannot be seen would keep a secret from being recognised."""
    assert normalised(text) == plain


def test_only_placeholders_are_passed_over() -> None:
    """The length stays, so that a finding stands where it stands."""
    assert blanked("ask person-1 now") == "ask ;;;;;;;; now"
    assert blanked("person-1a Xperson-1 customer-1") == "person-1a Xperson-1 customer-1"
    assert is_path("decisions[d1].paths[0]")
    assert not is_path("decisions[d1].title")
