"""Disclosure: what is kept on this machine in a mode, and what may leave it, from the registry.

Nothing here is written by hand that the registry knows, so what a person is shown, agrees to
and gets is one thing. What may be sent has a digest, by which a consent knows what it was for.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from bicameral.govern.home_files import OTHER_FILES, KeptFile, When
from bicameral.govern.kinds import MADE_ELSEWHERE, Family, Field, Kind, Retention
from bicameral.govern.registry import Registry
from bicameral.govern.retention import read_policy
from bicameral.govern.sensitivity import Sensitivity, is_within
from bicameral.govern.transmission import HIGHEST_CAP

Mode = Literal["off", "preflight", "raw"]
SentAs = Literal["as it is", "our ids as they are, others as a keyed digest"]
READERS = "you, every program that runs as you, and whoever administers the machine"
NEVER = (
    "source text",
    "prompts",
    "topics and queries",
    "arguments of tools",
    "texts of decisions",
    "paths, relative or absolute",
    "remotes and names of branches",
    "names of homes, hosts and people",
    "secrets",
)
_WHEN: Mapping[Family, When] = {
    "hook_failure": "always",
    "label": "by hand",
    "calibration": "by hand",
    "trace": "tracing",
    "relay": "relay",
}
# In hashed mode texts stand as keyed hashes or sizes alone; these hold what a person typed.
_AS_REGISTERED: frozenset[Family] = frozenset({"label", "calibration", "state"})


@dataclass(frozen=True, slots=True)
class SentField:
    """A field as it would be sent."""

    place: str
    sensitivity: Sensitivity
    sent_as: SentAs


@dataclass(frozen=True, slots=True)
class SentKind:
    """What would be sent of a kind of line."""

    kind: str
    fields: tuple[SentField, ...]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What is `kept` as things are set, what is not (`not_kept`), and what may be `sent`."""

    mode: Mode
    is_traced: bool
    kept: tuple[KeptFile, ...]
    not_kept: tuple[KeptFile, ...]
    sent: tuple[SentKind, ...]
    digest: str


def disclose(registry: Registry, *, mode: Mode, is_traced: bool, is_relay: bool) -> Disclosure:
    """Return the disclosure for a mode of capture, with tracing on or off.

    `is_relay` says whether an upload is permitted, so that rows may be queued for one.
    """
    files = [*_files_of_kinds(registry, mode), *_other_files()]
    now: Mapping[When, bool] = {
        "always": True,
        "by hand": True,
        "capture": mode != "off",
        "tracing": is_traced,
        "relay": is_relay,
    }
    sent = sendable(registry)
    return Disclosure(
        mode=mode,
        is_traced=is_traced,
        kept=tuple(each for each in files if now[each.when]),
        not_kept=tuple(each for each in files if not now[each.when]),
        sent=sent,
        digest=digest_of(sent),
    )


def sendable(registry: Registry) -> tuple[SentKind, ...]:
    """Return what may be sent: the fields within the cap of every kind that is approved."""
    return tuple(
        SentKind(kind.id, tuple(_sent_fields(kind)))
        for kind in registry
        if kind.transmission == "approved_upload"
    )


def digest_of(sent: tuple[SentKind, ...]) -> str:
    """Return the digest of what may be sent: another field, class or form, another digest."""
    told = {
        each.kind: {field.place: [field.sensitivity, field.sent_as] for field in each.fields}
        for each in sent
    }
    text = json.dumps([HIGHEST_CAP, told], sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _files_of_kinds(registry: Registry, mode: Mode) -> Iterator[KeptFile]:
    for file, kinds in registry.by_file().items():
        first = kinds[0]
        yield KeptFile(
            file=file,
            holds=first.description.partition(". ")[0].rstrip(".")
            if len(kinds) == 1
            else f"{len(kinds)} kinds of lines",
            most=max(_most(kind, mode) for kind in kinds),
            when=_WHEN.get(first.family, "capture"),
            kept=_kept(first.retention),
            kinds=tuple(kind.id for kind in kinds),
        )


def _most(kind: Kind, mode: Mode) -> Sensitivity:
    is_hashed = mode != "raw" and kind.family not in _AS_REGISTERED
    return min(kind.sensitivity, HIGHEST_CAP) if is_hashed else kind.sensitivity


def _kept(kept: Retention | None) -> str:
    if kept is None:
        return "not kept"
    if kept.kind == "keep_forever":
        return f"until you remove it: {kept.reason}"
    return f"at most {kept.days} days: {kept.reason}" if kept.days else kept.reason


def _other_files() -> Iterator[KeptFile]:
    policy = read_policy()
    for each in OTHER_FILES:
        yield replace(each, kept=each.kept or _kept(policy.file(each.file).retention))


def _sent_fields(kind: Kind) -> Iterator[SentField]:
    for place, field in kind.walk():
        if is_within(field.sensitivity, HIGHEST_CAP):
            yield SentField(place, field.sensitivity, _sent_as(field))


def _sent_as(field: Field) -> SentAs:
    if field.form in MADE_ELSEWHERE:
        return "our ids as they are, others as a keyed digest"
    return "as it is"
