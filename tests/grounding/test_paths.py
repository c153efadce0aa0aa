"""The path guard: one spelling for a path inside the root, and none for one outside."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bicameral.errors import InputRefused, PathOutsideRepository
from bicameral.grounding.paths import PathGuard, normalise


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = (tmp_path / "root").resolve()
    (made / "src/deep").mkdir(parents=True)
    (made / "src/a.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("s", encoding="utf-8")
    return made


@pytest.mark.parametrize(
    "path",
    [
        *("src/a.py", "./src/a.py", "src//a.py", "src/./a.py", "src/a.py/", "src\\a.py"),
        *(".\\src\\a.py", "src/deep/../a.py", "src\\deep\\..\\a.py", "new/../src/a.py"),
    ],
)
def test_every_spelling_of_a_path_becomes_one(root: Path, path: str) -> None:
    """Hashes of paths agree only when their spelling does."""
    assert normalise(path, root, root) == "src/a.py"


def test_an_absolute_path_inside_the_root_is_accepted(root: Path, tmp_path: Path) -> None:
    """Many clients know only absolute paths, some of them through a link."""
    (tmp_path / "link").symlink_to(root)

    assert normalise(str(root / "src/a.py"), root, root) == "src/a.py"
    assert normalise(str(tmp_path / "link/src/a.py"), root, root) == "src/a.py"
    assert normalise(str(tmp_path / "link/new/b.py"), root, root) == "new/b.py"


@pytest.mark.parametrize(
    "path",
    [
        *("../x", "..\\x", "src/../../x", "src\\..\\..\\x", "..", "./.."),
        *("/etc/passwd", "/", "\\x", "C:\\x", "C:x", "c:/x", "\\\\host\\x", "//host/x"),
        *("x/../C:/y", "x/../~/y", "~", "~/x", "~user/x", "\\\\?\\C:\\x", "//./x"),
    ],
)
def test_what_leaves_the_root_is_refused_on_every_platform(root: Path, path: str) -> None:
    """A path that is harmless here may be read on a system where it is not."""
    with pytest.raises(PathOutsideRepository, match="leads out of the repository"):
        normalise(path, root, root)


def test_a_folder_whose_name_starts_like_the_root_is_outside(root: Path) -> None:
    """Comparing text alone takes `/root2` for a part of `/root`."""
    (root.parent / "root2").mkdir()

    with pytest.raises(PathOutsideRepository):
        normalise(str(root.parent / "root2/x"), root, root)


@pytest.mark.parametrize("path", ["", "a\0b", "a\nb", "a\x7f", "a\x9b", "x" * 5000, "x" * 300])
def test_what_no_file_can_be_called_is_refused(root: Path, path: str) -> None:
    """Control characters in a path are an attack or an accident."""
    with pytest.raises(InputRefused):
        normalise(path, root, root)


@pytest.mark.parametrize("path", [".", "./", "src/.."])
def test_the_root_itself_is_no_file(root: Path, path: str) -> None:
    """A decision is bound to something smaller than everything."""
    with pytest.raises(InputRefused, match="names the repository's root"):
        normalise(path, root, root)


@pytest.mark.parametrize(
    "path", [".git", ".git/config", ".GIT/hooks/x", "sub/.git/x", ".git./x", ".git /x", "GIT~1/x"]
)
def test_gits_own_folder_is_refused_under_each_of_its_names(root: Path, path: str) -> None:
    """Some file systems drop a dot or a blank, or know a short name."""
    with pytest.raises(InputRefused, match="git's own folder"):
        normalise(path, root, root)


@pytest.mark.parametrize("path", [".github/x", ".gitignore", "a..b", "...", "ab:c.py", "file~"])
def test_names_that_only_look_dangerous_are_accepted(root: Path, path: str) -> None:
    """Refusing a real file would leave it without its decisions."""
    assert normalise(path, root, root) == path


def test_a_path_that_does_not_exist_yet_is_fine(root: Path) -> None:
    """A preflight comes before the file is written."""
    assert normalise("new/deep/file.py", root, root) == "new/deep/file.py"
    assert normalise("src/a.py/below-a-file", root, root) == "src/a.py/below-a-file"


def test_a_link_that_leads_out_is_refused_at_any_depth(root: Path) -> None:
    """Whoever follows it reads another project's files."""
    (root / "out").symlink_to(root.parent / "outside")
    (root / "src/secret").symlink_to(root.parent / "outside/secret")
    (root / "dangling").symlink_to(root.parent / "outside/none")
    (root / "twice").symlink_to("out")

    for path in ("out/secret", "out/new", "out", "src/secret", "dangling", "twice/secret"):
        with pytest.raises(PathOutsideRepository):
            normalise(path, root, root)


def test_a_link_inside_the_root_keeps_its_name(root: Path) -> None:
    """Git tracks the link under its own name, and so do decisions."""
    (root / "alias").symlink_to("src")
    (root / "src/loop").symlink_to("loop")

    assert normalise("alias/a.py", root, root) == "alias/a.py"
    assert normalise("src/loop", root, root) == "src/loop"


def test_relative_paths_start_where_the_caller_stands(root: Path) -> None:
    """In a subfolder of the root as any tool would; from outside, at the root."""
    assert normalise("a.py", root, root / "src") == "src/a.py"
    assert normalise("../x.py", root, root / "src") == "x.py"
    assert normalise("src/a.py", root, root.parent / "outside") == "src/a.py"
    with pytest.raises(PathOutsideRepository):
        normalise("../../x.py", root, root / "src")


def test_where_case_means_nothing_the_spelling_on_disk_is_taken(root: Path) -> None:
    """Windows and macOS accept `SRC/A.py`; git knows it only as `src/a.py`."""
    guard = PathGuard(root, root, ignores_case=True)

    assert guard.normalise("SRC/A.py") == "src/a.py"
    assert guard.normalise("SRC/New.py") == "src/New.py"
    assert guard.normalise("New/File.py") == "New/File.py"
    assert guard.normalise("SRC/A.py/x") == "src/a.py/x"
    assert guard.normalise(str(root).upper() + "/src/a.py") == "src/a.py"


def test_where_case_counts_it_is_kept(root: Path) -> None:
    """`Makefile` and `makefile` are two files there."""
    guard = PathGuard(root, root, ignores_case=False)

    assert guard.normalise("SRC/A.py") == "SRC/A.py"
    with pytest.raises(PathOutsideRepository):
        guard.normalise(str(root).upper() + "/src/a.py")


@pytest.mark.skipif(os.name != "posix", reason="needs a name that another system cannot have")
def test_a_name_that_is_not_utf8_is_accepted(root: Path) -> None:
    """Git hands such names out, and they must find their way back."""
    assert normalise("caf\udce9.py", root, root) == "caf\udce9.py"


_PARTS = st.sampled_from(["a", "b.py", "..", ".", "", "src", "C:", "~", "out", ".git", "x y"])


@given(parts=st.lists(_PARTS, max_size=6), separator=st.sampled_from(["/", "\\"]))
@settings(deadline=None)
def test_what_is_accepted_is_inside_and_stays_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], separator: str
) -> None:
    """The laws: inside the root, no dots, no backslash; and a second pass changes nothing."""
    root = tmp_path_factory.getbasetemp().resolve()
    try:
        once = normalise(separator.join(parts), root, root)
    except InputRefused:
        return
    assert (root / once).resolve().is_relative_to(root)
    assert not {"", ".", "..", ".git"} & set(once.split("/"))
    assert "\\" not in once
    assert normalise(once, root, root) == once
