"""The databases' errors as errors that can be acted on.

A message never quotes what was asked or stored, nor the URL: it may hold a password.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from bicameral.errors import BicameralError, LedgerBusy, LedgerCorrupt, LedgerError, NotFound

# https://www.sqlite.org/rescode.html and PostgreSQL's documentation, appendix A.
_BUSY = {"5", "6", "55P03", "57014", "40001", "40P01", "53300"}
_CLOSED = {"3", "8", "14", "23"}
_CORRUPT = {"11", "26", "XX001", "XX002"}
_UNKNOWN_REFERENCE = {"787", "23503"}


@contextmanager
def translated_errors(place: str) -> Iterator[None]:
    """Turn the driver's errors into ones that say what to do; `place` is where the ledger is."""
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error) as error:
        raise explain(error, place) from error


def explain(error: exc.SQLAlchemyError | sqlite3.Error, place: str) -> BicameralError:
    """Return the error that fits a database error."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, BicameralError):
        return cause
    codes, what = _codes(cause), _words(cause)
    if codes & _BUSY or isinstance(cause, exc.TimeoutError):
        return LedgerBusy(
            f"another process holds the ledger: {what}",
            next_step=f"try again; if it persists, look for a process that hangs on {place}",
        )
    if codes & _CORRUPT:
        return LedgerCorrupt(
            f"the ledger at {place} is damaged: {what}",
            next_step="move it aside and restore a copy, or `bicameral-mcp import` an export",
        )
    if codes & _UNKNOWN_REFERENCE:
        return NotFound(
            "an id that this write refers to is not in the ledger",
            next_step="find the id with bicameral.search or bicameral.history",
        )
    if codes & _CLOSED:
        return LedgerError(
            f"the ledger at {place} cannot be opened or written: {what}",
            next_step="check who owns it and its folder, or set BICAMERAL_HOME to another one",
        )
    return LedgerError(
        f"the ledger at {place} cannot answer: {what}",
        next_step="check that the disk is not full or read-only and the server is reachable",
    )


def _codes(cause: BaseException) -> set[str]:
    """Return SQLite's primary and extended result code, or PostgreSQL's SQLSTATE."""
    extended = getattr(cause, "sqlite_errorcode", None)
    if extended is not None:
        return {str(extended & 0xFF), str(extended)}
    return {str(getattr(cause, "sqlstate", None))}


def _words(cause: BaseException) -> str:
    if isinstance(cause, exc.SQLAlchemyError):
        return type(cause).__name__
    # PostgreSQL's detail line quotes the row; its primary message does not.
    primary = getattr(getattr(cause, "diag", None), "message_primary", None)
    return " ".join(str(primary or cause).split())[:300]
