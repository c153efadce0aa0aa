"""What the ledger promises, said again in plain dictionaries: the model the store is held to."""

from dataclasses import dataclass, field, replace

from bicameral.errors import InputRefused, NotFound, TransitionRefused
from bicameral.ledger.domain import MAIN, Content, RegionState, SignOff, Source, VerdictKind

BRANCHES = (MAIN, "feature", "spike")
HOUR_MS = 3_600_000
Pair = tuple[str, str]

MOVES: dict[str, set[str]] = {
    "proposed": {
        "ratified", "rejected", "collision_pending", "context_pending", "superseded",
    },
    "ratified": {"rejected", "superseded", "collision_pending", "context_pending"},
    "rejected": {"ratified", "proposed", "superseded"},
    "collision_pending": {"proposed", "ratified", "rejected", "context_pending", "superseded"},
    "context_pending": {"proposed", "ratified", "rejected", "collision_pending", "superseded"},
    "superseded": set(),
}  # fmt: skip


@dataclass
class Held:
    """A decision as the model holds it."""

    content: Content
    source: Source
    signoff: SignOff
    parent: str | None = None


@dataclass(frozen=True)
class Given:
    """A verdict as the model holds it; `turn` orders them."""

    kind: VerdictKind
    note: str
    turn: int


@dataclass
class Asked:
    """A question as the model holds it."""

    decision: str
    kind: str
    other: str | None
    answer: str | None = None


@dataclass
class Model:
    """The whole ledger of one repository."""

    decisions: dict[str, Held] = field(default_factory=dict)
    links: set[tuple[str, str, str]] = field(default_factory=set)
    states: dict[Pair, RegionState] = field(default_factory=dict)
    bindings: dict[Pair, str] = field(default_factory=dict)
    removals: set[tuple[str, str, str]] = field(default_factory=set)
    verdicts: dict[tuple[str, str, str, str], Given] = field(default_factory=dict)
    bypassed: dict[str, int] = field(default_factory=dict)
    questions: dict[str, Asked] = field(default_factory=dict)

    def recorded(self) -> object:
        """Return all that moves the revision: everything but commits and moments."""
        return (
            {key: (h.content, h.source, h.signoff, h.parent) for key, h in self.decisions.items()},
            set(self.links),
            {key: replace(state, commit="") for key, state in self.states.items()},
            dict(self.bindings),
            set(self.removals),
            {key: (given.kind, given.note) for key, given in self.verdicts.items()},
            dict(self.bypassed),
            {key: (q.decision, q.kind, q.other, q.answer) for key, q in self.questions.items()},
        )

    def state_on(self, region: str, branch: str) -> RegionState | None:
        own = self.states.get((region, branch))
        return own or self.states.get((region, MAIN))

    def is_standing(self, pair: Pair, branch: str) -> bool:
        hidden = {(*pair, MAIN), (*pair, branch)} & self.removals
        return pair in self.bindings and not hidden

    def shown(self, pair: Pair, branch: str) -> RegionState | None:
        """Return the state a binding is seen in on a branch; None when it is not seen."""
        return self.state_on(pair[1], branch) if self.is_standing(pair, branch) else None

    def verdicts_on(self, pair: Pair, branch: str) -> dict[str, VerdictKind]:
        """Return the verdict on each digest; what the branch says itself goes before main's."""
        found: dict[str, VerdictKind] = {}
        for where in (MAIN, branch):
            for (decision, region, digest, given_on), given in self.verdicts.items():
                if (decision, region) == pair and given_on == where:
                    found[digest] = given.kind
        return found

    def once_complied(self, pair: Pair, branch: str) -> bool:
        return bool({"compliant", "drifted"} & set(self.verdicts_on(pair, branch).values()))

    def status(self, decision: str, branch: str) -> str:
        """Return the derived status, by the words of the design.

        A binding that was only inferred counts once it is judged, or if there is no other.
        """
        seen: list[VerdictKind | None] = []
        inferred: list[VerdictKind | None] = []
        for pair, origin in self.bindings.items():
            state = self.shown(pair, branch) if pair[0] == decision else None
            if state is not None:
                verdict = self.verdicts_on(pair, branch).get(state.digest)
                is_firm = origin == "explicit" or verdict or self.once_complied(pair, branch)
                (seen if is_firm else inferred).append(verdict)
        counted = seen or inferred
        if not counted:
            return "ungrounded"
        if "drifted" in counted:
            return "drifted"
        if None in counted or "not_relevant" in counted:
            return "pending"
        return "partial" if "partial" in counted else "reflected"

    def see(self, region: str, state: RegionState) -> bool:
        """Record a state; return whether a reader sees the difference."""
        before = self.states.get((region, state.branch))
        self.states[region, state.branch] = state
        return before is None or replace(before, commit="") != replace(state, commit="")

    def keep(self, branch: str, kept: set[str]) -> int:
        """Forget a branch's states of regions that main shows too; return how many."""
        stale = [
            (region, on)
            for region, on in self.states
            if on == branch and region not in kept and (region, MAIN) in self.states
        ]
        for key in stale:
            del self.states[key]
        return len(stale)

    def bind(self, pair: Pair, origin: str, branch: str) -> None:
        if origin == "explicit":
            self.removals -= {(*pair, MAIN), (*pair, branch)}
        if pair not in self.bindings or origin == "explicit":
            self.bindings[pair] = origin

    def judge(self, pair: Pair, branch: str, digest: str, given: Given) -> type[Exception] | None:
        """Take a verdict, or return the refusal it meets."""
        state = self.shown(pair, branch)
        if state is None:
            return NotFound
        if digest != state.digest:
            return InputRefused
        if given.kind == "drifted" and not self.once_complied(pair, branch):
            return TransitionRefused
        before = self.verdicts.get((*pair, digest, branch))
        if before is None or (before.kind, before.note) != (given.kind, given.note):
            self.verdicts[*pair, digest, branch] = given
        if given.kind == "not_relevant":
            self.removals.add((*pair, branch))
        return None

    def promote(self, region: str, digest: str, turn: int) -> int:
        """Let the newest verdict on a digest stand on main; return how many were waiting."""
        here = {key: given for key, given in self.verdicts.items() if key[1:3] == (region, digest)}
        waiting = [key for key in here if key[3] != MAIN]
        for decision in {key[0] for key in waiting}:
            of_decision = {key: given for key, given in here.items() if key[0] == decision}
            newest = max(of_decision, key=lambda key: of_decision[key].turn)
            for key in of_decision:
                del self.verdicts[key]
            given = of_decision[newest]
            if newest[3] != MAIN:
                # On main it is given now.
                given = replace(given, turn=turn)
                if given.kind == "not_relevant":
                    self.removals.add((decision, region, MAIN))
            self.verdicts[decision, region, digest, MAIN] = given
        return len(waiting)

    def answer(self, question_id: str, answer: str) -> bool:
        """Answer a question; return whether that is allowed."""
        question = self.questions[question_id]
        if question.answer is not None:
            return False
        question.answer = answer
        is_collision = question.kind == "collision"
        if is_collision and answer == "reject_new":
            return self.move(question.decision, "rejected") is not None
        self.settle(question.decision)
        if is_collision and answer == "supersede_other" and question.other:
            self.links.add((question.decision, question.other, "supersedes"))
            return self.move(question.other, "superseded") is not None
        return True

    def move(self, decision: str, wanted: SignOff) -> bool | None:
        """Move a sign-off; return whether it changed, None when it may not."""
        current = self.decisions[decision].signoff
        if wanted == current:
            return False
        if wanted not in MOVES[current]:
            return None
        self.decisions[decision].signoff = wanted
        return True

    def settle(self, decision: str) -> None:
        """Move a waiting decision on after an answer."""
        held = self.decisions[decision]
        if held.signoff not in {"collision_pending", "context_pending"}:
            return
        open_kinds = [
            question.kind
            for _, question in sorted(self.questions.items())
            if question.decision == decision and question.answer is None
        ]
        if open_kinds:
            held.signoff = (
                "collision_pending" if open_kinds[0] == "collision" else "context_pending"
            )
        else:
            held.signoff = "ratified" if held.source.stated_signoff == "ratified" else "proposed"
