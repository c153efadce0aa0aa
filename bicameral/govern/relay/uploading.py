"""Uploading: the batches that wait, oldest first, each sent until the other side has it.

A batch is let go of only when it was taken; whatever else is answered, it stays. Its key is
the digest of its bytes, so one that has to be sent again is known for the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bicameral.capture.rotation import SECOND_NS
from bicameral.capture.stamps import Stamps, read_stamp_ns
from bicameral.environment import Environment
from bicameral.govern.relay.answers import retry_seconds, verdict_of
from bicameral.govern.relay.pace import Pace, PaceLimits
from bicameral.govern.relay.sending import Reply
from bicameral.govern.relay.signing import signed_headers
from bicameral.govern.spool.batch import key_of
from bicameral.govern.spool.folder import Entry, Spool

MOST_REFUSED = 3
"""Batches refused one after the other, after which the next is not tried."""

Send = Callable[[Mapping[str, str], bytes], Reply]
Stopped = Literal["", "unauthorised", "redirected", "refused", "unreachable", "told to wait"]


@dataclass(slots=True)
class Uploaded:
    """What came of an upload; `stopped` says why it ended early, empty if it did not.

    `answers` counts the statuses that came back, and troubles by their names.
    """

    sent_batches: int = 0
    sent_rows: int = 0
    kept_batches: int = 0
    stopped: Stopped = ""
    retry_at: str = ""
    answers: dict[str, int] = field(default_factory=dict)


def upload(
    environment: Environment,
    spool: Spool,
    send: Send,
    *,
    token: str,
    sleep: Callable[[float], None],
    limits: PaceLimits | None = None,
) -> Uploaded:
    """Send what waits. Raises `OSError` where the spool cannot be written.

    `send` takes the headers and the body of one request. The caller holds the spool, and has
    made sure that an upload is allowed.
    """
    held = limits or PaceLimits()
    pace = Pace(
        monotonic_ns=environment.monotonic_ns,
        sleep=sleep,
        random_bytes=environment.random_bytes,
        limits=held,
    )
    run = _Run(environment, spool, send=send, token=token, pace=pace, attempts=held.attempts)
    spool.tidy()
    try:
        run.all()
    finally:
        spool.save()
    return run.done


class _Run:
    """One upload under way."""

    def __init__(
        self,
        environment: Environment,
        spool: Spool,
        *,
        send: Send,
        token: str,
        pace: Pace,
        attempts: int,
    ) -> None:
        self.done = Uploaded()
        self._environment = environment
        self._spool = spool
        self._send = send
        self._token = token
        self._pace = pace
        self._attempts = attempts
        self._refused = 0

    def all(self) -> None:
        """Send one after the other, until none is left or the next would fare no better."""
        waiting = self._spool.pending()
        if not self._may_begin():
            self.done.kept_batches = len(waiting)
            return
        for number, path in enumerate(waiting):
            entry = self._spool.read(path)
            if entry is not None and not self._one(entry):
                self.done.kept_batches += len(waiting) - number - 1
                return

    def _may_begin(self) -> bool:
        state = self._spool.state
        if state.retry_at and read_stamp_ns(state.retry_at) > self._environment.time_ns():
            self.done.stopped, self.done.retry_at = "told to wait", state.retry_at
            return False
        state.retry_at = ""
        return True

    def _one(self, entry: Entry) -> bool:
        """Send one batch; tell whether the next is worth sending."""
        for attempt in range(self._attempts):
            reply = self._request(entry)
            verdict = verdict_of(reply)
            if verdict == "sent":
                self._spool.taken(entry, reply.status)
                self.done.sent_batches += 1
                self.done.sent_rows += len(entry.batch.rows)
                self._refused = 0
                return True
            if verdict == "refused":
                self._refused += 1
                return self._keep("refused" if self._refused == MOST_REFUSED else "")
            if verdict != "later":
                return self._keep(verdict)
            is_last = attempt == self._attempts - 1
            if not self._wait(reply, attempt, is_last=is_last):
                return self._keep("told to wait")
        return self._keep("unreachable")

    def _request(self, entry: Entry) -> Reply:
        self._pace.take()
        headers = signed_headers(
            self._token,
            entry.content,
            timestamp=self._environment.time_ns() // SECOND_NS,
            key=key_of(entry.name),
        )
        reply = self._send(headers, entry.content)
        name = str(reply.status) if reply.status else reply.trouble
        self.done.answers[name] = self.done.answers.get(name, 0) + 1
        return reply

    def _wait(self, reply: Reply, attempt: int, *, is_last: bool) -> bool:
        """Wait before the next attempt; false where the other side asks for too long a wait."""
        now_ns = self._environment.time_ns()
        asked = retry_seconds(reply, now=now_ns / SECOND_NS)
        if asked is None:
            if not is_last:
                self._pace.back_off(attempt)
            return True
        if not is_last and self._pace.wait(asked):
            return True
        # Remembered, so that the next upload does not come too early either.
        self.done.retry_at = Stamps().write(now_ns + int(asked * SECOND_NS))
        self._spool.state.retry_at = self.done.retry_at
        return False

    def _keep(self, stopped: Stopped) -> bool:
        self.done.kept_batches += 1
        self.done.stopped = stopped
        return not stopped
