"""Python: packages, relative imports, src layouts, several projects in one repository."""

from pathlib import Path

from tests.grounding.index.parts import Indexed


def test_absolute_imports_lead_to_modules_packages_and_submodules(tmp_path: Path) -> None:
    """A name imported from a package is a file only where it is a submodule."""
    tree = Indexed(
        tmp_path / "r",
        {
            "shop/__init__.py": "",
            "shop/cart.py": "import shop.money\nimport shop.pay.card as card, os\n"
            "from shop.pay import gateway, LIMIT\nfrom shop import *\nimport elsewhere\n",
            "shop/money.py": "",
            "shop/pay/__init__.py": "LIMIT = 1\n",
            "shop/pay/card.py": "",
            "shop/pay/gateway.py": "",
        },
    )
    expected = [
        "shop/money.py",
        "shop/pay/card.py",
        "shop/pay/gateway.py",
        "shop/pay/__init__.py",
        "shop/__init__.py",
    ]
    assert tree.imports("shop/cart.py") == expected
    assert tree.cold_imports("shop/cart.py") == expected


def test_relative_imports_climb_from_the_package(tmp_path: Path) -> None:
    """Each dot more is a folder up; out of the repository there is nothing."""
    tree = Indexed(
        tmp_path / "r",
        {
            "a/__init__.py": "",
            "a/b/__init__.py": "",
            "a/b/c.py": "from . import d\nfrom .d import x\nfrom .. import e\nfrom ..e import y\n"
            "from .... import f\nfrom . import nothing\n",
            "a/b/d.py": "",
            "a/e.py": "",
            "f.py": "",
        },
    )
    assert tree.imports("a/b/c.py") == ["a/b/d.py", "a/e.py", "a/b/__init__.py"]


def test_a_src_layout_and_its_tests_find_the_package(tmp_path: Path) -> None:
    """`src` is on the path of whoever installed the project."""
    tree = Indexed(
        tmp_path / "r",
        {
            "pyproject.toml": "[project]\nname='x'\n",
            "src/shop/__init__.py": "",
            "src/shop/cart.py": "from shop.money import euro\n",
            "src/shop/money.py": "",
            "tests/test_cart.py": "from shop import cart\nimport helpers\n",
            "tests/helpers.py": "",
        },
    )
    assert tree.imports("src/shop/cart.py") == ["src/shop/money.py"]
    assert tree.imports("tests/test_cart.py") == ["src/shop/cart.py", "tests/helpers.py"]


def test_another_project_of_the_repository_is_found_by_its_project_file(tmp_path: Path) -> None:
    """In a repository of many packages one imports the other by its installed name."""
    files = {
        "libs/money/pyproject.toml": "",
        "libs/money/src/money/__init__.py": "",
        "services/shop/setup.py": "",
        "services/shop/shop/__init__.py": "",
        "services/shop/shop/cart.py": "import money\n",
    }
    tree = Indexed(tmp_path / "r", files)
    assert tree.imports("services/shop/shop/cart.py") == ["libs/money/src/money/__init__.py"]


def test_a_module_of_the_standard_library_is_hidden_only_beside_a_script(tmp_path: Path) -> None:
    """`import types` in a package means the library, whatever the package has of that name."""
    tree = Indexed(
        tmp_path / "r",
        {
            "shop/__init__.py": "",
            "shop/cart.py": "import types\nimport queue\n",
            "shop/types.py": "",
            "queue.py": "",
            "src/types.py": "",
        },
    )
    assert tree.imports("shop/cart.py") == ["queue.py"]


def test_stubs_and_imports_within_functions_count(tmp_path: Path) -> None:
    """An import put off to the call is one all the same; a stub stands for its module."""
    tree = Indexed(
        tmp_path / "r",
        {
            "a.py": "def f():\n    import b\n    from c import (\n        d,\n    )\n",
            "b.pyi": "",
            "c.py": "",
        },
    )
    assert tree.imports("a.py") == ["b.pyi", "c.py"]
