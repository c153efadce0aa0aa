"""What a text names in the code: bound where it fits one place, and nowhere else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bicameral.grounding.repository import Repository as Found
from bicameral.intake.direct import Given, draft_of
from bicameral.intake.inference import MOST_PER_DECISION, Suggested, infer
from tests.conftest import GIT_VARIABLES, Repository
from tests.grounding.checkout import at

TILL = """\
class Till:
    def charge(self, amount):
        return round_up(amount)


class Bank:
    def charge(self, amount):
        return amount


def round_up(amount):
    return amount + 1


def settle(amount):
    return amount
"""
FILES = {
    "src/billing/till.py": TILL,
    "src/billing/ledger.py": "from src.billing.till import round_up\nround_up(1)\n",
    "src/billing/ui/page.ts": "export class PageView { render() { return 1 } }\n",
    "src/search/rank.py": "def rank_all(found):\n    return sorted(found)\n",
    "src/search/config.py": "LIMIT = 1\n",
    "src/twice/config.py": "LIMIT = 2\n",
    "one/same.py": "x = 1\n",
    "two/same.py": "x = 1\n",
    "docs/billing.md": "# Billing\n`round_up()`\n",
    "docs/notes.txt": "till\n",
    "deploy/rules.yaml": "a: 1\n",
}

MakeRepository = Callable[[], Repository]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Read only: every test here only asks."""
    repository = Repository(tmp_path_factory.mktemp("code") / "shop")
    repository.commit("code", **FILES)
    return repository


def places(repository: Repository, *texts: str) -> list[str]:
    """Return what each text names, as `path` or `path::symbol`."""
    drafts = [draft_of(Given("A decision", description=text)) for text in texts]
    found = infer(Found.discover(repository.root, GIT_VARIABLES), drafts)
    return ["::".join(filter(None, (each.path, each.symbol))) for each in found]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("See src/billing/till.py.", ["src/billing/till.py"]),
        ("See `billing/till.py`.", ["src/billing/till.py"]),
        ("See `rules.yaml`.", ["deploy/rules.yaml"]),
        ("See [the till](src/billing/till.py).", ["src/billing/till.py"]),
        ("In `src.billing.ledger` we post.", ["src/billing/ledger.py"]),
        ("In `billing.ledger` we post.", ["src/billing/ledger.py"]),
        ("All of `src/search/` is concerned.", ["src/search/config.py", "src/search/rank.py"]),
        ("`Till.charge` rounds.", ["src/billing/till.py::Till.charge"]),
        ("`Till::charge` rounds.", ["src/billing/till.py::Till.charge"]),
        ("`Till#charge` rounds.", ["src/billing/till.py::Till.charge"]),
        ("We call `round_up()` once.", ["src/billing/till.py::round_up"]),
        ("We call `round_up` once.", ["src/billing/till.py::round_up"]),
        ("We call `settle()` once.", ["src/billing/till.py::settle"]),
        ("`PageView` is drawn.", ["src/billing/ui/page.ts::PageView"]),
    ],
)
def test_a_name_that_fits_one_place_is_found(
    repository: Repository, text: str, named: list[str]
) -> None:
    """Paths, ends of paths, modules, small folders, and symbols in code marks."""
    assert places(repository, text) == named


@pytest.mark.parametrize(
    "text",
    [
        "See docs/billing.md and `docs/notes.txt`.",
        "See [the notes](docs/billing.md).",
        "See `same.py`.",
        "See `one/none.py` and src/nothing/here.py.",
        "We call `charge()` often.",
        "We settle and round_up in prose.",
        "`rank` is a word, and `sorted()` is not ours.",
        "Use `application/json` and example.com/path.",
        "See ../outside.py, /etc/passwd and `C:/code/till.py`.",
        "`../../src/billing/till.py` leads out.",
    ],
)
def test_what_fits_none_or_several_names_nothing(repository: Repository, text: str) -> None:
    """A wrong binding is noise on every preflight; documents bind nothing."""
    assert places(repository, text) == []


def test_a_symbol_says_more_than_its_file(repository: Repository) -> None:
    """The file is not bound as well."""
    text = "In src/billing/till.py, `Till.charge` rounds; see src/search/rank.py."

    assert places(repository, text) == ["src/search/rank.py", "src/billing/till.py::Till.charge"]


def test_what_a_test_defines_is_no_place_of_a_decision(make_repository: MakeRepository) -> None:
    """A double of the same name hides nothing either; a test that is named as a file is bound."""
    repository = make_repository()
    repository.commit(
        "doubles",
        **{
            "src/till.py": "def settle():\n    return 1\n",
            "tests/test_till.py": "def settle(): return 2\n\n\ndef fake_bank(): return 3\n",
        },
    )

    assert places(repository, "`settle()` and `fake_bank()`") == ["src/till.py::settle"]
    assert places(repository, "See tests/test_till.py.") == ["tests/test_till.py"]


def test_minified_code_is_no_place_of_a_decision(make_repository: MakeRepository) -> None:
    """A tool writes it from other code, which is what a person changes."""
    repository = make_repository()
    repository.commit("built", **{"dist/page.min.js": "function drawAll(){return 1}\n"})
    assert places(repository, "`drawAll()`") == []

    repository.commit("source", **{"src/page.js": "function drawAll() {\n  return 1\n}\n"})
    assert places(repository, "`drawAll()`") == ["src/page.js::drawAll"]


def test_several_drafts_are_answered_together_and_apart(repository: Repository) -> None:
    """The code is read once for all of them."""
    assert places(repository, "`rank_all()`", "nothing", "`rank_all()` and `settle()`") == [
        "src/search/rank.py::rank_all",
        "src/search/rank.py::rank_all",
        "src/billing/till.py::settle",
    ]


def test_a_decision_is_bound_to_few_places(make_repository: MakeRepository) -> None:
    """A list of every file is no statement about any of them."""
    repository = make_repository()
    names = [f"src/file_{number}.py" for number in range(MOST_PER_DECISION + 3)]
    repository.commit("many", **dict.fromkeys(names, "x = 1\n"))

    assert len(places(repository, " ".join(f"`{name}`" for name in names))) == MOST_PER_DECISION
    assert places(repository, "`src/` is concerned") == []


def test_a_folder_with_a_name_that_is_no_text_is_bound_without_it(
    make_repository: MakeRepository,
) -> None:
    """The ledger cannot name that file, and the others are none the worse."""
    repository = make_repository()
    odd = repository.root / "src" / b"gr\xf6\xdfe.py".decode("utf-8", "surrogateescape")
    odd.parent.mkdir()
    odd.write_text("x = 1\n", encoding="utf-8")
    repository.commit("odd", **{"src/plain.py": "x = 1\n"})

    assert places(repository, "All of `src/` is concerned.") == ["src/plain.py"]


def test_a_symbol_whose_name_is_too_long_is_left_out(make_repository: MakeRepository) -> None:
    """A name that no index holds cannot be bound."""
    repository = make_repository()
    outer = "Outer" + "x" * 180
    code = (
        f"class {outer}:\n    class {outer}:\n        class {outer}:\n            def run_it(): ..."
    )
    repository.commit("long", **{"long.py": code})

    assert places(repository, "We call `run_it()`.") == []


def test_only_what_is_committed_is_named(make_repository: MakeRepository) -> None:
    """What is bound is looked at in the last commit."""
    repository = make_repository()
    assert places(repository, "`settle()` in src/till.py") == [], "before the first commit"
    repository.commit("first", **{"other.py": "x = 1\n"})
    repository.write("src/till.py", TILL)
    repository.git("add", "--all")

    assert places(repository, "We call `settle()`.") == []
    repository.commit("second")
    assert places(repository, "We call `settle()`.") == ["src/till.py::settle"]


def test_suggestions_name_the_draft_they_come_from(repository: Repository) -> None:
    """The key is the draft's own."""
    draft = draft_of(Given("Round", description="`round_up()`", ref="a meeting"))

    assert infer(Found.discover(repository.root, GIT_VARIABLES), [draft]) == [
        Suggested(draft.source_ref, "src/billing/till.py", "round_up")
    ]


def test_a_root_below_another_folder_changes_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    """Paths are the repository's own, wherever it is checked out."""
    target = tmp_path / "deep" / "er"
    repository.git("clone", "--quiet", str(repository.root), str(target))

    assert places(at(target), "`billing/till.py`") == ["src/billing/till.py"]
