"""The flags: what a person has switched on, read once at start and frozen.

`BICAMERAL_TELEMETRY` unset permits an explicit upload (`relay`) and captures nothing.
An explicit off wins over everything, so that one word is enough to be left alone.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

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
    `sources` names for each flag the variable, or `default`, that decided it.
    """

    relay: bool = False
    preflight: bool = False
    raw: bool = False
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)


def read_flags(variables: Mapping[str, str], warn: Callable[[str], None]) -> TelemetryFlags:
    """Read the flags from the variables; `warn` is given one line for each thing amiss."""
    names = [name.strip().lower() for name in variables.get(VARIABLE, "").split(",")]
    names = [name for name in names if name]
    legacy = _legacy_channels(variables)
    for warning in _warnings(names, legacy):
        warn(warning)
    is_off = bool(OFF_WORDS.intersection(names))
    return _flags(
        {} if is_off else _channels(names) | legacy, otherwise=VARIABLE if names else "default"
    )


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


def _flags(asked: dict[str, str], *, otherwise: str) -> TelemetryFlags:
    if "raw" in asked:
        asked.setdefault("preflight", asked["raw"])
    sources = {channel: asked.get(channel, otherwise) for channel in CHANNELS}
    return TelemetryFlags(
        relay="relay" in asked,
        preflight="preflight" in asked,
        raw="raw" in asked,
        sources=MappingProxyType(sources),
    )


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
