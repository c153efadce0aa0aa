"""The flags: what a person has switched on, read once at start and frozen.

A flag is on when a variable or `config.toml` asks for it and neither says off, so that one
word in one place is enough to be left alone. Nothing said at all permits an explicit upload
(`relay`) and captures nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from bicameral.capture.policy import POLICY_FILE, Policy, read_policy

VARIABLE = "BICAMERAL_TELEMETRY"
LEGACY_VARIABLES = {
    "BICAMERAL_PREFLIGHT_TELEMETRY": "preflight",
    "BICAMERAL_PREFLIGHT_TELEMETRY_RAW": "raw",
}
CHANNELS = ("relay", "preflight", "raw")
OFF_WORDS = frozenset({"0", "off", "false", "no"})
ON_WORDS = frozenset({"1", "on", "true", "yes"})


@dataclass(frozen=True, slots=True)
class TelemetryFlags:
    """What may happen: `preflight` captures hashed events, `raw` adds their plain text.

    `relay` sends nothing: it permits an upload that a person starts and has consented to.
    `sources` names for each flag what decided it: a variable, `config.toml` or `default`.
    """

    relay: bool = False
    preflight: bool = False
    raw: bool = False
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)


def read_flags(
    variables: Mapping[str, str], warn: Callable[[str], None], *, home: Path | None = None
) -> TelemetryFlags:
    """Read the flags; `warn` is given one line for each thing amiss.

    `home` is the data home, whose `config.toml` is read too: without one the variables
    decide alone.
    """
    names = [name.strip().lower() for name in variables.get(VARIABLE, "").split(",")]
    names = [name for name in names if name]
    legacy = _legacy_channels(variables)
    for warning in _warnings(names, legacy):
        warn(warning)
    if OFF_WORDS.intersection(names):  # no file could switch anything on, so none is read
        return _flags({}, {}, otherwise=VARIABLE)
    asked = _channels(names) | legacy
    policy = read_policy(home, warn) if home else Policy()
    told = {name: policy.says(f"telemetry.{name}") for name in CHANNELS}
    for name, is_on in told.items():
        if is_on and asked.get(name, "default") == "default":
            asked[name] = POLICY_FILE
    refused = {name: POLICY_FILE for name, is_on in told.items() if is_on is False}
    return _flags(asked, refused, otherwise=VARIABLE if names else "default")


def _channels(names: list[str]) -> dict[str, str]:
    """Return the channels asked for, each with what asked for it."""
    if not names:
        return {"relay": "default"}
    # A value without any known name is the legacy truthy form, as `1` is.
    known = [name for name in names if name in CHANNELS] or ["relay"]
    return dict.fromkeys(known, VARIABLE)


def _legacy_channels(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        channel: variable
        for variable, channel in LEGACY_VARIABLES.items()
        if variables.get(variable, "").strip().lower() in ON_WORDS
    }


def _flags(asked: dict[str, str], refused: dict[str, str], *, otherwise: str) -> TelemetryFlags:
    """Decide each flag: asked for by something, and refused by nothing."""
    if "raw" in asked:
        asked.setdefault("preflight", asked["raw"])
    if "preflight" in refused:  # plain text is captured in its rows, so it goes with them
        refused.setdefault("raw", refused["preflight"])
    sources = {name: refused.get(name) or asked.get(name, otherwise) for name in CHANNELS}
    is_on = {name: name in asked and name not in refused for name in CHANNELS}
    return TelemetryFlags(**is_on, sources=MappingProxyType(sources))


def _warnings(names: list[str], legacy: Mapping[str, str]) -> Iterable[str]:
    is_off = bool(OFF_WORDS.intersection(names))
    unknown = sorted(set(names) - set(CHANNELS) - (OFF_WORDS if is_off else frozenset()))
    if unknown and not (len(names) == 1 and names[0] in ON_WORDS):
        yield (
            f"{VARIABLE}: {', '.join(map(repr, unknown))} is not known and was ignored; "
            f"use 0, 1 or a list of {', '.join(CHANNELS)}"
        )
    if legacy:
        instead = f"{VARIABLE}={','.join(legacy.keys())}"
        effect = f"were ignored, because {VARIABLE} says off" if is_off else "still work"
        yield f"{' and '.join(legacy.values())} (legacy) {effect}; set {instead} instead"
