"""C#: namespaces, and types where their files are called like them."""

from pathlib import Path

from tests.grounding.index.parts import Indexed


def test_usings_lead_to_the_files_of_a_namespace(tmp_path: Path) -> None:
    """Written around, for the whole file, or one in another."""
    tree = Indexed(
        tmp_path / "r",
        {
            "Web/Cart.cs": "global using Shop.Pay;\nusing static Shop.Money.Euro;\n"
            "using Vat = Shop.Tax.Vat;\nusing System;\nusing Outer.Inner;\n\nnamespace Shop.Web;\n"
            "class Cart { void F() { using (var x = G()) {} using var y = G(); } }\n",
            "Pay/Card.cs": "namespace Shop.Pay { class Card {} }\n",
            "Pay/Bank.cs": "namespace Shop.Pay;\n\nclass Bank {}\n",
            "Money/Euro.cs": "namespace Shop.Money;\nstatic class Euro {}\n",
            "Money/Dollar.cs": "namespace Shop.Money;\nstatic class Dollar {}\n",
            "Tax/Vat.cs": "namespace Shop.Tax { class Vat {} }\n",
            "Nested.cs": "namespace Outer { namespace Inner { class N {} } }\n",
        },
    )
    assert tree.imports("Web/Cart.cs") == [
        *("Pay/Bank.cs", "Pay/Card.cs", "Money/Euro.cs", "Tax/Vat.cs", "Nested.cs"),
    ]
