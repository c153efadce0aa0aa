"""Telemetry: the one object that writes rows, when a person has switched capture on.

It never fails and never holds up the call it watches: what cannot be recorded is counted,
shown by `status` and said once on stderr, and the call goes on.
"""

from collections.abc import Callable, Iterable

from bicameral.capture import events
from bicameral.capture.arguments import Mode, shape_text
from bicameral.capture.attribution import RecentPreflights
from bicameral.capture.flags import TelemetryFlags, read_flags
from bicameral.capture.hashes import Hashes
from bicameral.capture.identifiers import new_uuid4
from bicameral.capture.log import DEFAULT_LIMITS, RotatedLog
from bicameral.capture.opaque import opaque_preflight, opaque_session, read_hashes
from bicameral.capture.paths import normalise_path
from bicameral.capture.recorder import Recorder
from bicameral.capture.rotation import Limits
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.capture.secrets import without_secrets
from bicameral.capture.sessions import Sessions
from bicameral.capture.stamps import Stamps
from bicameral.capture.status import TelemetryStatus, describe_log
from bicameral.environment import Environment


class Telemetry:
    """Capture for one process; the flags are resolved once, here.

    `repository_root` (in any platform's form) makes absolute paths relative before they
    are hashed; `repository_id` is opaque and stands in each row unless a call gives its
    own. `redact` is applied to each text that raw mode stores; by default, secrets go.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        repository_id: str | None = None,
        repository_root: str | None = None,
        flags: TelemetryFlags | None = None,
        limits: Limits = DEFAULT_LIMITS,
        redact: Callable[[str], str] = without_secrets,
    ) -> None:
        self.flags = flags or read_flags(
            environment.variables, environment.warn, home=environment.home
        )
        self._environment = environment
        self._repository_id = repository_id
        self._repository_root = repository_root
        self._redact = redact
        self._stamps = Stamps()
        self._hashes: Hashes | None = None
        self._events = RotatedLog(environment.home / EVENTS_FILE, limits=limits)
        self._engagements = RotatedLog(environment.home / ENGAGEMENTS_FILE, limits=limits)
        self._recent = RecentPreflights(self._events.path)
        self._sessions = Sessions(environment, self._events, others=[self._engagements.path])
        self.recorder = Recorder(environment)

    @property
    def environment(self) -> Environment:
        """The outside as it was given."""
        return self._environment

    @property
    def logs(self) -> tuple[RotatedLog, ...]:
        """The logs of the rows, for whoever tells what became of them."""
        return (self._events, self._engagements)

    def telemetry_enabled(self) -> bool:
        """Tell whether preflight capture is on."""
        return self.flags.preflight

    def raw_capture_enabled(self) -> bool:
        """Tell whether rows also carry plain text."""
        return self.flags.raw

    def new_preflight_id(self) -> str | None:
        """Return a fresh UUID (version 4) for one preflight; none while capture is off."""
        return new_uuid4(self._environment.random_bytes) if self.flags.preflight else None

    def write_preflight_event(
        self,
        *,
        session_id: str,
        preflight_id: str | None,
        topic: str,
        file_paths: Iterable[str],
        fired: bool,
        surfaced_ids: Iterable[str],
        reason: str,
        ledger_revision: str | None = None,
        latency_ms: float | None = None,
        repository_id: str | None = None,
    ) -> None:
        """Record one preflight; `reason` is one of our codes, `surfaced_ids` are ledger ids."""

        def row(time_ns: int) -> events.Row:
            paths = self._normalise(file_paths)
            hashes = self._salted()
            event = events.PreflightEvent(
                ts=self._stamps.write(time_ns),
                session_id=opaque_session(session_id, self._salted),
                repository_id=repository_id or self._repository_id,
                preflight_id=opaque_preflight(preflight_id, self._salted),
                topic_hash=hashes.hash_topic(topic),
                file_paths_hash=hashes.hash_file_paths(paths),
                path_hashes=[hashes.hash_path(path) for path in paths],
                fired=fired,
                surfaced_ids=list(surfaced_ids),
                reason=reason,
                ledger_revision=ledger_revision,
                latency_ms=latency_ms,
            )
            if self.flags.raw:
                event.topic = self._shown(topic)
                event.file_paths = list(map(self._shown, paths))
            return event

        self._capture(self._events, row)

    def write_engagement(
        self,
        *,
        session_id: str,
        tool: str,
        decision_id: str,
        preflight_id: str | None,
        file_paths: Iterable[str],
        repository_id: str | None = None,
    ) -> None:
        """Record that a call of the client's concerned a decision, on these paths.

        Without a `preflight_id` the row is attributed to a recent preflight that shares a
        path, if there is one; `repository_id` keeps it within its repository.
        """

        def row(time_ns: int) -> events.Engagement:
            paths = self._normalise(file_paths)
            hashes = self._salted()
            path_hashes = list(map(hashes.hash_path, paths))
            own_session = opaque_session(session_id, self._salted)
            found = opaque_preflight(preflight_id, self._salted) or self._attribute(
                own_session, repository_id or self._repository_id, path_hashes, time_ns
            )
            return events.Engagement(
                ts=self._stamps.write(time_ns),
                session_id=own_session,
                tool=tool,
                decision_id=decision_id,
                preflight_id=found,
                file_paths_hash=hashes.hash_file_paths(paths),
                path_hashes=path_hashes,
                attribution="explicit" if preflight_id else "fallback",
            )

        self._capture(self._engagements, row)

    def write_preflight_prompt_bypassed(
        self,
        *,
        session_id: str,
        preflight_id: str | None,
        decision_id: str,
        reason: str,
        state_preserved: bool,
        repository_id: str | None = None,
    ) -> None:
        """Record that a person waved a decision through; their reason is hashed unless raw."""
        self._capture(
            self._events,
            lambda time_ns: events.PreflightPromptBypassed(
                ts=self._stamps.write(time_ns),
                session_id=opaque_session(session_id, self._salted),
                repository_id=repository_id or self._repository_id,
                preflight_id=opaque_preflight(preflight_id, self._salted),
                decision_id=decision_id,
                reason=self._shown(reason),
                state_preserved=state_preserved,
            ),
        )

    def write_ingest_refused(
        self, *, session_id: str, reason: str, source: str, repository_id: str | None = None
    ) -> None:
        """Record that a source was not taken in; `reason` is the code of the error."""
        self._capture(
            self._events,
            lambda time_ns: events.IngestRefused(
                ts=self._stamps.write(time_ns),
                session_id=opaque_session(session_id, self._salted),
                repository_id=repository_id or self._repository_id,
                reason=reason,
                source_hash=self._salted().hash_topic(source),
            ),
        )

    def write_preflight_dedup_decision(
        self,
        *,
        session_id: str,
        preflight_id: str | None,
        invalidated_by_revision_bump: bool = False,
        bypassed_revision_unknown: bool = False,
        repository_id: str | None = None,
    ) -> None:
        """Record why an earlier answer to the same question did not silence this one."""
        self._capture(
            self._events,
            lambda time_ns: events.PreflightDedupDecision(
                ts=self._stamps.write(time_ns),
                session_id=opaque_session(session_id, self._salted),
                repository_id=repository_id or self._repository_id,
                preflight_id=opaque_preflight(preflight_id, self._salted),
                invalidated_by_revision_bump=invalidated_by_revision_bump,
                bypassed_revision_unknown=bypassed_revision_unknown,
            ),
        )

    def write_graph_expansion_fallback(
        self,
        *,
        session_id: str,
        preflight_id: str | None,
        reason: str,
        file_paths: Iterable[str],
        repository_id: str | None = None,
    ) -> None:
        """Record that the import graph could not be asked; `reason` is the code of the error."""
        self._capture(
            self._events,
            lambda time_ns: events.GraphExpansionFallback(
                ts=self._stamps.write(time_ns),
                session_id=opaque_session(session_id, self._salted),
                repository_id=repository_id or self._repository_id,
                preflight_id=opaque_preflight(preflight_id, self._salted),
                reason=reason,
                path_hashes=list(map(self._salted().hash_path, self._normalise(file_paths))),
            ),
        )

    def start_session(self, session_id: str, *, repository_id: str | None = None) -> None:
        """Record that this process serves a session; only the first time counts."""
        own = repository_id or self._repository_id
        self._follow(lambda: self._sessions.start(session_id, repository_id=own))

    def end_session(self, session_id: str, *, reason: str = "closed") -> None:
        """Record that a session this process serves is over; `reason` is one of our codes."""
        self._follow(lambda: self._sessions.end(session_id, reason=reason))

    def end_sessions(self, *, reason: str = "closed") -> None:
        """Record that every session this process serves is over."""
        for session_id in self._sessions.served:
            self.end_session(session_id, reason=reason)

    def end_abandoned_sessions(self) -> None:
        """Record the end of sessions whose server vanished; a server calls this after its start."""
        self._follow(self._sessions.end_abandoned)

    def status(self) -> TelemetryStatus:
        """Describe what is captured, why, where and how much; reads sizes, never rows."""
        troubles = [self.recorder.last_error, *(log.rotation_error for log in self.logs)]
        return TelemetryStatus(
            home=str(self._environment.home),
            flags=self.flags,
            files=tuple(map(describe_log, self.logs)),
            last_error=next(filter(None, troubles), ""),
        )

    def close(self) -> None:
        """Give back what is held open; sessions stay open, as they do when a process dies."""
        self._sessions.release()
        self._events.close()
        self._engagements.close()

    def _capture(
        self, log: RotatedLog, make: Callable[[int], events.Row | events.Engagement]
    ) -> None:
        if self.flags.preflight:
            self.recorder.record(log, make)

    def _follow(self, step: Callable[[], object]) -> None:
        if self.flags.preflight:
            self.recorder.follow(step)

    def _attribute(
        self, session_id: str, repository_id: str | None, path_hashes: list[str], time_ns: int
    ) -> str | None:
        try:
            return self._recent.find(
                session_id=session_id,
                repository_id=repository_id,
                path_hashes=path_hashes,
                time_ns=time_ns,
            )
        except OSError as error:  # the engagement itself is still worth a row
            self.recorder.report(error)
            return None

    def _salted(self) -> Hashes:
        if self._hashes is None:
            self._hashes = read_hashes(self._environment)
        return self._hashes

    def _normalise(self, file_paths: Iterable[str]) -> list[str]:
        root = self._repository_root
        return [path for given in file_paths if (path := normalise_path(given, root))]

    def _shown(self, text: str) -> str:
        mode: Mode = "full" if self.flags.raw else "hash"
        return shape_text(text, mode, digest=self._salted().hash_topic, redact=self._redact)
