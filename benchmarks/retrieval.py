"""How well a preflight finds what a change is about, on real commits that cite their records.

Each case is asked as `bicameral.preflight` asks: the real intake and ledger, the history that
`git log` is read into, and the same rule and gate; against four baselines, in one run.
`python -m benchmarks.retrieval DATA [--repositories FOLDER] [--json]`
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from statistics import fmean

from sqlalchemy import Connection

from benchmarks.retrieval_baselines import baselines
from benchmarks.retrieval_cases import Case, Progress, Repository, Shelf, read_repositories
from benchmarks.retrieval_code import Cited, Clone
from bicameral.grounding.history.citations import by_name, names_of_comments
from bicameral.grounding.history.past import Past, past_of
from bicameral.grounding.index.facts import Facts
from bicameral.ledger.decisions import records_of
from bicameral.preflight.named import names_of_files
from bicameral.preflight.reading import Around, Question
from bicameral.preflight.relevance import pull, rank
from bicameral.preflight.signals import gather
from bicameral.preflight.surroundings import COMMITS_UNTIL_NEW, MOST_RECORDS, Scene
from bicameral.preflight.topic import Gate
from bicameral.preflight.unbound import find_unbound
from bicameral.preflight.usual import Survey, Usual

VARIANTS = ("full", "truncated", "empty")
TRUNCATED = 3
DEPTHS = (1, 3, 5, 10)
OURS = "bicameral"
SINGLE = ("bm25 topic", "bm25 topic+paths", "path mention")
BASELINES = (*SINGLE, "union")
FEWER_MISSES, MORE_MRR, LEAST_AUC, MOST_FALSE, LEAST_TRUE = 1 / 3, 0.08, 0.90, 0.20, 0.75


@dataclass(frozen=True, slots=True)
class Found:
    """What one method made of one case: records best first, and how much speaks for firing."""

    ranked: Sequence[str]
    pull: float
    shown: Sequence[str] = ()


@dataclass(slots=True)
class Tally:
    """One method on one repository with one kind of paths."""

    cases: list[tuple[Case, Found]] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        """Return recalls, MRR, AUC, and what the gate did."""
        wanted = [(case, found) for case, found in self.cases if case.is_positive]
        silent = [found for case, found in self.cases if not case.is_positive]
        recalls = {f"r{k}": fmean(_recall(c, f.ranked[:k]) for c, f in wanted) for k in DEPTHS}
        shown = [(c, record) for c, f in self.cases for record in f.shown]
        return {
            **recalls,
            "mrr": fmean(_reciprocal_rank(c, f.ranked) for c, f in wanted),
            "auc": _auc([f.pull for _, f in wanted], [f.pull for f in silent]),
            "fires": fmean(bool(f.shown) for _, f in wanted),
            "hits": fmean(bool(c.relevant.intersection(f.shown)) for c, f in wanted),
            "false": fmean(bool(f.shown) for f in silent),
            "precision": fmean(record in c.relevant for c, record in shown) if shown else 0.0,
        }


def _recall(case: Case, ranked: Sequence[str]) -> float:
    return len(case.relevant.intersection(ranked)) / len(case.relevant)


def _reciprocal_rank(case: Case, ranked: Sequence[str]) -> float:
    places = (place for place, path in enumerate(ranked, start=1) if path in case.relevant)
    return 1 / next(places, float("inf"))


def _auc(positives: Sequence[float], negatives: Sequence[float]) -> float:
    pairs = [(a, b) for a in positives for b in negatives]
    return fmean((a > b) + (a == b) / 2 for a, b in pairs)


def paths_of(case: Case, variant: str) -> tuple[str, ...]:
    """Return the paths that a case is asked with."""
    kept = {"full": len(case.paths), "truncated": TRUNCATED, "empty": 0}[variant]
    return case.paths[:kept]


class Bench:
    """One repository under measurement: its ledger and its history, as far as each case knows."""

    def __init__(self, folder: Path, repository: Repository, clone: Clone | None) -> None:
        self._repository = repository
        self._clone = clone
        self._shelf = Shelf(folder / "home", repository)
        self._progress = Progress(folder / "index" / "history.sqlite3", repository, clone)
        self._gate = Gate()
        self._past: tuple[object, Past] | None = None
        self._usual: dict[object, Usual] = {}

    def ask(self) -> Iterator[tuple[Case, str, dict[str, Found]]]:
        """Yield each case and kind of paths with what every method found."""
        for case in self._repository.cases:
            facts: dict[str, Facts] = {}
            beside: Cited = {}
            if self._clone is not None:
                facts, beside = self._clone.look(case.commit, case.paths)
            for variant in VARIANTS:
                paths = paths_of(case, variant)
                known = [path for path in paths if path in facts]
                peers = baselines(case, paths, self._repository.texts)
                question = Question(
                    case.topic,
                    paths,
                    names_of_comments({path: facts[path].citations for path in known}),
                    names_of_comments({path: beside.get(path, ()) for path in paths}),
                    names_of_files({path: facts[path].names for path in known}),
                )
                yield case, variant, {OURS: self._ours(case, question), **_as_found(peers)}

    def _ours(self, case: Case, question: Question) -> Found:
        repository_id, path_of = self._shelf.state_of(case)
        with self._shelf.ledger.reading() as connection:
            records = records_of(connection, repository_id, most=MOST_RECORDS)
            words = self._progress.store.words
            around = Around(self._past_before(case), by_name(records), words)
            scene = Scene(around, self._usual_in(connection, repository_id, around, question))
            shown = find_unbound(connection, repository_id, question, self._gate, scene)
            gathered = gather(connection, repository_id, question, around)
        order = sorted(shown, key=lambda each: -shown[each].confidence)
        ids = dict.fromkeys([*order, *(each.signals.decision_id for each in rank(gathered))])
        listed = [path_of[each] for each in ids]
        return Found(list(dict.fromkeys(listed)), pull(gathered), [path_of[each] for each in order])

    def _usual_in(
        self, connection: Connection, repository_id: str, around: Around, question: Question
    ) -> Usual:
        has_paths = bool(question.paths)
        epoch = around.past.commit_count // COMMITS_UNTIL_NEW if around.past else 0
        key = (repository_id, epoch, has_paths)
        if key not in self._usual:
            survey = Survey(around, has_paths=has_paths)
            self._usual[key] = survey.go_on(connection, repository_id) or Usual()
        return self._usual[key]

    def _past_before(self, case: Case) -> Past:
        known = self._progress.advance(case)
        if self._past is None or self._past[0] != known:
            store = self._progress.store
            past = past_of(store.citing(), store.recent(), commit_count=store.count())
            self._past = (known, past)
        return self._past[1]


def _as_found(peers: Mapping[str, Mapping[str, float]]) -> dict[str, Found]:
    return {
        name: Found(
            sorted((key for key in scores if scores[key] > 0), key=lambda key: -scores[key]),
            max(scores.values(), default=0.0),
        )
        for name, scores in peers.items()
    }


Table = dict[str, dict[str, dict[str, dict[str, float]]]]
"""Figures by kind of paths, method and repository."""


def measure(
    repositories: Sequence[Repository], clones: Mapping[str, Path], *, processes: int
) -> Table:
    """Ask every case of every repository; `clones` are those whose code can be read, by name."""
    table: Table = {variant: {} for variant in VARIANTS}
    # The one with most cases first, so that the last process to end does not wait for it.
    order = sorted(repositories, key=lambda each: -len(each.cases))
    work = [(each, clones.get(each.name)) for each in order]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        figures = list(pool.map(_measure_one, work))
    found_in = {each.name: found for each, found in zip(order, figures, strict=True)}
    for repository in repositories:
        for (variant, method), found in found_in[repository.name].items():
            table[variant].setdefault(method, {})[repository.name] = found
    return table


def _measure_one(
    work: tuple[Repository, Path | None],
) -> dict[tuple[str, str], dict[str, float]]:
    repository, folder = work
    clone = Clone(folder) if folder else None
    tallies: dict[tuple[str, str], Tally] = {}
    with tempfile.TemporaryDirectory() as home:
        for case, variant, found in Bench(Path(home), repository, clone).ask():
            for method, each in found.items():
                tallies.setdefault((variant, method), Tally()).cases.append((case, each))
    return {key: tally.figures() for key, tally in tallies.items()}


def macro(figures: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> dict[str, float]:
    """Return the mean over some repositories, each counting once."""
    keys = next(iter(figures.values())).keys()
    return {key: fmean(figures[name][key] for name in names) for key in keys}


def groups_of(repositories: Sequence[Repository]) -> dict[str, list[str]]:
    """Return the repositories by group; the rule was chosen on every second one by name."""
    names = sorted(each.name for each in repositories)
    by_people = [each.name for each in repositories if not each.is_agent_heavy]
    groups = {
        "all": names,
        "by people": by_people,
        "chosen on": names[1::2],
        "held out": names[::2],
    }
    return {group: members for group, members in groups.items() if members}


def targets(table: Table, names: Sequence[str]) -> list[tuple[str, float, float, bool]]:
    """Return what was aimed at with full paths: a name, the figure, the bar, whether it held."""
    means = {method: macro(found, names) for method, found in table["full"].items()}
    ours = means[OURS]
    best_r5 = max(means[each]["r5"] for each in BASELINES)
    best_mrr = max(means[each]["mrr"] for each in BASELINES)
    misses, most_misses = 1 - ours["r5"], (1 - best_r5) * (1 - FEWER_MISSES)
    return [
        ("misses at 5", misses, most_misses, misses <= most_misses),
        ("MRR", ours["mrr"], best_mrr + MORE_MRR, ours["mrr"] >= best_mrr + MORE_MRR),
        ("AUC", ours["auc"], LEAST_AUC, ours["auc"] >= LEAST_AUC),
        ("negatives that fire", ours["false"], MOST_FALSE, ours["false"] <= MOST_FALSE),
        ("positives that fire", ours["fires"], LEAST_TRUE, ours["fires"] >= LEAST_TRUE),
    ]


def show(table: Table, repositories: Sequence[Repository], code: str) -> None:
    groups = groups_of(repositories)
    keys = list(next(iter(next(iter(table["full"].values())).values())))
    for group, names in groups.items():
        print(f"\n{group}: {len(names)} repositories, macro average")
        print(f"  {'paths':<10}{'method':<18}" + "".join(f"{key:>10}" for key in keys))
        for variant in VARIANTS:
            for method, found in table[variant].items():
                means = macro(found, names)
                kept = keys if method == OURS else keys[: keys.index("auc") + 1]
                cells = "".join(f"{means[key]:>10.3f}" for key in kept)
                print(f"  {variant:<10}{method:<18}{cells}")
    print("\nper repository, full paths")
    for repository in repositories:
        figures = table["full"][OURS][repository.name]
        positives = sum(case.is_positive for case in repository.cases)
        count = f"{positives}/{len(repository.cases) - positives}"
        cells = "".join(f"{figures[key]:>10.2f}" for key in keys)
        print(f"  {repository.name[:42]:<44}{count:>8}{cells}")
    for group in ("all", "held out"):
        print(f"\ntargets, {group}")
        for name, figure, bar, is_held in targets(table, groups[group]):
            print(f"  {name}: {figure:.3f} (bar {bar:.3f}) {'held' if is_held else 'MISSED'}")
    print(f"\ncomments in the code: {code}")


def find_clones(folder: Path | None, repositories: Sequence[Repository]) -> dict[str, Path]:
    """Return the bare clones in a folder (`OWNER+NAME/repo`) by name (`OWNER__NAME`)."""
    if folder is None:
        return {}
    places = {r.name: folder / r.name.replace("__", "+") / "repo" for r in repositories}
    return {name: place for name, place in places.items() if place.is_dir()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--repositories", type=Path, help="folder of bare clones")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    repositories = list(read_repositories(options.data))
    clones = find_clones(options.repositories, repositories)
    table = measure(repositories, clones, processes=options.processes)
    code = f"read for {len(clones)} of {len(repositories)} repositories"
    if options.repositories is None:
        code = "not read: no folder of repositories was given"
    if options.json:
        print(json.dumps({"figures": table, "code": code}))
    else:
        show(table, repositories, code)


if __name__ == "__main__":
    main()
