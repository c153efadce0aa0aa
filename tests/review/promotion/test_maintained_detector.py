"""The maintained detector: there or refused, never on the network, never switched off."""

import subprocess
import sys
from types import ModuleType

import pytest

from bicameral.errors import DetectorMissing
from bicameral.govern.detection.secret_forms import is_speech
from bicameral.govern.detection.spans import Span
from bicameral.review.promotion.maintained_detector import load_detector
from tests.review.promotion.parts import DETECTOR
from tests.review.promotion.planted import SECRETS


def find(text: str) -> list[Span]:
    return list(DETECTOR.find(text, is_speech=is_speech))


def test_without_the_extra_nothing_is_promoted() -> None:
    """A weaker scan that nobody notices is worse than none."""

    def absent(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named {name!r}", name="detect_secrets")

    with pytest.raises(DetectorMissing) as refused:
        load_detector(absent)
    assert refused.value.next_step == "pip install 'bicameral-preflight[promote]'"


def test_a_broken_installation_is_none_and_says_what_is_missing() -> None:
    """Nothing is promoted with half a detector."""

    def broken(name: str) -> ModuleType:
        raise ModuleNotFoundError("No module named 'requests'", name="requests")

    with pytest.raises(DetectorMissing, match="No module named 'requests'"):
        load_detector(broken)


OFFLINE = """
import socket, sys
def refuse(*words, **more):
    raise SystemExit("something asked the network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from tests.review.promotion.planted import SECRETS
from tests.review.promotion.parts import a_scanner
scanner = a_scanner()
print(sum(bool(scanner.scan({"topic": make()})) for make in SECRETS.values()))
"""


def test_no_secret_is_sent_to_its_issuer() -> None:
    """Verifying a secret means telling somebody that it was found."""
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE], capture_output=True, text=True, timeout=300, check=True
    )
    assert int(done.stdout) == len(SECRETS)


@pytest.mark.parametrize("mark", ["# pragma: allowlist secret", "// pragma: allowlist secret"])
def test_a_mark_in_the_text_does_not_switch_it_off(mark: str) -> None:
    """Such marks are for the owner of a file, and the text comes from many hands."""
    secret = SECRETS["stripe live key"]()
    spans = find(f"{secret} {mark}")
    assert [(span.start, span.end, span.kind) for span in spans] == [
        (0, len(secret), "stripe_access_key")
    ]


def test_a_secret_is_found_wherever_it_stands_and_as_often() -> None:
    """The plugins give the text of a secret; the places are ours to find."""
    secret = SECRETS["sendgrid key"]()
    text = f"{secret}\nthen\n{secret}"
    assert [span.start for span in find(text)] == [0, len(secret) + 6]


def test_the_keyword_plugin_is_asked_twice() -> None:
    """It goes by the word before alone, and a sentence has such words too."""
    assert [span.kind for span in find('password: "x8Kq2vLw"')] == ["secret_keyword"]
    assert find('password: "every quarter"') == []
