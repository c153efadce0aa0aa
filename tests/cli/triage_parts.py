"""A queue of four reviewed rows, for the tests of the triage commands."""

from typing import Any

from bicameral.review.rows import ReviewRow
from tests.cli.parts import Person
from tests.review.triage.parts import a_false_fire, a_row, write_reviews

MISS, FIRE, LATER_FIRE, NORMAL = (f"rev_{number:016x}" for number in (0xA1, 0xB2, 0xB3, 0xC4))
GONE = "dec_01M7Z0K4WSC7KP59K3E85RKT00"
TOPIC, PATH = "Retry failed charges of the Acme account", "src/payments.py"


def fill_queue(person: Person) -> Person:
    """Give them a suspected miss, two suspected false fires, and a normal row."""
    write_reviews(person.home, rows(person.first_id()))
    return person


def rows(decision_id: str) -> list[ReviewRow]:
    raw: dict[str, Any] = {"topic": TOPIC, "file_paths": [PATH]}
    return [
        a_row(id=NORMAL, classification="normal", missed_ids=[], evidence=[]),
        a_false_fire(id=FIRE, unused_ids=[GONE], confidence=0.3, ts="2026-03-01T08:00:00.000000Z"),
        a_false_fire(id=LATER_FIRE, unused_ids=[decision_id], confidence=0.6, **raw),
        a_row(id=MISS, missed_ids=[decision_id], evidence=[]),
    ]
