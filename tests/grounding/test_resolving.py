"""Selectors that only a language server can decide: what is bound, and what stays refused.

`ty` is the real server of these tests; scripted ones say what no honest server would.
"""

import itertools
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bicameral.errors import SelectorAmbiguous, SelectorRefused, SelectorUnknown
from bicameral.grounding.binding import Bound, Resolution
from bicameral.grounding.resolving import MOST_FILES, MOST_USES
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.domain import Decision
from bicameral.metering import Meter, metered
from tests.conftest import MakeEnvironment, Repository
from tests.grounding.checkout import ACTOR, Checkout, Template
from tests.grounding.lsp.parts import (
    DEFINITION,
    HANDSHAKE,
    Listener,
    Script,
    configured,
    has_ended,
    location,
    table,
)

NUMBERS = itertools.count()
BY_TY = Resolution("ty", "full", "")
FILES = {
    "pkg/__init__.py": "from pkg.core import charge_card as charge\nfrom pkg.core import refund\n",
    "pkg/core.py": (
        "LIMIT = 3\n\n\n"
        "def charge_card(amount):\n    return amount\n\n\n"
        "def refund(amount):\n    return -amount\n\n\n"
        "class Till:\n    def refund(self, amount):\n        return amount\n"
    ),
    "pkg/use.py": (
        "import json\n\nfrom pkg import charge\nfrom pkg.core import LIMIT, Till, refund\n\n"
        "# a remark on settle\n"
        "till = Till()\ntill.refund(charge(LIMIT))\nrefund(json.loads('1'))\n"
    ),
    "Pay.kt": "class Till {\n  fun levy(x: Int) = x\n}\n",
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(tmp_path_factory.mktemp("template"), FILES)


@pytest.fixture
def checkout(
    template: Template, tmp_path: Path, make_environment: MakeEnvironment
) -> Iterator[Checkout]:
    copied = template.copy(tmp_path / "shop", make_environment())
    yield copied
    copied.workspace.close()


def bind(checkout: Checkout, selector: str, decision: Decision | None = None) -> Bound:
    return checkout.bind(decision or decided(checkout), selector)


def decided(checkout: Checkout) -> Decision:
    return checkout.decide(f"Decision {next(NUMBERS)}")


def refused(checkout: Checkout, selector: str) -> SelectorRefused:
    decision = decided(checkout)
    before = checkout.written()
    with pytest.raises(SelectorRefused) as caught:
        checkout.bind(decision, selector)
    assert checkout.written() == before
    return caught.value


@pytest.mark.parametrize(
    ("selector", "symbol"),
    [
        ("pkg/__init__.py::charge", "charge_card"),
        ("pkg/__init__.py::refund", "refund"),
        ("pkg/use.py::charge", "charge_card"),
        ("pkg/use.py::refund", "refund"),
        ("pkg/use.py::till.refund", "Till.refund"),
        ("pkg/use.py::Till", "Till"),
        ("charge", "charge_card"),
    ],
)
def test_a_name_is_followed_to_where_it_is_defined(
    checkout: Checkout, selector: str, symbol: str
) -> None:
    """Imported, re-exported under another name, a member, or known by another name only."""
    bound = bind(checkout, selector)

    assert (bound.region.path, bound.region.kind, bound.region.selector) == (
        ("pkg/core.py", "symbol", symbol)
    )
    assert bound.resolution == BY_TY
    # The digest is the syntax tree's, as if the place had been named.
    again = bind(checkout, f"pkg/core.py::{symbol}#1")
    assert again.state.digest == bound.state.digest
    assert (bound.state.backend, bound.state.capability) == ("tree-sitter", "full")


def test_what_the_syntax_decides_asks_nobody(checkout: Checkout) -> None:
    """A server is started for what nothing else can tell, and for nothing besides."""
    with Listener() as listener:
        bound = bind(checkout, "pkg/core.py::charge_card")
        unused = bind(checkout, "pkg/core.py::Till.refund")

    assert bound.resolution is None
    assert unused.resolution is None
    assert listener.facts("lsp.spawn") == []


def test_an_ambiguous_name_is_decided_where_every_use_means_the_same(checkout: Checkout) -> None:
    """A twin that nobody uses is not what the name means here."""
    checkout.repository.commit("twin", **{"old.py": "def charge_card(x):\n    return x\n"})

    bound = bind(checkout, "charge_card")

    assert (bound.region.path, bound.resolution) == ("pkg/core.py", BY_TY)


def test_an_ambiguous_name_stays_refused_where_its_uses_differ(checkout: Checkout) -> None:
    """Guessing would bind the wrong code for good."""
    twin = "def settle(x):\n    return x\n"
    uses = "from {0} import settle\n\nsettle(1)\n"
    checkout.repository.commit("twins", **{
        "a.py": twin, "b.py": twin, "of_a.py": uses.format("a"), "of_b.py": uses.format("b"),
    })  # fmt: skip

    error = refused(checkout, "settle")

    assert isinstance(error, SelectorAmbiguous)
    assert error.matches == 2
    for place in ("a.py::settle", "b.py::settle"):
        assert place in error.message


def test_an_ambiguous_name_stays_refused_where_a_member_is_unknown(checkout: Checkout) -> None:
    """`thing.settle` of an unknown thing may be any of them."""
    twin = "def settle(x):\n    return x\n"
    checkout.repository.commit("twins", **{
        "a.py": twin, "b.py": f"class B:\n    def settle(self): ...\n\n\n{twin}",
        "use.py": "from a import settle\n\n\ndef f(thing):\n    thing.settle(settle(1))\n",
    })  # fmt: skip

    error = refused(checkout, "settle")

    assert isinstance(error, SelectorAmbiguous)
    assert error.capability == "degraded"
    assert "cannot tell what all of its uses mean" in error.fallback_reason


def test_a_name_with_more_uses_than_are_asked_about_stays_refused(checkout: Checkout) -> None:
    """What was not asked about might mean another one."""
    twin = "def settle(x):\n    return x\n"
    many = "from a import settle\n" + "settle(1)\n" * MOST_USES
    checkout.repository.commit("many", **{"a.py": twin, "b.py": twin, "use.py": many})
    assert "more places" in refused(checkout, "settle").fallback_reason

    files = {f"use{n}.py": "from a import settle\n" for n in range(MOST_FILES)}
    checkout.repository.commit("files", **files, **{"use.py": ""})
    assert "more places" in refused(checkout, "settle").fallback_reason


def test_a_name_used_very_often_in_one_file_says_that_not_all_were_asked(
    checkout: Checkout,
) -> None:
    """The import comes first, so it is followed; that it was not all is stated."""
    text = "from pkg.core import charge_card\n" + "charge_card(1)\n" * MOST_USES
    checkout.repository.write("often.py", text)

    bound = bind(checkout, "often.py::charge_card")

    assert bound.region.path == "pkg/core.py"
    assert bound.resolution is not None
    assert bound.resolution.capability == "degraded"
    assert str(MOST_USES) in bound.resolution.fallback_reason


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("pkg/use.py::LIMIT", "no function, class or other symbol"),
        ("pkg/use.py::settle", "ty knows no definition of it"),
    ],
)
def test_what_is_not_found_stays_refused_with_the_reason(
    checkout: Checkout, selector: str, said: str
) -> None:
    """A constant, a word in a remark: no silent fallback."""
    error = refused(checkout, selector)

    assert isinstance(error, SelectorUnknown)
    assert error.capability == "degraded"
    assert said in error.fallback_reason
    assert error.fallback_reason in error.message


def test_a_name_that_nobody_says_is_refused_as_before(checkout: Checkout) -> None:
    """There is no use to ask about, so nothing is started for a misspelling."""
    with Listener() as listener:
        error = refused(checkout, "pkg/use.py::chrage")

    assert (error.capability, error.fallback_reason) == ("full", "")
    assert listener.facts("lsp.spawn") == []


def test_two_symbols_in_the_file_that_was_named_stay_the_callers_choice(
    checkout: Checkout,
) -> None:
    """No use elsewhere can tell which one was meant."""
    checkout.repository.write("twice.py", "def f(): ...\n\n\ndef f(): ...\n\n\nf()\n")

    assert refused(checkout, "twice.py::f").fallback_reason == ""


def test_a_library_inside_the_work_tree_is_outside_of_the_repository(checkout: Checkout) -> None:
    """What git ignores is never committed: a binding to it would be lost with the next commit."""
    packages = checkout.repository.root / ".venv" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "vendored.py").write_text("def pay(): ...\n", encoding="utf-8")
    (packages.parents[2] / "pyvenv.cfg").write_text("home = /usr/bin\n", encoding="utf-8")
    checkout.repository.write(".gitignore", ".venv\n")
    checkout.repository.write("use.py", "from vendored import pay\n\npay()\n")

    assert "leads out of the repository" in refused(checkout, "use.py::pay").fallback_reason


def test_code_that_was_just_written_is_followed(checkout: Checkout) -> None:
    """The server that runs already is told what changed."""
    bind(checkout, "pkg/use.py::charge")
    moved = "# moved\n\n\n" + FILES["pkg/core.py"]
    checkout.repository.write("pkg/core.py", moved)

    bound = bind(checkout, "pkg/__init__.py::refund")

    assert (bound.region.selector, bound.state.start_line) == ("refund", 11)
    assert bound.resolution == BY_TY


def test_without_a_server_the_syntax_tree_has_to_do_and_it_is_said(checkout: Checkout) -> None:
    """Unavailable is stated, and counted."""
    configured(checkout.environment.home, "[lsp]\npython = []\n")
    meter = Meter()

    with metered(meter):
        error = refused(checkout, "pkg/use.py::charge")

    assert error.capability == "unavailable"
    assert error.fallback_reason == "language servers for python are switched off in config.toml"
    assert meter.counts["lsp_fallback_count"] == 1


Scripted = Callable[..., Script]


@pytest.fixture
def scripted(checkout: Checkout, tmp_path: Path) -> Scripted:
    """Have a scripted server for a language."""

    def make(steps: list[list[Any]], language: str = "python") -> Script:
        script = Script(tmp_path / "script", steps)
        configured(checkout.environment.home, table(**{language: script.command}))
        return script

    return make


def leading_to(*places: object) -> list[list[Any]]:
    answers: list[list[Any]] = [DEFINITION_EXPECTED, ["result", list(places)]]
    return [*HANDSHAKE, *(answers * 9)]


DEFINITION_EXPECTED: list[Any] = ["expect", DEFINITION]


@pytest.mark.parametrize(
    ("path", "line", "character", "said"),
    [
        ("pkg/core.py", 3, 4, ""),
        ("pkg/core.py", 3, 0, "no function"),
        ("pkg/core.py", 4, 11, "no function"),
        ("pkg/core.py", 99, 0, "no function"),
        ("pkg/missing.py", 0, 0, "out of the repository"),
        ("pkg", 0, 0, "out of the repository"),
        (".git/config", 0, 0, "out of the repository"),
        ("../outside.py", 0, 4, "out of the repository"),
        ("link.py", 0, 4, "out of the repository"),
        ("inner/mod.py", 0, 4, "out of the repository"),
    ],
)
def test_a_place_counts_only_where_the_syntax_tree_has_that_name(
    checkout: Checkout, scripted: Scripted, path: str, line: int, character: int, said: str
) -> None:
    """Servers err, lag behind, or are made by somebody: they only point, and are checked."""
    root = checkout.repository.root
    (root.parent / "outside.py").write_text("def charge(): ...\n", encoding="utf-8")
    (root / "link.py").symlink_to(root.parent / "outside.py")
    Repository(root / "inner").commit("mine", **{"mod.py": "def charge(): ...\n"})
    scripted(leading_to(location(root / path, line, character)))

    if not said:
        assert bind(checkout, "pkg/use.py::charge").region.selector == "charge_card"
    else:
        assert said in refused(checkout, "pkg/use.py::charge").fallback_reason


def test_a_server_that_crashes_leaves_the_refusal_with_its_reason(
    checkout: Checkout, scripted: Scripted
) -> None:
    """And the next selector is not asked about again."""
    script = scripted([*HANDSHAKE, DEFINITION_EXPECTED, ["exit"]])

    assert "ended by itself" in refused(checkout, "pkg/use.py::charge").fallback_reason
    again = refused(checkout, "pkg/use.py::charge")

    assert again.capability == "unavailable"
    assert "not asked again" in again.fallback_reason
    assert len(script.received("initialize")) == 1


def outline(*symbols: dict[str, Any]) -> list[list[Any]]:
    return [*HANDSHAKE, ["expect", "textDocument/documentSymbol"], ["result", list(symbols)]]


def symbol(name: str, first: int, last: int, *children: dict[str, Any]) -> dict[str, Any]:
    span = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 1}}
    return {"name": name, "range": span, "children": list(children)}


def test_a_language_without_a_grammar_is_read_through_its_server(
    checkout: Checkout, scripted: Scripted
) -> None:
    """Bound as the lines of the symbol: digests stay the syntax tree's, or the text's."""
    scripted(outline(symbol("Till", 0, 2, symbol("levy", 1, 1))), "kotlin")

    bound = bind(checkout, "Pay.kt::Till.levy")

    assert (bound.region.kind, bound.region.selector) == ("lines", "2-2")
    assert (bound.state.backend, bound.state.capability) == ("text", "degraded")
    assert bound.state.fallback_reason
    assert bound.resolution is not None
    assert bound.resolution.capability == "full"


def test_several_symbols_of_an_outline_are_listed(checkout: Checkout, scripted: Scripted) -> None:
    """Overloads are the caller's choice, by their lines."""
    scripted(outline(symbol("levy", 0, 0), symbol("levy", 2, 2)), "kotlin")

    error = refused(checkout, "Pay.kt::levy")

    assert "Pay.kt:1-1" in error.message
    assert "Pay.kt:3-3" in error.message


def test_a_language_without_grammar_and_server_says_both(checkout: Checkout) -> None:
    """What could be installed is named."""
    error = refused(checkout, "Pay.kt::levy")

    assert "no grammar for .kt files" in error.message
    assert error.fallback_reason == "no language server for kotlin is installed"


def test_closing_the_workspace_ends_the_server(checkout: Checkout, scripted: Scripted) -> None:
    """Nothing of a call outlives the program that made it."""
    script = scripted(leading_to(location(checkout.repository.root / "pkg/core.py", 3, 4)))
    bind(checkout, "pkg/use.py::charge")

    checkout.workspace.close()

    assert has_ended(script.process_id)


def test_a_hostile_repository_has_no_program_started_by_ty(
    template: Template, tmp_path: Path, make_environment: MakeEnvironment
) -> None:
    """Settings, environments and programs of the repository: none of them runs."""
    checkout = template.copy(tmp_path / "shop", make_environment())
    root, ran = checkout.repository.root, tmp_path / "ran"
    trap = f"#!/bin/sh\necho \"$0\" >> '{ran}'\n"
    for name in (".venv/bin/python", ".venv/bin/python3", "python", "python3", "ty", "uv", "trap"):
        checkout.repository.write(name, trap).chmod(0o700)
    checkout.repository.write(".venv/pyvenv.cfg", f"home = {root}\nexecutable = {root}/trap\n")
    checkout.repository.write("ty.toml", f'[environment]\npython = "{root}/.venv"\n')
    checkout.repository.write(
        "pyproject.toml", f'[tool.ty.environment]\npython = "{root}/trap"\n[tool.uv]\n'
    )
    variables = {**checkout.environment.variables, "VIRTUAL_ENV": f"{root}/.venv"}
    variables["PATH"] = f"{root}:{root}/.venv/bin:{variables['PATH']}"
    environment = replace(checkout.environment, variables=variables)
    workspace = Workspace(environment, checkout.ledger, start=root)

    bound = workspace.bind(ACTOR, checkout.decide().id, "pkg/use.py::charge")
    workspace.close()

    assert bound.resolution == BY_TY
    assert not ran.exists()
    subprocess.run([root / "trap"], check=True)
    assert ran.exists(), "the trap itself works"
