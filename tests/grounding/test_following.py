"""Code that is not in its place any more: found again by digest, by similarity, or not at all."""

from pathlib import Path

import pytest

from bicameral.grounding.evidence import Evidence
from bicameral.grounding.linking import Linked, Touched
from bicameral.ledger.domain import MAIN, Decision
from tests.conftest import MakeEnvironment
from tests.grounding.checkout import ACTOR, Checkout, Template, at

QUOTE = '''\
def quote(basket, customer):
    """Say what a basket costs."""
    total = sum(item.price * item.count for item in basket)
    if customer.is_regular:
        total = total - total // 10
    if total > 5000:
        shipping = 0
    else:
        shipping = 490
    return total + shipping
'''
QUOTE_CHANGED = QUOTE.replace("total // 10", "total // 20")
OTHER = "LIMIT = 5\n\n\ndef other(value):\n    return value % LIMIT\n"
TINY = "def tiny(a):\n    return a\n"
AROUND = "import logging\n\nlog = logging.getLogger(__name__)\n\n\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A repository with `quote` in shop.py beside another function."""
    files = {"shop.py": f"{OTHER}\n\n{QUOTE}", "tiny.py": TINY, "rest.py": OTHER}
    return Template.make(tmp_path_factory.mktemp("template"), files)


@pytest.fixture
def checkout(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Checkout:
    return template.copy(tmp_path / "shop", make_environment())


@pytest.fixture
def decision(checkout: Checkout) -> Decision:
    """A decision that binds `quote`, judged compliant."""
    return checkout.judged("shop.py::quote", "Shipping is free above fifty")


def only(linked: Linked) -> Touched:
    [touched] = linked.touched
    return touched


def place(touched: Touched) -> str:
    region = touched.grounding.region
    return f"{region.path}::{region.selector}"


def moved(checkout: Checkout, **files: str) -> Touched:
    """Commit a change, and return what linking says of the only bound region."""
    checkout.repository.commit("change", **{"shop.py": OTHER} | files)
    return only(checkout.link())


def test_code_in_another_file_keeps_binding_and_verdict(
    checkout: Checkout, decision: Decision
) -> None:
    """The same code is there; that it was judged is as true as before."""
    touched = moved(checkout, **{"price.py": AROUND + QUOTE})

    assert (touched.change, place(touched)) == ("moved", "price.py::quote")
    assert touched.evidence == Evidence("digest", "shop.py::quote")
    assert not touched.verdict_wanted
    assert checkout.status(decision) == "reflected"


def test_the_audit_says_from_where_to_where_and_how(checkout: Checkout, decision: Decision) -> None:
    """Whoever doubts a verdict on code in a new place finds how it came there."""
    touched = moved(checkout, **{"price.py": QUOTE})

    region = touched.grounding.region
    assert checkout.actions(region.id)[-1] == "region_moved"
    state = checkout.groundings(decision)[0].state
    assert (state.path, state.selector) == ("price.py", "quote")
    assert '"known_by": "digest"' in state.evidence


def test_code_that_moved_with_another_form_is_still_moved(
    checkout: Checkout, decision: Decision
) -> None:
    """Formatters run when files are made."""
    form = QUOTE.replace("total + shipping", "(total\n            + shipping)  # all of it")

    touched = moved(checkout, **{"price.py": form})

    assert (touched.change, touched.verdict_wanted) == ("moved", False)
    assert checkout.status(decision) == "reflected"


def test_code_under_another_name_keeps_its_verdict(checkout: Checkout, decision: Decision) -> None:
    """Only its name differs; the digest of the rest is what it is known by."""
    touched = moved(checkout, **{"shop.py": OTHER + "\n\n" + QUOTE.replace("quote", "cost_of")})

    assert (touched.change, place(touched)) == ("renamed", "shop.py::cost_of")
    assert touched.evidence == Evidence("digest", "shop.py::quote")
    assert not touched.verdict_wanted
    assert checkout.status(decision) == "reflected"
    assert "verdict_carried" in checkout.actions(decision.id)


def test_renamed_back_it_stands_where_it_was_bound(checkout: Checkout, decision: Decision) -> None:
    """No trace is left in how it stands."""
    before = checkout.groundings(decision)[0]
    moved(checkout, **{"price.py": QUOTE.replace("quote", "cost_of")})
    checkout.repository.git("revert", "--no-edit", "HEAD")

    touched = only(checkout.link())

    assert (touched.change, place(touched)) == ("renamed", "shop.py::quote")
    after = checkout.groundings(decision)[0]
    assert (after.region, after.verdict) == (before.region, "compliant")
    assert (after.state.path, after.state.digest) == ("", before.state.digest)


@pytest.mark.parametrize("bound", ["shop.py::quote", "shop.py:8-17", "shop.py"])
def test_a_renamed_file_takes_all_that_is_bound_in_it_along(checkout: Checkout, bound: str) -> None:
    """Symbols, lines and the file itself."""
    decision = checkout.judged(bound)
    checkout.repository.git("mv", "shop.py", "store.py")
    checkout.repository.commit("rename", **{"rest.py": OTHER + "\n"})

    touched = only(checkout.link())

    assert touched.change == ("renamed" if bound == "shop.py" else "moved")
    assert touched.grounding.region.path == "store.py"
    assert checkout.status(decision) == "reflected"


def test_a_function_that_becomes_a_method_is_followed(
    checkout: Checkout, decision: Decision
) -> None:
    """Its indentation is its place and not its meaning."""
    method = "class Till:\n" + "".join(f"    {line}\n" for line in QUOTE.splitlines())

    touched = moved(checkout, **{"shop.py": f"{OTHER}\n\n{method}"})

    assert (touched.change, place(touched)) == ("moved", "shop.py::Till.quote")
    assert checkout.status(decision) == "reflected"


def test_changed_on_its_way_it_is_followed_and_asks_for_a_verdict(
    checkout: Checkout, decision: Decision
) -> None:
    """The binding goes with the code, the verdict does not: nobody has judged this."""
    touched = moved(checkout, **{"price.py": QUOTE_CHANGED})

    assert (touched.change, place(touched)) == ("changed", "price.py::quote")
    assert touched.evidence is not None
    assert touched.evidence.known_by == "similarity"
    assert 0.9 < (touched.evidence.similarity or 0) < 1
    assert touched.verdict_wanted
    assert checkout.status(decision) == "pending"


def test_renamed_and_changed_it_is_followed_and_asks_for_a_verdict(
    checkout: Checkout, decision: Decision
) -> None:
    """A name and a value at once."""
    touched = moved(checkout, **{"price.py": QUOTE_CHANGED.replace("quote", "cost_of")})

    assert (touched.change, place(touched)) == ("changed", "price.py::cost_of")
    assert touched.verdict_wanted
    assert checkout.status(decision) == "pending"


def test_in_a_renamed_file_under_another_owner_it_is_found_among_many_alike(
    checkout: Checkout,
) -> None:
    """What its own file kept is no gain, and is still the first place to look."""
    till = "class Till:\n" + "".join(f"    {line}\n" for line in QUOTE.splitlines())
    checkout.repository.commit("a class", **{"till.py": till})
    checkout.judged("till.py::Till.quote")
    likes = {
        f"like{number}.py": QUOTE.replace("quote", f"like{number}").replace("total", f"t{number}")
        for number in range(14)
    }
    checkout.repository.git("mv", "till.py", "counter.py")
    checkout.repository.commit("change", **likes, **{"counter.py": till.replace("Till", "Counter")})

    touched = only(checkout.link())

    assert (touched.change, place(touched)) == ("moved", "counter.py::Counter.quote")


def test_changed_in_a_renamed_file_it_is_known_by_its_name(
    checkout: Checkout, decision: Decision
) -> None:
    """What git takes for the same file has a function of that name; how alike they are is said."""
    checkout.repository.git("mv", "shop.py", "store.py")
    checkout.repository.commit("rename", **{"store.py": f"{OTHER}\n\n{QUOTE_CHANGED}"})

    touched = only(checkout.link())

    assert (touched.change, place(touched)) == ("changed", "store.py::quote")
    assert touched.evidence is not None
    assert touched.evidence.in_words().startswith("name, similarity 0.9")
    assert checkout.status(decision) == "pending"


def test_lines_that_were_edited_are_where_the_lines_around_them_are(checkout: Checkout) -> None:
    """Else what an edit above them has pushed down there would be shown and judged."""
    decision = checkout.judged("shop.py:11-12")
    text = f"{AROUND}{OTHER}\n\n{QUOTE_CHANGED}"

    touched = moved(checkout, **{"shop.py": text})

    assert touched.change == "changed"
    state = checkout.groundings(decision)[0].state
    assert text.splitlines()[state.start_line - 1 : state.end_line] == [
        "    if customer.is_regular:",
        "        total = total - total // 20",
    ]


def test_lines_with_another_form_are_cosmetic_wherever_they_are(checkout: Checkout) -> None:
    """A formatter may make more lines of them, and of those above."""
    checkout.judged("shop.py:11-12")
    quote = QUOTE.replace("total - total // 10", "(\n            total - total // 10\n        )")

    touched = moved(checkout, **{"shop.py": f"{AROUND}{OTHER}\n\n{quote}\n\n"})

    assert touched.change == "cosmetic"


def test_lines_in_a_renamed_file_that_were_edited_are_followed(checkout: Checkout) -> None:
    """The lines around them went along."""
    decision = checkout.judged("shop.py:11-12")
    checkout.repository.git("mv", "shop.py", "store.py")
    text = f"{AROUND}{OTHER}\n\n{QUOTE_CHANGED}"
    checkout.repository.commit("rename", **{"store.py": text})

    touched = only(checkout.link())

    assert (touched.change, touched.grounding.region.path) == ("changed", "store.py")
    state = checkout.groundings(decision)[0].state
    assert text.splitlines()[state.end_line - 1] == "        total = total - total // 20"


def test_code_that_resembles_it_too_little_is_not_taken_for_it(
    checkout: Checkout, decision: Decision
) -> None:
    """A wrong successor would answer for code it has nothing to do with."""
    stranger = (
        "def totals(rows):\n    found = {}\n    for row in rows:\n"
        "        found[row.key] = found.get(row.key, 0) + row.value\n    return found\n"
    )

    touched = moved(checkout, **{"price.py": stranger})

    assert (touched.change, touched.evidence) == ("removed", None)
    assert checkout.wanted(checkout.link()) == [decision.id]


def test_two_equal_candidates_are_said_and_none_is_taken(
    checkout: Checkout, decision: Decision
) -> None:
    """Nothing tells which of them the decision was about."""
    touched = moved(checkout, **{"one.py": QUOTE, "two.py": QUOTE})

    assert touched.change == "removed"
    assert touched.evidence is not None
    assert set(touched.evidence.places) == {"one.py::quote", "two.py::quote"}
    assert touched.verdict_wanted
    assert checkout.status(decision) == "pending"


def test_a_file_that_became_two_of_the_same_bytes_is_in_neither(
    checkout: Checkout, decision: Decision
) -> None:
    """Git calls one of them the renamed file; it might as well have been the other."""
    whole = f"{OTHER}\n\n{QUOTE}"
    (checkout.repository.root / "shop.py").unlink()
    checkout.repository.commit("two", **{"one.py": whole, "two.py": whole})

    touched = only(checkout.link())

    assert touched.change == "removed"
    assert touched.evidence is not None
    assert set(touched.evidence.places) == {"one.py::quote", "two.py::quote"}


def test_of_two_such_files_the_one_that_kept_its_name_is_followed(
    checkout: Checkout, decision: Decision
) -> None:
    """A file in another folder beside a copy of it."""
    whole = f"{OTHER}\n\n{QUOTE}"
    (checkout.repository.root / "shop.py").unlink()
    checkout.repository.commit("two", **{"till/shop.py": whole, "two.py": whole})

    assert place(only(checkout.link())) == "till/shop.py::quote"


def test_two_alike_candidates_are_said_and_none_is_taken(
    checkout: Checkout, decision: Decision
) -> None:
    """The same with code that was changed on its way."""
    touched = moved(checkout, **{"one.py": QUOTE_CHANGED, "two.py": QUOTE_CHANGED})

    assert touched.change == "removed"
    assert touched.evidence is not None
    assert touched.evidence.known_by == "similarity"
    assert len(touched.evidence.places) == 2


def test_a_copy_that_was_there_before_is_not_where_it_went(checkout: Checkout) -> None:
    """Of two copies one was deleted; the other is no news, even in a file that was touched."""
    checkout.repository.commit("copy", **{"copy.py": QUOTE})
    decision = checkout.judged("shop.py::quote")

    touched = moved(checkout, **{"copy.py": AROUND + QUOTE})

    assert touched.change == "removed"
    assert checkout.status(decision) == "pending"


def test_code_that_says_next_to_nothing_is_not_known_under_another_name(
    checkout: Checkout,
) -> None:
    """`return a` is in every program."""
    decision = checkout.judged("tiny.py::tiny")
    checkout.repository.commit("rename", **{"tiny.py": TINY.replace("tiny", "same")})

    assert only(checkout.link()).change == "removed"
    assert checkout.status(decision) == "pending"


def test_a_helper_taken_out_of_it_is_a_split(checkout: Checkout, decision: Decision) -> None:
    """Still in its place, but a part of what was judged is elsewhere now."""
    head, _, tail = QUOTE.partition("    if total > 5000")
    rest = f"{head}    return total + shipping_for(total)\n"
    helper = f"def shipping_for(total):\n    if total > 5000{tail}"

    touched = moved(checkout, **{"shop.py": f"{OTHER}\n\n{rest}\n\n{helper}"})

    assert (touched.change, place(touched)) == ("split", "shop.py::quote")
    assert touched.evidence is not None
    assert set(touched.evidence.places) == {"shop.py::quote", "shop.py::shipping_for"}
    assert touched.verdict_wanted
    assert checkout.status(decision) == "pending"


def test_code_that_went_into_two_others_is_a_split_that_follows_the_larger(
    checkout: Checkout, decision: Decision
) -> None:
    """All parts are named: whoever judges it can bind the other one too."""
    head, _, tail = QUOTE.partition("    if total > 5000")
    first = head.replace("def quote", "def goods_of") + "    return total\n"
    second = f"def shipping_for(total):\n    if total > 5000{tail}"

    touched = moved(checkout, **{"goods.py": first, "ship.py": second})

    assert touched.change == "split"
    assert touched.evidence is not None
    assert touched.evidence.places == ("goods.py::goods_of", "ship.py::shipping_for")
    assert place(touched) == "goods.py::goods_of"
    assert checkout.status(decision) == "pending"


def test_linking_a_move_again_says_it_again_and_changes_nothing(
    checkout: Checkout, decision: Decision
) -> None:
    """A preflight may have brought the commit in before anybody asked about it."""
    checkout.repository.commit("move", **{"shop.py": OTHER, "price.py": QUOTE})
    assert checkout.workspace.catch_up(ACTOR).behind == ""
    before = checkout.written()

    linked = checkout.link()

    touched = only(linked)
    assert linked.was_linked
    assert (touched.change, touched.evidence) == ("moved", Evidence("digest", "shop.py::quote"))
    assert checkout.written() == before
    assert checkout.status(decision) == "reflected"


def test_what_is_bound_where_code_has_left_is_another_region(
    checkout: Checkout, decision: Decision
) -> None:
    """The vacated name is used again for something else, and bound for itself."""
    moved(checkout, **{"price.py": QUOTE})
    checkout.repository.commit("again", **{"shop.py": OTHER + "\n\n" + QUOTE_CHANGED})
    another = checkout.judged("shop.py::quote", "Regulars get a twentieth")

    first, second = checkout.groundings(decision)[0], checkout.groundings(another)[0]

    assert first.region.id != second.region.id
    assert (first.region.path, second.region.path) == ("price.py", "shop.py")
    assert second.region.selector == "quote"
    checkout.repository.commit("edit", **{"shop.py": OTHER + "\n\n" + QUOTE})
    assert checkout.wanted(checkout.link()) == [another.id]


def test_bound_again_at_its_new_place_it_is_the_same_region(
    checkout: Checkout, decision: Decision
) -> None:
    """Two decisions on one function share its state, however each came to it."""
    region = moved(checkout, **{"price.py": QUOTE}).grounding.region

    assert checkout.bind(checkout.decide("Another"), "price.py::quote").region == region


def test_moved_on_a_branch_it_has_not_moved_on_main(checkout: Checkout, decision: Decision) -> None:
    """Main still has the code where it was, and its preflights must find it there."""
    checkout.repository.git("switch", "--quiet", "--create", "feature")
    moved(checkout, **{"price.py": QUOTE})

    assert checkout.groundings(decision)[0].region.path == "price.py"
    assert checkout.groundings(decision, branch=MAIN)[0].region.path == "shop.py"
    assert checkout.status(decision) == checkout.status(decision, branch=MAIN) == "reflected"


@pytest.mark.parametrize("merge", ["merge --no-ff --no-edit", "merge --squash", "cherry-pick"])
def test_a_move_counts_on_main_once_it_is_there(
    checkout: Checkout, decision: Decision, merge: str
) -> None:
    """However it came: main sees for itself where the code is."""
    repository = checkout.repository
    repository.git("switch", "--quiet", "--create", "feature")
    moved(checkout, **{"price.py": QUOTE.replace("quote", "cost_of")})
    repository.git("switch", "--quiet", "main")
    repository.commit("meanwhile", **{"rest.py": "x = 1\n"})
    repository.git(*merge.split(), "feature")
    repository.commit("squashed")

    checkout.link()

    [grounding] = checkout.groundings(decision, branch=MAIN)
    assert (grounding.region.path, grounding.region.selector) == ("price.py", "cost_of")
    assert checkout.status(decision, branch=MAIN) == "reflected"


def test_a_verdict_on_a_renamed_function_outlives_the_merge(
    checkout: Checkout, decision: Decision
) -> None:
    """It is newer than the one that main carries over from the old name."""
    repository = checkout.repository
    repository.git("switch", "--quiet", "--create", "feature")
    moved(checkout, **{"price.py": QUOTE.replace("quote", "cost_of")})
    checkout.judge(decision, "partial")
    assert checkout.status(decision, branch=MAIN) == "reflected"
    repository.git("switch", "--quiet", "main")
    repository.git("merge", "--quiet", "--no-ff", "--no-edit", "feature")

    checkout.link()

    assert checkout.status(decision, branch=MAIN) == "partial"


def test_a_rebased_move_stays_a_move(checkout: Checkout, decision: Decision) -> None:
    """Other commits, the same code in the same new place."""
    repository = checkout.repository
    repository.git("switch", "--quiet", "--create", "feature")
    moved(checkout, **{"price.py": QUOTE})
    repository.git("switch", "--quiet", "main")
    repository.commit("meanwhile", **{"rest.py": "x = 1\n"})
    repository.git("switch", "--quiet", "feature")
    repository.git("rebase", "--quiet", "main")

    checkout.link()

    assert checkout.groundings(decision)[0].region.path == "price.py"
    assert checkout.status(decision) == "reflected"


def test_a_branch_that_gives_its_move_up_has_the_code_where_main_has_it(
    checkout: Checkout, decision: Decision
) -> None:
    """Reset, or force-pushed by somebody else."""
    repository = checkout.repository
    repository.git("switch", "--quiet", "--create", "feature")
    moved(checkout, **{"price.py": QUOTE})
    repository.git("reset", "--quiet", "--hard", "main")

    checkout.link()

    assert checkout.groundings(decision)[0].region.path == "shop.py"
    assert checkout.status(decision) == "reflected"


def test_a_branch_that_has_not_got_mains_move_has_the_code_in_its_old_place(
    checkout: Checkout, decision: Decision
) -> None:
    """It was started before, and has not caught up."""
    repository = checkout.repository
    repository.git("branch", "feature")
    moved(checkout, **{"price.py": QUOTE})
    repository.git("switch", "--quiet", "feature")
    repository.commit("elsewhere", **{"rest.py": "x = 1\n"})

    checkout.link()

    assert checkout.groundings(decision)[0].region.path == "shop.py"
    assert checkout.groundings(decision, branch=MAIN)[0].region.path == "price.py"
    assert checkout.status(decision) == "reflected"


def test_a_branch_that_removed_the_code_that_main_moved_has_none(
    checkout: Checkout, decision: Decision
) -> None:
    """What main did with it is not what this branch did."""
    repository = checkout.repository
    repository.git("switch", "--quiet", "--create", "feature")
    moved(checkout)
    repository.git("switch", "--quiet", "main")
    moved(checkout, **{"price.py": QUOTE})
    repository.git("switch", "--quiet", "feature")
    repository.commit("elsewhere", **{"rest.py": "x = 1\n"})

    checkout.link()

    assert checkout.groundings(decision)[0].state.presence == "removed"
    assert checkout.status(decision, branch=MAIN) == "reflected"


def test_another_worktree_sees_its_own_branch_move(checkout: Checkout, decision: Decision) -> None:
    """Both have one ledger and each its own place for the code."""
    root = checkout.repository.root.with_name("beside")
    checkout.repository.git("worktree", "add", "--quiet", "-b", "feature", str(root))
    beside = checkout.beside(at(root))
    moved(beside, **{"price.py": QUOTE})

    assert beside.groundings(decision)[0].region.path == "price.py"
    assert checkout.groundings(decision)[0].region.path == "shop.py"


def test_a_shallow_clone_follows_what_its_commits_show(
    checkout: Checkout, decision: Decision, tmp_path: Path
) -> None:
    """Builds fetch a commit or two; the code before the move is among them."""
    checkout.repository.commit("move", **{"shop.py": OTHER, "price.py": QUOTE_CHANGED})
    source = checkout.repository.root.as_uri()
    checkout.repository.git("clone", "--quiet", "--depth=2", source, str(tmp_path / "clone"))
    clone = checkout.beside(at(tmp_path / "clone"))
    clone.repository.git("remote", "remove", "origin")
    # It has the ledger's id by neither root nor remote, as in a build that only has its folder.
    keys = clone.workspace.keys()
    with checkout.ledger.writing(ACTOR) as transaction:
        from bicameral.ledger.repositories import ensure_repository

        ensure_repository(transaction, [*checkout.workspace.keys(), *keys])

    touched = only(clone.link())

    assert clone.workspace.repository.is_shallow
    assert (touched.change, place(touched)) == ("changed", "price.py::quote")


def test_where_the_old_code_is_not_known_only_a_digest_is_believed(
    checkout: Checkout, decision: Decision
) -> None:
    """Judged as the work tree had it, and never committed so: there is nothing to compare with."""
    checkout.repository.write("shop.py", f"{OTHER}\n\n{QUOTE_CHANGED}")
    bound = checkout.bind(decision, "shop.py::quote")
    checkout.judge(decision, digest=bound.state.digest)

    touched = moved(checkout, **{"price.py": QUOTE_CHANGED.replace("quote", "cost_of")})

    assert touched.change == "removed"


def test_a_move_to_a_name_that_is_not_utf8_is_a_removal(
    checkout: Checkout, decision: Decision
) -> None:
    """The ledger could not say where it is, so it does not say that it is there."""
    odd = checkout.repository.root / b"gr\xf6\xdfe.py".decode("utf-8", "surrogateescape")
    odd.write_text(QUOTE, encoding="utf-8")

    assert moved(checkout).change == "removed"
    odd.rename(odd.with_name("größe.py"))
    checkout.repository.commit("named")
    checkout.link()
    assert checkout.status(decision) == "pending"


def test_a_move_to_a_name_beyond_ascii_is_followed(checkout: Checkout, decision: Decision) -> None:
    """Any name that is text."""
    assert place(moved(checkout, **{"größe/preis.py": QUOTE})) == "größe/preis.py::quote"


def test_a_move_into_a_submodule_is_a_removal_here(
    checkout: Checkout, decision: Decision, tmp_path: Path
) -> None:
    """The superproject has one entry for it, and no file."""
    inner = Template.make(tmp_path / "inner", {"price.py": QUOTE}).root
    checkout.repository.git(
        *("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "lib")
    )

    assert moved(checkout).change == "removed"


LATIN = QUOTE.replace("Say what a basket costs", "Größe").replace("490", '490 or "größer"')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (QUOTE.encode(), QUOTE.replace("\n", "\r\n").encode()),
        (QUOTE.replace("\n", "\r\n").encode(), QUOTE.encode()),
        (QUOTE.encode(), b"\xef\xbb\xbf" + QUOTE.encode()),
        (QUOTE.encode(), QUOTE.encode("utf-16")),
        (LATIN.encode("latin-1"), LATIN.encode()),
    ],
    ids=["to CRLF", "to LF", "to a mark", "to UTF-16", "from Latin-1"],
)
@pytest.mark.parametrize("path", ["shop.py", "price.py"])
def test_other_line_ends_or_another_encoding_ask_for_no_verdict(
    checkout: Checkout, before: bytes, after: bytes, path: str
) -> None:
    """In its place it is cosmetic, elsewhere a move: the text is the same."""
    root = checkout.repository.root
    (root / "shop.py").write_bytes(before)
    checkout.repository.commit("before")
    decision = checkout.judged("shop.py::quote")
    (root / "shop.py").unlink()
    (root / path).write_bytes(after)
    checkout.repository.commit("after")

    linked = checkout.link()

    # A mark belongs to its file and to no symbol of it: then there is nothing to report.
    in_place = [] if after.startswith(b"\xef") else ["cosmetic"]
    assert [each.change for each in linked.touched] == (
        in_place if path == "shop.py" else ["moved"]
    )
    assert checkout.wanted(linked) == []
    assert checkout.status(decision) == "reflected"
