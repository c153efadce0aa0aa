"""Binding: what a selector may name, what is refused, and what is recorded of it."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.environment import read_environment
from bicameral.errors import (
    InputRefused,
    NotFound,
    PathOutsideRepository,
    SelectorAmbiguous,
    SelectorUnknown,
)
from bicameral.grounding.binding import MOST_FILES_WITH_NAME
from bicameral.grounding.places import LARGEST_FILE_BYTES
from bicameral.ledger.domain import MAIN, Decision
from tests.conftest import Clock, MakeEnvironment
from tests.grounding.checkout import ACTOR, CHARGE, CHARGE_CHANGED, Checkout, Template

CODE = """\
class Till:
    def charge(self, amount):
        return amount + 1

    def refund(self, amount):
        return amount - 1


def charge(amount):
    return Till().charge(amount)


def rounded(amount):
    return round(amount)
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template.make(
        tmp_path_factory.mktemp("template"), {"src/till.py": CODE, "notes.txt": "one\ntwo\n"}
    )


@pytest.fixture
def checkout(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Checkout:
    return template.copy(tmp_path / "shop", make_environment())


@pytest.fixture(scope="module")
def refusing(
    template: Template, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Checkout, Decision]:
    """One for all that is refused, with links and a file beside it: nothing of it may change."""
    folder = tmp_path_factory.mktemp("refusing")
    environment = replace(read_environment(), home=folder / "home", time_ns=Clock())
    checkout = template.copy(folder / "shop", environment)
    (folder / "outside.py").write_text(CHARGE, encoding="utf-8")
    (checkout.repository.root / "link").symlink_to(folder)
    return checkout, checkout.decide()


@pytest.mark.parametrize(
    ("selector", "kind", "name", "lines"),
    [
        ("src/till.py::Till.refund", "symbol", "Till.refund", (5, 6)),
        ("src/till.py::Till#refund", "symbol", "Till.refund", (5, 6)),
        ("src/till.py::refund()", "symbol", "Till.refund", (5, 6)),
        ("src\\till.py::Till", "symbol", "Till", (1, 6)),
        ("./src/till.py:9-10", "lines", "9-10", (9, 10)),
        ("src/till.py:9", "lines", "9-9", (9, 9)),
        ("src/till.py", "file", "", (1, 14)),
        ("rounded", "symbol", "rounded", (13, 14)),
        ("Till.refund", "symbol", "Till.refund", (5, 6)),
    ],
)
def test_a_selector_binds_what_it_names(
    checkout: Checkout, selector: str, kind: str, name: str, lines: tuple[int, int]
) -> None:
    """By symbol, lines or file, in the spellings people use; a bare name is looked for."""
    bound = checkout.bind(checkout.decide(), selector)

    assert bound.is_new
    assert (bound.region.path, bound.region.kind, bound.region.selector) == (
        ("src/till.py", kind, name)
    )
    assert (bound.state.start_line, bound.state.end_line) == lines
    assert (bound.state.backend, bound.state.capability) == ("tree-sitter", "full")


def test_binding_twice_is_not_new_and_writes_nothing(checkout: Checkout) -> None:
    """Agents repeat themselves."""
    decision = checkout.decide()
    first = checkout.bind(decision, "src/till.py::rounded")
    before = checkout.written()

    second = checkout.bind(decision, "rounded")

    assert (first.is_new, second.is_new) == (True, False)
    assert second.region == first.region
    assert checkout.written() == before


def test_an_ambiguous_name_lists_what_it_could_mean(checkout: Checkout) -> None:
    """A name the file defines twice is nobody's."""
    checkout.repository.write("more.py", "def rounded(x):\n    return x\n")
    checkout.repository.git("add", "--all")

    with pytest.raises(SelectorAmbiguous) as refused:
        checkout.bind(checkout.decide(), "rounded")

    for place in ("src/till.py::rounded", "more.py::rounded"):
        assert place in refused.value.message


@pytest.mark.parametrize(
    ("selector", "named"),
    [("src/till.py::rouned", "rounded"), ("src/till.py:9-99", "14"), ("Round", "path::")],
)
def test_an_unknown_selector_says_what_is_near(
    checkout: Checkout, selector: str, named: str
) -> None:
    """Nothing is guessed and nothing is clamped."""
    before = checkout.decide(), checkout.written()

    with pytest.raises(SelectorUnknown) as refused:
        checkout.bind(before[0], selector)

    assert named in str(refused.value)
    assert checkout.written() == before[1]


def test_a_name_that_is_used_everywhere_and_defined_once_is_found(checkout: Checkout) -> None:
    """Being called in many files makes a function important, not ambiguous."""
    for number in range(40):
        checkout.repository.write(f"user{number}.py", "rounded(1)\n")
    checkout.repository.git("add", "--all")

    assert checkout.bind(checkout.decide(), "rounded").region.path == "src/till.py"


def test_a_word_in_too_many_files_is_said_to_be_so(checkout: Checkout) -> None:
    """`it is in no file` would be a lie that sends people searching."""
    for number in range(MOST_FILES_WITH_NAME):
        checkout.repository.write(f"many/user{number}.py", "rounded(1)\n")
    checkout.repository.git("add", "--all")

    with pytest.raises(SelectorUnknown, match=f"more than {MOST_FILES_WITH_NAME}"):
        checkout.bind(checkout.decide(), "rounded")


def test_a_huge_file_that_holds_the_name_hinders_nothing(checkout: Checkout) -> None:
    """Bundles and dumps hold every word there is."""
    checkout.repository.write("bundle.js", "rounded\n" + "x" * LARGEST_FILE_BYTES)
    checkout.repository.git("add", "--all")

    assert checkout.bind(checkout.decide(), "rounded").region.path == "src/till.py"


@pytest.mark.parametrize(
    "selector",
    [
        "../outside.py",
        "../outside.py::charge",
        "src/../../outside.py:1-2",
        "/etc/passwd",
        "C:\\code\\till.py",
        "C:/code/till.py::charge",
        "\\\\host\\share\\till.py",
        "//host/share/till.py::charge",
        "~/till.py",
        "link/outside.py",
        "link/outside.py::charge",
    ],
)
def test_paths_outside_the_repository_are_refused(
    refusing: tuple[Checkout, Decision], selector: str
) -> None:
    """By their text on every platform, and through links."""
    checkout, decision = refusing

    with pytest.raises(PathOutsideRepository):
        checkout.bind(decision, selector)

    assert checkout.groundings(decision) == []


@pytest.mark.parametrize(
    "selector",
    ["", " ", ".", "#2", "::", "src/till.py::", ":1-2", "src/till.py:9-3", "src/", "src/none.py",
     ".git/config", "a" * 300, "a/" + "b" * 300, "a\0b", "x\ud800y", "-e", "--all"],
)  # fmt: skip
def test_what_is_no_selector_of_a_file_is_refused(
    refusing: tuple[Checkout, Decision], selector: str
) -> None:
    """Every kind of nonsense has an answer that says what to write instead."""
    checkout, decision = refusing
    before = checkout.written()

    with pytest.raises(InputRefused) as refused:
        checkout.bind(decision, selector)

    assert refused.value.next_step
    assert checkout.written() == before


def test_directories_pipes_and_huge_files_are_refused(checkout: Checkout) -> None:
    """Only a regular file of some size can hold a decision; a pipe would hold up the server."""
    root = checkout.repository.root
    os.mkfifo(root / "pipe.py")
    (root / "huge.py").write_bytes(b"#" * (LARGEST_FILE_BYTES + 1))
    (root / "large.py").write_bytes(b"#" * LARGEST_FILE_BYTES)
    decision = checkout.decide()

    refused = {"./src": "not a file", "./pipe.py": "not a file", "huge.py": "4194304"}
    for selector, why in refused.items():
        with pytest.raises(InputRefused, match=why):
            checkout.bind(decision, selector)
    assert checkout.bind(decision, "large.py").is_new


def test_what_rests_on_the_text_alone_says_so(checkout: Checkout) -> None:
    """No silent fallback: a digest of text changes with every remark."""
    (checkout.repository.root / "logo.png").write_bytes(b"\x89PNG\0\1\2")
    (checkout.repository.root / "broken.py").write_text("def charge(:\n", encoding="utf-8")

    for selector, reason in (
        ("notes.txt", "no grammar"),
        ("logo.png", "binary"),
        ("broken.py:1-1", "syntax error"),
    ):
        state = checkout.bind(checkout.decide(selector), selector).state
        assert (state.backend, state.capability) == ("text", "degraded")
        assert reason in state.fallback_reason


def test_code_is_named_from_where_the_server_started_or_from_the_root(
    checkout: Checkout,
) -> None:
    """Answers name files from the root, and clients start servers in packages of it."""
    checkout.repository.write("src/notes.txt", "nearer\n")
    inside = checkout.beside(checkout.repository, start=checkout.repository.root / "src")
    decision = checkout.decide()

    found = [
        inside.bind(decision, selector).region.path
        for selector in ("till.py", "src/till.py::rounded", "rounded", "notes.txt", "../notes.txt")
    ]

    assert found == ["src/till.py"] * 3 + ["src/notes.txt", "notes.txt"]
    assert inside.workspace.normalise(["till.py", "src/till.py", "new.py"]) == (
        ("src/till.py", "src/new.py")
    )


def test_a_link_inside_the_repository_binds_the_file_it_leads_to(checkout: Checkout) -> None:
    """History has the change of the file, and of the link nothing but its target."""
    (checkout.repository.root / "alias").symlink_to("src")
    checkout.repository.commit("link")
    decision = checkout.decide()

    bound = checkout.bind(decision, "alias/till.py::rounded")

    assert bound.region.path == "src/till.py"
    assert checkout.workspace.normalise(["alias/till.py"]) == ("src/till.py",)


def test_an_unknown_decision_is_refused_before_anything_else(checkout: Checkout) -> None:
    """Hostile ids are parameters, never parts of a query."""
    decision = checkout.decide()
    before = checkout.written()

    for hostile in ("", "dec_none", "' OR 1=1 --", f"{decision.id}'; DROP TABLE decisions; --"):
        with pytest.raises(NotFound):
            checkout.workspace.bind(ACTOR, hostile, "src/till.py")

    assert checkout.written() == before


def test_lines_bound_by_the_same_numbers_later_are_another_region(checkout: Checkout) -> None:
    """Code that moved stays what was bound, whatever stands at its old lines now."""
    first = checkout.decide("First")
    checkout.bind(first, "src/till.py:9-10")
    checkout.judge(first)
    checkout.repository.commit("above", **{"src/till.py": f"import os\n\n\n{CODE}"})
    checkout.link()
    second = checkout.decide("Second")

    bound = checkout.bind(second, "src/till.py:9-10")

    [moved] = checkout.groundings(first)
    assert (moved.state.start_line, moved.state.end_line) == (12, 13)
    assert checkout.status(first) == "reflected"
    assert (bound.state.start_line, bound.state.end_line) == (9, 10)
    assert bound.region.id != moved.region.id


def test_lines_that_are_gone_leave_their_place_to_others(checkout: Checkout) -> None:
    """What stands there in the work tree need not be what was removed."""
    first, second = checkout.decide("First"), checkout.decide("Second")
    checkout.bind(first, "src/till.py:13-14")
    checkout.repository.commit("shorten", **{"src/till.py": CHARGE})
    checkout.link()
    checkout.repository.write("src/till.py", CODE.replace("round(", "abs("))

    bound = checkout.bind(second, "src/till.py:13-14")

    [gone] = checkout.groundings(first)
    assert gone.state.presence == "removed"
    assert bound.region.id != gone.region.id


def test_lines_that_moved_are_the_same_region_by_their_new_numbers(checkout: Checkout) -> None:
    """What is bound there already is not bound again."""
    decision = checkout.decide()
    first = checkout.bind(decision, "src/till.py:9-10")
    checkout.repository.commit("above", **{"src/till.py": f"import os\n\n\n{CODE}"})
    checkout.link()

    again = checkout.bind(decision, "src/till.py:12-13")

    assert (again.is_new, again.region) == (False, first.region)


def test_lines_kept_apart_are_followed_like_any_other(checkout: Checkout) -> None:
    """Their selector is the ledger's own, and is read back as lines."""
    checkout.bind(checkout.decide("First"), "src/till.py:9-10")
    checkout.repository.commit("above", **{"src/till.py": f"import os\n\n\n{CODE}"})
    checkout.link()
    checkout.repository.git("switch", "--quiet", "--create", "feature")
    decision = checkout.decide("Second")
    checkout.bind(decision, "src/till.py:9-10")
    checkout.repository.commit("more", **{"src/till.py": f"import os\nimport re\n\n\n{CODE}"})

    checkout.link()

    spans = [
        (each.state.start_line, each.state.end_line)
        for branch in ("feature", MAIN)
        for each in checkout.groundings(decision, branch=branch)
    ]
    assert spans == [(10, 11), (9, 10)]


def test_uncommitted_code_is_bound_as_it_stands_and_kept_when_committed(
    checkout: Checkout,
) -> None:
    """Agents bind before they commit."""
    checkout.repository.write("new.py", CHARGE)
    decision = checkout.judged("new.py::charge")
    assert checkout.status(decision) == "reflected"

    checkout.repository.commit("new")
    linked = checkout.link()

    assert (linked.branch, checkout.wanted(linked)) == (MAIN, [])
    assert checkout.status(decision) == "reflected"


def test_uncommitted_code_that_is_committed_otherwise_wants_its_verdict(
    checkout: Checkout,
) -> None:
    """The verdict was on what was thrown away."""
    checkout.repository.write("new.py", CHARGE)
    decision = checkout.judged("new.py::charge")

    checkout.repository.commit("new", **{"new.py": CHARGE_CHANGED})
    linked = checkout.link()

    assert checkout.wanted(linked) == [decision.id]


def test_uncommitted_code_that_is_thrown_away_is_gone_with_the_next_commit(
    checkout: Checkout,
) -> None:
    """No commit changes it, so nothing else would ever look."""
    path = checkout.repository.write("new.py", CHARGE)
    decision = checkout.judged("new.py::charge")
    path.unlink()
    checkout.repository.commit("other", **{"notes.txt": "three\n"})

    checkout.link()

    [grounding] = checkout.groundings(decision)
    assert grounding.state.presence == "removed"
    before = checkout.written()
    checkout.repository.commit("another", **{"notes.txt": "four\n"})
    checkout.link()
    assert checkout.written() == before, "looked at once"


def test_what_is_bound_while_main_is_behind_is_right_again_when_it_is_pulled(
    checkout: Checkout,
) -> None:
    """The ledger knows a newer commit than the files that were read."""
    old = checkout.repository.commit("old", **{"pay.py": CHARGE})
    new = checkout.repository.commit("new", **{"pay.py": CHARGE_CHANGED})
    checkout.repository.git("remote", "add", "origin", "https://git.example.invalid/shop.git")
    checkout.repository.git("update-ref", "refs/remotes/origin/main", new)
    checkout.link()
    checkout.repository.git("reset", "--quiet", "--hard", old)
    decision = checkout.judged("pay.py::charge")

    checkout.repository.git("merge", "--quiet", "--ff-only", "origin/main")
    linked = checkout.link()

    assert checkout.wanted(linked) == [decision.id]
    assert checkout.status(decision) == "pending"
