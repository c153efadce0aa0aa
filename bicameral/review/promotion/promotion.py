"""One promotion: a draft, its findings, a person's answers and word, and then the row.

Nothing is written before every finding is answered, the checklist is confirmed and the
finished row is clean. The row comes first and the record of it second, so that a promotion
that was cut off between the two is completed by doing it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bicameral.capture.hashes import Hashes
from bicameral.capture.salt import read_salt
from bicameral.environment import Environment
from bicameral.errors import PromotionRefused
from bicameral.grounding.paths import PathGuard
from bicameral.grounding.repository import Repository
from bicameral.grounding.workspace import Workspace
from bicameral.ledger.database import Ledger
from bicameral.review.dataset import EvalRow
from bicameral.review.promotion.answers import (
    Answers,
    account_of,
    check_all,
    open_findings,
)
from bicameral.review.promotion.authorship import read_names
from bicameral.review.promotion.dataset_file import open_dataset
from bicameral.review.promotion.doubts import doubts_about
from bicameral.review.promotion.drafting import Supplied, draft_row
from bicameral.review.promotion.findings import Finding, in_context
from bicameral.review.promotion.maintained_detector import load_detector
from bicameral.review.promotion.names import Known, NameFinder
from bicameral.review.promotion.redaction import (
    Scanned,
    check_finished,
    redact,
    refusal,
    scan_draft,
    serialise,
)
from bicameral.review.promotion.scanning import Scanner
from bicameral.review.rows import LABELS_FILE, LabelRow
from bicameral.review.triage.labels import append_label
from bicameral.review.triage.queue import Suspect, fold, read_labels

CHECKLIST = (
    "I have read the row as it will be written.",
    "It holds no personal data.",
    "It holds no names of customers.",
    "Its texts may be shared in this repository.",
)


@dataclass(frozen=True, slots=True)
class Promoted:
    """A row that stands in a data set; `was_there` says that this promotion added nothing."""

    row: EvalRow
    path: Path
    was_there: bool


@dataclass(frozen=True, slots=True)
class Promotion:
    """A promotion under way; `answers` come from the person and are not part of it.

    `root` is the repository's top folder, `doubts` are sentences about what was supplied.
    """

    suspect: Suspect
    scanned: Scanned
    scanner: Scanner
    root: Path
    doubts: tuple[str, ...] = ()
    checklist: tuple[str, ...] = CHECKLIST

    def context_of(self, finding: Finding) -> tuple[str, str, str]:
        """Return the words before a finding, the finding as it may be shown, the words after."""
        text = self.scanned.text_of(finding)
        return in_context(finding, text, self.scanned.beside(finding))

    def preview(self, answers: Answers) -> EvalRow:
        """Return the row with what is proposed where nothing is answered; it may not be clean."""
        check_all(answers, self.scanned.findings)
        return redact(self.scanned, answers)

    def check(self, answers: Answers) -> None:
        """Check all answers; raises `PromotionRefused` and names what is not answered."""
        check_all(answers, self.scanned.findings)
        left = open_findings(answers, self.scanned.findings)
        if left:
            raise refusal("nobody has answered", left)

    def finish(self, answers: Answers) -> tuple[EvalRow, bytes]:
        """Return the finished row and its bytes; raises `PromotionRefused` unless it is clean."""
        self.check(answers)
        row = redact(self.scanned, answers)
        line = serialise(row)
        check_finished(line, self.scanned, answers, self.scanner)
        return row, line

    def write(
        self,
        answers: Answers,
        environment: Environment,
        *,
        path: Path,
        below: Path | None,
        who: str,
        is_confirmed: bool,
    ) -> Promoted:
        """Append the row and record it; what stands there already is not added again.

        Raises `PromotionRefused`, `DatasetRefused` for a file that is no data set, `OSError`.
        """
        row, line = self.finish(answers)
        if not is_confirmed:
            raise _unconfirmed()
        with open_dataset(path, below=below) as dataset:
            was_there = row.id in dataset.rows
            # Read under the lock, so that two who promote one row at once agree.
            earlier = promotion_of(self.suspect, environment)
            if not was_there and earlier is not None and earlier.eval_row_id in dataset.rows:
                raise _promoted_before(self.suspect, str(earlier.eval_row_id), path)
            if not was_there:
                dataset.append(line)
            if earlier is None or earlier.eval_row_id != row.id:
                note = account_of(answers, self.scanned.findings)
                append_label(
                    environment,
                    self.suspect.row.id,
                    "promote",
                    who=who,
                    note=note,
                    eval_row_id=row.id,
                )
        return Promoted(row, path, was_there)


def begin(
    suspect: Suspect,
    supplied: Supplied,
    *,
    environment: Environment,
    ledger: Ledger,
    workspace: Workspace,
    cwd: Path,
    who: str,
) -> Promotion:
    """Draft the row of a suspect and scan it; nothing is written.

    Raises `PromotionRefused` where the row cannot be promoted, `DetectorMissing` without the
    extra, `NotFound` for unknown decisions, `NotARepository` outside of one.
    """
    detector = load_detector()
    repository = workspace.repository
    supplied = with_relative_paths(supplied, repository, cwd)
    with ledger.reading() as connection:
        view = workspace.view(connection)
        if view is None or suspect.row.repository_id not in {None, view.repository_id}:
            raise _elsewhere(suspect)
        draft = draft_row(connection, view, suspect, supplied)
    names = [*read_names(repository, environment), Known(who, "person_name")]
    salt = read_salt(environment.home, environment.random_bytes)
    scanner = Scanner(detector, NameFinder(names), salt)
    doubts = tuple(doubts_about(suspect.row, supplied, Hashes(salt)))
    return Promotion(suspect, scan_draft(draft, scanner), scanner, repository.root, doubts)


def promotion_of(suspect: Suspect, environment: Environment) -> LabelRow | None:
    """Return the last promotion of a row as the labels have it now."""
    said, _ = read_labels(environment.home / LABELS_FILE)
    return fold(suspect.row, said.get(suspect.row.id, ())).promoted


def with_relative_paths(supplied: Supplied, repository: Repository, cwd: Path) -> Supplied:
    """Return what was supplied with its paths as the preflight would have them.

    Raises `PathOutsideRepository` for one that leads out.
    """
    if supplied.paths is None:
        return supplied
    guard = PathGuard(repository.root, cwd)
    paths: Sequence[str] = [guard.normalise(path) for path in supplied.paths if path.strip()]
    return Supplied(
        topic=supplied.topic,
        paths=list(dict.fromkeys(paths)),
        expect=supplied.expect,
        category=supplied.category,
        note=supplied.note,
    )


def _elsewhere(suspect: Suspect) -> PromotionRefused:
    return PromotionRefused(
        f"the row {suspect.row.id} comes from another repository, whose names are not known here",
        next_step="run the command in that repository, or name it with --repo",
    )


def _unconfirmed() -> PromotionRefused:
    return PromotionRefused(
        "nobody has confirmed the checklist",
        next_step="read the row with --dry-run, and then add --confirm: " + " ".join(CHECKLIST),
    )


def _promoted_before(suspect: Suspect, eval_row_id: str, path: Path) -> PromotionRefused:
    return PromotionRefused(
        f"the row {suspect.row.id} stands in {path} already, as {eval_row_id}",
        next_step="remove that line first to promote it in other words",
    )
