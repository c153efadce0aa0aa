"""Ruby: what is required by a text; what a framework loads by itself is not guessed."""

from pathlib import Path

from tests.grounding.index.parts import Indexed


def test_required_files_are_found_beside_and_under_lib(tmp_path: Path) -> None:
    """A gem's `lib` is on the load path, also that of another gem in the repository."""
    tree = Indexed(
        tmp_path / "r",
        {
            "lib/shop/cart.rb": "require 'shop/money'\nrequire_relative '../pay'\nrequire 'json'\n"
            "autoload :Card, 'shop/card'\nload 'tasks.rb'\nrequire 'tax/vat'\n"
            'require "shop/#{name}"\nUser.find(1)\nobject.require("shop/never")\n',
            "lib/shop/money.rb": "",
            "lib/shop/card.rb": "",
            "lib/shop/never.rb": "",
            "lib/pay.rb": "",
            "tasks.rb": "",
            "gems/tax/lib/tax/vat.rb": "",
            "app/models/user.rb": "",
            "spec/cart_spec.rb": "require 'shop/cart'\nrequire './lib/pay'\nrequire 'twice/x'\n",
            "gems/a/lib/twice/x.rb": "",
            "gems/b/lib/twice/x.rb": "",
        },
    )
    assert tree.imports("lib/shop/cart.rb") == [
        *("lib/shop/money.rb", "lib/pay.rb", "lib/shop/card.rb", "tasks.rb"),
        "gems/tax/lib/tax/vat.rb",
    ]
    assert tree.imports("spec/cart_spec.rb") == ["lib/shop/cart.rb"]
