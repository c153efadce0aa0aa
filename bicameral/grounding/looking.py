"""The bound regions of changed files, read again; those that vanished are looked for.

What a region is compared with decides where it can have gone: what the main branch shows
since its last commit there, what a branch alone has seen since the branch's last one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bicameral.errors import GitFailed
from bicameral.grounding.candidates import ChangedFiles
from bicameral.grounding.changes import Change
from bicameral.grounding.evidence import Evidence, Outcome, as_text
from bicameral.grounding.following import follow, realigned, split_in_place
from bicameral.grounding.regions import Comparison
from bicameral.grounding.repository import Repository
from bicameral.grounding.snapshots import SeenAt, found_again, look_again, snapshot_of, state_of
from bicameral.ledger.domain import MAIN, Region, RegionState


class OutOfTime(Exception):
    """The budget of a catch-up ran out before its end."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one bound region: its state before and after, and the kind of change."""

    region: Region
    before: RegionState | None
    after: RegionState
    change: Outcome
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What differs at a commit from the one of the main branch that the ledger knows, and
    from the one at which the branch itself was seen last, where that is another one.
    """

    main: str
    since_main: Sequence[Change]
    reached: str = ""
    since_reached: Sequence[Change] = ()

    @property
    def paths(self) -> set[str]:
        """Every path that differs, under both of its names."""
        return paths_of(self.since_main) | paths_of(self.since_reached)


def paths_of(changes: Iterable[Change]) -> set[str]:
    """Return the paths of changes, under both of their names."""
    return {path for each in changes for path in (each.path, each.old_path) if path}


class Look:
    """One look at what a branch's newest commit has, at most as long as there is time."""

    def __init__(
        self,
        repository: Repository,
        seen_at: SeenAt,
        compared: Compared | None,
        is_out_of_time: Callable[[], bool],
    ) -> None:
        self._repository = repository
        self._seen_at = seen_at
        self._compared = compared
        self._is_out_of_time = is_out_of_time
        self._files: dict[bool, ChangedFiles | None] = {}

    def at(
        self,
        known: Iterable[tuple[Region, RegionState | None]],
        contents: Mapping[str, bytes | None],
    ) -> Iterator[Seen]:
        """Yield what became of each region; raises `OutOfTime`."""
        for region, before in known:
            if self._is_out_of_time():
                raise OutOfTime
            found = look_again(region, before, contents.get(region.path), self._seen_at)
            if found is not None:
                yield self._followed(Seen(region, before, found[1], found[0]))

    def _followed(self, seen: Seen) -> Seen:
        before, files = seen.before, self._changed_files(seen.before)
        if before is None or files is None or before.presence == "removed":
            return seen
        old = snapshot_of(seen.region, before)
        if seen.change == "removed":
            return self._with(seen, follow(old, files, self._seen_at.cache))
        if seen.change == "changed" and seen.region.kind == "lines":
            return self._in_place(seen, realigned(old, old.path, files))
        if seen.change == "changed" and seen.region.kind == "symbol":
            new = snapshot_of(seen.region, seen.after)
            split = split_in_place(old, new, files)
            return self._with(seen, split) if split else seen
        return seen

    def _in_place(self, seen: Seen, found: Comparison | None) -> Seen:
        """Return lines where they are in their file; they stand where they were bound."""
        if found is None or found.region is None:
            return seen
        now, known = state_of(found.region, self._seen_at), seen.after
        after = replace(now, path=known.path, selector=known.selector)
        return replace(seen, after=after, change=found.outcome)

    def _with(self, seen: Seen, found: Comparison) -> Seen:
        evidence = as_text(found.outcome, found.evidence)
        after = seen.after if found.region is None else found_again(found.region, self._seen_at)
        after = replace(after, evidence=evidence)
        return replace(seen, after=after, change=found.outcome, evidence=found.evidence)

    def _changed_files(self, before: RegionState | None) -> ChangedFiles | None:
        """Return where a region can have gone since it was seen to stand as `before`."""
        is_own = before is not None and before.branch != MAIN
        if is_own not in self._files:
            self._files[is_own] = self._make(is_own=is_own)
        return self._files[is_own]

    def _read_before(self, commit: str, paths: Iterable[str]) -> Mapping[str, bytes | None]:
        """Return files as they were; what a partial clone has not got is not known any more."""
        wanted = list(paths)
        try:
            return self._repository.read_files(commit, wanted)
        except GitFailed:
            return dict.fromkeys(wanted)

    def _make(self, *, is_own: bool) -> ChangedFiles | None:
        compared = self._compared
        if compared is None:
            return None
        older, changes = compared.main, compared.since_main
        if is_own and compared.reached:
            older, changes = compared.reached, compared.since_reached
        return ChangedFiles(
            changes,
            read_before=partial(self._read_before, older),
            read_now=partial(self._repository.read_files, self._seen_at.commit),
            cache=self._seen_at.cache,
        )
