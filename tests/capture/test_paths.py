"""Paths agree across platforms and ways of writing them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.capture.paths import normalise_path


@pytest.mark.parametrize(
    ("path", "root", "normal"),
    [
        ("src/pay/retry.py", None, "src/pay/retry.py"),
        ("src\\pay\\retry.py", None, "src/pay/retry.py"),
        ("./src/pay/../pay//retry.py", None, "src/pay/retry.py"),
        (".\\src\\pay\\retry.py", None, "src/pay/retry.py"),
        (" src/pay/retry.py\n", None, "src/pay/retry.py"),
        ("src/pay/", None, "src/pay"),
        ("/home/me/shop/src/pay/retry.py", "/home/me/shop", "src/pay/retry.py"),
        ("/home/me/shop/src/pay/retry.py", "/home/me/shop/", "src/pay/retry.py"),
        ("/home/me/shop/./src/a.py", "/home/me//shop", "src/a.py"),
        ("C:\\work\\shop\\src\\pay\\retry.py", "C:\\work\\shop", "src/pay/retry.py"),
        ("c:/Work/Shop/src/pay/retry.py", "C:\\work\\shop\\", "src/pay/retry.py"),
        ("\\\\host\\share\\shop\\src\\a.py", "//HOST/share/shop", "src/a.py"),
        ("/home/me/shop-two/a.py", "/home/me/shop", "/home/me/shop-two/a.py"),
        ("/home/me/Shop/a.py", "/home/me/shop", "/home/me/Shop/a.py"),
        ("/a.py", "/", "a.py"),
        ("src/a.py", "/home/me/shop", "src/a.py"),
        ("../outside.py", "/home/me/shop", "../outside.py"),
        (".github/workflows/ci.yml", None, ".github/workflows/ci.yml"),
        ("src/..hidden/a", None, "src/..hidden/a"),
        ("docs/cafe\u0301.md", None, "docs/caf\u00e9.md"),
        ("docs/caf\u00e9.md", None, "docs/caf\u00e9.md"),
        ("", None, ""),
        ("  ", None, ""),
        (".", None, "."),
    ],
)
def test_every_way_to_write_a_path_gives_the_same_text(
    path: str, root: str | None, normal: str
) -> None:
    """Hashes are compared between a Windows client and a Linux server."""
    assert normalise_path(path, root) == normal


@given(st.text(), st.one_of(st.none(), st.just("/root"), st.just("C:\\root")))
def test_normalising_a_relative_result_again_changes_nothing(path: str, root: str | None) -> None:
    """Handlers normalise too: what was normal must stay so."""
    once = normalise_path(path, root)

    assert normalise_path(once) == once.strip()


@given(st.lists(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,8}", fullmatch=True), min_size=1))
def test_a_windows_and_a_posix_spelling_agree(parts: list[str]) -> None:
    """The law behind the examples."""
    plain = "/".join(parts)

    assert normalise_path("\\".join(parts)) == plain
    assert normalise_path("C:\\repo\\" + "\\".join(parts), "c:/repo") == plain
    assert normalise_path("/repo/" + plain, "/repo") == plain
