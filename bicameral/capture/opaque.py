"""Opaque ids: what stands in rows, markers and traces for an id that a client made up.

An id of the expected form stands as it is. Any other may be somebody's words, so a keyed digest
of it stands in its place, always the same one, in every mode; each writer comes this way.
Standard library only, for hooks come this way.
"""

import re
from collections.abc import Callable

from bicameral.capture.hashes import Hashes
from bicameral.capture.salt import has_salt, read_salt
from bicameral.capture.sizes import check_session_id
from bicameral.environment import Environment

SESSION_FORM = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
PREFLIGHT_FORM = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def opaque_session(session_id: str, salted: Callable[[], Hashes]) -> str:
    """Return what stands for a session's id; `salted` is asked only where it is not opaque.

    Raises `InputRefused` for one that is empty or too long, and what `salted` raises.
    """
    if SESSION_FORM.fullmatch(session_id):
        return session_id
    check_session_id(session_id)
    return f"digest-{salted().hash_topic(session_id)}"


def opaque_preflight(preflight_id: str | None, salted: Callable[[], Hashes]) -> str | None:
    """Return what stands for a preflight's id: a UUID as it is, else one made of its digest.

    That one is of version 8, which RFC 9562 leaves to whoever makes it. Raises what `salted`
    raises.
    """
    if not preflight_id or PREFLIGHT_FORM.fullmatch(preflight_id):
        return preflight_id
    hashes = salted()
    digits = hashes.hash_topic(preflight_id) + hashes.hash_path(preflight_id)
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-8{digits[17:20]}-{digits[20:]}"


def read_hashes(environment: Environment) -> Hashes:
    """Return the hashes of this install; raises `SaltUnusable` and `HomeUnusable`."""
    return Hashes(read_salt(environment.home, environment.random_bytes))


def stored_session(environment: Environment, session_id: str) -> str:
    """Return the id under which a session is found in files; never makes a salt.

    Raises `InputRefused`, `SaltUnusable` and `HomeUnusable`.
    """
    if not has_salt(environment.home):
        return session_id  # no digest was ever made here
    return opaque_session(session_id, lambda: read_hashes(environment))


def stored_preflight(environment: Environment, preflight_id: str | None) -> str | None:
    """Return the id under which a preflight is found in files; never makes a salt.

    Raises `SaltUnusable` and `HomeUnusable`.
    """
    if not has_salt(environment.home):
        return preflight_id
    return opaque_preflight(preflight_id, lambda: read_hashes(environment))
