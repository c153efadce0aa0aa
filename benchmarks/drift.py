"""What becomes of real code at real commits: how often drift says it right, class by class.

Needs a folder with the repositories, bare or not (OWNER+NAME/repo, OWNER__NAME or
OWNER/NAME), and the file with the cases.
`python -m benchmarks.drift MIRRORS --cases FILE [--json] [--wrong] [--sweep]`
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.drift_cases import (
    Case,
    halves,
    is_at,
    read_cases,
    region_before,
    repository_in,
    variables,
)
from bicameral.grounding.cache import ParseCache
from bicameral.grounding.candidates import ChangedFiles
from bicameral.grounding.changes import Change
from bicameral.grounding.digests import raw_digest_of
from bicameral.grounding.following import follow
from bicameral.grounding.looking import Compared, Look
from bicameral.grounding.regions import Region, classify
from bicameral.grounding.repository import Repository
from bicameral.grounding.similarity import THRESHOLD
from bicameral.grounding.snapshots import SeenAt, found_again, snapshot_of
from bicameral.ledger.domain import MAIN
from bicameral.ledger.domain import Region as Bound

CALM, ASKS = frozenset({"unchanged", "cosmetic"}), frozenset({"changed", "split"})
# What a label asks for; `annotation-only` may go either way, by the cases' own word.
EXPECTED: dict[str, frozenset[str]] = {
    "unchanged": frozenset({"unchanged"}),
    "line-shift": frozenset({"unchanged"}),
    "cosmetic": frozenset({"cosmetic"}),
    "annotation-only": ASKS | CALM,
    "local-rename": ASKS,
    "semantic": ASKS,
    "moved": frozenset({"moved"}),
    "renamed": frozenset({"renamed"}),
    "moved+modified": ASKS,
    "renamed+modified": ASKS,
    "deleted": frozenset({"removed"}),
}
THRESHOLDS = [number / 20 for number in range(4, 20)]


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: the outcome, and where the region is taken to be."""

    outcome: str
    region: Region | None


@dataclass(frozen=True, slots=True)
class Scene:
    """A case with all that an answer may look at."""

    case: Case
    repository: Repository
    region: Region
    before: bytes
    after: bytes | None
    changes: Sequence[Change]
    cache: ParseCache

    def files(self) -> ChangedFiles:
        return ChangedFiles(
            self.changes,
            read_before=partial(self.repository.read_files, self.case.old_commit),
            read_now=partial(self.repository.read_files, self.case.new_commit),
            cache=self.cache,
        )


def as_linked(scene: Scene) -> Said:
    """What `link_commit` does: in its place, else followed."""
    case, seen_at = scene.case, SeenAt(MAIN, scene.case.new_commit, scene.cache)
    bound = Bound("reg", "repo", case.path, "symbol", scene.region.symbol or "")
    state = found_again(scene.region, SeenAt(MAIN, case.old_commit, scene.cache))
    compared = Compared(case.old_commit, scene.changes)
    look = Look(scene.repository, seen_at, compared, lambda: False)
    [seen] = look.at([(bound, state)], {case.path: scene.after})
    if seen.after.presence == "removed":
        return Said(seen.change, None)
    there = Bound("reg", "repo", seen.after.path, "symbol", seen.after.selector)
    return Said(seen.change, snapshot_of(there, seen.after))


def in_place(scene: Scene) -> Said:
    """The same digests, but only where the region was: what drift did before it followed."""
    found = classify(scene.region, scene.after, cache=scene.cache)
    return Said(found.outcome, found.region)


def by_lines(scene: Scene, path: str | None = None, after: bytes | None = None) -> Said:
    """A digest of the text of the lines, sought in the file."""
    after = scene.after if path is None else after
    if after is None:
        return Said("removed", None)
    region, text = scene.region, after.splitlines()
    lines = scene.before.splitlines()[region.start_line - 1 : region.end_line]
    wanted, count = raw_digest_of(b"\n".join(lines)), len(lines)
    starts = range(len(text) - count + 1)
    is_there = any(
        text[first] == lines[0] and raw_digest_of(b"\n".join(text[first : first + count])) == wanted
        for first in starts
    )
    if path is None:
        return Said("unchanged" if is_there else "changed", region)
    moved = Region(
        **{name: getattr(region, name) for name in Region.__slots__ if name != "path"}, path=path
    )
    return Said("moved" if is_there else "changed", moved)


def by_git(scene: Scene) -> Said:
    """Git's own renames of files, and the text of the lines in the file."""
    renamed = {each.old_path: each.path for each in scene.changes if each.status == "renamed"}
    path = renamed.get(scene.case.path)
    if path is None:
        return by_lines(scene)
    return by_lines(scene, path, scene.repository.read_files(scene.case.new_commit, [path])[path])


ANSWERS: dict[str, Callable[[Scene], Said]] = {
    "link_commit": as_linked,
    "digests in place only": in_place,
    "text of the lines": by_lines,
    "git -M and text": by_git,
}


def is_right(case: Case, said: Said) -> bool:
    return said.outcome in EXPECTED[case.label] and is_at(said.region, case.place)


def column(case: Case, said: Said) -> str:
    """Name what was said for the confusion table, with how it stands to the truth."""
    if said.region is None or is_at(said.region, case.old_place):
        return said.outcome
    return said.outcome + ("" if said.outcome in {"moved", "renamed"} else ", followed")


def scenes(cases: Iterable[Case], folder: Path) -> Iterable[Scene]:
    known: dict[str, Repository | None] = {}
    cache = ParseCache()
    for case in cases:
        if case.repository not in known:
            known[case.repository] = repository_in(folder, case.repository, variables())
        repository = known[case.repository]
        if repository is None:
            continue
        before = repository.read_files(case.old_commit, [case.path])[case.path]
        region = None if before is None else region_before(case, before, cache)
        if before is None or region is None:
            continue
        after = repository.read_files(case.new_commit, [case.path])[case.path]
        changes = repository.changes(case.old_commit, case.new_commit)
        yield Scene(case, repository, region, before, after, changes, cache)


def sweep(scene: Scene) -> dict[float, bool]:
    """Say at which thresholds a region that vanished is followed rightly."""
    if classify(scene.region, scene.after, cache=scene.cache).region is not None:
        return {}
    files = scene.files()
    return {
        threshold: is_right(scene.case, Said(found.outcome, found.region))
        for threshold in THRESHOLDS
        for found in [follow(scene.region, files, scene.cache, threshold=threshold)]
    }


def measure(cases: Sequence[Case], folder: Path, *, with_sweep: bool) -> dict[str, Any]:
    half = halves({case.repository for case in cases})
    right: Counter[tuple[str, ...]] = Counter()
    said: Counter[tuple[str, str, str]] = Counter()
    swept: Counter[tuple[str, float]] = Counter()
    wrong, vanished, read = [], Counter[str](), 0
    for scene in scenes(cases, folder):
        case, read = scene.case, read + 1
        for name, answer in ANSWERS.items():
            found = answer(scene)
            is_so = is_right(case, found)
            for key in ((name, case.label), (name, "all"), (name, half[case.repository])):
                right[key] += is_so
            if name == "link_commit":
                said[case.label, case.language, column(case, found)] += 1
                if not is_so:
                    wrong.append({"id": case.id, "label": case.label, "said": found.outcome})
        if with_sweep and (at := sweep(scene)):
            vanished[half[case.repository]] += 1
            swept.update({(half[case.repository], t): good for t, good in at.items()})
    counts = Counter(case.label for case in cases)
    return {
        "cases": len(cases),
        "read": read,
        "halves": half,
        "counts": dict(counts) | {"all": len(cases)} | _by_half(cases, half),
        "right": {"|".join(key): count for key, count in right.items()},
        "said": {"|".join(key): count for key, count in said.items()},
        "sweep": {f"{name}|{at:.2f}": count for (name, at), count in swept.items()},
        "vanished": dict(vanished),
        "wrong": wrong,
        "threshold": THRESHOLD,
    }


def _by_half(cases: Sequence[Case], half: dict[str, str]) -> dict[str, int]:
    return dict(Counter(half[case.repository] for case in cases))


def report(found: dict[str, Any], *, with_wrong: bool) -> None:
    print(f"{found['read']} of {found['cases']} cases read; threshold {found['threshold']}")
    for half in ("chosen on", "held out"):
        print(f"{half}: {', '.join(sorted(n for n, h in found['halves'].items() if h == half))}")
    print("\nright, by class" + "".join(f" | {name}" for name in ANSWERS))
    for label in (*EXPECTED, "chosen on", "held out", "all"):
        count = found["counts"].get(label, 0)
        shares = [found["right"].get(f"{name}|{label}", 0) for name in ANSWERS]
        print(f"{label} ({count})" + "".join(f" | {n} {n / max(1, count):.1%}" for n in shares))
    print("\nsaid by link_commit, by class and language")
    for key in sorted(found["said"]):
        label, language, outcome = key.split("|")
        print(f"{label} | {language} | {outcome} | {found['said'][key]}")
    if found["sweep"]:
        print("\nvanished regions followed rightly, by threshold")
        for at in THRESHOLDS:
            counts = [
                f"{half} {found['sweep'].get(f'{half}|{at:.2f}', 0)} of {number}"
                for half, number in sorted(found["vanished"].items())
            ]
            print(f"{at:.2f} | " + " | ".join(counts))
    if with_wrong:
        for each in found["wrong"]:
            print(f"wrong: {each['id']} {each['label']}: said {each['said']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mirrors", nargs="?", type=Path, help="the folder of the repositories")
    parser.add_argument("--cases", type=Path, help="the file of the cases, as JSON lines")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="list every case that was wrong")
    parser.add_argument("--sweep", action="store_true", help="try other thresholds as well")
    options = parser.parse_args()
    if options.mirrors is None or options.cases is None:
        parser.exit(2, "nothing was measured: name the folder of repositories and --cases FILE\n")
    cases = list(read_cases(options.cases))
    found = measure(cases, options.mirrors, with_sweep=options.sweep)
    if not found["read"]:
        parser.exit(
            2, f"nothing was measured: no repository of the cases is in {options.mirrors}\n"
        )
    if options.json:
        json.dump(found, sys.stdout)
        return
    report(found, with_wrong=options.wrong)


if __name__ == "__main__":
    main()
