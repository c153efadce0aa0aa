"""`demo`: the whole loop on a sample project, or what it would say about yours.

Everything happens in a temporary folder with a data home of its own; a repository that is
named with `--repo` is read and nothing more.
"""

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bicameral.cli.execution import Work


def configure(parser: ArgumentParser) -> None:
    """Take what `--repo` needs besides."""
    parser.add_argument(
        "--docs",
        action="append",
        default=[],
        metavar="PATH",
        help="with --repo: where its decisions are (default: the usual folders); may be repeated",
    )


def run(work: Work, options: Namespace) -> int:
    """Run it; everything it made is removed again."""
    if options.docs and options.repo is None:
        options.refuse("--docs needs --repo PATH")
    with tempfile.TemporaryDirectory(prefix="bicameral-demo-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        if options.repo is not None:
            from bicameral.cli.demo_repository import look_at  # noqa: PLC0415 - one or the other

            return look_at(work, options.docs, home=folder / "home")
        from bicameral.cli.demo_loop import tell_story  # noqa: PLC0415 - the SDK is slow

        return tell_story(work, folder)
