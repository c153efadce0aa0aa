"""What waits: the captured preflights that no reconciliation has judged yet.

Read without the lock and without the ledger, so that a queue can tell "nothing is suspected"
from "nobody has looked"; only what is new since the last run is read.
"""

from pathlib import Path

from bicameral.capture.follow import Follower
from bicameral.capture.rows import EVENTS_FILE
from bicameral.review.reconciliation.captured import PREFLIGHT, decode_events
from bicameral.review.reconciliation.lines import review_id
from bicameral.review.reconciliation.state import State, load_state


def waiting_ids(home: Path) -> set[str]:
    """Return the ids that the review rows of the waiting preflights will have.

    Where the logs are read anew, as after an erasure, ids of reviewed rows are among them.
    Raises `OSError`.
    """
    state = load_state(home) or State()
    rows = [row for stretch in state.stretches for row in stretch.rows]
    found = {review_id(row) for row in rows if row.event_type == PREFLIGHT}
    with Follower(home / EVENTS_FILE, state.events) as follower:
        while lines := follower.read():
            rows, _ = decode_events(lines)
            found.update(review_id(row) for row in rows if row.event_type == PREFLIGHT)
    return found
