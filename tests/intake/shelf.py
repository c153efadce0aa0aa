"""A repository with documents, and the ledger they are read into: what the ingest tests share."""

from collections.abc import Iterable
from dataclasses import replace

from bicameral.intake.direct import Given, draft_of
from bicameral.intake.draft import DecisionDraft, Reading
from bicameral.intake.ingest import Ingested, ingest
from bicameral.intake.reading import read_paths
from bicameral.intake.storing import Stored
from bicameral.ledger.decisions import amend_decision, get_decision, set_signoff, successors
from bicameral.ledger.domain import Decision, Question, SignOff
from bicameral.ledger.listing import list_decisions
from bicameral.ledger.questions import waiting_questions
from tests.grounding.checkout import ACTOR, Checkout


class Shelf(Checkout):
    """A working copy whose documents are read as a client would have them read."""

    def write_adr(
        self,
        name: str,
        title: str,
        *,
        status: str = "Accepted",
        decision: str = "",
        folder: str = "docs/adr",
        more: str = "",
    ) -> str:
        """Write a record; return its path."""
        path = f"{folder}/{name}.md"
        text = (
            f"# {title}\n\n## Status\n\n{status}\n\n## Context\n\nWe must choose.\n\n"
            f"## Decision\n\n{decision or f'We will {title.lower()}.'}\n{more}"
        )
        self.repository.write(path, text)
        return path

    def read(self, *patterns: str) -> Ingested:
        """Ingest what the patterns name, by default the folder of records."""
        return self.store(read_paths(self.repository.root, patterns or ["docs/adr"]))

    def give(self, *given: Given) -> Ingested:
        return self.store(Reading(tuple(map(draft_of, given))))

    def store(self, reading: Reading) -> Ingested:
        return ingest(
            self.ledger, self.workspace, ACTOR, reading, progress=lambda _step, _done, _total: None
        )

    def now(self, decision: Decision) -> Decision:
        with self.ledger.reading() as connection:
            return get_decision(connection, decision.id)

    def sign(self, decision: Decision, signoff: SignOff) -> None:
        with self.ledger.writing(ACTOR) as transaction:
            set_signoff(transaction, decision, signoff)

    def amend(self, decision: Decision, **changes: str) -> None:
        """Change what a decision says, as a person does."""
        with self.ledger.writing(ACTOR) as transaction:
            current = get_decision(transaction.connection, decision.id)
            content = replace(current.content, **changes)  # type: ignore[arg-type]
            amend_decision(transaction, current, content, current.source)

    def decisions(self) -> list[Decision]:
        """Return every decision of this repository, oldest first."""
        with self.ledger.reading() as connection:
            view = self.workspace.view(connection)
            if view is None:
                return []
            return list(list_decisions(connection, view.repository_id, limit=5_000).decisions)

    def successors_of(self, decision: Decision) -> list[str]:
        with self.ledger.reading() as connection:
            return successors(connection, [decision.id]).get(decision.id, [])

    def waiting(self) -> list[Question]:
        with self.ledger.reading() as connection:
            view = self.workspace.view(connection)
            return waiting_questions(connection, view.repository_id, most=100) if view else []

    def bound_places(self, decision: Decision) -> set[str]:
        """Return `path` or `path::symbol` of every region that a decision is bound to."""
        return {
            "::".join(filter(None, (each.region.path, each.region.selector)))
            for each in self.groundings(decision)
        }


def outcomes(done: Ingested) -> list[str]:
    return [each.outcome for each in done.stored]


def by_title(done: Ingested) -> dict[str, Decision]:
    return {each.decision.content.title: each.decision for each in done.stored}


def only(done: Ingested) -> Stored:
    [stored] = done.stored
    return stored


def drafts_of(titles: Iterable[str]) -> tuple[DecisionDraft, ...]:
    return tuple(draft_of(Given(title)) for title in titles)
