"""The queue: what waits follows from the two files, whatever stands in them."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.errors import InputRefused, NotFound
from bicameral.review.rows import LABELS_FILE, REVIEW_FILE, LabelRow, ReviewRow
from bicameral.review.triage.queue import (
    band_of,
    find_suspect,
    first_in_order,
    fold,
    read_labels,
    read_reviews,
    standing_label,
)
from tests.review.triage.parts import (
    a_label,
    a_row,
    write_labels,
    write_reviews,
)

LABELS = ("real_miss", "real_false_fire", "borderline", "not_a_failure")
SAID = st.tuples(
    st.sampled_from(["rev_a", "rev_b", "rev_c"]),
    st.sampled_from(["label", "undo", "promote"]),
    st.sampled_from(LABELS),
)


@given(said=st.lists(SAID, max_size=30))
def test_any_interleaving_of_labels_folds_to_what_a_plain_model_says(
    said: list[tuple[str, str, str]],
) -> None:
    """People label, relabel and undo in any order, in one file for all rows."""
    rows = [
        a_label(review_id, action, label=label if action == "label" else None)
        for review_id, action, label in said
    ]
    for review_id in ("rev_a", "rev_b", "rev_c"):
        stack: list[str] = []
        promotions = 0
        for named, action, label in said:
            if named != review_id:
                continue
            promotions += action == "promote"
            if action == "label":
                stack.append(label)
            elif action == "undo":
                stack = stack[:-1]
        own = [each for each in rows if each.review_id == review_id]
        folded = fold(a_row(id=review_id), own)
        assert standing_label(folded) == (stack[-1] if stack else None)
        assert folded.history == tuple(own)
        assert (folded.promoted is not None) == (promotions > 0)


@given(said=st.lists(SAID, max_size=30))
def test_labels_read_back_are_those_that_were_written_in_their_order(
    said: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The order of the file counts, not the clocks of those who wrote."""
    home = tmp_path_factory.mktemp("home")
    rows = [a_label(review_id, "label", label=label) for review_id, _, label in said]
    write_labels(home, rows)
    found, skipped = read_labels(home / LABELS_FILE)
    assert skipped == 0
    assert found == {
        key: [each for each in rows if each.review_id == key] for key in {r.review_id for r in rows}
    }


def test_a_home_without_files_has_an_empty_queue_and_stays_untouched(tmp_path: Path) -> None:
    """Looking is not writing."""
    reviews = read_reviews(tmp_path / "home")
    assert list(reviews) == []
    assert (reviews.skipped, reviews.orphans, reviews.reviewed) == (0, 0, {})
    assert not (tmp_path / "home").exists()


def test_normal_rows_are_counted_and_not_held(tmp_path: Path) -> None:
    """There are far more of them than of the others, and nobody has to look at them."""
    write_reviews(tmp_path, [a_row(1), *(a_row(n, classification="normal") for n in range(2, 9))])
    reviews = read_reviews(tmp_path)
    assert [each.row.id for each in reviews] == [a_row(1).id]
    assert reviews.reviewed == {
        ("2026-03-05", "suspected_miss"): 1,
        ("2026-03-05", "normal"): 7,
    }


def test_a_normal_row_that_somebody_labelled_is_held(tmp_path: Path) -> None:
    """Reconciliation overlooks things too, and a person may say so."""
    row = a_row(classification="normal")
    write_reviews(tmp_path, [row])
    write_labels(tmp_path, [a_label(row.id, label="real_miss")])
    assert [standing_label(each) for each in read_reviews(tmp_path)] == ["real_miss"]


def test_lines_that_are_no_rows_are_skipped_and_counted(tmp_path: Path) -> None:
    """A power cut tears a line, a disk loses a block; the rest goes on."""
    whole = msgspec.json.encode(a_row())
    damaged = [
        b"\xff\xfe\x00",
        whole[:40],
        b"[]",
        b"[" * 100_000,
        whole.replace(b'"2026-03-05T', b'"2026-13-05T'),
        whole.replace(b"suspected_miss", b"suspected_mess"),
        whole.replace(b'"confidence":0.9', b'"confidence":"high"'),
        msgspec.json.encode(a_row(3, schema=2)),
    ]
    # A blank line is what the next writer leaves behind a torn one; it is nothing lost.
    (tmp_path / REVIEW_FILE).write_bytes(b"\n".join([*damaged, whole, b"", b""]))
    (tmp_path / LABELS_FILE).write_bytes(
        b'{"action":"label"}\n'
        + msgspec.json.encode(a_label(a_row().id))  # a label that names none
        + b"\n"
        + msgspec.json.encode(a_label(a_row().id, label="borderline", schema=2))
        + b'\n{"ts":"'
    )
    reviews = read_reviews(tmp_path)
    found = list(reviews)
    assert [each.row for each in found] == [a_row()]
    assert found[0].history == ()
    assert reviews.skipped == len(damaged) + 4


def test_a_last_line_without_its_newline_counts_when_it_is_whole(tmp_path: Path) -> None:
    """The newline is written with the row, but whoever copied the file may have cut it."""
    (tmp_path / REVIEW_FILE).write_bytes(msgspec.json.encode(a_row()))
    assert len(list(read_reviews(tmp_path))) == 1


def test_a_row_that_stands_twice_counts_once(tmp_path: Path) -> None:
    """Two files put together must not double what is suspected."""
    write_reviews(tmp_path, [a_row(), a_row(), a_row()])
    reviews = read_reviews(tmp_path)
    assert len(list(reviews)) == 1
    assert reviews.reviewed.total() == 1
    assert len(list(reviews)) == 1, "reading again begins anew"


def test_labels_of_rows_that_are_gone_are_counted(tmp_path: Path) -> None:
    """Whoever removed a file should hear that work went with it."""
    write_reviews(tmp_path, [a_row(1)])
    write_labels(tmp_path, [a_label(a_row(n).id, label="borderline") for n in (1, 2, 3)])
    reviews = read_reviews(tmp_path)
    assert [each.row.id for each in reviews] == [a_row(1).id]
    assert reviews.orphans == 2


def test_rows_outside_of_the_time_asked_for_are_not_counted(tmp_path: Path) -> None:
    """A rate over a week must not divide by all preflights ever."""
    march = [a_row(n, ts=f"2026-03-0{n}T09:30:00.000000Z") for n in range(1, 6)]
    write_reviews(tmp_path, march)
    write_labels(tmp_path, [a_label(march[0].id, label="borderline")])
    reviews = read_reviews(tmp_path, within=lambda stamp: stamp >= "2026-03-04")
    assert [each.row.ts[:10] for each in reviews] == ["2026-03-04", "2026-03-05"]
    assert reviews.reviewed.total() == 2
    assert reviews.orphans == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["suspected_miss", "suspected_false_fire", "normal"]),
            st.floats(0, 1),
            st.integers(1, 9),
        ),
        max_size=12,
    ),
    st.integers(1, 12),
)
def test_misses_come_first_then_the_surest_then_the_newest(
    made: list[tuple[str, float, int]], most: int
) -> None:
    """What matters most is worked before the person tires."""
    rows = [
        a_row(number, classification=kind, confidence=sure, ts=f"2026-03-0{day}T00:00:00.000000Z")
        for number, (kind, sure, day) in enumerate(made)
    ]
    found = [each.row for each in first_in_order((fold(row, []) for row in rows), most)]
    rank = ["suspected_miss", "suspected_false_fire", "normal"]

    def key(row: ReviewRow) -> tuple[int, float, int]:
        return rank.index(row.classification), -row.confidence, -int(row.ts[8:10])

    assert found == sorted(rows, key=key)[:most]


@pytest.mark.parametrize(
    ("confidence", "band"),
    [
        (0.0, "low"),
        (0.4999, "low"),
        (0.5, "medium"),
        (0.7999, "medium"),
        (0.8, "high"),
        (1, "high"),
    ],
)
def test_bands_begin_where_they_are_said_to(confidence: float, band: str) -> None:
    """Filters and statistics cut at the same places."""
    assert band_of(confidence) == band


def test_a_row_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    """Nobody types sixteen digits."""
    write_reviews(tmp_path, [a_row(0xA1), a_row(0xB2, classification="normal")])
    assert find_suspect(tmp_path, a_row(0xA1).id).row.id == a_row(0xA1).id
    assert find_suspect(tmp_path, a_row(0xB2).id[:-1]).row.classification == "normal"


def test_an_id_that_others_begin_with_is_still_that_id(tmp_path: Path) -> None:
    """The whole of an id is never ambiguous."""
    write_reviews(tmp_path, [a_row(id="rev_1"), a_row(id="rev_12"), a_row(id="rev_123")])
    assert find_suspect(tmp_path, "rev_12").row.id == "rev_12"


@pytest.mark.parametrize(
    ("prefix", "error", "said"),
    [
        ("", InputRefused, "the id is empty"),
        ("rev_x", NotFound, "no reviewed row has an id that begins with 'rev_x'"),
        ("rev_", InputRefused, "'rev_' is the beginning of 8 ids: rev_0000000000000000,"),
    ],
)
def test_an_id_that_names_no_row_or_several_is_refused(
    tmp_path: Path, prefix: str, error: type[InputRefused | NotFound], said: str
) -> None:
    """A label on a guessed row would be worse than none; each refusal says what to do."""
    write_reviews(tmp_path, [a_row(number) for number in range(8)])
    write_labels(tmp_path, [a_label(a_row(0).id, label="borderline")])
    with pytest.raises(error, match=said) as refused:
        find_suspect(tmp_path, prefix)
    assert refused.value.next_step


def test_a_label_keeps_every_field(tmp_path: Path) -> None:
    """Who, when and why are what a label is worth."""
    said = {
        "ts": "2026-03-06T08:00:00.000000Z",
        "review_id": a_row().id,
        "action": "label",
        "who": "Grace",
        "label": "borderline",
        "note": "could go either way",
        "schema": 1,
    }
    (tmp_path / LABELS_FILE).write_text(json.dumps(said) + "\n", encoding="utf-8")
    found, _ = read_labels(tmp_path / LABELS_FILE)
    assert found == {a_row().id: [msgspec.convert(said, LabelRow)]}


def test_a_concerned_decision_is_named_once() -> None:
    """It may be missed, and be named by several pieces of evidence."""
    row = a_row(missed_ids=["dec_a"], unused_ids=["dec_b", "dec_a"])
    assert fold(row, []).concerned_ids == ("dec_a", "dec_b", row.evidence[0].decision_id)
