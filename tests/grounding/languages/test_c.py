"""C and C++: includes beside the file, and under the usual roots."""

from pathlib import Path

import pytest

from tests.grounding.index.parts import Indexed


@pytest.mark.parametrize("name", ["src/shop/main.c", "src/shop/main.cpp", "src/shop/main.h"])
def test_includes_are_found_beside_the_file_and_under_include_roots(
    tmp_path: Path, name: str
) -> None:
    """Quoted ones first beside the file; one that two libraries have is not guessed."""
    tree = Indexed(
        tmp_path / "r",
        {
            name: '#include "money.h"\n#include <shop/api.h>\n#include "../util/log.h"\n'
            '#include <stdio.h>\n#include "tax/vat.hpp"\n#include "twice.h"\n#include CONFIG\n'
            '#include "pay/card.h"\n',
            "src/shop/money.h": "",
            "include/money.h": "",
            "include/shop/api.h": "",
            "src/util/log.h": "",
            "libs/tax/include/tax/vat.hpp": "",
            "libs/a/include/twice.h": "",
            "libs/b/include/twice.h": "",
            "src/pay/card.h": "",
        },
    )
    assert tree.imports(name) == [
        "src/shop/money.h",
        "include/shop/api.h",
        "src/util/log.h",
        "libs/tax/include/tax/vat.hpp",
        "src/pay/card.h",
    ]


def test_headers_that_include_each_other_are_one_hop_each(tmp_path: Path) -> None:
    """A circle is nothing special to a graph that is followed one hop."""
    tree = Indexed(
        tmp_path / "r", {"a.h": '#include "b.h"\n#include "a.h"\n', "b.h": '#include "a.h"'}
    )
    assert tree.imports("a.h") == ["b.h"]
    assert tree.imports("b.h") == ["a.h"]
