"""Java: classes by the package that their files declare."""

from pathlib import Path

from tests.grounding.index.parts import Indexed


def test_imports_lead_to_the_files_of_classes(tmp_path: Path) -> None:
    """Of a class, of a member, of a class within one, and of a whole package."""
    tree = Indexed(
        tmp_path / "r",
        {
            "app/src/main/java/com/shop/Cart.java": "package com.shop;\n\n"
            "import com.shop.pay.Card;\nimport static com.shop.Money.euro;\n"
            "import com.shop.pay.Bank.Account;\nimport com.shop.tax.*;\nimport java.util.List;\n"
            "import static com.shop.Rules.*;\n\nclass Cart {}\n",
            "pay/src/com/shop/pay/Card.java": "package com.shop.pay;\nclass Card {}\n",
            "pay/src/com/shop/pay/Bank.java": "package com . shop /* x */ .pay;\nclass Bank {}\n",
            "app/src/main/java/com/shop/Money.java": "package com.shop;\nclass Money {}\n",
            "app/src/main/java/com/shop/Rules.java": "package com.shop;\nclass Rules {}\n",
            "tax/Vat.java": "package com.shop.tax;\n",
            "tax/Duty.java": "package com.shop.tax;\n",
            "List.java": "class List {}\n",
        },
    )
    assert tree.imports("app/src/main/java/com/shop/Cart.java") == [
        "pay/src/com/shop/pay/Card.java",
        "app/src/main/java/com/shop/Money.java",
        "pay/src/com/shop/pay/Bank.java",
        "tax/Duty.java",
        "tax/Vat.java",
        "app/src/main/java/com/shop/Rules.java",
    ]
