"""`telemetry`: its sub-commands, and the status when none is named."""

from argparse import ArgumentParser, Namespace

from bicameral.cli.execution import Work
from bicameral.cli.sub_commands import SubCommand, add_sub_commands, load

STATUS = SubCommand("status", "telemetry_status", "show what is captured, where and how much")
SUB_COMMANDS = {
    each.name: each
    for each in (
        STATUS,
        SubCommand("disclose", "telemetry_disclose", "say what is kept, and what can leave"),
        SubCommand("on", "telemetry_on", "capture on this machine; nothing is sent"),
        SubCommand("off", "telemetry_off", "capture nothing, send nothing, take consent back"),
        SubCommand("relay", "telemetry_relay", "consent to what an upload would send"),
        SubCommand("enqueue", "telemetry_enqueue", "queue rows that may be sent; sends nothing"),
        SubCommand("upload", "telemetry_upload", "send what was queued, if you consented"),
        SubCommand("report", "telemetry_report", "sum up what calls did in the last days"),
        SubCommand("health", "telemetry_health", "judge the last days; exits with 0, 2 or 3"),
        SubCommand("export", "telemetry_export", "write the calls as JSON, CSV or Parquet"),
        SubCommand("prune-plan", "telemetry_prune_plan", "show what is older than it is kept"),
        SubCommand("prune-apply", "telemetry_prune_apply", "remove what is older than it is kept"),
        SubCommand("erase", "telemetry_erase", "remove what was captured, or a part of it"),
    )
}


def configure(parser: ArgumentParser) -> None:
    """Take a sub-command."""
    add_sub_commands(parser, SUB_COMMANDS.values(), required=False, help_text="none: status")


def run(work: Work, options: Namespace) -> int:
    """Do what the sub-command does."""
    return load(SUB_COMMANDS.get(options.action, STATUS).module).run(work, options)
