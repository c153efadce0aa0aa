"""Which repository is meant: an identity that survives clones, worktrees and moves.

A repository is known by keys (its root commit, its remote); any shared key means the same
repository, and keys seen together are remembered together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from bicameral.ledger.domain import View
from bicameral.ledger.prepared import Prepared
from bicameral.ledger.schema import cursors, repositories, repository_keys
from bicameral.ledger.transaction import Transaction

_BY_KEYS = Prepared(
    select(repository_keys.c.key, repository_keys.c.repository_id).where(
        repository_keys.c.key.in_(bindparam("keys", expanding=True))
    )
)
_CURSOR = Prepared(
    select(cursors.c.commit, cursors.c.base).where(
        cursors.c.repository_id == bindparam("repository"),
        cursors.c.branch == bindparam("branch_name"),
    )
)


def find_repository(connection: Connection, keys: Sequence[str]) -> str | None:
    """Return the repository that the first known of `keys` belongs to, or None."""
    known = dict(map(tuple, _BY_KEYS.rows(connection, {"keys": keys})))
    return next((known[key] for key in keys if key in known), None)


def ensure_repository(transaction: Transaction, keys: Sequence[str]) -> str:
    """Return the repository of `keys`, made if new; learn the keys it did not have."""
    connection = transaction.connection
    found = find_repository(connection, keys)
    repository_id = found or transaction.new_id("rep")
    if found is None:
        connection.execute(insert(repositories).values(id=repository_id, created_at=transaction.at))
        transaction.record("repository_added", repository_id)
    taken = connection.scalars(
        select(repository_keys.c.key).where(repository_keys.c.key.in_(keys))
    ).all()
    fresh = [key for key in dict.fromkeys(keys) if key not in taken]
    if fresh:
        rows = [{"key": key, "repository_id": repository_id} for key in fresh]
        connection.execute(insert(repository_keys), rows)
        # Whoever comes by such a key alone was shown nothing until now.
        transaction.record("repository_known_as", repository_id, after={"keys": fresh})
    return repository_id


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a branch has been brought in.

    `base` is, for an unmerged branch, the main branch's commit it was compared with.
    """

    commit: str
    base: str = ""


def cursor_of(connection: Connection, view: View) -> Cursor | None:
    """Return how far a branch has been brought in; None if never."""
    place = {"repository": view.repository_id, "branch_name": view.branch}
    rows = _CURSOR.rows(connection, place)
    return Cursor(rows[0].commit, rows[0].base) if rows else None


def move_cursor(transaction: Transaction, view: View, cursor: Cursor) -> None:
    """Remember how far a branch was brought in; shows nothing, so no new revision."""
    connection = transaction.connection
    place = {"repository_id": view.repository_id, "branch": view.branch}
    values = {"commit": cursor.commit, "base": cursor.base, "linked_at": transaction.at}
    if cursor_of(connection, view) is None:
        connection.execute(insert(cursors).values(**place, **values))
    else:
        connection.execute(update(cursors).filter_by(**place).values(**values))
