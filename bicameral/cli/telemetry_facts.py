"""What the sub-commands about sending share: how things are set, and what that discloses."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bicameral.capture.flags import TelemetryFlags, read_flags
from bicameral.capture.policy import Policy, read_policy
from bicameral.capture.status import describe_file
from bicameral.cli.execution import Work
from bicameral.govern.consent import Consent, read_consent, state_of
from bicameral.govern.disclosure import NEVER, READERS, Disclosure, Mode, disclose
from bicameral.govern.home_files import BESIDE, KeptFile
from bicameral.govern.relay.gates import Gates
from bicameral.govern.relay.settings import open_keyring, read_settings
from bicameral.observe.switch import read_switch
from bicameral.registry.whole import whole_registry

LEDGER_URL, COLLECTOR = "BICAMERAL_LEDGER_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass(frozen=True, slots=True)
class Facts:
    """How things are set now, as a server that starts now would read them."""

    flags: TelemetryFlags
    disclosure: Disclosure
    consent: Consent | None
    gates: Gates
    ways: tuple[str, ...]
    left: Mapping[str, int]
    """Files that are not kept as things are set and are here from before, with their bytes."""


def read_facts(work: Work) -> Facts:
    """Read the switches, the consent and the settings of the relay; nothing is written."""
    environment = work.environment
    policy = read_policy(environment.home, environment.warn)
    # What is amiss with the file has just been said.
    flags = read_flags(environment.variables, _unheard, home=environment.home)
    is_traced = read_switch(
        environment.variables, _unheard, option=work.trace, policy=policy.tracing_enabled
    ).enabled
    disclosure = disclose(
        whole_registry(), mode=_mode(flags), is_traced=is_traced, is_relay=flags.relay
    )
    consent = read_consent(policy)
    return Facts(
        flags=flags,
        disclosure=disclosure,
        consent=consent,
        gates=read_gates(work, flags, policy, disclosure.digest),
        ways=_ways(work, is_traced=is_traced),
        left=_left(work, disclosure.not_kept),
    )


def read_gates(work: Work, flags: TelemetryFlags, policy: Policy, digest: str) -> Gates:
    """Read what stands between the spool and the outside."""
    return Gates(
        is_permitted=flags.relay,
        decided_by=flags.sources["relay"],
        consent=state_of(read_consent(policy), digest),
        settings=read_settings(work.environment.variables, open_keyring()),
    )


def as_answer(facts: Facts) -> dict[str, Any]:
    """Return the disclosure as a document."""
    told = facts.disclosure
    return {
        "mode": told.mode,
        "tracing": told.is_traced,
        "read_by": READERS,
        "kept": [asdict(each) for each in told.kept],
        "beside": BESIDE,
        "not_kept": [asdict(each) for each in told.not_kept],
        "left": dict(facts.left),
        "sent": [asdict(each) for each in told.sent],
        "never_sent": list(NEVER),
        "disclosure": told.digest,
        "upload": upload_answer(facts),
        "other_ways": list(facts.ways),
    }


def upload_answer(facts: Facts) -> dict[str, Any]:
    """Return the state of the gates; of endpoint and token only whether they are set."""
    gates = facts.gates
    return {
        "is_possible": not gates.closed,
        "relay": gates.is_permitted,
        "decided_by": gates.decided_by,
        "consent": gates.consent,
        "consented_at": facts.consent.at if facts.consent else None,
        "endpoint": gates.settings.endpoint.told,
        "token": gates.settings.token.told,
        "closed": list(gates.closed),
    }


def names_of(files: tuple[KeptFile, ...]) -> list[str]:
    """Return the names of files."""
    return [each.file for each in files]


def _left(work: Work, files: tuple[KeptFile, ...]) -> dict[str, int]:
    found = {each.file: describe_file(work.environment.home, each.file) for each in files}
    return {name: each.size_bytes for name, each in found.items() if each and each.size_bytes}


def _mode(flags: TelemetryFlags) -> Mode:
    if flags.raw:
        return "raw"
    return "preflight" if flags.preflight else "off"


def _ways(work: Work, *, is_traced: bool) -> tuple[str, ...]:
    """Return the other ways out, each with whether it is open now."""
    variables = work.environment.variables
    is_on_server = variables.get(LEDGER_URL, "").strip().startswith("postgres")
    has_collector = bool(variables.get(COLLECTOR, "").strip())
    return (
        "a file that you name: `export` writes the ledger, `telemetry export` the calls",
        "a row of a data set in your repository, which `triage promote` redacts first",
        f"a ledger on PostgreSQL: {'it is there' if is_on_server else 'not set'} ({LEDGER_URL})",
        (
            f"spans to a collector: {'open' if is_traced and has_collector else 'not set'} "
            f"(the extra `otel`, {COLLECTOR}, and tracing on)"
        ),
    )


def _unheard(_warning: str) -> None:
    """Take a warning that was given already."""
