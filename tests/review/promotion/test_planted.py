"""The planted corpus: no secret and nothing personal reaches a data set, from any field."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bicameral.environment import Environment
from bicameral.errors import PromotionRefused
from bicameral.govern.detection.normal_form import normalised
from bicameral.review.promotion.answers import Answer, Answers, check
from bicameral.review.promotion.promotion import Promotion
from tests.review.promotion.parts import (
    SWEEP,
    a_draft,
    a_promotion,
    rows_of,
    with_place,
    write,
)
from tests.review.promotion.planted import PERSONAL, SECRETS

PROSE = (
    "topic",
    "note",
    "decisions[d1].title",
    "decisions[d1].description",
    "decisions[d1].rationale",
    "decisions[d1].feature_group",
)
PATHS = ("file_paths[0]", "decisions[d1].paths[0]")
CUT = "Retry the charge with"
SMALLEST_PIECE = 8
# What stands around a secret and is none itself.
AROUND = re.compile(r"private_key_id|service_account|private_key|Authorization|password")


def planted(place: str, plant: str) -> str:
    """Return a text or a path with something in it that should not be there."""
    if place in PATHS:
        # As a path is written down: with single slashes.
        return f"src/{plant.replace('//', '/')}/retry.py"
    return f"Retry the charge with {plant} before the release"


def pieces(plant: str) -> set[str]:
    """Return the parts of a secret that would be of use to somebody."""
    return set(re.findall(rf"[A-Za-z0-9+]{{{SMALLEST_PIECE},}}", AROUND.sub(" ", plant)))


def promotions(plant: str, places: tuple[str, ...], root: Path) -> Iterator[tuple[str, Promotion]]:
    for place in places:
        text = planted(place, normalised(plant))
        promotion = a_promotion(
            with_place(a_draft(), place, text), root / re.sub(r"\W", "_", place)
        )
        if promotion.scanned.texts.get(place, "") in {"", CUT}:
            continue  # what was too long for the field was cut off in front of the secret
        yield place, promotion


def test_the_corpus_is_as_wide_as_it_says() -> None:
    """The requirement counts them: 30 kinds of secret, 10 of personal data."""
    assert len({make() for make in SECRETS.values()}) >= 30
    assert len({make() for make in PERSONAL.values()}) >= 10


@pytest.mark.parametrize("name", SECRETS)
def test_a_planted_secret_is_refused_and_its_finding_named(
    name: str, tmp_path: Path, environment: Environment
) -> None:
    """Whoever just runs the command is stopped, told where, and not shown the secret."""
    plant = SECRETS[name]()
    for place, promotion in promotions(plant, PROSE + PATHS, tmp_path):
        with pytest.raises(PromotionRefused) as refused:
            write(promotion, Answers(), environment)
        secrets = [each for each in promotion.scanned.findings if each.is_secret]
        assert secrets, place
        for each in secrets:
            assert f"{each.kind} in {place} ({each.id})" in refused.value.message
            # A good reason for a secret in a shared file does not exist.
            with pytest.raises(PromotionRefused, match="a secret is never kept"):
                check(each, Answer("keep", "it is only an example"))
        assert not promotion.root.exists()
        for piece in pieces(plant):
            assert piece not in str(refused.value)
            for finding in promotion.scanned.findings:
                assert piece not in "".join(promotion.context_of(finding)), (place, piece)


@pytest.mark.parametrize("name", SECRETS)
def test_no_piece_of_a_planted_secret_reaches_the_file(
    name: str, tmp_path: Path, environment: Environment
) -> None:
    """All findings replaced, the row is written, and of the secret there is nothing."""
    plant = SECRETS[name]()
    for place, promotion in promotions(plant, PROSE + PATHS, tmp_path):
        written = write(promotion, SWEEP, environment).path.read_bytes().decode("utf-8")
        assert plant not in written
        assert json.dumps(plant)[1:-1] not in written
        assert not [piece for piece in pieces(plant) if piece in written], place


@pytest.mark.parametrize("name", PERSONAL)
def test_planted_personal_data_is_refused_and_then_replaced(
    name: str, tmp_path: Path, environment: Environment
) -> None:
    """The same for what tells who somebody is, in every field."""
    plant = normalised(PERSONAL[name]())
    for place, promotion in promotions(plant, PROSE + PATHS, tmp_path):
        with pytest.raises(PromotionRefused) as refused:
            write(promotion, Answers(), environment)
        assert f"in {place}" in refused.value.message
        assert plant not in str(refused.value)
        assert not promotion.root.exists()
        (row,) = rows_of(write(promotion, SWEEP, environment).path)
        written = json.dumps([row.topic, row.note, row.file_paths], ensure_ascii=False)
        written += repr(row.decisions)
        assert plant.casefold() not in written.casefold(), place


@pytest.mark.parametrize("make", PERSONAL.values(), ids=PERSONAL)
def test_nothing_of_a_name_is_left_beside_its_placeholder(
    make: Callable[[], str], tmp_path: Path, environment: Environment
) -> None:
    """Half an address still leads to the person."""
    for _, promotion in promotions(normalised(make()), PROSE, tmp_path):
        (row,) = rows_of(write(promotion, SWEEP, environment).path)
        texts = json.dumps([row.topic, row.note, repr(row.decisions)])
        for word in ("northwind", "pdoe", "pat.doe", "zelda", "quux", "blorptech"):
            assert word not in texts.casefold()
