"""Every error Bicameral raises on purpose, under one root.

    BicameralError
    ├── HomeUnusable            the data home cannot be made, read or written
    ├── HomeBusy                another process is at work on the captured rows
    ├── SaltUnusable            the salt file is not one we can trust
    ├── InputRefused            an argument cannot be accepted as it is
    │   ├── PathOutsideRepository
    │   ├── SelectorRefused     a selector does not name one thing
    │   │   ├── SelectorAmbiguous   it names more than one
    │   │   └── SelectorUnknown     it names nothing
    │   ├── DatasetRefused      a data set cannot be read as one
    │   └── PromotionRefused    something private is left in a row, or nobody vouched for it
    ├── ConfirmationMissing     something would be removed, and nobody said that they know
    ├── NotFound                an id is not in the ledger
    ├── TransitionRefused       the sign-off or verdict cannot move that way
    ├── IngestRefused           a document is too large, too many, or not readable
    ├── TooFewLabels            there is not enough to fit a gate to
    ├── DetectorMissing         the extra that finds secrets is not installed
    ├── ExporterMissing         the extra that writes Parquet is not installed
    ├── MetricsUnreadable       the cumulative metrics are damaged, or of a newer version
    ├── TransmissionRefused     a line may not leave the machine
    ├── UploadOff               an upload is not allowed, or not set up
    ├── EndpointRefused         the address of an upload, or its token, cannot be used
    ├── SpoolBusy               another command is at work on the spool
    ├── SpoolUnusable           the spool is not folders of its own
    ├── SettingsRefused         settings cannot be changed without harm
    ├── GitFailed               git is missing or refused the question
    │   └── NotARepository
    └── LedgerError             the ledger cannot answer
        ├── LedgerBusy          locked or slow beyond its time limit
        ├── LedgerCorrupt       the file is damaged; it is never overwritten
        └── LedgerTooNew        written by a newer version; it is never touched

Each carries a sentence (what happened) and a `next_step` (what to do about it).
"""


class BicameralError(Exception):
    """What happened, and what to do next."""

    code = "error"

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message}. Next: {self.next_step}."


class HomeUnusable(BicameralError):
    """The data home cannot be made, read or written."""

    code = "home_unusable"


class HomeBusy(BicameralError):
    """Another process is at work on the captured rows; nothing of them was changed."""

    code = "home_busy"


class SaltUnusable(BicameralError):
    """The salt file is not one we can trust, and must not be replaced silently."""

    code = "salt_unusable"


class InputRefused(BicameralError):
    """An argument cannot be accepted as it is."""

    code = "input_refused"


class PathOutsideRepository(InputRefused):
    """A path leaves the repository root, by its text or through a symbolic link."""

    code = "path_outside_repository"


class SelectorRefused(InputRefused):
    """A selector does not name one thing; raised as one of the two below.

    `matches` counts what it could mean. `capability` and `fallback_reason` say how far a
    language server could be asked, where the syntax alone could not tell.
    """

    def __init__(
        self,
        message: str,
        *,
        next_step: str,
        matches: int = 0,
        capability: str = "full",
        fallback_reason: str = "",
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.matches = matches
        self.capability = capability
        self.fallback_reason = fallback_reason


class SelectorAmbiguous(SelectorRefused):
    """A selector names more than one thing; the message lists them."""

    code = "selector_ambiguous"


class SelectorUnknown(SelectorRefused):
    """A selector names nothing; the message lists what is near."""

    code = "selector_unknown"


class DatasetRefused(InputRefused):
    """A data set cannot be read as one; the message names the line."""

    code = "dataset_refused"


class PromotionRefused(InputRefused):
    """Something private is left in a row, or nobody vouched for it; nothing was written."""

    code = "promotion_refused"


class TooFewLabels(BicameralError):
    """There are not enough labelled rows to fit a gate to; the message says how many."""

    code = "too_few_labels"


class DetectorMissing(BicameralError):
    """The extra that finds secrets is not installed; without it nothing is promoted."""

    code = "detector_missing"


class ExporterMissing(BicameralError):
    """The extra that writes Parquet is not installed; JSON and CSV need none."""

    code = "exporter_missing"


class MetricsUnreadable(BicameralError):
    """The cumulative metrics are damaged, or of a newer version; they are left as they are."""

    code = "metrics_unreadable"


class TransmissionRefused(BicameralError):
    """A line may not leave the machine; the message says why, and quotes nothing of it."""

    code = "transmission_refused"


class UploadOff(BicameralError):
    """An upload is not allowed, or not set up; the message names every gate that is closed."""

    code = "upload_off"


class EndpointRefused(BicameralError):
    """The address of an upload, or its token, cannot be used; neither is ever quoted."""

    code = "endpoint_refused"


class SpoolBusy(BicameralError):
    """Another command is at work on the spool."""

    code = "spool_busy"


class SpoolUnusable(BicameralError):
    """The spool is not folders of its own; it was left alone."""

    code = "spool_unusable"


class SettingsRefused(BicameralError):
    """Settings, a client's or ours, cannot be changed without harm to what is there."""

    code = "settings_refused"


class ConfirmationMissing(BicameralError):
    """Something would be removed for good, and nobody said that they know; nothing was."""

    code = "confirmation_missing"


class NotFound(BicameralError):
    """An id is not in the ledger."""

    code = "not_found"


class TransitionRefused(BicameralError):
    """A sign-off or verdict cannot move the way it was asked to."""

    code = "transition_refused"


class IngestRefused(BicameralError):
    """A document is too large, one of too many, or not readable."""

    code = "ingest_refused"


class GitFailed(BicameralError):
    """Git is missing, or refused the question."""

    code = "git_failed"


class NotARepository(GitFailed):
    """The place is not inside a git repository."""

    code = "not_a_repository"


class LedgerError(BicameralError):
    """The ledger cannot answer."""

    code = "ledger_unavailable"


class LedgerBusy(LedgerError):
    """The ledger is locked or slow beyond its time limit."""

    code = "ledger_busy"


class LedgerCorrupt(LedgerError):
    """The ledger's file is damaged; it is never overwritten."""

    code = "ledger_corrupt"


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer version; it is never touched."""

    code = "ledger_too_new"


def _codes(error: type[BicameralError]) -> set[str]:
    return {error.code}.union(*map(_codes, error.__subclasses__()))


ERROR_CODES: tuple[str, ...] = tuple(sorted(_codes(BicameralError)))
"""The code of every error above."""
