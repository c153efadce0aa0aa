"""What the made-up teams talk about: each subject and each rule in two vocabularies.

Decisions are written in one, tasks are often worded in the other: the commonest reason why
a memory that goes by words stays silent.
"""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """What a part of the product is about: as tasks call it, and as decisions do."""

    plain: str
    jargon: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What was decided: as the decision says it, and the trouble as a task describes it."""

    technical: str
    plain: str


SUBJECTS = tuple(
    Subject(*pair.split("/"))
    for pair in (
        "invoice/receivables parcel/consignments coupon/vouchers salary/payroll shelf/inventory "
        "ticket/reservations doctor/practitioners pupil/enrolments menu/recipes lorry/haulage "
        "flat/tenancies loan/mortgages donation/endowments song/recordings film/screenings "
        "ballot/referendums bicycle/rentals meter/utilities garden/allotments passport/visas "
        "ferry/crossings stamp/philately kennel/boarding bookshelf/catalogue cinema/projection "
        "harbour/moorings orchard/harvests bakery/fermentation tailor/alterations "
        "theatre/rehearsals museum/exhibits airport/departures quarry/aggregates forest/felling "
        "brewery/casks clinic/anaesthesia"
    ).split()
)
RULES = tuple(
    Rule(*pair.split(": "))
    for pair in """\
Idempotency keys: stop double bookings after a second press
Cursor pagination: let people scroll through thousands
Optimistic locking: two clerks overwrite one another
Exponential backoff: calm down when the partner hangs
Append-only journals: never forget who touched what
Decimal arithmetic: pennies vanish when amounts are halved
Tombstone deletion: bring back whatever somebody erased
Signed webhooks: strangers post fake callbacks
Envelope encryption: hide private numbers from administrators
Circuit breakers: an outage elsewhere drags everybody down
Canonical timezones: clocks differ between Lisbon and Tokyo
Nightly compaction: crunching takes until lunch
Tenant isolation: nobody may peek at neighbours
Content addressing: identical uploads waste disks
Outbox relays: mails vanish after a rollback
Token buckets: one greedy robot starves everybody
Structured logging: grepping through prints hurts
Blue-green rollouts: swap machines while shoppers browse
Snapshot isolation: figures wobble while accountants count
Bloom filters: skip lookups for unknown barcodes
Lease renewal: nobody notices that a runner died
Schema registries: partners send surprises
Argon hashing: stolen passwords crack overnight
Vector clocks: phones disagree after a tunnel""".splitlines()
)
CHORES = (
    "Recolour the buttons",
    "Straighten the margins",
    "Translate the greeting",
    "Shorten the tooltips",
    "Round the corners",
)


def subjects_with_rules(chance: random.Random) -> Iterator[tuple[Subject, Rule]]:
    """Yield every pair once, in an order that the draw decides."""
    pairs = list(itertools.product(SUBJECTS, RULES))
    chance.shuffle(pairs)
    yield from pairs


def title_of(subject: Subject, rule: Rule) -> str:
    """Return what the decision is called."""
    return f"{rule.technical} for {subject.jargon}"


def in_its_words(subject: Subject, rule: Rule) -> str:
    """Word a task as the decision is worded."""
    return f"Introduce {rule.technical.lower()} to the {subject.jargon}"


def in_other_words(subject: Subject, rule: Rule) -> str:
    """Word the same task as somebody who never read the decision."""
    return f"{rule.plain.capitalize()}, says the {subject.plain} desk"


def about_its_words(subject: Subject, rule: Rule) -> str:
    """Word a task that shares the decision's words and has nothing to do with it."""
    return f"Fix the comment on {rule.technical.lower()} for {subject.jargon}"


def chore(chance: random.Random, subject: Subject) -> str:
    """Word a task that no decision is about."""
    return f"{chance.choice(CHORES)} of the {subject.plain} screen, take {chance.randint(2, 999)}"
