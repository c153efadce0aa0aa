"""Ordinary text is left alone: how often a sentence of a decision record is found fault with."""

import pytest

from bicameral.review.promotion.answers import open_findings, read_answers
from bicameral.review.promotion.findings import UNCERTAIN
from bicameral.review.promotion.names import Known
from bicameral.review.promotion.segments import find_segments
from tests.review.promotion.parts import a_scanner
from tests.review.promotion.sentences import SENTENCES

MOST_FALSE = 0.005
# People and companies who are called like words of every day.
AWKWARD = [
    Known(name, "person_name")
    for name in (
        "Will Young",
        "Mark Page",
        "Grace Hope",
        "Frank Green",
        "Rob White",
        "Bill June",
        "Chase Grant",
        "Dev Root",
    )
] + [Known(name, "organisation") for name in ("linear", "Sprint", "main", "order")]


def test_hardly_an_ordinary_sentence_is_found_fault_with() -> None:
    """Whoever is asked about every second sentence stops reading the questions."""
    scanner = a_scanner()
    found = [text for text in SENTENCES if scanner.scan({"topic": text})]
    assert len(SENTENCES) >= 300
    assert len(found) / len(SENTENCES) <= MOST_FALSE, found


def test_a_whole_record_of_ordinary_sentences_has_no_finding() -> None:
    """Sentences that follow each other must not become something together."""
    scanner = a_scanner()
    for at in range(0, len(SENTENCES), 10):
        text = "\n".join(SENTENCES[at : at + 10])
        found = scanner.scan({"decisions[d1].description": text})
        assert {each.text for each in found} <= {"Will"}, "of Will Young, who works here"


def test_words_that_are_also_names_are_asked_about_and_never_eaten() -> None:
    """`all=replace` leaves them: only a person can tell Will from will."""
    scanner = a_scanner(AWKWARD)
    sweep = read_answers(["all=replace"])
    for text in SENTENCES:
        found = scanner.scan({"topic": text})
        assert {each.kind for each in found} <= {UNCERTAIN}, text
        assert open_findings(sweep, found) == found
        assert all(each.text[0].isupper() for each in found), text


@pytest.mark.parametrize(
    "text",
    [
        "the queue will retry a failed charge",
        "a linear scan of the main table",
        "the sprint ends with an order",
        "mark the page, grant the right, chase the bill",
    ],
)
def test_words_in_small_letters_are_words(text: str) -> None:
    """A verb must survive a colleague of the same name."""
    assert a_scanner(AWKWARD).scan({"topic": text}) == []


@pytest.mark.parametrize(
    ("text", "certain"),
    [
        ("Will Young asked for it", ["Will Young"]),
        ("ask Zelda before the release", ["Zelda"]),
        ("the ZeldaHandler retries", ["Zelda"]),
        ("moved to Blorptech's account", ["Blorptech"]),
        ("as blorptech-prod does", []),
        ("zelda said so", []),
    ],
)
def test_a_name_is_certain_as_its_owner_writes_it(text: str, certain: list[str]) -> None:
    """In other letters it is still asked about, and not swept away."""
    found = a_scanner().scan({"topic": text})
    assert [each.text for each in found if each.kind != UNCERTAIN] == certain
    assert found


def test_names_without_blanks_between_them_are_found() -> None:
    """Scripts without blanks have no words to compare with."""
    scanner = a_scanner([Known("山田太郎", "person_name"), Known("Björn Åkerlund", "person_name")])
    assert [f.text for f in scanner.scan({"topic": "この件は山田太郎に聞く"})] == ["山田太郎"]
    assert [f.kind for f in scanner.scan({"topic": "Bjorn knows"})] == [UNCERTAIN]


@pytest.mark.parametrize(
    "path",
    [
        "src/payments.py",
        "tests/eval/real_dataset.jsonl",
        "docs/adr/0001-charge-a-card-once.md",
        "lib/http/retry.spec.ts",
        "app/models/order_line.rb",
        "cmd/server/main.go",
        ".github/workflows/release.yml",
        "src/main/java/com/shop/OrderService.java",
        "Makefile",
        "package.json",
    ],
)
def test_paths_of_ordinary_words_are_left_alone(path: str) -> None:
    """The structure of a project says nothing about its customers."""
    assert list(find_segments(path)) == []
    assert a_scanner().scan({"file_paths[0]": path}) == []


@pytest.mark.parametrize(
    ("path", "stems"),
    [
        ("src/northwind/orders.py", ["northwind"]),
        ("src/tenants/northwind_billing.py", ["northwind_billing"]),
        ("customers/NorthwindImporter.java", ["NorthwindImporter"]),
        ("reports/2048193.csv", ["2048193"]),
        ("kunden/größe.py", ["kunden", "größe"]),
        ("notes/plan.northwind", ["plan.northwind"]),
        ("northwind", ["northwind"]),
    ],
)
def test_each_segment_with_a_word_out_of_the_ordinary_is_found(path: str, stems: list[str]) -> None:
    """Customers live on in the names of folders."""
    assert [path[span.start : span.end] for span in find_segments(path)] == stems
