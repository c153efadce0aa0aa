"""What `config.toml` switches on and off, alone and beside the variables."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bicameral.capture.flags import TelemetryFlags, read_flags
from bicameral.capture.policy import MOST_BYTES, SWITCHES, read_policy

MAIN = "BICAMERAL_TELEMETRY"
LEGACY_RAW = "BICAMERAL_PREFLIGHT_TELEMETRY_RAW"
EVERY = {f"{table}.{key}" for table, keys in SWITCHES.items() for key in keys}
ALL_OFF = dict.fromkeys(EVERY, False)

# What stands in the file, what it says, and how many lines a person is told.
FILES: list[tuple[str, dict[str, bool], int]] = [
    ("", {}, 0),
    ("# nothing but a comment\n", {}, 0),
    ("[telemetry]\n", {}, 0),
    ("[telemetry]\npreflight = true\n", {"telemetry.preflight": True}, 0),
    ("telemetry.preflight = true\n", {"telemetry.preflight": True}, 0),
    ("telemetry = { raw = false }\n", {"telemetry.raw": False}, 0),
    ("[telemetry]\npreflight = false\n", {"telemetry.preflight": False}, 0),
    ('[telemetry]\npreflight = "true"\n', {"telemetry.preflight": False}, 1),
    ('[telemetry]\npreflight = "false"\n', {"telemetry.preflight": False}, 1),
    ("[telemetry]\npreflight = 1\n", {"telemetry.preflight": False}, 1),
    ("[telemetry]\npreflight = 0\n", {"telemetry.preflight": False}, 1),
    ("[telemetry]\npreflight = [true]\n", {"telemetry.preflight": False}, 1),
    ("[telemetry]\npreflight = { on = true }\n", {"telemetry.preflight": False}, 1),
    ("[telemetry]\npreflight = 2026-01-01\n", {"telemetry.preflight": False}, 1),
    ("[telemetry]\npreflight = nan\n", {"telemetry.preflight": False}, 1),
    ("[tracing]\nenabled = true\n", {"tracing.enabled": True}, 0),
    ("[tracing]\nenabled = 'on'\n", {"tracing.enabled": False}, 1),
    ("telemetry = true\n", {f"telemetry.{key}": False for key in SWITCHES["telemetry"]}, 1),
    ("[[telemetry]]\nraw = true\n", {f"telemetry.{k}": False for k in SWITCHES["telemetry"]}, 1),
    ("[telemetry]\nprefligth = true\n", {}, 1),
    ("[Telemetry]\npreflight = true\n", {}, 1),
    ("preflight = true\n", {}, 1),
    ("[telemetry]\nrelay = true\nx = 1\ny = 2\n[z]\n", {"telemetry.relay": True}, 3),
    ("[telemetry\npreflight = true\n", ALL_OFF, 1),
    ("[telemetry]\npreflight = True\n", ALL_OFF, 1),
    ("[telemetry]\npreflight = true\npreflight = true\n", ALL_OFF, 1),
    ("\ufeff[telemetry]\npreflight = true\n", {"telemetry.preflight": True}, 0),
]

NONE = TelemetryFlags()
RELAY = TelemetryFlags(relay=True)
HASHED = TelemetryFlags(relay=True, preflight=True)
HASHED_ALONE = TelemetryFlags(preflight=True)
ALL = TelemetryFlags(relay=True, preflight=True, raw=True)
RAW_ALONE = TelemetryFlags(preflight=True, raw=True)

# The variable (None: not set), the file, and what is on: asked for by one, refused by neither.
BOTH: list[tuple[str | None, str, TelemetryFlags]] = [
    (None, "", RELAY),
    (None, "relay = false", NONE),
    (None, "preflight = true", HASHED),
    (None, "raw = true", ALL),
    (None, "raw = true\npreflight = false", RELAY),
    (None, "preflight = true\nraw = false", HASHED),
    (None, "preflight = true\nrelay = false", HASHED_ALONE),
    (None, 'preflight = "true"', RELAY),
    ("1", "preflight = true", HASHED),
    ("relay", "preflight = true", HASHED),
    ("preflight", "", HASHED_ALONE),
    ("preflight", "relay = true", HASHED),
    ("preflight", "preflight = false", NONE),
    ("preflight", 'preflight = "false"', NONE),
    ("preflight", "preflight = 0", NONE),
    ("preflight", "raw = true", RAW_ALONE),
    ("raw", "raw = false", HASHED_ALONE),
    ("raw", "preflight = false", NONE),
    ("raw", "unknown = true", RAW_ALONE),
    ("raw", "this is not TOML", NONE),
    ("off", "preflight = true\nraw = true\nrelay = true", NONE),
    ("0", "relay = true", NONE),
    ("preflight,no", "preflight = true", NONE),
]


def write(home: Path, text: str) -> Path:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(text, encoding="utf-8", newline="")
    return home


@pytest.mark.parametrize(("text", "switches", "warnings"), FILES)
def test_only_a_toml_boolean_switches_and_all_else_is_off_and_said(
    text: str, switches: dict[str, bool], warnings: int, tmp_path: Path
) -> None:
    """`"false"` in quotes once switched capture on: a type is not a detail here."""
    said: list[str] = []
    policy = read_policy(write(tmp_path, text), said.append)

    assert dict(policy.switches) == switches
    assert len(said) == warnings
    assert all(str(tmp_path / "config.toml") in each for each in said)


@pytest.mark.parametrize(("variable", "text", "flags"), BOTH)
def test_a_flag_is_on_when_one_asks_for_it_and_neither_refuses(
    variable: str | None, text: str, flags: TelemetryFlags, tmp_path: Path
) -> None:
    """One rule for both places, so that a person can predict what is captured."""
    variables = {} if variable is None else {MAIN: variable}
    home = write(tmp_path, f"[telemetry]\n{text}\n")

    assert read_flags(variables, lambda _: None, home=home) == flags


def test_each_flag_names_the_place_that_decided_it(tmp_path: Path) -> None:
    """`preflight` is on and nobody knows why: the source is the answer."""
    home = write(tmp_path, "[telemetry]\npreflight = true\nraw = false\n")

    alone = read_flags({}, lambda _: None, home=home).sources
    both = read_flags({MAIN: "preflight", LEGACY_RAW: "1"}, lambda _: None, home=home).sources
    off = read_flags({MAIN: "off"}, lambda _: None, home=home).sources

    assert dict(alone) == {"relay": "default", "preflight": "config.toml", "raw": "config.toml"}
    assert dict(both) == {"relay": MAIN, "preflight": MAIN, "raw": "config.toml"}
    assert set(off.values()) == {MAIN}


def test_a_home_without_a_file_says_nothing_and_stays_without(tmp_path: Path) -> None:
    """Reading must not make what it looks for."""
    said: list[str] = []
    policy = read_policy(tmp_path / "home", said.append)

    assert (dict(policy.switches), policy.trouble, said) == ({}, "", [])
    assert not (tmp_path / "home").exists()
    assert policy.tracing_enabled is None


def test_what_cannot_be_read_is_off_and_never_waited_for(tmp_path: Path) -> None:
    """Whoever put a folder, a pipe or a lost link there may have meant off."""

    def refused(name: str) -> str:
        said: list[str] = []
        policy = read_policy(tmp_path / name, said.append)
        assert (dict(policy.switches), len(said)) == (ALL_OFF, 1)
        assert policy.tracing_enabled is False
        return policy.trouble

    for name in ("folder", "pipe", "link", "huge", "latin"):
        (tmp_path / name).mkdir()
    (tmp_path / "folder/config.toml").mkdir()
    os.mkfifo(tmp_path / "pipe/config.toml")
    (tmp_path / "link/config.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "huge/config.toml").write_bytes(b"#" * (MOST_BYTES + 1))
    (tmp_path / "latin/config.toml").write_bytes(b"# caf\xe9\n")

    assert "directory" in refused("folder")
    assert "regular file" in refused("pipe")
    assert "leads nowhere" in refused("link")
    assert "larger" in refused("huge")
    assert "utf-8" in refused("latin")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    """People keep their settings in one repository and link to them."""
    (tmp_path / "mine.toml").write_text("[tracing]\nenabled = true\n", encoding="utf-8")
    (tmp_path / "config.toml").symlink_to(tmp_path / "mine.toml")

    assert read_policy(tmp_path, lambda _: None).tracing_enabled is True


def test_the_warning_of_an_unknown_key_names_it_and_what_there_is(tmp_path: Path) -> None:
    """A spelling mistake is found only by its name."""
    said: list[str] = []
    read_policy(write(tmp_path, "[telemetry]\nprefligth = true\n"), said.append)

    assert "`telemetry.prefligth`" in said[0]
    assert "relay, preflight, raw" in said[0]


@given(st.binary(max_size=200))
def test_no_bytes_switch_on_what_they_do_not_name(content: bytes) -> None:
    """Whatever stands in the file, it is read without an error and invents nothing."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.toml").write_bytes(content)
        policy = read_policy(Path(folder), lambda _: None)

    for switch, is_on in policy.switches.items():
        assert switch in EVERY
        assert not is_on or switch.rpartition(".")[2].encode() in content
