"""`telemetry off`: nothing is captured, nothing may be sent, and a consent is taken back."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.telemetry_choice import choose
from bicameral.govern.consent import TABLE


def configure(parser: ArgumentParser) -> None:
    """Nothing but what all commands take."""


def run(work: Work, options: Namespace) -> int:  # noqa: ARG001 - every command has one signature
    """Write it down; what was captured stays until somebody removes it."""
    switches = {"relay": False, "preflight": False, "raw": False}
    return choose(work, "off", switches, {TABLE: None})
