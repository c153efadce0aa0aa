"""What each answer means, and how long to wait: decided without a network."""

from email.utils import formatdate

import pytest

from bicameral.errors import EndpointRefused
from bicameral.govern.relay.answers import retry_seconds, verdict_of
from bicameral.govern.relay.pace import Pace, PaceLimits
from bicameral.govern.relay.sending import Reply
from bicameral.govern.relay.signing import check_token, signature, signed_headers
from tests.conftest import Clock

NOW = 1_780_000_000.0


@pytest.mark.parametrize(
    ("verdict", "statuses"),
    [
        ("sent", [200, 201, 204]),
        ("unauthorised", [401, 403]),
        ("redirected", [300, 301, 302, 303, 304, 307, 308]),
        ("refused", [400, 404, 405, 409, 410, 411, 413, 415, 422, 451]),
        ("later", [0, 100, 102, 202, 203, 205, 206, 408, 429, 500, 502, 503, 504, 599, 999]),
    ],
)
def test_only_three_statuses_let_go_of_a_batch(verdict: str, statuses: list[int]) -> None:
    """Whatever is not plainly a yes keeps it."""
    assert {verdict_of(Reply(each)) for each in statuses} == {verdict}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("9" * 400, 7 * 86_400.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 0.0),
        (formatdate(NOW + 10**9, usegmt=True), 7 * 86_400.0),
        ("Thu, 32 Foo 2026 25:00:00 GMT", None),
        ("½", None),
    ],
)
def test_the_other_side_says_when_to_come_again(text: str, seconds: float | None) -> None:
    """As a number of seconds or as a time; a week at most, whatever it says."""
    assert retry_seconds(Reply(429, retry_after=text), now=NOW) == seconds


def pace(clock: Clock, slept: list[float], *, drawn: int, **limits: float) -> Pace:
    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.advance(seconds=seconds)

    return Pace(
        monotonic_ns=clock,
        sleep=sleep,
        random_bytes=lambda size: bytes([drawn]) * size,
        limits=PaceLimits(**limits),  # type: ignore[arg-type]
    )


def test_waits_double_within_a_limit_and_are_drawn_by_chance(clock: Clock) -> None:
    """Those who failed together must not come back together."""
    for drawn, share in ((0, 0.0), (128, 0.5), (255, 1.0)):
        slept: list[float] = []
        each = pace(clock, slept, drawn=drawn, most_seconds=5.0)
        for attempt in range(5):
            each.back_off(attempt)
        assert slept == pytest.approx([share * s for s in (1, 2, 4, 5, 5)], rel=0.01)


def test_no_more_requests_begin_in_a_time_than_may(clock: Clock) -> None:
    """A spool that is full does not fall upon the other side."""
    slept: list[float] = []
    each = pace(clock, slept, drawn=0, requests=3, seconds=60.0)
    began = []
    for _ in range(7):
        each.take()
        began.append(clock() // 1_000_000_000 - 1_780_000_000)
        clock.advance(seconds=1)
    assert began == [0, 1, 2, 60, 61, 62, 120]
    assert slept == [57.0, 57.0]


def test_a_wait_that_is_asked_for_is_kept_if_it_is_short(clock: Clock) -> None:
    """A command that sleeps for an hour would be taken for dead."""
    slept: list[float] = []
    each = pace(clock, slept, drawn=0, most_seconds=30.0)
    assert each.wait(30.0)
    assert not each.wait(31.0)
    assert slept == [30.0]


def test_the_signature_is_that_of_the_timestamp_a_newline_and_the_body() -> None:
    """A vector that was made with another tool (`openssl dgst -sha256 -hmac`)."""
    made = signature("0123456789abcdef", b'{"rows":[]}', timestamp=1_780_000_000)
    assert made == VECTOR


VECTOR = "39adfaa346625527d96816da1db06671139308e2ceb57c624aa90406790df276"


def test_headers_hold_the_key_and_never_the_token() -> None:
    """Whoever reads the request cannot sign another."""
    headers = signed_headers("0123456789abcdef", b"{}", timestamp=1, key="k1")
    assert headers["Idempotency-Key"] == "k1"
    assert headers["X-Bicameral-Timestamp"] == "1"
    assert "0123456789abcdef" not in str(headers)
    other = signed_headers("0123456789abcdef", b"[]", timestamp=2, key="k2")
    assert headers["X-Bicameral-Key"] == other["X-Bicameral-Key"]
    assert headers["X-Bicameral-Signature"] != other["X-Bicameral-Signature"]


@pytest.mark.parametrize("token", ["", "short", "with blanks in it, long", "ü" * 20, "a" * 1_001])
def test_a_token_that_cannot_sign_is_refused_and_not_quoted(token: str) -> None:
    """Too short a key could be found by trying."""
    with pytest.raises(EndpointRefused) as refused:
        check_token(token)
    assert not token or token not in str(refused.value)
    assert check_token("a" * 16) == "a" * 16
