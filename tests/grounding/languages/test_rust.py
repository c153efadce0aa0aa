"""Rust: modules by `mod`, paths by `use`, crates by their manifests."""

from pathlib import Path

from tests.grounding.index.parts import Indexed

FILES = {
    "Cargo.toml": '[package]\nname = "the-shop"\n',
    "src/lib.rs": "mod pay;\npub mod cart { mod inner; use super::pay::card; }\n"
    '#[path = "odd/place.rs"]\nmod odd;\nuse std::fmt;\nuse money_lib::{euro, rate::*};\n',
    "src/main.rs": "use the_shop::pay::card::Card;\n",
    "src/pay/mod.rs": "pub mod card;\npub mod bank;\nuse self::card::Card;\nuse bank::Bank;\n",
    "src/pay/card.rs": "use super::bank::{self, Bank as B};\nuse crate::odd::*;\n"
    "use super::LIMIT;\nuse crate::Shop;\n#[cfg(test)]\n"
    "mod tests { use super::*; use crate::pay::{bank::X}; }\n",
    "src/pay/bank.rs": "",
    "src/cart/inner.rs": "",
    "src/odd/place.rs": "",
    "src/odd.rs": "",
    "money/Cargo.toml": '[package]\nname = "money"\n[lib]\nname = "money_lib"\n',
    "money/src/lib.rs": "",
    "money/src/rate.rs": "",
    "tests/it.rs": "extern crate the_shop;\nuse the_shop::pay;\n",
}


def test_modules_lie_beside_or_below_the_file_that_declares_them(tmp_path: Path) -> None:
    """Also within a module that is written out, and where an attribute names the file."""
    tree = Indexed(tmp_path / "r", FILES)
    assert tree.imports("src/lib.rs") == [
        "src/pay/mod.rs",
        "src/cart/inner.rs",
        "src/pay/card.rs",
        "src/odd/place.rs",
        "money/src/lib.rs",
        "money/src/rate.rs",
    ]
    assert tree.imports("src/pay/mod.rs") == ["src/pay/card.rs", "src/pay/bank.rs"]


def test_paths_are_followed_to_the_last_module_that_is_a_file(tmp_path: Path) -> None:
    """What is no file of its own stands in the module before it, at last in the crate's."""
    tree = Indexed(tmp_path / "r", FILES)
    assert tree.imports("src/pay/card.rs") == [
        "src/pay/bank.rs",
        "src/odd.rs",
        "src/pay/mod.rs",
        "src/lib.rs",
    ]


def test_other_crates_of_the_workspace_are_found_by_name(tmp_path: Path) -> None:
    """A binary and a test use the library of their own package as they use any other."""
    tree = Indexed(tmp_path / "r", FILES)
    assert tree.imports("src/main.rs") == ["src/pay/card.rs"]
    assert tree.imports("tests/it.rs") == ["src/lib.rs", "src/pay/mod.rs"]
