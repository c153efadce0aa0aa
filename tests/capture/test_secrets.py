"""Secrets never reach the raw log, and ordinary words survive."""

import pytest

from bicameral.capture.secrets import forms, looks_random, without_secrets

HEX = "0123456789abcdef"
LETTERS = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zA"

# Made up here from the documented forms; joined at run time so that no scanner mistakes
# this file for a leak.
PLANTED = {
    "private_key": "-----BEGIN " + "RSA PRIVATE KEY-----\nabc\n-----END " + "RSA PRIVATE KEY-----",
    "aws_access_key": "AKIA" + "ABCDEFGH23456789",
    "github_token": "ghp_" + LETTERS + "abcd",
    "gitlab_token": "glpat-" + LETTERS[:20],
    "slack_token": "xoxb-" + "123456789012-" + LETTERS[:12],
    "slack_webhook": "https://hooks." + "slack.com/services/T000/B000/" + LETTERS[:24],
    "discord_webhook": "https://discord.com" + "/api/webhooks/123456/" + LETTERS,
    "stripe_key": "sk_live_" + LETTERS[:24],
    "openai_key": "sk-" + "proj-" + LETTERS,
    "anthropic_key": "sk-" + "ant-" + LETTERS,
    "google_key": "AIza" + LETTERS + "abc",
    "google_oauth": "ya29." + LETTERS,
    "azure_key": "AccountKey=" + LETTERS + "==",
    "npm_token": "npm_" + LETTERS + "abcd",
    "pypi_token": "pypi-" + LETTERS,
    "docker_token": "dckr_pat_" + LETTERS[:27],
    "hugging_face_token": "hf_" + LETTERS + "ab",
    "digitalocean_token": "dop_v1_" + HEX * 4,
    "sendgrid_key": "SG." + LETTERS[:22] + "." + LETTERS,
    "twilio_key": "SK" + HEX * 2,
    "telegram_token": "123456789:AA" + LETTERS + "x",
    "shopify_token": "shpat_" + HEX * 2,
    "vault_token": "hvs." + LETTERS,
    "jwt": "eyJ" + LETTERS[:12] + ".eyJ" + LETTERS[:12] + "." + LETTERS,
    "url_credentials": "postgres://" + "admin:hunter2x@db.internal:5432/prod",
    "authorization": "Bearer " + LETTERS[:20],
    "assigned_secret": "db_password" + " = correcthorse9",
}


def test_every_form_is_planted() -> None:
    """A form without its example could rot unseen."""
    assert PLANTED.keys() == forms().keys()


@pytest.mark.parametrize("kind", sorted(PLANTED))
def test_a_secret_is_replaced_whole(kind: str) -> None:
    """No part of it stays, and the words around it do."""
    secret = PLANTED[kind]
    cleaned = without_secrets(f"rotate {secret} before Friday")

    assert secret not in cleaned
    assert secret[-8:] not in cleaned
    assert cleaned.startswith("rotate")
    assert cleaned.endswith("before Friday") or kind in {"url_credentials", "slack_webhook"}
    assert "[secret: " in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "Retry failed card payments with an idempotency key",
        "src/components/checkout/PaymentMethodSelector.test.tsx",
        "Sprint 42: Linear tickets for the token bucket rate limiter",
        "Bump sqlalchemy from 2.0.43 to 2.1.9 and tree-sitter-typescript to 0.23.2",
        "handle_very_long_function_name_with_many_words_in_it",
        "secret santa feature: pick a basic token of appreciation",
    ],
)
def test_ordinary_words_survive(text: str) -> None:
    """Redaction that eats words makes the log useless."""
    assert without_secrets(text) == text


def test_a_random_run_is_replaced() -> None:
    """A key of no known form is still a key."""
    assert looks_random("q7Xz9LpV2mKw8RtY4nBc6HsD")
    assert without_secrets("use q7Xz9LpV2mKw8RtY4nBc6HsD now") == "use [secret: random] now"


def test_a_mark_is_no_secret_and_is_left_as_it_is() -> None:
    """What one form replaced, another must not take apart."""
    found = without_secrets("the key is " + "AKIA" + "Q7ZX" * 4)
    assert found == "the key is [secret: aws_access_key]"
    assert without_secrets(found) == found
