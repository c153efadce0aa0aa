"""Doubts: where what a person supplies is not what the preflight was asked, by its hashes.

They refuse nothing: a person may put a topic in other words on purpose. But a row that says
what nobody asked is no known answer.
"""

from collections.abc import Iterator

from bicameral.capture.hashes import Hashes
from bicameral.review.promotion.drafting import Supplied
from bicameral.review.rows import ReviewRow


def doubts_about(row: ReviewRow, supplied: Supplied, hashes: Hashes) -> Iterator[str]:
    """Yield a sentence for the topic and for the paths that do not fit the row's hashes."""
    if supplied.topic is not None and hashes.hash_topic(supplied.topic) != row.topic_hash:
        yield "the topic is not, word for word, the one that was asked"
    if supplied.paths is None:
        return
    given = {hashes.hash_path(path) for path in supplied.paths if path.strip()}
    asked = set(row.path_hashes)
    if strange := len(given - asked):
        yield f"{strange} of the paths {'was' if strange == 1 else 'were'} not asked about"
    if missing := len(asked - given):
        yield f"{missing} of the paths that were asked about {_is(missing)} not among them"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"
