"""A working copy with a ledger behind it: what the tests of linking, binding and judging share.

Making a repository and a ledger takes longer than most of what is tested on them, so a module's
tests start from copies of one.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select

from bicameral.environment import Environment, read_environment
from bicameral.grounding.binding import Bound
from bicameral.grounding.linking import Linked
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.bindings import groundings_of
from bicameral.ledger.database import Ledger
from bicameral.ledger.decisions import add_decision
from bicameral.ledger.domain import (
    Actor,
    Content,
    Decision,
    Grounding,
    SignOff,
    Source,
    Status,
    VerdictKind,
    View,
)
from bicameral.ledger.schema import audit
from bicameral.ledger.status import decision_status
from bicameral.ledger.transaction import revision
from bicameral.ledger.verdicts import Verdict
from tests.conftest import GIT_VARIABLES, Clock, Repository

ACTOR = Actor(session_id="session-1", tool="test")
CHARGE = "def charge(amount):\n    return amount + 1\n"
CHARGE_REFORMATTED = 'def charge(amount):\n    """Charge it."""\n    return amount+1  # plus one\n'
CHARGE_CHANGED = "def charge(amount):\n    return amount + 2\n"


@dataclass(frozen=True)
class Template:
    """A repository and a ledger to start from; as made, with one commit and nothing written."""

    root: Path
    ledger: Path

    @classmethod
    def make(cls, folder: Path, files: Mapping[str, str]) -> "Template":
        repository = Repository(folder / "repository")
        repository.commit("first", **files)
        environment = replace(read_environment(), home=folder / "home", time_ns=Clock())
        checkout = Checkout(repository, environment)
        with checkout.ledger.writing(ACTOR):
            pass
        return cls.of(checkout)

    @classmethod
    def of(cls, checkout: "Checkout") -> "Template":
        """Take what a working copy and its ledger have come to; it is not used any more."""
        checkout.ledger.close()
        assert checkout.ledger.path is not None
        # Git's sample hooks are a third of what would be copied.
        shutil.rmtree(checkout.repository.root / ".git" / "hooks", ignore_errors=True)
        return cls(checkout.repository.root, checkout.ledger.path)

    def copy(self, folder: Path, environment: Environment) -> "Checkout":
        """Return a working copy of its own, in a folder that is not there yet."""
        shutil.copytree(self.root, folder, symlinks=True)
        environment.home.mkdir(mode=0o700)
        shutil.copy2(self.ledger, environment.home / self.ledger.name)
        return Checkout(at(folder), environment)


def at(root: Path) -> Repository:
    """Return the repository that is there already."""
    repository = Repository.__new__(Repository)
    repository.root = root
    return repository


class Checkout:
    """One working copy, as a server started in it sees the ledger."""

    def __init__(
        self,
        repository: Repository,
        environment: Environment,
        *,
        ledger: Ledger | None = None,
        start: Path | None = None,
    ) -> None:
        self.repository = repository
        self.environment = replace(environment, variables=GIT_VARIABLES, cwd=repository.root)
        self.ledger = ledger or Ledger(self.environment)
        self.workspace = Workspace(self.environment, self.ledger, start=start or repository.root)

    def beside(self, repository: Repository, *, start: Path | None = None) -> "Checkout":
        """Return another working copy with the same ledger."""
        return Checkout(repository, self.environment, ledger=self.ledger, start=start)

    def decide(
        self, title: str = "Charges add one", *, signoff: SignOff = "ratified", ref: str = ""
    ) -> Decision:
        """Put a decision into the ledger."""
        repository_id = self.workspace.ensure_id(ACTOR)
        with self.ledger.writing(ACTOR) as transaction:
            return add_decision(
                transaction,
                repository_id,
                Content(title=title),
                Source(type="adr", ref=ref or f"docs/adr/{title}.md", stated_signoff=signoff),
                signoff=signoff,
            )

    def bind(self, decision: Decision, selector: str = "pay.py::charge") -> Bound:
        return self.workspace.bind(ACTOR, decision.id, selector)

    def judge(
        self, decision: Decision, verdict: VerdictKind = "compliant", *, digest: str | None = None
    ) -> bool:
        """Judge the decision's only region, by the digest that the ledger shows."""
        [grounding] = self.groundings(decision)
        judged = self.workspace.judge(
            ACTOR,
            Verdict(
                decision_id=decision.id,
                region_id=grounding.region.id,
                digest=grounding.state.digest if digest is None else digest,
                kind=verdict,
            ),
        )
        return judged.is_recorded

    def judged(self, selector: str = "pay.py::charge", title: str = "Charges add one") -> Decision:
        """Return a decision that is bound, and whose code was judged compliant."""
        decision = self.decide(title)
        self.bind(decision, selector)
        self.judge(decision)
        return decision

    def link(self, spec: str = "HEAD") -> Linked:
        return self.workspace.link(ACTOR, spec)

    def groundings(self, decision: Decision, *, branch: str | None = None) -> list[Grounding]:
        """Return how a decision's regions stand, here or on a named branch ("" is main)."""
        with self.ledger.reading() as connection:
            view = self.workspace.view(connection)
            assert view is not None
            if branch is not None:
                view = View(view.repository_id, branch)
            return groundings_of(connection, view, [decision.id])[decision.id]

    def status(self, decision: Decision, *, branch: str | None = None) -> Status:
        return decision_status(self.groundings(decision, branch=branch))

    def wanted(self, linked: Linked) -> list[str]:
        return [each.decision.id for each in linked.touched if each.verdict_wanted]

    def written(self) -> tuple[int | None, int]:
        """Return the ledger's revision and the length of its audit: what any write would move."""
        with self.ledger.reading() as connection:
            return revision(connection), connection.scalar(select(func.count(audit.c.number))) or 0

    def actions(self, subject: str) -> list[str]:
        """Return what the audit says was done to a subject, oldest first."""
        with self.ledger.reading() as connection:
            query = select(audit.c.action).filter_by(subject=subject).order_by(audit.c.number)
            return list(connection.scalars(query))


def changes(linked: Linked) -> list[str]:
    """Return the kind of change of each region that a link reports."""
    return [each.change for each in linked.touched]
