"""What a decision's text names, and which of it the repository has."""

import pytest

from bicameral.intake.mentions import MOST_NAMES, TrackedPaths, candidate_names, find_mentions

TRACKED = TrackedPaths([
    "app/orders/store.py",
    "app/orders/__init__.py",
    "app/main.py",
    "app/web/views.py",
    "admin/web/views.py",
    "lib/src/cart/index.ts",
    "jobs/backup.py",
    "java/com/shop/Cart.java",
    "docs/guide.md",
])  # fmt: skip


def names(text: str) -> list[str]:
    return list(candidate_names(text, path="docs/adr/0001-x.md"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see app/orders/store.py.", ["app/orders/store.py"]),
        ("see ./jobs/backup.py", ["jobs/backup.py"]),
        ("see `store.py`", ["store.py"]),
        ("the ``app.orders.store`` module", ["app.orders.store"]),
        ("call `OrderStore.save(order, force=True)`", ["OrderStore.save"]),
        ("call `save()`", ["save"]),
        ("the `order_store` and `OrderStore`", ["order_store", "OrderStore"]),
        ("`shop::Cart` and `Cart#add`", ["shop::Cart", "Cart#add"]),
        ("below app/orders/web/", ["app/orders/web/"]),
        ("[store](../../app/orders/store.py#L3)", ["app/orders/store.py"]),
        ("[s](https://example.org/t/a/blob/main/app/orders/store.py)", ["app/orders/store.py"]),
        ("[next](0002-y.md) and [out](../../../etc/passwd.txt)", []),
        ("[page](https://example.org/a/b.py) and https://example.org/a/b.py", []),
        ("`status`, `true`, `README.md`, `v1.2.3`, `id`, `node.js`", []),
        ("application/json and/or yes/no `text/html`", []),
        ("`docs/adr/0001-x.md`", []),
        ("```\n`one` two\n```", []),
    ],
)
def test_candidates(text: str, expected: list[str]) -> None:
    """Plain words are left out, or every decision would name everything."""
    assert names(text) == expected


def test_candidates_are_bounded() -> None:
    """A list of a thousand files is not what a decision is about."""
    assert len(names(" ".join(f"`file_{number}.py`" for number in range(1000)))) == MOST_NAMES


@pytest.mark.parametrize(
    ("name", "path", "via"),
    [
        ("app/orders/store.py", "app/orders/store.py", "path"),
        ("orders/store.py", "app/orders/store.py", "suffix"),
        ("store.py", "app/orders/store.py", "suffix"),
        ("app/main.py", "app/main.py", "path"),
        ("app/orders/", "app/orders", "directory"),
        ("lib/src", "lib/src", "directory"),
        ("src/cart", "lib/src/cart", "directory"),
        ("app.orders.store", "app/orders/store.py", "module"),
        ("orders.store.save", "app/orders/store.py", "module"),
        ("app.orders", "app/orders/__init__.py", "module"),
        ("com.shop.Cart", "java/com/shop/Cart.java", "module"),
        ("src.cart", "lib/src/cart/index.ts", "module"),
    ],
)
def test_a_name_that_fits_one_place_is_a_mention(name: str, path: str, via: str) -> None:
    """Exact path, only suffix, folder, or module."""
    mention = TRACKED.find(name)
    assert mention is not None
    assert (mention.name, mention.path, mention.via) == (name, path, via)


@pytest.mark.parametrize(
    "name",
    ["web/views.py", "views.py", "main.py", "OrderStore", "orders", "gone/x.py", "a.b.c", "web"],
)
def test_a_name_that_fits_none_or_several_is_no_mention(name: str) -> None:
    """A wrong mention binds a decision to strange code."""
    assert TRACKED.find(name) is None


def test_mentions_are_one_for_each_path() -> None:
    """Two names of one file are one mention."""
    found = find_mentions(["store.py", "gone.py", "app/orders/store.py", "jobs/backup.py"], TRACKED)
    assert [mention.path for mention in found] == ["app/orders/store.py", "jobs/backup.py"]


def test_the_files_below_a_folder_are_listed() -> None:
    """A folder that is named stands for its files."""
    assert TRACKED.below("app/orders/") == ["app/orders/__init__.py", "app/orders/store.py"]
    assert TRACKED.below("app/ord") == []
