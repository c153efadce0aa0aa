"""Which repository is meant: an identity that survives clones, worktrees and moves.

A repository is known by keys (its root commit, its remote); any shared key means the same
repository, and keys seen together are remembered together.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from bicameral.ledger.domain import MAIN, View
from bicameral.ledger.schema import cursors, repositories, repository_keys
from bicameral.ledger.transaction import Transaction


def find_repository(connection: Connection, keys: Sequence[str]) -> str | None:
    """Return the repository that the first known of `keys` belongs to, or None."""
    known = dict(
        connection.execute(
            select(repository_keys.c.key, repository_keys.c.repository_id).where(
                repository_keys.c.key.in_(keys)
            )
        )
        .tuples()
        .all()
    )
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
    fresh = [{"key": key, "repository_id": repository_id} for key in keys if key not in taken]
    if fresh:
        connection.execute(insert(repository_keys), fresh)
    return repository_id


def linked_commit(connection: Connection, view: View) -> str | None:
    """Return the commit up to which a branch has been brought in; None if never."""
    return connection.scalar(
        select(cursors.c.commit).filter_by(repository_id=view.repository_id, branch=view.branch)
    )


def last_linked_commit(connection: Connection, view: View) -> str | None:
    """Return the branch's own cursor, else the main branch's."""
    own = linked_commit(connection, view)
    return own or linked_commit(connection, View(view.repository_id, MAIN))


def move_cursor(transaction: Transaction, view: View, commit: str) -> None:
    """Remember the commit a branch was brought up to; shows nothing, so no new revision."""
    connection = transaction.connection
    place = {"repository_id": view.repository_id, "branch": view.branch}
    values = {"commit": commit, "linked_at": transaction.at}
    if linked_commit(connection, view) is None:
        connection.execute(insert(cursors).values(**place, **values))
    else:
        connection.execute(update(cursors).filter_by(**place).values(**values))


def forget_cursor(transaction: Transaction, view: View) -> None:
    """Forget how far a branch was brought in, so that the next look reads all of it."""
    transaction.connection.execute(
        delete(cursors).filter_by(repository_id=view.repository_id, branch=view.branch)
    )
