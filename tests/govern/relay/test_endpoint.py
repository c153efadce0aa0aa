"""The endpoint: which addresses may be used, and that a refused one is never quoted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.errors import EndpointRefused
from bicameral.govern.relay.endpoint import Endpoint, is_loopback, parse_endpoint


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("https://relay.example.org", Endpoint(True, "relay.example.org", 443, "/")),
        ("https://relay.example.org/v1/x", Endpoint(True, "relay.example.org", 443, "/v1/x")),
        ("https://RELAY.example.org:8443/v1", Endpoint(True, "relay.example.org", 8443, "/v1")),
        ("https://[2001:db8::1]/v1", Endpoint(True, "2001:db8::1", 443, "/v1")),
        ("http://127.0.0.1:8080/v1", Endpoint(False, "127.0.0.1", 8080, "/v1")),
        ("http://127.8.8.8/v1", Endpoint(False, "127.8.8.8", 80, "/v1")),
        ("http://localhost:1/", Endpoint(False, "localhost", 1, "/")),
        ("http://[::1]:1/", Endpoint(False, "::1", 1, "/")),
    ],
)
def test_https_anywhere_and_http_to_this_machine(text: str, endpoint: Endpoint) -> None:
    """Somebody may put a forwarder of their own on the same machine."""
    assert parse_endpoint(text) == endpoint


REFUSED = [
    "",
    "relay.example.org",
    "//relay.example.org/frobnitz",
    "http://relay.example.org/frobnitz",
    "http://10.0.0.1/frobnitz",
    "http://127.0.0.1.frobnitz.org/",
    "http://localhost.frobnitz.org/",
    "http://2130706433/frobnitz",
    "ftp://relay.example.org/frobnitz",
    "file:///etc/frobnitz",
    "https://",
    "https:///frobnitz",
    "https://user@relay.example.org/frobnitz",
    "https://user:frobnitz@relay.example.org/",
    "https://@relay.example.org/frobnitz",
    "https://relay.example.org/?token=frobnitz",
    "https://relay.example.org/#frobnitz",
    "https://relay.example.org/?",
    "https://relay.example.org:0/frobnitz",
    "https://relay.example.org:99999/frobnitz",
    "https://relay.example.org:port/frobnitz",
    "https://relay.example.org/frobnitz\r\nX-Evil: 1",
    "https://relay.example.org/ frobnitz",
    "https://relay.exämple.org/frobnitz",
    "https://relay_example.org\\@frobnitz/",
    "https://[::1/frobnitz",
    "https://relay.example.org/frobnitz" + "a" * 2_000,
]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_and_not_quoted(text: str) -> None:
    """It may be a secret in the wrong place."""
    with pytest.raises(EndpointRefused) as refused:
        parse_endpoint(text)
    assert "frobnitz" not in str(refused.value)
    assert refused.value.__cause__ is None


@given(st.text())
def test_no_text_at_all_gives_an_address_that_is_not_safe(text: str) -> None:
    """The law: https, or this machine; a path without blanks; nothing of a user."""
    try:
        found = parse_endpoint(text)
    except EndpointRefused:
        return
    assert found.is_secure or is_loopback(found.host)
    assert found.path.startswith("/")


def test_an_endpoint_is_not_shown() -> None:
    """Not in a traceback either."""
    assert "relay" not in repr(parse_endpoint("https://relay.example.org/frobnitz"))
