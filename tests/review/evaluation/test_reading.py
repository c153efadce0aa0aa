"""Data sets are read strictly, and refused with the line and the field."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.errors import DatasetRefused
from bicameral.review.dataset import EvalRow, row_id
from bicameral.review.evaluation.reading import is_inside, read_dataset, read_rows
from tests.review.evaluation.parts import decision, row

GOOD: dict[str, Any] = {
    "origin": "labelled",
    "category": "plain_hit",
    "topic": "Retry a charge",
    "file_paths": ["payments/charge.py"],
    "decisions": [{"key": "d1", "title": "Send an idempotency key", "paths": ["a.py"]}],
    "expected": ["d1"],
    "before": [{"topic": "Another"}],
}


def line(**changes: Any) -> bytes:
    """Return the good row as a line, with some fields changed; its id follows, if it can."""
    fields = {**GOOD, **changes}
    try:
        fields = {"id": row_id(msgspec.convert({"id": "", **fields}, EvalRow)), **fields}
    except msgspec.ValidationError:
        fields = {"id": "row_0", **fields}
    return json.dumps(fields).encode()


def test_rows_come_in_order_and_blank_lines_are_passed_over(tmp_path: Path) -> None:
    """Editors end files with an empty line, and people part blocks with one."""
    path = tmp_path / "set.jsonl"
    path.write_bytes(b"\n".join([line(), b"", b"  ", line(topic="Two"), b""]))
    found = read_dataset(path)
    assert [each.topic for each in found] == ["Retry a charge", "Two"]
    assert found[0] == msgspec.convert({**GOOD, "id": row_id(found[0])}, EvalRow)


SEED = GOOD["decisions"][0]
WRONG = {
    "not JSON": (b"{", "truncated"),
    "not an object": (b"[]", "Expected `object`"),
    "not UTF-8": (line().replace(b"Retry", b"\xff"), "(?i)utf-8"),
    "a field is missing": (b'{"id": "a"}', "`origin`"),
    "a wrong type": (line(topic=3), r"\$\.topic"),
    "a wrong type within": (line(decisions=[{**SEED, "title": 3}]), r"decisions\[0\]\.title"),
    "an unknown category": (line(category="bad"), r"\$\.category"),
    "an unknown origin": (line(origin="bad"), r"\$\.origin"),
    "a misspelt field": (line(expectd=[]), "`expectd`"),
    "a misspelt field of a decision": (
        line(decisions=[{**SEED, "path": []}]),
        r"`decisions\[0\]\.path`",
    ),
    "a misspelt field of a question": (
        line(before=[{"topic": "x", "paths": []}]),
        r"`before\[0\]\.paths`",
    ),
    "a newer schema": (line(schema=2), "`schema` 2 is newer"),
    "an id of its own making": (line(id="one"), "`id` 'one' should be 'row_[0-9a-f]{16}'"),
    "an edited row": (line().replace(b"Retry", b"Repeat"), "`id` 'row_[0-9a-f]+' should be"),
    "a blank topic": (line(topic=" "), "`topic` has to have"),
    "a long topic": (line(topic="x" * 8_001), "`topic` has to have"),
    "a blank earlier topic": (line(before=[{"topic": ""}]), r"`before\[0\]\.topic`"),
    "an absolute path": (line(file_paths=["/etc/passwd"]), "`file_paths` names '/etc/passwd'"),
    "a path outside": (line(before=[{"topic": "x", "file_paths": ["../a"]}]), r"`before\[0\]\."),
    "git's own": (line(decisions=[{**SEED, "paths": [".git/config"]}]), r"`decisions\[0\]\.paths`"),
    "an expected key of nothing": (line(expected=["d2"]), "`expected` names 'd2'"),
    "a key expected twice": (line(expected=["d1", "d1"]), "`expected` names a decision twice"),
    "a key twice": (line(decisions=[SEED, SEED]), "the key 'd1' 2 times"),
    "an empty key": (line(decisions=[{**SEED, "key": ""}], expected=[]), r"\[0\]\.key` is empty"),
    "a short title": (line(decisions=[{**SEED, "title": "x  "}]), r"\[0\]\.title` has to have"),
    "drift of no code": (
        line(decisions=[{"key": "d1", "title": "Title", "has_drifted": True}]),
        r"\[0\]\.has_drifted` needs a path",
    ),
    "a row twice": (line(), "`id` 'row_[0-9a-f]+' stands on line 1 already"),
}


@pytest.mark.parametrize(("wrong", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_row_is_refused_with_its_line_and_field(wrong: bytes, said: str) -> None:
    """A row left out in silence would make every figure wrong."""
    with pytest.raises(DatasetRefused, match=said) as caught:
        read_rows([line(), b"", wrong], name="set.jsonl")
    assert caught.value.message.startswith("set.jsonl, line 3: ")


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A missing file is not an empty data set."""
    with pytest.raises(DatasetRefused, match=r"gone\.jsonl cannot be read"):
        read_dataset(tmp_path / "gone.jsonl")


def test_an_id_follows_from_the_question_and_its_answer() -> None:
    """A note may be mended without a new baseline; another answer is another row."""
    one = row("x", decisions=[decision("a")], expected=["a"])
    replace = msgspec.structs.replace
    assert row_id(one) == row_id(replace(one, id="y", note="mended", label="real_miss"))
    changed = [
        replace(one, topic="Change more"),
        replace(one, expected=[]),
        replace(one, file_paths=["a.py"]),
        replace(one, decisions=[decision("a", "Another")]),
    ]
    assert len({row_id(each) for each in [one, *changed]}) == 5


INSIDE = ("a", "a/b.py", "a b/ü.py", ".github/x.yml", "..a/b", "gitignore")
OUTSIDE = (
    "",
    ".",
    "..",
    "/",
    "/a",
    "a/../b",
    "./a",
    "a//b",
    "a/",
    ".git",
    "A/.GIT/b",
    "a\\b",
    "a\n",
)


@pytest.mark.parametrize("path", INSIDE)
def test_a_path_below_a_repository_is_taken(path: str) -> None:
    """Whatever a repository may hold can be asked about."""
    assert is_inside(path)


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_could_lead_elsewhere_is_not(path: str) -> None:
    """Files are written for paths: none may land outside the temporary folder."""
    assert not is_inside(path)


@given(path=st.text(max_size=20))
def test_no_path_that_is_taken_leads_out(path: str) -> None:
    """By the file system's own reckoning."""
    if is_inside(path):
        root = Path("/r")
        assert Path("/r", path) != root
        assert Path("/r", path).is_relative_to(root)
        assert ".." not in Path(path).parts
