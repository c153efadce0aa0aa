"""One request against a real server that does everything a server can do."""

import datetime
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from bicameral.govern.relay.endpoint import Endpoint, parse_endpoint
from bicameral.govern.relay.sending import Reply, require_here, send
from tests.govern.relay import there
from tests.govern.relay.there import Answer, Handler, There, listening, status

BODY = b'{"rows":[]}'
SHORT = 0.5


def sent_to(each: There, *, seconds: float = 10.0) -> Reply:
    return send(parse_endpoint(each.url), {"X-One": "1"}, BODY, timeout_seconds=seconds)


@pytest.mark.parametrize("code", [200, 201, 204, 400, 401, 403, 404, 413, 429, 500, 502, 503])
def test_the_status_comes_back_as_it_is(code: int) -> None:
    """What it means is decided elsewhere."""
    with listening(status(code)) as each:
        assert sent_to(each) == Reply(code)
        [request] = each.requests
    assert (request.path, request.body) == ("/v1/batches", BODY)
    assert request.headers["X-One"] == "1"
    assert not {"Cookie", "Authorization", "Referer"} & request.headers.keys()


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(code: int) -> None:
    """An address that somebody else names was not consented to."""
    with listening(status(200)) as other:
        with listening(status(code, Location=other.url)) as each:
            assert sent_to(each) == Reply(code)
            assert len(each.requests) == 1
        assert other.requests == []


def test_the_header_that_asks_to_wait_comes_back() -> None:
    """The rest of the headers is nobody's business."""
    with listening(status(429, Retry_After="120")) as each:
        assert sent_to(each) == Reply(429, retry_after="120")


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (there.broken, Reply(0, trouble="the answer broke off")),
        (there.broken_piece, Reply(0, trouble="IncompleteRead")),
        (there.closing, Reply(0, trouble="RemoteDisconnected")),
        (there.nonsense, Reply(0, trouble="BadStatusLine")),
    ],
)
def test_an_answer_that_is_not_whole_is_none(answer: Answer, reply: Reply) -> None:
    """The other side may have it or not: it is sent again, under the same key."""
    with listening(answer) as each:
        assert sent_to(each) == reply


@pytest.mark.parametrize("answer", [there.silent, there.dripping])
def test_it_is_over_after_its_time_whatever_the_other_side_does(answer: Answer) -> None:
    """One byte in each second would keep a mere timeout of the socket away for ever."""
    with listening(answer) as each:
        assert sent_to(each, seconds=SHORT) == Reply(0, trouble="timeout")
    for thread in threading.enumerate():
        if thread.name == "bicameral-upload":
            thread.join(10)
            assert not thread.is_alive()


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    """The status is all that is wanted."""
    with listening(there.huge) as each:
        assert sent_to(each) == Reply(200)


def test_nobody_there_is_an_answer_too() -> None:
    """A port that nobody listens on."""
    with listening(status(200)) as each:
        pass
    assert sent_to(each) == Reply(0, trouble="ConnectionRefusedError")


def test_a_name_for_this_machine_that_leads_elsewhere_is_not_used() -> None:
    """http is for this machine alone, and what is connected decides, not the name."""
    for address in ("127.0.0.1", "127.3.2.1", "::1"):
        require_here(address)
    for address in ("203.0.113.7", "10.0.0.1", "2001:db8::1", "0.0.0.0"):
        with pytest.raises(ConnectionError, match="not this machine"):
            require_here(address)


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is signed for one side is not shown to another."""
    with listening(status(500)) as proxy, listening(status(200)) as each:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert sent_to(each) == Reply(200)
        assert proxy.requests == []


# TLS, with a certificate that is made for the test.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 with its key, which no system trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay.test")])
    begin = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin.replace(year=2060))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "relay.pem"
    encoded = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(encoded + made.public_bytes(serialization.Encoding.PEM))
    return path


class QuietServer(ThreadingHTTPServer):
    """A client that does not trust it hangs up within the handshake, which is no news."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@contextmanager
def listening_securely(certificate: Path) -> Iterator[There]:
    each = There([status(200)])
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificate)
    handler = type("Secured", (Handler,), {"there": each})
    with QuietServer(("127.0.0.1", 0), handler) as server:
        server.socket = server_side.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        each.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield each
        finally:
            server.shutdown()
            thread.join()


def secured(each: There, host: str = "127.0.0.1") -> Endpoint:
    return parse_endpoint(f"https://{host}:{each.port}/v1/batches")


def test_over_tls_it_is_sent_to_who_proves_to_be_there(certificate: Path) -> None:
    """With the authority that is trusted."""
    with listening_securely(certificate) as each:
        context = ssl.create_default_context(cafile=str(certificate))
        assert send(secured(each), {}, BODY, context=context) == Reply(200)
        assert [request.body for request in each.requests] == [BODY]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_who_cannot_prove_it_gets_nothing(certificate: Path, host: str) -> None:
    """An authority that nobody trusts, and a certificate for another name."""
    with listening_securely(certificate) as each:
        is_trusted = host == "localhost"
        context = ssl.create_default_context(cafile=str(certificate)) if is_trusted else None
        reply = send(secured(each, host), {}, BODY, context=context)
        assert reply == Reply(0, trouble="SSLCertVerificationError")
        assert each.requests == []


def test_plain_words_to_a_port_of_tls_and_the_reverse_fail(certificate: Path) -> None:
    """No fall-back to what is not safe."""
    with listening(status(200)) as plain:
        assert send(secured(plain), {}, BODY, timeout_seconds=5).status == 0
        assert plain.requests == []
