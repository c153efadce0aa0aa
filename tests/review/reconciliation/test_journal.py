"""The review file: no row twice, nothing torn, whatever was done to it (PT-20)."""

import stat
from pathlib import Path

import msgspec
import pytest

from bicameral.review.reconciliation import journal as journal_room
from bicameral.review.reconciliation.journal import Journal
from bicameral.review.reconciliation.lines import ReviewLine
from bicameral.review.reconciliation.state import Written
from bicameral.review.rows import REVIEW_FILE, Classification, ReviewRow
from tests.review.reconciliation.parts import read_rows


def row(number: int, classification: Classification = "normal") -> ReviewRow:
    return ReviewRow(
        id=f"rev_{number}",
        ts="",
        session_id="s",
        repository_id=None,
        preflight_id=None,
        classification=classification,
        confidence=0.5,
        because="",
        fired=False,
        reason="",
        surfaced_ids=[],
        topic_hash="",
        path_hashes=[],
        session_ended_at="",
    )


def append(
    home: Path, written: Written, *numbers: int, must_read_all: bool = False
) -> tuple[Written, dict[str, int]]:
    with Journal(home, written, must_read_all=must_read_all) as journal:
        journal.append(row(number) for number in numbers)
        return journal.commit(), dict(journal.added)


def ids(home: Path) -> list[str]:
    return [each.id for each in read_rows(home)]


def test_rows_are_appended_for_the_owner_alone(tmp_path: Path) -> None:
    """PT-08."""
    written, added = append(tmp_path, Written(), 1, 2)
    assert added == {"normal": 2}
    assert written.totals == {"normal": 2}
    assert ids(tmp_path) == ["rev_1", "rev_2"]
    assert stat.S_IMODE((tmp_path / REVIEW_FILE).stat().st_mode) == 0o600


def test_rows_behind_the_place_vouched_for_are_not_repeated(tmp_path: Path) -> None:
    """A killed run wrote them and did not live to say so."""
    written, _ = append(tmp_path, Written(), 1)
    append(tmp_path, written, 2)
    again, added = append(tmp_path, written, 2, 3)
    assert ids(tmp_path) == ["rev_1", "rev_2", "rev_3"]
    assert added == {"normal": 1}
    assert again.totals == {"normal": 3}


@pytest.mark.parametrize("torn", [b'{"id":"rev_9","cl', b"\x00\x00", b"[]"])
def test_half_a_last_line_is_cut_off(tmp_path: Path, torn: bytes) -> None:
    """Whoever wrote it is dead, and its row comes again."""
    written, _ = append(tmp_path, Written(), 1)
    with (tmp_path / REVIEW_FILE).open("ab") as file:
        file.write(torn)
    append(tmp_path, written, 2)
    assert ids(tmp_path) == ["rev_1", "rev_2"]


def test_a_whole_last_line_without_its_end_is_ended(tmp_path: Path) -> None:
    """It is a row: an editor, or a kill just before the last byte, left it so."""
    append(tmp_path, Written(), 1, 2)
    path = tmp_path / REVIEW_FILE
    path.write_bytes(path.read_bytes()[:-1])
    append(tmp_path, Written(), 2, 3, must_read_all=True)
    assert ids(tmp_path) == ["rev_1", "rev_2", "rev_3"]


def test_the_last_line_is_found_however_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is searched from the end, block by block."""
    monkeypatch.setattr(journal_room, "BLOCK_BYTES", 7)
    (tmp_path / REVIEW_FILE).write_bytes(b"x" * 100)
    append(tmp_path, Written(), 1)
    assert ids(tmp_path) == ["rev_1"]
    with (tmp_path / REVIEW_FILE).open("ab") as file:
        file.write(b"y" * 100)
    append(tmp_path, Written(), 2)
    assert ids(tmp_path) == ["rev_1", "rev_2"]


def test_a_removed_file_begins_anew(tmp_path: Path) -> None:
    """A person removed what was reviewed: those rows stay away, new ones come."""
    written, _ = append(tmp_path, Written(), 1)
    (tmp_path / REVIEW_FILE).unlink()
    again, _ = append(tmp_path, written, 2)
    assert ids(tmp_path) == ["rev_2"]
    assert again.totals == {"normal": 1}


def test_a_file_that_was_edited_is_read_whole(tmp_path: Path) -> None:
    """Its size and its place mean nothing any more; no row is doubled."""
    written, _ = append(tmp_path, Written(), 1, 2, 3)
    path = tmp_path / REVIEW_FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]) + b"garbage\n")
    again, _ = append(tmp_path, written, 2, 3, 4)
    assert [line[:14] for line in path.read_bytes().splitlines()] == [
        b'{"id":"rev_2",',
        b'{"id":"rev_3",',
        b"garbage",
        b'{"id":"rev_4",',
    ]
    assert again.totals == {"normal": 3}


def test_large_batches_reach_the_file_before_the_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits in memory is bounded."""
    monkeypatch.setattr(journal_room, "BUFFER_BYTES", 1_000)
    with Journal(tmp_path, Written(), must_read_all=False) as journal:
        journal.append(row(number) for number in range(10))
        assert len(ids(tmp_path)) == 10


def test_a_dry_run_counts_and_writes_nothing(tmp_path: Path) -> None:
    """Not even the repair of a torn line."""
    append(tmp_path, Written(), 1)
    with (tmp_path / REVIEW_FILE).open("ab") as file:
        file.write(b"{torn")
    before = (tmp_path / REVIEW_FILE).read_bytes()
    with Journal(tmp_path, Written(), must_read_all=True, is_dry=True) as journal:
        new = journal.append([row(1), row(2)])
    assert [each.id for each in new] == ["rev_2"]
    assert journal.totals == {"normal": 2}
    assert (tmp_path / REVIEW_FILE).read_bytes() == before


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Nobody makes us write elsewhere."""
    (tmp_path / REVIEW_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        append(tmp_path, Written(), 1)
    assert not (tmp_path / "elsewhere").exists()


def test_a_line_has_the_fields_of_a_row_in_their_order() -> None:
    """It is made by position, so a field that moves in one of them would move a meaning."""
    schema = "schema"
    rows = [each for each in msgspec.structs.fields(ReviewRow) if each.name != schema]
    lines = msgspec.structs.fields(ReviewLine)
    assert [each.name for each in lines] == [each.name for each in rows]
    assert [each.encode_name for each in lines] == [each.encode_name for each in rows]
