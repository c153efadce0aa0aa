"""Edits seen by a client's hook are evidence, and the hook starts fast (PT-26)."""

from pathlib import Path

import msgspec
import pytest

from bicameral.capture.edits import record_edit
from bicameral.capture.events import EditObserved
from bicameral.capture.hashes import Hashes
from bicameral.capture.rows import EVENTS_FILE, read_rows
from bicameral.capture.salt import read_salt
from bicameral.errors import HomeUnusable
from tests.capture.processes import run
from tests.conftest import MakeEnvironment


def test_an_edit_is_recorded_by_the_hash_of_its_path(make_environment: MakeEnvironment) -> None:
    """A path hash is what preflights and engagements are compared by."""
    environment = make_environment()
    record_edit(
        environment,
        session_id="s1",
        file_path="/work/shop/src/pay.py",
        tool="Write",
        repository_root="/work/shop",
        repository_id="r1",
    )

    (row,) = read_rows(environment.home / EVENTS_FILE)
    salt = read_salt(environment.home, environment.random_bytes)
    assert row["path_hash"] == Hashes(salt).hash_path("src/pay.py")
    assert set(row) == set(EditObserved.__struct_fields__)
    edit = msgspec.convert(row, EditObserved)
    assert (edit.session_id, edit.tool, edit.repository_id) == ("s1", "Write", "r1")
    assert b"pay" not in (environment.home / EVENTS_FILE).read_bytes()


def test_a_hook_that_cannot_record_says_so(
    make_environment: MakeEnvironment, tmp_path: Path
) -> None:
    """A hook that fails in silence is never missed; no tool call waits for this one."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(HomeUnusable):
        record_edit(
            make_environment(home=tmp_path / "file"), session_id="s1", file_path="src/pay.py"
        )


IMPORTED = """
import bicameral.capture.edits, bicameral.capture.flags, bicameral.capture.sessions
print(sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_hook_path_imports_the_standard_library_alone() -> None:
    """A hook runs at every edit: one heavy import would cost more than all it does."""
    modules = run(IMPORTED)

    assert "bicameral" in modules
    for heavy in ("msgspec", "pydantic", "mcp", "sqlalchemy", "starlette", "asyncio"):
        assert f"'{heavy}'" not in modules
