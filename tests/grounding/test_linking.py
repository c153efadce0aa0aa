"""What a commit does to bound code, on the main branch: kinds of change, verdicts, the budget."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bicameral.errors import GitFailed, InputRefused, NotARepository
from bicameral.grounding.workspace import CATCH_UP_BUDGET_SECONDS, Workspace
from bicameral.ledger.bindings import add_binding
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import set_signoff
from bicameral.ledger.domain import MAIN, REMOVED, SignOff
from tests.conftest import GIT_VARIABLES, Clock, MakeEnvironment, Repository
from tests.grounding.checkout import (
    ACTOR,
    CHARGE,
    CHARGE_CHANGED,
    CHARGE_REFORMATTED,
    Checkout,
    Template,
    changes,
)

REFUND = "def refund(amount):\n    return amount - 1\n"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A repository with `charge` in pay.py, as the first commit."""
    return Template.make(
        tmp_path_factory.mktemp("template"), {"pay.py": CHARGE, "other.py": REFUND}
    )


@pytest.fixture
def checkout(template: Template, tmp_path: Path, make_environment: MakeEnvironment) -> Checkout:
    return template.copy(tmp_path / "shop", make_environment())


def test_a_cosmetic_commit_keeps_verdict_and_status(checkout: Checkout) -> None:
    """Formatting and remarks are not worth anybody's judgement."""
    decision = checkout.judged()
    checkout.repository.commit("reformat", **{"pay.py": CHARGE_REFORMATTED})

    linked = checkout.link()

    assert changes(linked) == ["cosmetic"]
    assert checkout.wanted(linked) == []
    assert checkout.status(decision) == "reflected"
    [grounding] = checkout.groundings(decision)
    assert (grounding.state.start_line, grounding.state.end_line) == (1, 3)


def test_a_semantic_commit_makes_it_pending_and_wants_a_verdict(checkout: Checkout) -> None:
    """What the code means now is what nobody has judged."""
    decision = checkout.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})

    linked = checkout.link()

    assert changes(linked) == ["changed"]
    assert checkout.wanted(linked) == [decision.id]
    assert checkout.status(decision) == "pending"


def test_code_that_only_moved_in_its_file_keeps_its_verdict(checkout: Checkout) -> None:
    """Lines above it are not part of it; the ledger learns its new lines."""
    decision = checkout.judged()
    checkout.repository.commit("above", **{"pay.py": "import os\n\n\n" + CHARGE})

    linked = checkout.link()

    assert (changes(linked), linked.regions_unchanged) == ([], 1)
    assert checkout.status(decision) == "reflected"
    assert checkout.groundings(decision)[0].state.start_line == 4


@pytest.mark.parametrize("selector", ["pay.py::charge", "pay.py", "pay.py:1-2"])
def test_removed_code_wants_a_verdict_and_comes_back_with_its_old_one(
    checkout: Checkout, selector: str
) -> None:
    """A deletion may break a decision or fulfil it; undone, nothing has happened."""
    decision = checkout.judged(selector)
    (checkout.repository.root / "pay.py").unlink()
    checkout.repository.commit("delete")

    linked = checkout.link()

    assert changes(linked) == ["removed"]
    assert checkout.wanted(linked) == [decision.id]
    assert checkout.status(decision) == "pending"
    [grounding] = checkout.groundings(decision)
    assert (grounding.state.presence, grounding.state.digest) == ("removed", REMOVED)
    checkout.repository.commit("restore", **{"pay.py": CHARGE})
    restored = checkout.link()
    assert (changes(restored), checkout.wanted(restored)) == (["changed"], [])
    assert checkout.status(decision) == "reflected"
    assert checkout.groundings(decision)[0].state.presence == "present"


def test_a_removed_symbol_in_a_file_that_stays_is_removed(checkout: Checkout) -> None:
    """The file is not the region."""
    decision = checkout.judged()
    checkout.repository.commit("drop", **{"pay.py": "import os\n"})

    assert changes(checkout.link()) == ["removed"]
    checkout.repository.commit("more", **{"pay.py": "import os\nimport sys\n"})
    linked = checkout.link()

    assert changes(linked) == ["unchanged"], "it was gone before; only its verdict is still wanted"
    assert checkout.wanted(linked) == [decision.id]


def test_a_removal_can_be_judged(checkout: Checkout) -> None:
    """Where a decision says that something goes, its absence is what complies."""
    decision = checkout.judged()
    (checkout.repository.root / "pay.py").unlink()
    checkout.repository.commit("delete")
    checkout.link()

    assert checkout.judge(decision, digest=REMOVED)

    assert checkout.status(decision) == "reflected"
    assert checkout.wanted(checkout.link()) == []


def test_a_renamed_file_takes_its_verdicts_along(checkout: Checkout) -> None:
    """The code is the one that was judged, whatever its file is called."""
    decision = checkout.judged()
    checkout.repository.git("mv", "pay.py", "payments.py")
    checkout.repository.commit("rename")

    linked = checkout.link()

    assert [(each.grounding.region.path, each.change) for each in linked.touched] == [
        ("payments.py", "moved")
    ]
    assert checkout.wanted(linked) == []
    assert checkout.status(decision) == "reflected"


def test_renamed_back_it_has_its_verdict_again(checkout: Checkout) -> None:
    """Going back is no change, whatever was linked in between."""
    decision = checkout.judged()
    for old, new in (("pay.py", "payments.py"), ("payments.py", "pay.py")):
        checkout.repository.git("mv", old, new)
        checkout.repository.commit("rename")
        checkout.link()

    assert checkout.status(decision) == "reflected"


def test_a_revert_brings_the_verdict_back(checkout: Checkout) -> None:
    """A verdict belongs to the code it judged, not to the commit."""
    decision = checkout.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.link()
    checkout.repository.git("revert", "--no-edit", "HEAD")

    linked = checkout.link()

    assert (changes(linked), checkout.wanted(linked)) == (["changed"], [])
    assert checkout.status(decision) == "reflected"


def test_linking_twice_changes_nothing(checkout: Checkout) -> None:
    """Agents repeat themselves; neither the revision nor the audit may notice."""
    decision = checkout.judged()
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    first = checkout.link()
    before = checkout.written()

    second = checkout.link()

    assert checkout.written() == before
    assert (first.was_linked, second.was_linked) == (False, True)
    assert (second.commit, second.branch, second.files_changed) == (first.commit, MAIN, 1)
    assert changes(second) == ["changed"], "since it was judged"
    assert checkout.wanted(second) == [decision.id], "what is still to be judged stays listed"


def test_a_commit_that_touches_nothing_bound_writes_no_history(checkout: Checkout) -> None:
    """Most commits concern no decision."""
    checkout.judged()
    before = checkout.written()
    checkout.repository.commit("other", **{"other.py": "x = 1\n"})

    linked = checkout.link()

    assert (linked.touched, linked.files_changed, linked.regions_unchanged) == ([], 1, 0)
    assert checkout.written() == before


def test_only_changed_files_are_read(checkout: Checkout) -> None:
    """The cost follows the commit, not the ledger: what did not change need not even be there."""
    here, there = checkout.judged(), checkout.judged("other.py::refund", "Refunds take one")
    untouched = checkout.repository.git("rev-parse", "HEAD:other.py")
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    (checkout.repository.root / "other.py").write_bytes(b"def refund(:\n broken")
    _delete_object(checkout.repository, untouched)

    checkout.link()

    assert checkout.status(here) == "pending"
    assert checkout.status(there) == "reflected"


def test_a_range_brings_in_all_its_commits(checkout: Checkout) -> None:
    """A pull request is linked as one."""
    both = [checkout.judged(), checkout.judged("other.py::refund", "Refunds take one")]
    checkout.repository.commit("one", **{"pay.py": CHARGE_CHANGED})
    checkout.repository.commit("two", **{"other.py": REFUND.replace("1", "2")})
    checkout.repository.commit("three", **{"new.py": "x = 1\n"})

    linked = checkout.link("HEAD~3..HEAD")

    assert linked.files_changed == 3
    assert sorted(checkout.wanted(linked)) == sorted(each.id for each in both)


def test_what_wants_a_verdict_comes_first(checkout: Checkout) -> None:
    """Answers are cut to a limit; what is left out should matter least."""
    calm = checkout.judged("other.py::refund", "Refunds take one")
    open_one = checkout.judged()
    cosmetic = f"# refunds\n{REFUND.replace(' - ', '-')}"
    checkout.repository.commit("both", **{"pay.py": CHARGE_CHANGED, "other.py": cosmetic})

    linked = checkout.link()

    assert [each.decision.id for each in linked.touched] == [open_one.id, calm.id]
    assert changes(linked) == ["changed", "cosmetic"]


def test_the_root_commit_can_be_linked(checkout: Checkout) -> None:
    """It has no parent; everything in it is new."""
    decision = checkout.decide()
    checkout.bind(decision)

    linked = checkout.link()

    assert linked.files_changed == 2
    assert checkout.wanted(linked) == [decision.id]


def test_a_merge_brings_in_what_it_merged(checkout: Checkout) -> None:
    """Compared with its first parent: what the main branch got by it."""
    decision = checkout.judged()
    checkout.repository.git("switch", "--quiet", "--create", "side")
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    checkout.repository.git("switch", "--quiet", "main")
    checkout.repository.commit("meanwhile", **{"other.py": "x = 1\n"})
    checkout.repository.git("merge", "--quiet", "--no-edit", "side")

    linked = checkout.link()

    assert changes(linked) == ["changed"]
    assert linked.files_changed == 1
    assert checkout.status(decision) == "pending"


def test_names_that_are_not_utf8_hinder_nothing(checkout: Checkout) -> None:
    """They can be bound to nothing, and are no reason to fail."""
    decision = checkout.judged()
    odd = checkout.repository.root / b"gr\xf6\xdfe.py".decode("utf-8", "surrogateescape")
    odd.write_text("x = 1\n", encoding="utf-8")
    checkout.repository.commit("odd", **{"pay.py": CHARGE_CHANGED, "größe.py": "x = 1\n"})

    linked = checkout.link()

    assert linked.files_changed == 3
    assert checkout.wanted(linked) == [decision.id]
    with pytest.raises(InputRefused):
        checkout.bind(decision, odd.name)
    assert checkout.bind(decision, "größe.py").is_new


def test_a_submodule_that_moves_on_is_no_removal(
    checkout: Checkout, make_repository: Callable[[], Repository]
) -> None:
    """The superproject has one entry for it, which is no file."""
    inner = make_repository()
    inner.commit("inner", **{"lib.py": "x = 1\n"})
    outer = checkout.repository
    outer.git(
        *("-c", "protocol.file.allow=always", "submodule", "--quiet", "add"),
        *(str(inner.root), "lib"),
    )
    outer.commit("submodule")
    decision = checkout.judged()
    Repository(outer.root / "lib").commit("on", **{"lib.py": "x = 2\n"})
    outer.commit("pointer")

    linked = checkout.link()

    assert (linked.files_changed, linked.touched) == (1, [])
    assert checkout.status(decision) == "reflected"


@pytest.mark.parametrize("signoff", ["rejected", "superseded"])
def test_decisions_that_no_longer_stand_want_no_verdict(
    checkout: Checkout, signoff: SignOff
) -> None:
    """Nobody has to keep code in line with what was given up."""
    decision = checkout.judged()
    with checkout.ledger.writing(ACTOR) as transaction:
        set_signoff(transaction, decision, signoff)
    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})

    linked = checkout.link()

    assert (changes(linked), checkout.wanted(linked)) == (["changed"], [])


def test_an_inferred_binding_wants_no_verdict_until_one_was_given(checkout: Checkout) -> None:
    """That a text names a file is no claim; a verdict makes it one."""
    explicit = checkout.decide("Explicit")
    region = checkout.bind(explicit).region
    inferred = checkout.decide("Inferred")
    with checkout.ledger.writing(ACTOR) as transaction:
        add_binding(transaction, inferred.id, region, "inferred", MAIN)

    checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
    assert checkout.wanted(checkout.link()) == [explicit.id]

    checkout.judge(inferred)
    checkout.repository.commit("change", **{"pay.py": CHARGE})
    assert set(checkout.wanted(checkout.link())) == {explicit.id, inferred.id}


def test_an_empty_repository_links_nothing(
    repository: Repository, make_environment: MakeEnvironment
) -> None:
    """There is nothing to compare, and nothing wrong either."""
    checkout = Checkout(repository, make_environment())
    checkout.decide()

    assert checkout.workspace.catch_up(ACTOR).behind == ""

    with pytest.raises(InputRefused, match="nothing is committed yet"):
        checkout.link()


def test_what_was_decided_before_the_first_commit_is_still_there_after_it(
    repository: Repository, make_environment: MakeEnvironment
) -> None:
    """A first commit gives a repository a better name, not another identity."""
    checkout = Checkout(repository, make_environment())
    decision = checkout.decide()
    repository.write("pay.py", CHARGE)
    checkout.bind(decision)
    repository.commit("first")

    linked = checkout.link()

    assert checkout.wanted(linked) == [decision.id]
    later = checkout.beside(repository)
    assert later.decide("Later").repository_id == decision.repository_id


def test_the_first_cursor_does_not_skip_what_was_bound_before_any_commit(
    repository: Repository, make_environment: MakeEnvironment
) -> None:
    """Whatever was bound earlier has not been looked at since."""
    repository.write("pay.py", CHARGE)
    checkout = Checkout(repository, make_environment())
    decision = checkout.judged()
    repository.commit("first", **{"pay.py": CHARGE_CHANGED, "other.py": REFUND})
    checkout.bind(checkout.decide("Refunds take one"), "other.py::refund")

    checkout.link()

    assert checkout.status(decision) == "pending"


def test_outside_a_repository_it_says_what_to_do(
    tmp_path: Path, make_environment: MakeEnvironment
) -> None:
    """The commonest mistake at the start."""
    environment = make_environment(variables={"PATH": "/usr/bin:/bin"})
    workspace = Workspace(environment, Ledger(environment), start=tmp_path)

    for ask in (workspace.catch_up, lambda actor: workspace.link(actor, "HEAD")):
        with pytest.raises(NotARepository) as refused:
            ask(ACTOR)
        assert "git init" in refused.value.next_step


def test_an_unknown_commit_is_refused_and_nothing_written(checkout: Checkout) -> None:
    """A typing error must not move anything."""
    checkout.judged()
    before = checkout.written()

    for spec in ("no-such-branch", "--all", "HEAD...main"):
        with pytest.raises(InputRefused):
            checkout.link(spec)

    assert checkout.written() == before


class TestBudget:
    """Catching up before a preflight has little time, and says so when it was not enough."""

    @pytest.fixture
    def ticking(self) -> Clock:
        return Clock()

    def test_out_of_time_says_behind_and_writes_nothing(
        self, checkout: Checkout, ticking: Clock
    ) -> None:
        """Half of a commit in the ledger would be worse than none."""
        decision = checkout.judged()
        checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
        before = checkout.written()
        slow = _with_slow_clock(checkout, ticking, seconds=CATCH_UP_BUDGET_SECONDS * 1.1)

        assert "link_commit" in slow.catch_up(ACTOR).behind

        assert checkout.written() == before
        assert checkout.wanted(checkout.link()) == [decision.id], "the next link completes it"
        assert slow.catch_up(ACTOR).behind == ""

    def test_out_of_time_in_the_middle_writes_nothing_either(
        self, checkout: Checkout, ticking: Clock
    ) -> None:
        """The regions before the end of time are not half of the truth."""
        for number in range(5):
            checkout.judged(title=f"Decision {number}")
            checkout.judged(f"pay.py:1-{number % 2 + 1}", title=f"Lines {number}")
        checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
        before = checkout.written()
        slow = _with_slow_clock(checkout, ticking, seconds=CATCH_UP_BUDGET_SECONDS / 2.5)

        assert "link_commit" in slow.catch_up(ACTOR).behind

        assert checkout.written() == before

    def test_in_time_the_ledger_is_brought_up(self, checkout: Checkout) -> None:
        """The usual case: a preflight right after a commit knows of it."""
        decision = checkout.judged()
        checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})

        assert checkout.workspace.catch_up(ACTOR).behind == ""

        assert checkout.status(decision) == "pending"
        assert checkout.link().was_linked

    def test_git_that_fails_is_said_and_not_raised(self, checkout: Checkout) -> None:
        """A preflight with the ledger as it was is better than none, if it says so."""
        checkout.judged()
        commit = checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
        tree = checkout.repository.git("rev-parse", f"{commit}^{{tree}}")
        _delete_object(checkout.repository, tree)

        behind = checkout.workspace.catch_up(ACTOR).behind

        assert behind.startswith("git could not answer")

    def test_a_repository_the_ledger_does_not_know_costs_nothing(
        self, checkout: Checkout, make_environment: MakeEnvironment, tmp_path: Path
    ) -> None:
        """Quiet where nobody uses it: not even a file is made."""
        new = Checkout(checkout.repository, make_environment(home=tmp_path / "new"))

        assert new.workspace.catch_up(ACTOR).behind == ""

        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("branch", ["main", "feature"])
    def test_while_nothing_moves_no_process_is_started(
        self, checkout: Checkout, branch: str
    ) -> None:
        """Every preflight catches up first, and has a few milliseconds for everything."""
        checkout.judged()
        checkout.repository.git("switch", "--quiet", "--force-create", branch)
        environment = replace(checkout.environment, variables=(variables := dict(GIT_VARIABLES)))
        workspace = Workspace(environment, checkout.ledger, start=checkout.repository.root)
        workspace.catch_up(ACTOR)
        variables["PATH"] = "/nowhere"  # git can no longer be found

        assert workspace.catch_up(ACTOR).behind == ""

        checkout.repository.commit("change", **{"pay.py": CHARGE_CHANGED})
        with pytest.raises(GitFailed):
            workspace.catch_up(ACTOR)


def _with_slow_clock(checkout: Checkout, clock: Clock, *, seconds: float) -> Workspace:
    """Return a workspace whose clock moves on at every look."""

    def tick() -> int:
        clock.advance(seconds=seconds)
        return clock()

    environment = replace(checkout.environment, monotonic_ns=tick)
    return Workspace(environment, checkout.ledger, start=checkout.repository.root)


def _delete_object(repository: Repository, name: str) -> None:
    (repository.root / ".git" / "objects" / name[:2] / name[2:]).unlink()
