"""The self-check: numbered checks, each with what it saw, what it means and what mends it.

A check reads the real home and never writes to it; what acts does so in a temporary home.
"""

from bicameral.observe.doctor.finding import Finding, Status
from bicameral.observe.doctor.report import Report, Result, report_schema
from bicameral.observe.doctor.running import run_checks
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.doctor.table import CHECKS, Check

__all__ = [
    "CHECKS",
    "Check",
    "Finding",
    "Report",
    "Result",
    "Status",
    "Surroundings",
    "report_schema",
    "run_checks",
]
