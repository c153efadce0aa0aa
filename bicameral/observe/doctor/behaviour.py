"""What the tools do, found out by calling them: nothing in the repository, nothing while off.

Each check calls every tool once in a trial of its own.
"""

from collections.abc import Iterator

from bicameral.capture.policy import POLICY_FILE
from bicameral.capture.rows import ENGAGEMENTS_FILE, EVENTS_FILE
from bicameral.errors import GitFailed
from bicameral.observe.doctor.finding import Finding, failed, passed
from bicameral.observe.doctor.surroundings import Surroundings
from bicameral.observe.doctor.trial import (
    FAULT,
    call_every_tool,
    fingerprint,
    trial,
    untried,
    without_git,
)

TELEMETRY = "BICAMERAL_TELEMETRY"
# What a policy file may hold that must not switch anything on; None is no file at all.
OFF_POLICIES: dict[str, str | None] = {
    "no file": None,
    "false": "[telemetry]\npreflight = false\n",
    "malformed": "[telemetry\npreflight = true\n",
    'the text "true"': '[telemetry]\npreflight = "true"\n',
    'the text "false"': '[telemetry]\npreflight = "false"\n',
    "a number": "[telemetry]\npreflight = 1\n",
}
_ON_POLICY = "[telemetry]\npreflight = true\n"


def check_work_tree(around: Surroundings) -> Finding:
    """Call every tool, and compare the repository before and after."""
    try:
        with trial(around, **{TELEMETRY: "raw"}) as made:
            before = fingerprint(made.repository)
            with around.open_tools(made.environment, made.repository) as tools:
                unknown = call_every_tool(tools)
            after = fingerprint(made.repository)
    except GitFailed as error:
        return without_git(error)
    changed = sorted(
        name for name in {*before, *after} if before.get(name, "-") != after.get(name, "-")
    )
    if changed or unknown:
        return failed(
            "a tool writes in the repository under work",
            *(f"changed: {each}" for each in changed),
            *untried(unknown),
            mend=FAULT,
        )
    return passed("no tool writes anything in the repository under work", _tried(tools.tool_names))


def check_telemetry_off(around: Surroundings) -> Finding:
    """See that nothing but the documented switch makes a row, a file or a folder."""
    try:
        wrong = [*_wrong_policies(around), *_written_while_off(around), *_unwritten(around)]
    except GitFailed as error:
        return without_git(error)
    if wrong:
        return failed("capture does not keep to its switch", *wrong, mend=FAULT)
    return passed(
        "off leaves nothing but the code index, and only the switch turns it on",
        f"off without a file, and with one that says: {', '.join(list(OFF_POLICIES)[1:])}",
        f"on by {TELEMETRY}=preflight, and by `preflight = true` in {POLICY_FILE}",
    )


def _wrong_policies(around: Surroundings) -> Iterator[str]:
    """Yield the files that switch on what they must not, or not what they should."""
    with trial(around) as made:
        made.home.mkdir()
        for name, text in {**OFF_POLICIES, "true": _ON_POLICY}.items():
            policy = made.home / POLICY_FILE
            policy.unlink(missing_ok=True)
            if text is not None:
                policy.write_text(text, encoding="utf-8")
            with around.open_tools(made.environment, made.repository) as tools:
                is_on = bool(tools.call("bicameral.telemetry", {})["preflight_capture"])
            if is_on != (text == _ON_POLICY):
                yield f"{POLICY_FILE} with {name}: capture is {'on' if is_on else 'off'}"


def _written_while_off(around: Surroundings) -> Iterator[str]:
    """Yield what the tools leave in a home that has nothing switched on."""
    from bicameral.grounding.derived import INDEX_FOLDER  # noqa: PLC0415 - start-up time

    with trial(around) as made:
        with around.open_tools(made.environment, made.repository) as tools:
            yield from untried(call_every_tool(tools))
        left = [each.name for each in made.home.iterdir()] if made.home.exists() else []
        # What the code imports is no capture, and preflights need it.
        if others := sorted(set(left) - {INDEX_FOLDER}):
            yield f"in the home is left: {others}"


def _unwritten(around: Surroundings) -> Iterator[str]:
    """Yield the logs that are missing although the switch is on."""
    with trial(around, **{TELEMETRY: "preflight"}) as made:
        with around.open_tools(made.environment, made.repository) as tools:
            call_every_tool(tools)
        for name in (EVENTS_FILE, ENGAGEMENTS_FILE):
            if not (made.home / name).exists():
                yield f"{TELEMETRY}=preflight: {name} was not written"


def _tried(names: tuple[str, ...]) -> str:
    return f"called once each: {', '.join(names)}"
