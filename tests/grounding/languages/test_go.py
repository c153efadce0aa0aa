"""Go: a package is a folder of the module with the longest name."""

from pathlib import Path

from tests.grounding.index.parts import Indexed

FILES = {
    "go.mod": "// main\nmodule example.com/shop // here\n\ngo 1.22\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\tp "example.com/shop/pay"\n'
    '\t"example.com/shop/tools/lint"\n\t"example.com/other/pay"\n)\n',
    "pay/card.go": "package pay\n",
    "pay/bank.go": 'package pay\n\nimport root "example.com/shop"\n',
    "pay/card_test.go": "package pay\n",
    "pay/inner/x.go": "package inner\n",
    "tools/go.mod": "module example.com/shop/tools\n",
    "tools/lint/lint.go": "package lint\n",
}


def test_packages_are_folders_of_their_modules(tmp_path: Path) -> None:
    """Tests of a package are not imported, nor what lies below it."""
    tree = Indexed(tmp_path / "r", FILES)
    assert tree.imports("main.go") == ["pay/bank.go", "pay/card.go", "tools/lint/lint.go"]
    assert tree.imports("pay/bank.go") == ["main.go"]


def test_without_an_index_the_own_module_is_known(tmp_path: Path) -> None:
    """A file tells its own module by the folders around it; other modules are not looked for."""
    tree = Indexed(tmp_path / "r", FILES)
    assert tree.cold_imports("pay/bank.go") == ["main.go"]
