"""A repository with an author and a remote, a ledger with decisions, and a reviewed row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bicameral.capture.stamps import Stamps
from bicameral.environment import Environment
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.bindings import add_binding, ensure_region
from bicameral.ledger.database import Ledger, open_ledger
from bicameral.ledger.decisions import add_decision
from bicameral.ledger.domain import (
    MAIN,
    Actor,
    Content,
    Region,
    RegionState,
    SignOff,
    Source,
    VerdictKind,
    View,
)
from bicameral.ledger.states import set_state
from bicameral.ledger.transaction import Transaction
from bicameral.ledger.verdicts import Verdict, record_verdict
from bicameral.review.dataset import REAL_DATASET, EvalRow, SeedDecision
from bicameral.review.promotion.answers import Answers, read_answers
from bicameral.review.promotion.drafting import UNNAMED, Supplied
from bicameral.review.promotion.maintained_detector import load_detector
from bicameral.review.promotion.names import Known, NameFinder
from bicameral.review.promotion.promotion import Promoted, Promotion, begin
from bicameral.review.promotion.redaction import scan_draft
from bicameral.review.promotion.scanning import Scanner
from bicameral.review.rows import REVIEW_FILE, Label, LabelRow, ReviewRow
from bicameral.review.triage.labels import append_label
from bicameral.review.triage.queue import Suspect, find_suspect
from tests.conftest import Repository
from tests.review.triage.parts import a_row

ACTOR = Actor(session_id="arranging", tool="test")
TOPIC = "retry failed charges"
PATH = "src/payments.py"
NAMES = (
    Known("Zelda Quux", "person_name"),
    Known("zquux", "person_name"),
    Known("Blorptech", "organisation"),
    Known("Will Young", "person_name"),
)
SWEEP = read_answers(["all=replace", "name_or_word=replace"])
VERDICTS: tuple[VerdictKind, ...] = ("compliant", "drifted")
DETECTOR = load_detector()


def a_scanner(names: Iterable[Known] = NAMES) -> Scanner:
    return Scanner(DETECTOR, NameFinder(names), b"salt" * 8)


def a_draft(**fields: Any) -> EvalRow:
    """Return a draft in which nothing is private."""
    decision = {
        name.removeprefix("decision_"): fields.pop(name)
        for name in list(fields)
        if name.startswith("decision_")
    }
    values: dict[str, Any] = {
        "id": UNNAMED,
        "origin": "labelled",
        "category": "plain_hit",
        "topic": TOPIC,
        "file_paths": [PATH],
        "decisions": [a_seed(**decision)],
        "expected": ["d1"],
        "label": "real_miss",
    }
    return EvalRow(**(values | fields))


def a_seed(**fields: Any) -> SeedDecision:
    values: dict[str, Any] = {
        "key": "d1",
        "title": "Send an idempotency key with every charge",
        "paths": [PATH],
    }
    return SeedDecision(**(values | fields))


def a_promotion(draft: EvalRow, root: Path, scanner: Scanner | None = None) -> Promotion:
    """Return the promotion of a draft that no ledger is behind."""
    scanner = scanner or a_scanner()
    label = LabelRow(ts="", review_id="rev_1", action="label", who="zquux", label="real_miss")
    suspect = Suspect(a_row(1, repository_id=None), label=label)
    return Promotion(suspect, scan_draft(draft, scanner), scanner, root)


def write(
    promotion: Promotion,
    answers: Answers,
    environment: Environment,
    *,
    is_confirmed: bool = True,
    path: Path | None = None,
) -> Promoted:
    return promotion.write(
        answers,
        environment,
        path=path or promotion.root / REAL_DATASET,
        below=None if path else promotion.root,
        who="zquux",
        is_confirmed=is_confirmed,
    )


@dataclass
class Bench:
    """A team: its repository, its ledger, its reviewed rows."""

    repository: Repository
    environment: Environment
    ledger: Ledger = field(init=False)
    workspace: Workspace = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = open_ledger(self.environment)
        self.workspace = Workspace(self.environment, self.ledger, start=self.repository.root)

    @property
    def dataset(self) -> Path:
        return self.repository.root / REAL_DATASET

    def add(
        self,
        title: str = "Send an idempotency key with every charge",
        *,
        paths: Iterable[str] = (PATH,),
        signoff: SignOff = "ratified",
        has_drifted: bool = False,
        **content: Any,
    ) -> str:
        """Add a decision that is bound to some files; return its id."""
        repository_id = self.workspace.ensure_id(ACTOR)
        with self.ledger.writing(ACTOR) as transaction:
            source = Source(type="direct", ref=title)
            decision = add_decision(
                transaction, repository_id, Content(title=title, **content), source, signoff=signoff
            )
            for path in paths:
                region = ensure_region(transaction, repository_id, path, "file", "")
                set_state(transaction, region, _state("d1"))
                add_binding(transaction, decision.id, region, "explicit", MAIN)
                if has_drifted:
                    self._drift(transaction, decision.id, region)
        return decision.id

    @staticmethod
    def _drift(transaction: Transaction, decision_id: str, region: Region) -> None:
        view = View(region.repository_id)
        for kind in VERDICTS:
            verdict = Verdict(decision_id, region.id, "d1", kind)
            record_verdict(transaction, view, verdict, commit="c")

    def review(self, label: Label | None = "real_miss", **fields: Any) -> ReviewRow:
        """Write a reviewed row, in raw mode, with its label."""
        values = {
            "ts": Stamps().write(self.environment.time_ns()),
            "repository_id": self.workspace.ensure_id(ACTOR),
            "topic": TOPIC,
            "file_paths": [PATH],
            "missed_ids": [],
        }
        row = a_row(**(values | fields))
        self.environment.home.mkdir(mode=0o700, exist_ok=True)
        with (self.environment.home / REVIEW_FILE).open("ab") as file:
            file.write(msgspec.json.encode(row) + b"\n")
        if label is not None:
            append_label(self.environment, row.id, "label", who="zquux", label=label)
        return row

    def suspect(self, row: ReviewRow) -> Suspect:
        return find_suspect(self.environment.home, row.id)

    def begin(self, row: ReviewRow, **supplied: Any) -> Promotion:
        return begin(
            self.suspect(row),
            Supplied(**supplied),
            environment=self.environment,
            ledger=self.ledger,
            workspace=self.workspace,
            cwd=self.repository.root,
            who="zquux",
        )

    def promote(self, row: ReviewRow, *resolve: str, **supplied: Any) -> Promoted:
        promotion = self.begin(row, **supplied)
        return write(promotion, read_answers(resolve), self.environment)

    def rows(self) -> list[EvalRow]:
        return rows_of(self.dataset)


def rows_of(path: Path) -> list[EvalRow]:
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [msgspec.json.decode(line, type=EvalRow) for line in lines]


def with_place(draft: EvalRow, place: str, text: str) -> EvalRow:
    """Return a draft with a text at a place, whether or not it has one there."""
    name = place.rpartition(".")[2].removesuffix("[0]")
    value: Mapping[str, Any] = {name: [text] if name.endswith("paths") else text}
    if place.startswith("decisions"):
        seed = msgspec.structs.replace(draft.decisions[0], **value)
        return msgspec.structs.replace(draft, decisions=[seed])
    return msgspec.structs.replace(draft, **value)


def _state(digest: str) -> RegionState:
    return RegionState(
        branch=MAIN,
        commit="c",
        presence="present",
        start_line=1,
        end_line=2,
        digest=digest,
        raw_digest=digest,
    )
