"""The front: answers the listings from their snapshot while the SDK is still being imported.

It speaks only where the SDK's answer is certain: a well-formed request on the usual road.
Whatever opens the conversation, changes its state or looks odd goes to the SDK, in order,
so that the SDK arrives at the state the client believes in. A pure state machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bicameral.serving.frames import Frame
from bicameral.serving.listings import Listings
from bicameral.serving.names import ToolNames, spelling_for

META = "io.modelcontextprotocol/"
VERSION_KEY = META + "protocolVersion"
CLIENT_KEY = META + "clientInfo"
CAPABILITIES_KEY = META + "clientCapabilities"
KNOWN_META = {VERSION_KEY, CLIENT_KEY, CAPABILITIES_KEY}
CLIENT_TEXTS = {"name", "version", "title", "description", "websiteUrl"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What becomes of a frame: `answer` (a result as JSON text) goes out at once if any."""

    answer: str | None
    forward: bool


FORWARD = Heard(answer=None, forward=True)


class Front:
    """One conversation, as far as the listings can carry it."""

    def __init__(self, listings: Listings, *, tool_names: ToolNames) -> None:
        self._listings = listings
        self._tool_names = tool_names
        self._era: Literal["handshake", "modern"] | None = None
        self._version: str | None = None
        self._client_name: str | None = None
        self._retired = False

    def hear(self, frame: Frame) -> Heard:
        """Decide on one frame; `initialize` and the opening request always go on to the SDK."""
        if frame.key is None:
            return FORWARD
        opening = self._era is None
        if self._era is None:
            self._era = "modern" if _opens_modern(frame) else "handshake"
        answer = None if self._retired else self._answer(frame)
        return Heard(answer, opening or answer is None or frame.method == "initialize")

    def _answer(self, frame: Frame) -> str | None:
        if self._era == "modern":
            return self._answer_modern(frame)
        if frame.method == "initialize":
            return self._shake_hands(frame.params)
        if not _is_plain(frame.params) or (self._version is None and frame.method != "ping"):
            return None
        return self._find(self._version or self._listings.handshake[-1], frame, self._client_name)

    def _answer_modern(self, frame: Frame) -> str | None:
        meta = frame.params.get("_meta")
        if frame.params.keys() != {"_meta"} or not isinstance(meta, Mapping):
            return None
        version = meta.get(VERSION_KEY) if _is_plain_envelope(meta) else None
        if not isinstance(version, str) or version not in self._listings.modern:
            return None
        return self._find(version, frame, client_name(frame.params))

    def _shake_hands(self, params: Mapping[str, object]) -> str | None:
        """Negotiate as the SDK does: a version that is not known gets the newest one."""
        if self._version is not None or not _is_plain_handshake(params):
            self._retired = True
            return None
        known = self._listings.handshake
        asked = params["protocolVersion"]
        self._version = asked if isinstance(asked, str) and asked in known else known[-1]
        self._client_name = client_name(params)
        return self._listings.find(self._version, "dotted", "initialize")

    def _find(self, version: str, frame: Frame, name: str | None) -> str | None:
        spelling = spelling_for(name, self._tool_names)
        if frame.method is None or frame.method == "initialize":
            return None
        return self._listings.find(version, spelling, frame.method)


def client_name(params: Mapping[str, object]) -> str | None:
    """Return the client's name from an `initialize` or from a request's envelope."""
    meta = params.get("_meta")
    enveloped = meta.get(CLIENT_KEY) if isinstance(meta, Mapping) else None
    info = params.get("clientInfo", enveloped)
    name = info.get("name") if isinstance(info, Mapping) else None
    return name if isinstance(name, str) else None


def _opens_modern(frame: Frame) -> bool:
    meta = frame.params.get("_meta")
    return frame.method != "initialize" and isinstance(meta, Mapping) and VERSION_KEY in meta


def _is_plain(params: Mapping[str, object]) -> bool:
    """No cursor, no envelope: a listing from its beginning on a handshake connection."""
    return not params or (params.keys() == {"_meta"} and _is_plain_meta(params["_meta"]))


def _is_plain_meta(meta: object) -> bool:
    if not isinstance(meta, Mapping) or any(key.startswith(META) for key in meta):
        return False
    return "progressToken" not in meta or _is_token(meta["progressToken"])


def _is_plain_envelope(meta: Mapping[str, object]) -> bool:
    if CAPABILITIES_KEY not in meta:
        return False
    rest = {key: value for key, value in meta.items() if key not in KNOWN_META}
    client_is_plain = CLIENT_KEY not in meta or _is_plain_client(meta[CLIENT_KEY])
    return _is_plain_meta(rest) and client_is_plain and _are_plain(meta[CAPABILITIES_KEY])


def _is_plain_handshake(params: Mapping[str, object]) -> bool:
    if not {"protocolVersion", "capabilities", "clientInfo"} <= params.keys():
        return False
    rest = {key: params[key] for key in params if key == "_meta"}
    return (
        isinstance(params["protocolVersion"], str)
        and _are_plain(params["capabilities"])
        and _is_plain_client(params["clientInfo"])
        and _is_plain(rest)
    )


def _is_plain_client(info: object) -> bool:
    if not isinstance(info, Mapping) or not {"name", "version"} <= info.keys():
        return False
    texts = all(isinstance(info[key], str) for key in CLIENT_TEXTS & info.keys())
    return texts and _are_plain_icons(info.get("icons", []))


def _are_plain_icons(icons: object) -> bool:
    return isinstance(icons, list) and all(
        isinstance(icon, Mapping) and "src" in icon and all(map(_is_plain_in_icon, icon.items()))
        for icon in icons
    )


def _is_plain_in_icon(member: tuple[str, object]) -> bool:
    name, value = member
    if name == "sizes":
        return isinstance(value, list) and all(isinstance(size, str) for size in value)
    return name in {"src", "mimeType"} and isinstance(value, str)


def _are_plain(capabilities: object) -> bool:
    """Objects in objects; a yes or no only where the protocol has one (`listChanged`)."""
    return isinstance(capabilities, Mapping) and all(
        isinstance(value, Mapping) and _is_plain_capability(name, value)
        for name, value in capabilities.items()
    )


def _is_plain_capability(name: str, value: Mapping[str, object]) -> bool:
    if name == "roots":
        return value.keys() <= {"listChanged"} and all(isinstance(v, bool) for v in value.values())
    return all(isinstance(inner, Mapping) for inner in value.values())


def _is_token(token: object) -> bool:
    return isinstance(token, str) or type(token) is int
