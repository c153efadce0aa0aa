"""Answers: what a reply means for the batch that was sent, decided without looking anywhere."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

from bicameral.govern.relay.sending import Reply

SENT = frozenset({200, 201, 204})
UNAUTHORISED = frozenset({401, 403})
FIRST_REDIRECT, FIRST_REFUSAL, FIRST_FAULT = 300, 400, 500
TOO_MANY, TOO_SLOW = 429, 408
LONGEST_RETRY_SECONDS = 7 * 86_400

Verdict = Literal["sent", "unauthorised", "redirected", "refused", "later"]


def verdict_of(reply: Reply) -> Verdict:
    """Return what a reply means.

    `sent` alone lets go of the batch. `unauthorised` and `redirected` end the upload, for the
    next batch would fare no better. `refused` is about this batch; `later` is worth another try.
    """
    status = reply.status
    if status in SENT:
        return "sent"
    if status in UNAUTHORISED:
        return "unauthorised"
    if FIRST_REDIRECT <= status < FIRST_REFUSAL:
        return "redirected"
    if FIRST_REFUSAL <= status < FIRST_FAULT and status not in {TOO_MANY, TOO_SLOW}:
        return "refused"
    return "later"


def retry_seconds(reply: Reply, *, now: float) -> float | None:
    """Return for how many seconds the other side asks to wait; None where it asks nothing.

    `now` is in seconds since the epoch, for a header that names a time.
    """
    text = reply.retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), LONGEST_RETRY_SECONDS))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, aware.timestamp() - now), LONGEST_RETRY_SECONDS)
