"""What each value of the variables switches on (PT-14)."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.capture.flags import TelemetryFlags, read_flags

MAIN = "BICAMERAL_TELEMETRY"
LEGACY = "BICAMERAL_PREFLIGHT_TELEMETRY"
LEGACY_RAW = "BICAMERAL_PREFLIGHT_TELEMETRY_RAW"

OFF = TelemetryFlags()
RELAY = TelemetryFlags(relay=True)
PREFLIGHT = TelemetryFlags(preflight=True)
RELAY_PREFLIGHT = TelemetryFlags(relay=True, preflight=True)
RAW = TelemetryFlags(preflight=True, raw=True)
ALL = TelemetryFlags(relay=True, preflight=True, raw=True)

CASES: list[tuple[dict[str, str], TelemetryFlags, int]] = [
    ({}, RELAY, 0),
    ({MAIN: ""}, RELAY, 0),
    ({MAIN: "   "}, RELAY, 0),
    ({MAIN: ","}, RELAY, 0),
    ({MAIN: "0"}, OFF, 0),
    ({MAIN: "off"}, OFF, 0),
    ({MAIN: "false"}, OFF, 0),
    ({MAIN: "no"}, OFF, 0),
    ({MAIN: "OFF"}, OFF, 0),
    ({MAIN: " False "}, OFF, 0),
    ({MAIN: "1"}, RELAY, 0),
    ({MAIN: "on"}, RELAY, 0),
    ({MAIN: "true"}, RELAY, 0),
    ({MAIN: "yes"}, RELAY, 0),
    ({MAIN: "Yes"}, RELAY, 0),
    ({MAIN: "relay"}, RELAY, 0),
    ({MAIN: "preflight"}, PREFLIGHT, 0),
    ({MAIN: "Preflight"}, PREFLIGHT, 0),
    ({MAIN: "raw"}, RAW, 0),
    ({MAIN: "relay,preflight"}, RELAY_PREFLIGHT, 0),
    ({MAIN: "preflight,relay"}, RELAY_PREFLIGHT, 0),
    ({MAIN: " relay , preflight "}, RELAY_PREFLIGHT, 0),
    ({MAIN: "relay,,preflight,"}, RELAY_PREFLIGHT, 0),
    ({MAIN: "preflight,preflight"}, PREFLIGHT, 0),
    ({MAIN: "relay,raw"}, ALL, 0),
    ({MAIN: "relay,preflight,raw"}, ALL, 0),
    ({MAIN: "enabled"}, RELAY, 1),
    ({MAIN: "2"}, RELAY, 1),
    ({MAIN: "relay preflight"}, RELAY, 1),
    ({MAIN: "prefligth"}, RELAY, 1),
    ({MAIN: "preflight,metrics"}, PREFLIGHT, 1),
    ({MAIN: "preflight,metrics,traces"}, PREFLIGHT, 1),
    ({MAIN: "1,preflight"}, PREFLIGHT, 1),
    ({MAIN: "off,preflight"}, OFF, 0),
    ({MAIN: "raw,no"}, OFF, 0),
    ({MAIN: "off,metrics"}, OFF, 1),
    ({LEGACY: "1"}, RELAY_PREFLIGHT, 1),
    ({LEGACY: "true"}, RELAY_PREFLIGHT, 1),
    ({LEGACY: "0"}, RELAY, 0),
    ({LEGACY: ""}, RELAY, 0),
    ({LEGACY: "perhaps"}, RELAY, 0),
    ({LEGACY_RAW: "1"}, ALL, 1),
    ({LEGACY: "1", LEGACY_RAW: "1"}, ALL, 1),
    ({LEGACY: "0", LEGACY_RAW: "1"}, ALL, 1),
    ({MAIN: "1", LEGACY: "1"}, RELAY_PREFLIGHT, 1),
    ({MAIN: "relay", LEGACY_RAW: "1"}, ALL, 1),
    ({MAIN: "raw", LEGACY: "0", LEGACY_RAW: "0"}, RAW, 0),
    ({MAIN: "preflight", LEGACY: "1"}, PREFLIGHT, 1),
    ({MAIN: "enabled", LEGACY: "1"}, RELAY_PREFLIGHT, 2),
    ({MAIN: "0", LEGACY: "1"}, OFF, 1),
    ({MAIN: "off", LEGACY: "1", LEGACY_RAW: "1"}, OFF, 1),
]


@pytest.mark.parametrize(("variables", "flags", "warnings"), CASES, ids=str)
def test_each_value_switches_on_what_it_says(
    variables: dict[str, str], flags: TelemetryFlags, warnings: int
) -> None:
    """A person must be able to predict what is captured from the one line they wrote."""
    said: list[str] = []

    assert read_flags(variables, said.append) == flags
    assert len(said) == warnings


def test_an_unknown_name_is_named_in_the_warning() -> None:
    """A spelling mistake that is only called a mistake is not found."""
    said: list[str] = []

    read_flags({MAIN: "preflight,metrics"}, said.append)

    assert "'metrics'" in said[0]
    assert "relay, preflight, raw" in said[0]


def test_a_legacy_variable_is_told_its_successor() -> None:
    """Who still uses the old name needs the line to write instead."""
    said: list[str] = []

    read_flags({LEGACY: "1", LEGACY_RAW: "1"}, said.append)

    assert f"{MAIN}=preflight,raw" in said[0]


def test_an_ignored_legacy_variable_is_said_to_be_ignored() -> None:
    """An explicit off wins, and who set both must see which one did."""
    said: list[str] = []

    read_flags({MAIN: "off", LEGACY: "1"}, said.append)

    assert "ignored" in said[0]


def test_each_flag_names_what_decided_it() -> None:
    """`doctor` shows the source of every value."""
    flags = read_flags({MAIN: "relay", LEGACY_RAW: "1"}, lambda text: None)

    assert dict(flags.sources) == {"relay": MAIN, "preflight": LEGACY_RAW, "raw": LEGACY_RAW}
    assert set(read_flags({}, lambda text: None).sources.values()) == {"default"}
    assert set(read_flags({MAIN: "0"}, lambda text: None).sources.values()) == {MAIN}


def test_the_result_cannot_be_changed() -> None:
    """Resolved once at start: nothing later in the process can switch capture on."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        RELAY.preflight = True  # type: ignore[misc]


@given(st.text())
def test_no_text_without_the_word_captures_anything(text: str) -> None:
    """Capture is opt-in: only `preflight` and `raw` themselves switch it on."""
    flags = read_flags({MAIN: text}, lambda said: None)

    names = {name.strip().lower() for name in text.split(",")}
    assert flags.preflight <= bool(names & {"preflight", "raw"})
    assert flags.raw <= ("raw" in names)
