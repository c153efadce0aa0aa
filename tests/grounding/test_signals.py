"""What grounding tells of its work: one test for each kind of row, and nothing planted in any."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bicameral.errors import SelectorAmbiguous, SelectorUnknown
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.signals import file_named
from bicameral.metering import Meter, metered
from tests.conftest import MakeEnvironment
from tests.grounding.checkout import Checkout, Template
from tests.grounding.lsp.parts import Listener

PLANTED = "planted_secret_name"
CODE = f"def charge(amount):\n    {PLANTED} = amount + 1\n    return {PLANTED}\n"
LATIN = b"def f():\n    return '\xe9'\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template"), {"src/pay.py": CODE})


@pytest.fixture
def checkout(
    template: Template, tmp_path: Path, make_environment: MakeEnvironment
) -> Iterator[Checkout]:
    copied = template.copy(tmp_path / "shop", make_environment())
    yield copied
    copied.workspace.close()


def test_a_parse_is_told_with_what_its_skeleton_saves() -> None:
    """How much smaller the symbols of a file are than its text."""
    with Listener() as listener, metered(Meter()):
        ParseCache().open("src/pay.py", CODE.encode()).skeleton()

    [facts] = listener.facts("ast.parse")
    size = len("charge function 1-3\n")
    assert facts == {
        "file": "src/pay.py",
        "skeleton_bytes": size,
        "reduction_ratio": round(1 - size / len(CODE), 4),
    }


def test_an_empty_file_saves_nothing() -> None:
    """And divides by nothing."""
    with Listener() as listener:
        ParseCache().open("empty.py", b"").skeleton()

    assert listener.facts("ast.parse") == [
        {"file": "empty.py", "skeleton_bytes": 0, "reduction_ratio": 0.0}
    ]


def test_a_question_to_the_cache_is_told_with_its_outcome() -> None:
    """Same content hit, one byte changed miss."""
    cache, meter = ParseCache(), Meter()
    with Listener() as listener, metered(meter):
        for content in (CODE, CODE, CODE + "\n"):
            cache.open("src/pay.py", content.encode()).skeleton()

    assert listener.facts("ast.cache") == [
        {"file": "src/pay.py", "cache_hit": is_hit} for is_hit in (False, True, False)
    ]
    assert (meter.counts["ast_parse_count"], meter.counts["ast_cache_hit_count"]) == (2, 1)


def test_a_selector_is_told_by_how_many_places_it_means(checkout: Checkout) -> None:
    """Found, nowhere, and in two places."""
    checkout.repository.commit("twin", **{"twin.py": CODE})
    decision, meter = checkout.decide(), Meter()
    with Listener() as listener, metered(meter):
        checkout.bind(decision, "src/pay.py::charge")
        with pytest.raises(SelectorUnknown):
            checkout.bind(decision, "src/pay.py::none")
        with pytest.raises(SelectorAmbiguous):
            checkout.bind(decision, "charge")

    assert listener.facts("selector.resolve") == [
        {"resolved": True, "matches": 1},
        {"resolved": False, "matches": 0},
        {"resolved": False, "matches": 2},
    ]
    assert meter.counts["selector_resolve_count"] == 3
    assert meter.counts["selector_resolve_success_count"] == 1


def test_what_is_taken_of_a_file_is_told(checkout: Checkout) -> None:
    """All of it from the work tree, its symbols, and the span that is digested."""
    decision, meter = checkout.decide(), Meter()
    with Listener() as listener, metered(meter):
        checkout.bind(decision, "src/pay.py::charge")

    span = CODE.rstrip()
    sizes = {"raw": len(CODE), "skeleton": len("charge function 1-3\n"), "excerpt": len(span)}
    told = listener.facts("file.read")
    for mode, size in sizes.items():
        assert {"file": "src/pay.py", "mode": mode, "bytes": size} in told
        of_mode = [each["bytes"] for each in told if each["mode"] == mode]
        assert meter.counts[f"file_read_{mode}_bytes_total"] == sum(map(int, map(str, of_mode)))


def test_files_read_from_history_are_told_too(checkout: Checkout) -> None:
    """A linked commit reads the files with bound code in it."""
    checkout.bind(checkout.decide(), "src/pay.py::charge")
    checkout.repository.commit("change", **{"src/pay.py": CODE.replace("+ 1", "+ 2")})
    with Listener() as listener:
        checkout.link()

    assert {"file": "src/pay.py", "mode": "raw", "bytes": len(CODE)} in listener.facts("file.read")


@pytest.mark.parametrize(
    "path", ["/home/ann/shop/pay.py", "C:\\Users\\ann\\pay.py", "../shop/pay.py", "a/../../pay.py",
             "~/pay.py", "//host/share/pay.py", "\\\\host\\share\\pay.py"],
)  # fmt: skip
def test_a_file_outside_of_the_repository_is_named_without_its_folders(path: str) -> None:
    """Folders of a person's say who they are."""
    named = file_named(path)

    folder, _, name = named.partition("-")
    assert name == "pay.py"
    assert folder.startswith("external/")
    assert len(folder) == len("external/") + 8
    assert named == file_named(path)
    assert named != file_named(path.replace("pay.py", "x/pay.py"))


@pytest.mark.parametrize("path", ["src/pay.py", "a b/é.py", "..hidden/x.py", "x~/y.py"])
def test_a_file_of_the_repository_is_named_from_its_root(path: str) -> None:
    """It is what everybody who has the repository knows."""
    assert file_named(path) == path


def test_nothing_planted_is_in_any_row(checkout: Checkout) -> None:
    """Neither lines of code nor where the repository lies."""
    (checkout.repository.root / "latin.py").write_bytes(LATIN)
    decision = checkout.decide(f"About {PLANTED}")
    with Listener() as listener:
        for selector in ("src/pay.py::charge", "charge", "src/pay.py:2-3", "latin.py"):
            checkout.bind(decision, selector)
        with pytest.raises(SelectorUnknown):
            checkout.bind(decision, f"src/pay.py::{PLANTED}")
        checkout.repository.commit("change", **{"src/pay.py": f"{CODE}\n# {PLANTED}\n"})
        checkout.link()

    heard = json.dumps(listener.heard)
    assert {name for name, _ in listener.heard} >= {
        "ast.parse", "ast.cache", "selector.resolve", "file.read", "lsp.spawn", "lsp.definition",
    }  # fmt: skip
    assert PLANTED not in heard
    assert str(checkout.repository.root.parent) not in heard
    assert "\\u00e9" not in heard
