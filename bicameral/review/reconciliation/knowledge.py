"""What the ledger knew: asked in batches, about the decisions that matter, once in a run.

The ledger is opened at the first question, and so are its libraries: most runs have none.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from bicameral.capture.hashes import Hashes
from bicameral.capture.salt import has_salt, read_salt
from bicameral.environment import Environment
from bicameral.errors import LedgerError
from bicameral.ledger.timeline import Timeline
from bicameral.review.reconciliation.evidence import Bound, Hash, Knowledge

if TYPE_CHECKING:
    from bicameral.ledger.database import Ledger

MOST_TIMELINES = 20_000
NO_SALT = (
    "the salt is gone, so paths cannot be compared with the ledger's: edits and bindings "
    "say nothing in this run"
)


class Past:
    """Answers what the ledger knew; `notes` say what could not be known.

    `ledger` may be what opens it, which is called at the first question. Every method raises
    `LedgerError`, and `SaltUnusable` where a salt is there that is none.
    """

    def __init__(self, environment: Environment, ledger: "Ledger | Callable[[], Ledger]") -> None:
        self.notes: list[str] = []
        self._environment = environment
        self._given = ledger
        self._ledger: Ledger | None = None
        self._paths: dict[str | None, Mapping[Hash, str]] = {}
        self._bound: dict[str | None, dict[Hash, tuple[str, ...]]] = {}
        self._timelines: dict[str, Timeline | None] = {}
        self._hashes: Hashes | None = None
        self._has_salt: bool | None = None

    def bound(self, repository_id: str | None, edited: Iterable[Hash]) -> Bound:
        """Return the decisions that are or were bound to these paths of a repository.

        A repository that the rows do not name is the only one of the ledger.
        """
        paths = self._paths_of(repository_id)
        known = self._bound.setdefault(repository_id, {})
        hashed = [each for each in edited if each in paths]
        missing = [each for each in hashed if each not in known]
        if missing:
            known.update(self._read_bound(repository_id, {each: paths[each] for each in missing}))
        return {each: known[each] for each in hashed}

    def ask(self, decision_ids: Iterable[str]) -> Knowledge:
        """Return what is known of these decisions; those that the ledger lacks are left out."""
        ids = set(decision_ids)
        self._read_timelines(ids)
        known = {each: timeline for each in ids if (timeline := self._timelines[each])}
        hashes = self._salted()
        return Knowledge(known, hashes.hash_path if hashes else None)

    def close(self) -> None:
        """Let go of the ledger, if it was opened here."""
        if self._ledger is not None and self._ledger is not self._given:
            self._ledger.close()

    def _paths_of(self, repository_id: str | None) -> Mapping[Hash, str]:
        if repository_id not in self._paths:
            self._paths[repository_id] = self._read_paths(repository_id)
        return self._paths[repository_id]

    def _read_paths(self, repository_id: str | None) -> dict[Hash, str]:
        """Return every path of a repository that was ever bound, by its hash."""
        from bicameral.ledger.bindings import bound_paths  # noqa: PLC0415 - start-up time
        from bicameral.ledger.domain import View  # noqa: PLC0415
        from bicameral.ledger.past import only_repository  # noqa: PLC0415

        hashes = self._salted()
        if hashes is None or (repository_id is None and _is_absent(self._found())):
            return {}
        with self._opened().reading() as connection:
            found = repository_id or only_repository(connection)
            paths = bound_paths(connection, View(found)) if found else ()
        return {hashes.hash_path(path): path for path in paths}

    def _read_bound(
        self, repository_id: str | None, paths: Mapping[Hash, str]
    ) -> dict[Hash, tuple[str, ...]]:
        from bicameral.ledger.past import ever_bound, only_repository  # noqa: PLC0415

        with self._opened().reading() as connection:
            found = repository_id or only_repository(connection) or ""
            bound = ever_bound(connection, found, paths.values())
        return {hashed: bound.get(path, ()) for hashed, path in paths.items()}

    def _read_timelines(self, decision_ids: Iterable[str]) -> None:
        from bicameral.ledger.past import timelines  # noqa: PLC0415

        ids = set(decision_ids)
        if len(self._timelines) > MOST_TIMELINES:
            self._timelines.clear()
        missing = sorted(each for each in ids if each not in self._timelines)
        if missing:
            with self._opened().reading() as connection:
                found = timelines(connection, missing)
            self._timelines.update((each, found.get(each)) for each in missing)

    def _opened(self) -> "Ledger":
        ledger = self._found()
        # It was there when these rows were written: reading an empty one in its place
        # would call every one of them normal, once and for all.
        if _is_absent(ledger):
            raise LedgerError(
                "the ledger that the captured rows speak of is not there",
                next_step="put it back, or set BICAMERAL_LEDGER_URL as the server has it; "
                "nothing is lost meanwhile",
            )
        return ledger

    def _found(self) -> "Ledger":
        if self._ledger is None:
            self._ledger = self._given() if callable(self._given) else self._given
        return self._ledger

    def _salted(self) -> Hashes | None:
        """Return the hashes of this install; None where its salt is gone."""
        if self._has_salt is None:
            self._has_salt = has_salt(self._environment.home)
            if self._has_salt:
                environment = self._environment
                self._hashes = Hashes(read_salt(environment.home, environment.random_bytes))
            else:
                self.notes.append(NO_SALT)
        return self._hashes


def _is_absent(ledger: "Ledger") -> bool:
    return ledger.path is not None and not ledger.path.exists()
