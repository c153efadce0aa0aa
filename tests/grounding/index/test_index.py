"""The index: never out of date, never read twice, and the same however it came about."""

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bicameral.grounding.index import store as store_module
from bicameral.grounding.index.store import Store
from bicameral.ledger.code_names import key_of
from tests.grounding.index.parts import REPOSITORY_ID, Indexed

FILES = {"a.py": "import b\n# ADR-1\n", "b.py": "import c\n", "c.py": ""}


@pytest.fixture
def tree(tmp_path: Path) -> Indexed:
    return Indexed(tmp_path / "r", FILES)


def test_imports_and_citations_are_answered_from_the_index(tree: Indexed) -> None:
    """Of many paths at once; one without any is left out."""
    tree.bring_up()
    paths = ["a.py", "b.py", "c.py", "missing.py"]
    assert tree.index.imports_of(paths) == {"a.py": ("b.py",), "b.py": ("c.py",)}
    [citation] = tree.index.citations_of(paths)["a.py"]
    assert (citation.kind, citation.number, citation.line) == ("adr", 1, 2)


def test_names_of_code_are_those_of_the_file_as_it_is_now(tree: Indexed) -> None:
    """From the index, or read on the spot where the file has changed since."""
    tree.repository.write("a.py", "import b\nquote_price = b.rate  # see RateTable\n")
    tree.bring_up()
    assert tree.index.ask(["a.py", "b.py"]).names == {
        "a.py": tuple(map(key_of, ("quote_price", "RateTable")))
    }

    tree.repository.write("a.py", "import b\nother_price = b.rate\n")
    assert tree.index.ask(["a.py"]).names == {"a.py": (key_of("other_price"),)}


def test_a_new_file_is_answered_with_what_its_namesakes_beside_it_cite(tmp_path: Path) -> None:
    """Not with other names, deeper or higher folders, or where the file is there already."""
    tree = Indexed(
        tmp_path / "r",
        {
            "app/learning/signals.py": "# ADR-3\n",
            "app/catalog/signals.py": "# ADR-2\n",
            "app/catalog/data.py": "# ADR-4\n",
            "app/catalog/deep/signals.py": "# ADR-5\n",
            "app/signals.py": "# ADR-6\n",
            "zoo/signals.py": "# ADR-7\n",
            "signals.py": "# ADR-8\n",
        },
    )
    tree.bring_up()
    asked = ["app/events/signals.py", "app/catalog/signals.py", "new.py", "apt/signals.py"]

    seen = tree.index.ask(asked)

    assert {path: [each.number for each in found] for path, found in seen.beside.items()} == {
        "app/events/signals.py": [2, 3],
        "apt/signals.py": [6, 7],
    }


def test_a_file_is_read_as_it_is_now(tree: Indexed) -> None:
    """An agent edits a file and asks again at once: the index has not seen that yet."""
    tree.bring_up()
    tree.repository.write("a.py", "import c\n")
    tree.repository.write("new.py", "import a, b\n")
    found = tree.index.imports_of(["a.py", "new.py"])
    assert found == {"a.py": ("c.py",), "new.py": ("a.py", "b.py")}


def test_a_file_that_appears_makes_an_older_import_lead_to_it(tree: Indexed) -> None:
    """An edge is worked out when it is asked for, so it cannot be older than the files."""
    tree.repository.write("a.py", "import later\n")
    assert tree.imports("a.py") == []
    tree.repository.write("later.py", "")
    assert tree.imports("a.py") == ["later.py"]
    (tree.repository.root / "later.py").unlink()
    assert tree.imports("a.py") == []


def test_a_second_run_reads_nothing(tree: Indexed) -> None:
    """Unless a file is so new that it could have changed without a sign."""
    for name in FILES:
        os.utime(tree.repository.root / name, ns=(10**18, 10**18))
    assert tree.bring_up().read == 3
    assert tree.bring_up().read == 0
    tree.repository.write("b.py", "import a\n")
    assert tree.bring_up().read == 1


def test_only_files_of_the_repository_are_listed(tree: Indexed, tmp_path: Path) -> None:
    """Neither ignored ones, nor what a link leads to, nor another repository's."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("", encoding="utf-8")
    root = tree.repository.root
    tree.repository.write(".gitignore", "ignored.py\n")
    tree.repository.write("ignored.py", "")
    (root / "linked.py").symlink_to(outside / "secret.py")
    (root / "folder").symlink_to(outside)
    at_inner = Indexed(root / "inner", {"x.py": ""}, home=tmp_path / "other")
    tree.repository.write(
        "a.py", "import ignored, linked, folder.secret, inner.x, b\nfrom .. import outside\n"
    )
    assert at_inner.repository.root.is_dir()
    assert tree.imports("a.py") == ["b.py"]


def test_a_folder_that_became_a_link_is_not_followed(tree: Indexed, tmp_path: Path) -> None:
    """Git still lists the files that stood in it."""
    tree.repository.commit("more", **{"pkg/x.py": "# ADR-1\n"})
    outside = tmp_path / "outside"
    shutil.move(tree.repository.root / "pkg", outside)
    (tree.repository.root / "pkg").symlink_to(outside)
    tree.repository.write("a.py", "import pkg.x\n")
    assert tree.imports("a.py") == []
    assert tree.cold_imports("a.py") == []
    assert tree.index.citations_of(["pkg/x.py"]) == {}


def test_the_file_is_its_owners_alone_and_in_the_home(tree: Indexed) -> None:
    """It names every file of a repository that may be nobody else's business."""
    tree.bring_up()
    path = tree.environment.home / "index" / f"{REPOSITORY_ID}.code.sqlite3"
    assert tree.index.path == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "index" not in tree.repository.git("status", "--porcelain")


def test_an_index_of_another_version_is_made_anew(tree: Indexed) -> None:
    """It holds nothing that cannot be read again."""
    tree.bring_up()
    with sqlite3.connect(tree.index.path) as connection:
        connection.execute("CREATE TABLE unheard_of (x)")
        connection.execute(f"PRAGMA user_version={store_module.VERSION + 1}")
    connection.close()
    index = tree.open()
    assert Store.open_existing(index.path) is None
    assert tree.imports("a.py") == ["b.py"]


def test_a_damaged_index_is_made_anew(tree: Indexed) -> None:
    """The next run mends it, and until then the answer says what is missing."""
    tree.bring_up()
    tree.index.close()
    tree.index.path.write_bytes(b"not a database" * 1000)
    index = tree.open()
    index._background.stop()
    seen = index.ask(["a.py"])
    assert seen.fallback == "index_unavailable"
    assert "cannot be read" in seen.behind
    tree.index = tree.open()
    assert tree.imports("a.py") == ["b.py"]


def test_files_are_read_again_once_their_grammar_is_there(tree: Indexed) -> None:
    """What an extra adds is not missed for ever, because a file was read before it came."""
    tree.bring_up()
    Store.open(tree.index.path, "python only").close()
    assert tree.bring_up().read == 3


NAMES = ("a.py", "b.py", "p/__init__.py", "p/a.py", "p/b.py", "a/__init__.py")
TEXTS = ("", "import a\n", "from . import b, a\n", "from p import a\nimport b\n", "import p.b\n")
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["write", "remove", "add", "commit"]),
        st.sampled_from(NAMES),
        st.sampled_from(TEXTS),
    ),
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=EDITS)
def test_what_came_about_by_edits_is_what_is_built_at_once(
    edits: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any edits, with a run after each: an index made of the same files says the same."""
    folder = tmp_path_factory.mktemp("edits")
    tree = Indexed(folder / "r", FILES)
    tree.bring_up()
    for kind, name, text in edits:
        edit(tree, kind, name, text)
        tree.bring_up()
    fresh = Indexed(folder / "r", home=folder / "fresh")
    fresh.bring_up()
    paths = sorted({*NAMES, *FILES})
    seen, anew = (each.index.ask(paths, budget_seconds=60) for each in (tree, fresh))
    assert seen == anew
    tree.index.close()
    fresh.index.close()


def edit(tree: Indexed, kind: str, name: str, text: str) -> None:
    root = tree.repository.root
    if kind == "write":
        tree.repository.write(name, text)
    elif kind == "remove":
        (root / name).unlink(missing_ok=True)
    elif kind == "add":
        tree.repository.git("add", "--all")
    else:
        tree.repository.commit("edited")
