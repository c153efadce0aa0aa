"""Files as servers name them: every spelling of what is below the root, and nothing else."""

from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from bicameral.grounding.lsp.uris import below, local_path, path_in, uri_of


@pytest.mark.parametrize(
    "name", ["pay.py", "a b/c#d?e.py", "é/ñ.py", "100%/x.py", "a:b.py", "n\udcff.py"]
)
def test_any_name_below_the_root_comes_back(tmp_path: Path, name: str) -> None:
    """Blanks, signs that mean something in addresses, and bytes that are no UTF-8."""
    assert path_in(uri_of(tmp_path / name), tmp_path) == name


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "pay.py",
        "untitled:pay.py",
        "https://example.invalid/pay.py",
        "file:pay.py",
        "file://host.example/shop/pay.py",
        "file://[/pay.py",
        "file:///%00",
        "file:///",
    ],
)
def test_what_is_no_file_below_the_root_is_none(tmp_path: Path, uri: str) -> None:
    """Servers name virtual documents, other hosts, and nonsense."""
    assert path_in(uri, tmp_path) is None


def test_what_leads_out_of_the_root_is_none(tmp_path: Path) -> None:
    """By its text, and through a link; the root itself is no file in it."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)

    for path in ("shop/../outside.py", "shop-2/pay.py", "shop/link/outside.py", "shop"):
        assert path_in(f"file://{tmp_path}/{path}", root) is None
    assert path_in(f"file://{tmp_path}/shop/x/../pay.py", root) == "pay.py"
    assert path_in(f"file://localhost{tmp_path}/shop/pay.py", root) == "pay.py"


def test_a_root_behind_a_link_is_the_same_root(tmp_path: Path) -> None:
    """Servers follow links in some places and not in others."""
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to("real")

    assert path_in(f"file://{tmp_path}/real/pay.py", tmp_path / "alias") == "pay.py"
    assert path_in(f"file://{tmp_path}/alias/pay.py", tmp_path / "real") == "pay.py"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///C:/shop/src/pay.py", "src/pay.py"),
        ("file:///c%3A/shop/src/pay.py", "src/pay.py"),
        ("file:///c:/SHOP/src/pay.py", "src/pay.py"),
        ("file:///C:/shop/a%20b.py", "a b.py"),
        ("file:///D:/shop/src/pay.py", None),
        ("file:///C:/shop", None),
        ("file:///shop/src/pay.py", None),
        ("file://host/share/src/pay.py", None),
    ],
)
def test_drives_of_windows_are_read_in_every_spelling(uri: str, path: str | None) -> None:
    """A drive comes in either case, with its colon escaped or not; Windows ignores case."""
    found = local_path(uri, windows=True)

    assert (found and below(found, PureWindowsPath("C:\\shop"))) == path


def test_shares_of_windows_are_read() -> None:
    """A work tree may lie on another host."""
    found = local_path("file://host/share/src/pay.py", windows=True)

    assert found is not None
    assert below(found, PureWindowsPath("//host/share")) == "src/pay.py"


def test_a_drive_means_nothing_elsewhere() -> None:
    """A name with a colon is a name."""
    found = local_path("file:///c%3A/shop/pay.py", windows=False)

    assert found == PurePosixPath("/c:/shop/pay.py")
