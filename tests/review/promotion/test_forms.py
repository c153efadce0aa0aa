"""Forms one by one: what has the form of something private, and what only looks like it."""

import pytest

from bicameral.govern.detection.personal_forms import is_iban, passes_luhn
from bicameral.govern.detection.randomness import entropy_of
from bicameral.review.promotion.findings import Finding
from tests.review.promotion.parts import a_scanner
from tests.review.promotion.planted import HEX, made, uuid


def found(text: str) -> list[Finding]:
    return a_scanner().scan({"topic": text})


@pytest.mark.parametrize(
    ("text", "kind", "part"),
    [
        ("ask pat@northwind.co.uk.", "email", "pat@northwind.co.uk"),
        ("ask pat@[10.0.0.7] now", "email", "pat@[10.0.0.7]"),
        ("see https://wiki.northwind.io/a?b=c.", "url", "https://wiki.northwind.io/a?b=c"),
        ("clone git@git.northwind.io:shop/flim.git", "url", "git@git.northwind.io:shop/flim.git"),
        ("on vault.northwind.internal:8200", "host", "vault.northwind.internal:8200"),
        ("on api.northwind-9.app", "host", "api.northwind-9.app"),
        ("on eu-worker-node-12 only", "host", "eu-worker-node-12"),
        ("on billing-primary:5432 only", "host", "billing-primary:5432"),
        ("from 10.1.2.0/24 only", "ip_address", "10.1.2.0/24"),
        ("from fe80::1ff:fe23:4567:890a only", "ip_address", "fe80::1ff:fe23:4567:890a"),
        (f"id {uuid('form')}", "uuid", uuid("form")),
        ("see dec_01M7Z0K4WSC7KP59K3E85RKT00", "uuid", "dec_01M7Z0K4WSC7KP59K3E85RKT00"),
        (f"since {made('sha', HEX, 40)}", "hex_id", made("sha", HEX, 40)),
        ("closes SHOP-123, too", "ticket", "SHOP-123"),
        ("closes #1234, too", "ticket", "#1234"),
        ("asked by @zork-99 before", "handle", "@zork-99"),
        ("in ~/work/notes.md", "home_folder", "~/work/notes.md"),
        ("in $HOME/work", "home_folder", "$HOME/work"),
        ("in /var/lib/flim/data", "absolute_path", "/var/lib/flim/data"),
        ("in D:\\flim\\data", "absolute_path", "D:\\flim\\data"),
        ("call +1 212 555 0187 now", "phone", "+1 212 555 0187"),
        ("account 20481937 only", "number", "20481937"),
    ],
)
def test_what_has_the_form_is_found_whole(text: str, kind: str, part: str) -> None:
    """Neither a dot too much nor a half too little."""
    assert [(each.kind, each.text) for each in found(text)] == [(kind, part)]


@pytest.mark.parametrize(
    "text",
    [
        "localhost:8080, 127.0.0.1, ::1 and 0.0.0.0",
        "255.255.255.255 and 203.0.113.9 and 2001:db8::7",
        "https://shop.example.com/path and http://localhost:3000/health",
        "version 10.4.2 and v1.2.3-rc.1, not 999.1.2.3",
        "self.user.name, request.app.state, os.path, config.dev_mode",
        "std::vector, a::b, Foo::Bar and 12:30:45",
        "UTF-8, SHA-256, RFC-7231, ISO-8601 and ADR-12",
        "GET /v1/orders/{id}, POST /charges",
        "/dev/null, /usr/bin/env, /tmp",
        "86400000 ms, 1000000 rows, 4294967296 and 2147483647",
        "2024-03-17T09:30:00Z and 2024-03-17",
        "@dataclass and @app.route and @types/node",
        "#fff, &#160; and C# 12",
        "4111 1111 1111 1112 rows",
        "checkOutPageHandlerFactoryBuilder and test_that_orders_are_paid_only_once",
        "src/payments/handlers/orders_v2_final.py",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    """Code and standards have dots, colons and digits too."""
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "password=sunshine",
        "PASSWORD := hunter2",
        "passwd => letmein",
        "password: sunshine",
        "the password is hunter2x",
        "pwd=12345",
        "api_key = Zk3kd9",
        "client-secret: a8f3k2",
        "curl -H 'Authorization: Bearer abc123def'",
    ],
)
def test_what_is_assigned_to_a_secret_is_one(text: str) -> None:
    """A password may be a word."""
    assert [each.is_secret for each in found(text)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "password: every quarter somebody asks",
        "the token is opaque",
        "the secret is: nobody reads it",
        "token = settings.token",
        "token = None",
        "secret = get_secret(name)",
        "api_key=api_key",
        "token: str | None",
        "max_tokens = 4096",
        "basic authentication and bearer tokens",
        "token = bigEndian(uint32)",
    ],
)
def test_talk_of_secrets_is_none(text: str) -> None:
    """Decisions about secrets are the ones that must stay readable."""
    assert found(text) == []


def test_check_digits_are_checked() -> None:
    """Vectors of the standards' own kind; one digit off is another number."""
    assert passes_luhn("79927398713")
    assert not passes_luhn("79927398710")
    assert is_iban("GB82 WEST 1234 5698 7654 32")
    assert not is_iban("GB82 WEST 1234 5698 7654 33")
    assert not is_iban("GB82")


def test_entropy_is_counted_in_bits_a_character() -> None:
    """Shannon's measure, on texts for which it is known."""
    assert entropy_of("") == 0
    assert entropy_of("aaaa") == 0
    assert entropy_of("abab") == 1
    assert entropy_of("abcd") == 2
