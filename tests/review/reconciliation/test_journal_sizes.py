"""Review rows at the limit of what is stored: one beyond it is left out, counted and said."""

from pathlib import Path

import pytest

from bicameral.capture.sizes import MOST_LINE_BYTES
from bicameral.review.reconciliation.journal import Journal
from bicameral.review.reconciliation.state import Written
from bicameral.review.rows import REVIEW_FILE, ReviewRow
from tests.removal.parts import stamp


def a_review(number: int, words: int) -> ReviewRow:
    return ReviewRow(
        id=f"rev_{number}",
        ts=stamp(number),
        session_id="s",
        repository_id=None,
        preflight_id="p",
        classification="normal",
        confidence=0.5,
        because="b" * words,
        fired=False,
        reason="no_matches",
        surfaced_ids=[],
        missed_ids=[],
        unused_ids=[],
        evidence=[],
        topic_hash="t",
        path_hashes=[],
        session_ended_at=stamp(0),
    )


@pytest.mark.parametrize(("beyond", "refused"), [(0, 0), (1, 1)])
def test_a_review_beyond_256_kib_is_left_out_and_counted(
    tmp_path: Path, beyond: int, refused: int
) -> None:
    """At the limit it is stored, and those around it are in any case."""
    with Journal(tmp_path, Written(), must_read_all=True) as journal:
        journal.append([a_review(1, 0)])
        journal.commit()
    empty = len((tmp_path / REVIEW_FILE).read_bytes()) - 1
    large = a_review(2, MOST_LINE_BYTES - empty + beyond)
    with Journal(tmp_path, Written(), must_read_all=True) as journal:
        stored = journal.append([a_review(3, 5), large, a_review(4, 5)])
        journal.commit()
        assert journal.refused == refused
        assert len(stored) == 3 - refused
        assert journal.added == {"normal": 3 - refused}
        assert journal.totals == {"normal": 4 - refused}
    lines = (tmp_path / REVIEW_FILE).read_bytes().splitlines()
    assert len(lines) == 4 - refused
    assert max(map(len, lines)) <= MOST_LINE_BYTES
