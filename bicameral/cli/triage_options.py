"""What the sub-commands of triage share: the filters as options, and the rows that pass them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import get_args

from bicameral.cli.execution import Work
from bicameral.cli.parsing import add_choice
from bicameral.environment import Environment
from bicameral.review.rows import Label
from bicameral.review.triage.filters import CLASSES, Filters, read_moment
from bicameral.review.triage.queue import BANDS, Reviews, Suspect, read_reviews

_FILTERS = ("class", "confidence", "since", "until", "feature", "label")
LABELS: tuple[Label, ...] = get_args(Label)


def add_filters(parser: ArgumentParser, *, all_means: str = "") -> None:
    """Add the filters; `all_means` is the help of `--all`, for those who take it."""
    add_choice(parser, "--class", list(CLASSES))
    add_choice(parser, "--confidence", BANDS)
    parser.add_argument(
        "--since", metavar="TIME", help="only preflights since then: an age (7d, 36h) or a date"
    )
    parser.add_argument(
        "--until", metavar="TIME", help="only preflights until then; a date is included"
    )
    parser.add_argument(
        "--feature",
        metavar="GROUP",
        help="only where a decision of this feature group is concerned",
    )
    add_choice(parser, "--label", LABELS)
    if all_means:
        parser.add_argument("--all", action="store_true", help=all_means)


def add_id(parser: ArgumentParser) -> None:
    """Take a row."""
    parser.add_argument("review_id", metavar="ID", help="the row's id, or the beginning of it")


def add_raw(parser: ArgumentParser) -> None:
    """Add `--raw`."""
    parser.add_argument(
        "--raw",
        action="store_true",
        help="show topics and paths in plain text, where raw mode captured them",
    )


def add_person(parser: ArgumentParser) -> None:
    """Add `--by`."""
    parser.add_argument("--by", metavar="NAME", help="who says so (default: the user's name)")


def is_filtered(options: Namespace) -> bool:
    """Tell whether any filter is given."""
    return any(vars(options)[name] is not None for name in _FILTERS)


def filters_of(
    options: Namespace, environment: Environment, *, wants_labels: bool | None
) -> Filters:
    """Return the filters that the options mean; raises `InputRefused`.

    `wants_labels` says which rows are meant without `--label` and `--all`: those that have a
    label, those that have none, or all.
    """
    now_ns = environment.time_ns()
    is_any = getattr(options, "all", False) or options.label is not None
    return Filters(
        classification=CLASSES.get(vars(options)["class"]),
        band=options.confidence,
        since=None if options.since is None else read_moment(options.since, now_ns=now_ns),
        until=None
        if options.until is None
        else read_moment(options.until, now_ns=now_ns, is_end=True),
        feature_group=options.feature,
        label=options.label,
        is_labelled=None if is_any else wants_labels,
    )


class Picked:
    """The rows that pass some filters, in the order of the file; iterate as often as needed."""

    def __init__(self, work: Work, filters: Filters) -> None:
        self.filters = filters
        self.reviews: Reviews = read_reviews(
            work.environment.home, keep=filters.keeps, within=filters.is_within
        )
        self._groups: dict[str, str] = {}
        if filters.feature_group is not None:
            self._groups = self._read_groups(work.environment)
        self.total = 0

    def __iter__(self) -> Iterator[Suspect]:
        self.total = 0
        for each in self.reviews:
            if self.filters.pass_through(each, self._groups):
                self.total += 1
                yield each

    def _read_groups(self, environment: Environment) -> dict[str, str]:
        from bicameral.review.triage.decisions import (  # noqa: PLC0415 - start-up time
            read_feature_groups,
        )

        ids = {each for suspect in self.reviews for each in suspect.concerned_ids}
        return read_feature_groups(environment, ids)
