"""Documents from disk: fixed order, nothing from outside the root, every failure told."""

import os
from pathlib import Path

import pytest

from bicameral.errors import IngestRefused, PathOutsideRepository
from bicameral.intake.draft import Skipped
from bicameral.intake.files import collect, decode, matches
from bicameral.intake.reading import read_paths


@pytest.fixture
def root(tmp_path: Path) -> Path:
    base = tmp_path / "repository"
    for path in (
        "docs/adr/0002-b.md",
        "docs/adr/0001-a.rst",
        "docs/x.py",
        "node_modules/a.md",
        "z.txt",
    ):
        target = base / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"text of {path}", encoding="utf-8")
    return base


def paths(root: Path, *patterns: str) -> list[str]:
    return [document.path for document in collect(root, patterns)[0]]


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["."], ["docs/adr/0001-a.rst", "docs/adr/0002-b.md", "z.txt"]),
        (["docs"], ["docs/adr/0001-a.rst", "docs/adr/0002-b.md"]),
        (["docs/adr/"], ["docs/adr/0001-a.rst", "docs/adr/0002-b.md"]),
        (["z.txt", "docs/adr/0002-b.md", "z.txt"], ["docs/adr/0002-b.md", "z.txt"]),
        (["docs/x.py"], ["docs/x.py"]),
        (["**/*.md"], ["docs/adr/0002-b.md"]),
        (["docs/*/000?-*"], ["docs/adr/0001-a.rst", "docs/adr/0002-b.md"]),
        (["docs\\adr\\0002-b.md"], ["docs/adr/0002-b.md"]),
        (["docs/../z.txt"], None),
    ],
)
def test_patterns_name_documents(
    root: Path, patterns: list[str], expected: list[str] | None
) -> None:
    """Sorted, each once; folders and globs take documents only, a file named is read as it is."""
    if expected is None:
        with pytest.raises(PathOutsideRepository):
            paths(root, *patterns)
    else:
        assert paths(root, *patterns) == expected


def test_an_absolute_path_inside_the_root_is_relative(root: Path) -> None:
    """Clients often know only absolute paths."""
    assert paths(root, str(root.resolve() / "z.txt")) == ["z.txt"]


@pytest.mark.parametrize(
    "pattern", ["../x.md", "/etc/hosts", "C:\\x.md", "\\\\host\\x", "a/../../x", "a\x00b"]
)
def test_a_pattern_that_leaves_the_root_is_refused(root: Path, pattern: str) -> None:
    """On every platform, whatever its separators."""
    with pytest.raises(PathOutsideRepository) as caught:
        paths(root, pattern)
    assert caught.value.next_step


def test_a_pattern_that_names_nothing_is_told(root: Path) -> None:
    """A typing error must not look like a folder without decisions."""
    found, skipped = collect(root, ["docs/adrs", "*.rst"])
    assert found == []
    assert skipped == [
        Skipped("docs/adrs", "names no document"),
        Skipped("*.rst", "names no document"),
    ]


def test_links_out_of_the_root_are_not_followed(root: Path, tmp_path: Path) -> None:
    """A link is the oldest way out of a folder."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("secret", encoding="utf-8")
    (root / "docs/adr/0003-link.md").symlink_to(outside / "secret.md")
    (root / "docs/adr/0004-gone.md").symlink_to(root / "gone.md")
    (root / "docs/adr/0005-loop.md").symlink_to(root / "docs/adr/0005-loop.md")
    (root / "docs/adr/0006-inside.md").symlink_to(root / "z.txt")
    (root / "docs/folder").symlink_to(outside)
    found, skipped = collect(root, ["docs"])
    assert [document.path for document in found] == [
        "docs/adr/0001-a.rst", "docs/adr/0002-b.md", "docs/adr/0006-inside.md",
    ]  # fmt: skip
    assert [(skip.path[-12:], skip.reason.partition(":")[0]) for skip in skipped] == [
        ("0003-link.md", "is a link that leaves the repository"),
        ("0004-gone.md", "cannot be read"),
        ("0005-loop.md", "cannot be read"),
    ]
    with pytest.raises(PathOutsideRepository):
        collect(root, ["docs/folder"])


def test_what_is_no_text_is_told(root: Path) -> None:
    """Binary files, pipes and giants are reported, and no pipe is waited for."""
    (root / "a.md").write_bytes(b"\x00\x01binary")
    (root / "b.md").write_bytes(b"x" * 101)
    os.mkfifo(root / "c.md")
    found, skipped = collect(root, ["*.md"], largest_document=100)
    assert found == []
    assert skipped == [
        Skipped("a.md", "is not text"),
        Skipped("b.md", "is larger than 100 bytes"),
        Skipped("c.md", "is not a regular file"),
    ]


def test_too_many_documents_are_refused(root: Path) -> None:
    """Two thousand records are a wrong pattern."""
    with pytest.raises(IngestRefused, match="name 3 documents; at most 2"):
        collect(root, ["."], most_documents=2)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("grün".encode(), "grün"),
        ("\ufeffgrün".encode(), "grün"),
        ("grün".encode("utf-16"), "grün"),
        ("grün".encode("latin-1"), "grün"),
        (b"a\x00b", None),
    ],
)
def test_encodings(content: bytes, text: str | None) -> None:
    """Old records were not written in UTF-8."""
    assert decode(content) == text


@pytest.mark.parametrize(
    ("path", "pattern", "fits"),
    [
        ("a/b/c.md", "**/c.md", True),
        ("c.md", "**/c.md", True),
        ("a/b/c.md", "a/**", True),
        ("a/b/c.md", "a/**/b/**/c.md", True),
        ("a/b/c.md", "a/*.md", False),
        ("a/b/c.md", "*.md", False),
        ("a/b/c.md", "x/**/c.md", False),
        ("A.md", "a.md", False),
    ],
)
def test_globs(path: str, pattern: str, fits: bool) -> None:
    """`*` stays within a folder, `**` crosses any number."""
    assert matches(path, pattern) is fits


def test_reading_paths_links_what_was_read(root: Path) -> None:
    """The whole way: from files to drafts that know each other."""
    (root / "docs/adr/0001-a.rst").write_text(
        "A\n=\n\nStatus\n------\n\nSuperseded by `B <0002-b.md>`_ and ADR-9\n\n"
        "Decision\n--------\n\nx y\n",
        encoding="utf-8",
    )
    (root / "docs/adr/0002-b.md").write_text("# B\n\n## Decision\n\ny z\n", encoding="utf-8")
    reading = read_paths(root, ["docs", "gone"])
    assert [draft.source_ref for draft in reading.drafts] == [
        "docs/adr/0001-a.rst",
        "docs/adr/0002-b.md",
    ]
    targets = [reference.target for reference in reading.drafts[0].superseded_by]
    assert targets == ["docs/adr/0002-b.md", ""]
    assert [item.reference.text for item in reading.unresolved] == ["ADR-9"]
    assert reading.skipped == (Skipped("gone", "names no document"),)
