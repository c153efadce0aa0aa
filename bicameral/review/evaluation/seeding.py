"""The ledger that a data set is asked on: the decisions of all rows, in one, through the tools.

So rows compete as decisions do in a team's ledger. The same text is one decision, whichever
rows carry it; what is bound is judged compliant, but for what the rows say has drifted.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, TypeVar

from bicameral.errors import DatasetRefused
from bicameral.review.dataset import EvalRow, SeedDecision
from bicameral.review.evaluation.project import Project, files_of

Call = Callable[[str, Mapping[str, object]], dict[str, Any]]
"""Calls a tool by its dotted name, as an MCP client does; raises `BicameralError`."""
Text = tuple[str, str, str, str]
T = TypeVar("T")

INGEST_BATCH = 50  # as many as one answer lists
BATCH = 100
LONGEST_TITLE, LONGEST_TEXT, LONGEST_GROUP = 300, 8_000, 100
PAGE = 50


@dataclass(frozen=True, slots=True)
class Seed:
    """One decision to put into the ledger; `ref` is where its source is said to be."""

    ref: str
    text: Text
    is_ratified: bool
    paths: tuple[str, ...]
    drifted_path: str


@dataclass(frozen=True, slots=True)
class Seeded:
    """The decisions in the ledger: ids by text, and for each id a key that rows know it by."""

    ids: Mapping[Text, str]
    keys: Mapping[str, str]

    def keys_for(self, row: EvalRow) -> dict[str, str]:
        """Return every decision's key by its id, the row's own keys first of all."""
        own = {self.ids[text_of(each)]: each.key for each in row.decisions}
        return {**self.keys, **own}


def text_of(decision: SeedDecision) -> Text:
    """Return what makes a decision the same as another: its words, as far as ingest takes them.

    A decision that was read from a document may be longer than one that is given directly.
    """
    title = " ".join(decision.title.split())[:LONGEST_TITLE]
    texts = decision.description[:LONGEST_TEXT], decision.rationale[:LONGEST_TEXT]
    return title, *texts, decision.feature_group[:LONGEST_GROUP]


def seeds_of(rows: Iterable[EvalRow]) -> list[Seed]:
    """Return the decisions of all rows, each text once, in the order they come up.

    Of what rows say about the same text, all holds: every path, a sign-off, a drift.
    """
    seeds: dict[Text, Seed] = {}
    refs: set[str] = set()
    for decision in (each for row in rows for each in row.decisions):
        text = text_of(decision)
        if text not in seeds:
            ref = _free_ref(decision.key, refs)
            seeds[text] = Seed(ref, text, is_ratified=False, paths=(), drifted_path="")
            refs.add(ref)
        seeds[text] = _with(seeds[text], decision)
    return list(seeds.values())


def _with(seed: Seed, decision: SeedDecision) -> Seed:
    drifted_path = decision.paths[0] if decision.has_drifted else ""
    return replace(
        seed,
        is_ratified=seed.is_ratified or decision.signoff == "ratified",
        paths=tuple(dict.fromkeys([*seed.paths, *decision.paths])),
        drifted_path=seed.drifted_path or drifted_path,
    )


def _free_ref(key: str, taken: set[str]) -> str:
    """Return a ref that no other text has: rows of several people may use one key twice."""
    names = (f"eval:{key}" if number == 1 else f"eval:{key}:{number}" for number in count(1))
    return next(name for name in names if name not in taken)


def seed_ledger(
    call: Call, project: Project, rows: Sequence[EvalRow], *, progress: Callable[[int, int], None]
) -> Seeded:
    """Fill an empty ledger with the decisions of all rows, and bring about what they say."""
    seeds = seeds_of(rows)
    ids: dict[Text, str] = {}
    for batch in batches(seeds, INGEST_BATCH):
        ids |= _ingest(call, batch)
        progress(len(ids), len(seeds))
    for seed in seeds:
        if seed.is_ratified:
            call("bicameral.ratify", {"decision_id": ids[seed.text], "action": "ratify"})
    _bind(call, [(ids[seed.text], path) for seed in seeds for path in seed.paths])
    _judge(call, drifted=frozenset())
    drifted = {(ids[seed.text], seed.drifted_path) for seed in seeds if seed.drifted_path}
    if drifted:
        moved = files_of(rows, drifted={path for _, path in drifted})
        project.commit("The code moves away", moved)
        _judge(call, drifted=drifted)
    first_keys: dict[str, str] = {}
    for decision in (each for row in rows for each in row.decisions):
        first_keys.setdefault(ids[text_of(decision)], decision.key)
    return Seeded(ids, first_keys)


def batches(entries: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the entries in runs of at most `size`."""
    yield from (entries[start : start + size] for start in range(0, len(entries), size))


def _ingest(call: Call, seeds: Sequence[Seed]) -> dict[Text, str]:
    names = ("title", "description", "rationale", "feature_group")
    given = [{**dict(zip(names, seed.text, strict=True)), "source_ref": seed.ref} for seed in seeds]
    answer = call("bicameral.ingest", {"decisions": given})
    cards = {card["source"]: card for card in answer["decisions"]}
    for card in answer["decisions"]:
        if card.get("collides_with"):
            _keep_both(call, card["decision_id"])
    return {seed.text: cards[seed.ref]["decision_id"] for seed in seeds}


def _keep_both(call: Call, decision_id: str) -> None:
    """Settle a collision: a question that waits would fire in every row."""
    card = call("bicameral.history", {"decision_id": decision_id})["decision"]
    answers = [
        {"question_id": each["question_id"], "answer": "keep_both"} for each in card["questions"]
    ]
    _resolve(call, answers=answers)


def _bind(call: Call, places: Sequence[tuple[str, str]]) -> None:
    for batch in batches(places, BATCH):
        wanted = [{"decision_id": each, "selector": path} for each, path in batch]
        answer = call("bicameral.bind", {"bindings": wanted})
        _refuse_failures(answer["bindings"])


def _judge(call: Call, *, drifted: Iterable[tuple[str, str]]) -> None:
    """Give every region of the last commit the verdict that it waits for."""
    moved = frozenset(drifted)
    verdicts = [
        {
            "decision_id": each["decision_id"],
            "region_id": each["region_id"],
            "digest": each["digest"],
            "verdict": "drifted" if (each["decision_id"], each["path"]) in moved else "compliant",
        }
        for each in _touched(call)
        if each["verdict_wanted"]
    ]
    for batch in batches(verdicts, BATCH):
        _resolve(call, verdicts=batch)


def _touched(call: Call) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = {"limit": PAGE, **({"cursor": cursor} if cursor else {})}
        answer = call("bicameral.link_commit", page)
        yield from answer.get("touched", ())
        cursor = answer.get("next_cursor")
        if cursor is None:
            return


def _resolve(call: Call, **entries: Sequence[Mapping[str, str]]) -> None:
    given = {name: list(each) for name, each in entries.items()}
    _refuse_failures(call("bicameral.resolve", given)["outcomes"])


def _refuse_failures(outcomes: Iterable[Mapping[str, Any]]) -> None:
    for each in outcomes:
        if each.get("failure"):
            raise DatasetRefused(
                f"the data set cannot be seeded: {each['failure']['message']}",
                next_step=each["failure"]["next_step"],
            )
