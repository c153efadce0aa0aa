"""Running checks one after the other: what a check raises is its own failure, never the run's.

Telling what is broken is the purpose, so nothing that is broken may stop the telling.
"""

from collections.abc import Callable, Sequence
from typing import Any

from bicameral import __version__
from bicameral.capture.stamps import Stamps
from bicameral.errors import BicameralError
from bicameral.observe.doctor.finding import Finding, failed
from bicameral.observe.doctor.report import REPORT_VERSION, Report, Result
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.doctor.table import CHECKS, Check


def run_checks(
    around: Surroundings,
    checks: Sequence[Check] = CHECKS,
    *,
    begins: Callable[[Check], Any] = lambda _check: None,
) -> Report:
    """Run the checks in their order; `begins` is told of each before it runs."""
    environment = around.environment
    began = environment.monotonic_ns()
    results = []
    for check in checks:
        begins(check)
        results.append(_result(check, around))
    return Report(
        report_version=REPORT_VERSION,
        generated_at=Stamps().write(environment.time_ns()),
        app_version=__version__,
        results=results,
        duration_ms=_since(around, began),
    )


def _result(check: Check, around: Surroundings) -> Result:
    began = around.environment.monotonic_ns()
    finding = _run(check, around)
    return Result(
        number=check.number,
        id=check.id,
        title=check.title,
        status=finding.status,
        reason=finding.reason,
        evidence=list(finding.evidence),
        mend=finding.mend,
        details=finding.details,
        duration_ms=_since(around, began),
    )


def _run(check: Check, around: Surroundings) -> Finding:
    try:
        return check.run(around)
    except BicameralError as error:
        return failed(error.message, mend=error.next_step)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return failed(
            f"{place}{error.strerror or error}",
            mend="see that the place exists, that you may use it, and that the disk has room",
        )
    # Whatever a check meets: the next one has to run, and this one has not passed.
    except Exception as error:  # noqa: BLE001
        what = " ".join(str(error).split())[:300]
        return failed(
            f"the check itself could not be finished: {type(error).__name__}",
            *([what] if what else []),
            mend="see the evidence; if it is no trouble of this machine, report it as a fault",
        )


def _since(around: Surroundings, began_ns: int) -> float:
    return round((around.environment.monotonic_ns() - began_ns) / 1e6, 1)
