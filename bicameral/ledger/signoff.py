"""The sign-off of a decision as a state machine: which move each state allows.

`superseded` is final. Ratifying what is ratified is a move that changes nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bicameral.errors import TransitionRefused
from bicameral.ledger.domain import SignOff

_WAITING: frozenset[SignOff] = frozenset({"collision_pending", "context_pending"})
_ANY: frozenset[SignOff] = frozenset({"proposed", "ratified", "rejected", *_WAITING, "superseded"})

ALLOWED: Mapping[SignOff, frozenset[SignOff]] = MappingProxyType(
    {
        "proposed": _ANY,
        "ratified": frozenset({"ratified", "rejected", "superseded", *_WAITING}),
        "rejected": frozenset({"rejected", "ratified", "proposed", "superseded"}),
        "collision_pending": _ANY,
        "context_pending": _ANY,
        "superseded": frozenset({"superseded"}),
    }
)


def check_transition(decision_id: str, current: SignOff, wanted: SignOff) -> bool:
    """Return whether the move changes anything; raise `TransitionRefused` if not allowed."""
    if wanted not in ALLOWED[current]:
        raise TransitionRefused(
            f"decision {decision_id} is {current} and cannot become {wanted}",
            next_step=_advice(current),
        )
    return wanted != current


def _advice(current: SignOff) -> str:
    if current == "superseded":
        return "look up its successor with bicameral.history and act on that one"
    moves = ", ".join(sorted(ALLOWED[current] - {current}))
    return f"it can become: {moves}"
