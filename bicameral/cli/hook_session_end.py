"""`hook session-end`: the session is over, and its reconciliation begins.

Clients kill this hook after about a second and a half, so it writes one row and starts a
process of its own for the rest.
"""

from bicameral.capture.sessions import record_session_end
from bicameral.cli.hook_input import read_session_id
from bicameral.environment import Environment
from bicameral.review.reconciliation.detached import start_detached


def run(environment: Environment, sent: bytes) -> str:
    """Write `session_ended`, then start the reconciliation, even if the row was refused."""
    try:
        record_session_end(environment, session_id=read_session_id(sent), reason="closed")
    finally:
        # Other sessions may wait for it; without a home nothing was ever captured.
        if environment.home.is_dir():
            start_detached(environment)
    return ""
