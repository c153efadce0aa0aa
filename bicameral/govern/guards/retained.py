"""How long everything stays, held together: the policy against code, ledger, registry and pages.

In both directions: a file or a table without a rule fails, and a rule without its file.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from bicameral.capture.hook_failures import HOOK_FAILURES_FILE
from bicameral.capture.hook_failures import LIMITS as HOOK_FAILURE_LIMITS
from bicameral.capture.log import DEFAULT_LIMITS
from bicameral.capture.rotation import Limits
from bicameral.govern.guards.made_files import made_files_in
from bicameral.govern.guards.sources import Sources, differences
from bicameral.govern.registry import Registry
from bicameral.govern.retention import NO_CLOCK, FileRule, Policy, Rotation, parse_policy
from bicameral.govern.retention_page import PAGE, retention_page

POLICY = "bicameral/govern/retention-policy.toml"
FILES = "docs/reference/files.md"
_DAY_SECONDS = 86_400

Tables = Mapping[str, frozenset[str]]


def problems(registry: Registry, sources: Sources, tables: Tables) -> Iterator[str]:
    """Yield each difference; `tables` are the ledger's, with their columns."""
    try:
        policy = parse_policy(sources.read(POLICY))
    except ValueError as error:
        yield f"{POLICY} is no policy: {error}"
        return
    yield from _code(policy, sources)
    yield from _documented(policy, sources)
    yield from _tables(policy, tables)
    yield from _registered(policy, registry)
    yield from _rotated(policy)


def _code(policy: Policy, sources: Sources) -> Iterator[str]:
    """The files that the code makes, against the rules."""
    made = made_files_in(sources)
    patterns = [rule.pattern for rule in policy.files]
    firsts = {pattern.partition("/")[0] for pattern in patterns}
    for name in sorted(made):
        if not any(fnmatchcase(name, first) for first in firsts):
            yield f"{name} is made by the code and not in {POLICY}"
    for pattern in patterns:
        if not _is_made(pattern, made):
            yield f"{pattern} is in {POLICY} and not made by the code"


def _is_made(pattern: str, made: set[str]) -> bool:
    """Tell whether the code makes a file of a pattern, or one that such a file stands beside."""
    first = pattern.partition("/")[0]
    is_temporary = pattern.startswith("*") and pattern.endswith(".new")
    beside = (first == each or first.startswith((f"{each}.", f"{each}-")) for each in made)
    return is_temporary or any(beside)


def _documented(policy: Policy, sources: Sources) -> Iterator[str]:
    """The pages: a row for each file, and the table that is made from the policy."""
    cells = {each for each in sources.first_cells(FILES) if not each.endswith("/")}
    ruled = {rule.pattern for rule in policy.files}
    yield from differences(ruled, cells, one=f"in {POLICY}", other=f"in {FILES}")
    page = sources.read(PAGE)
    if retention_page(page, policy) != page:
        yield f"{PAGE} is not what the policy says now; run `python -m tests.docs`"


def _tables(policy: Policy, tables: Tables) -> Iterator[str]:
    ruled = {rule.name for rule in policy.tables}
    yield from differences(set(tables), ruled, one="a table of the ledger", other=f"in {POLICY}")
    for rule in policy.tables:
        if rule.clock != NO_CLOCK and rule.clock not in tables.get(rule.name, {rule.clock}):
            yield f"{rule.name} has no column {rule.clock}, which {POLICY} takes for its clock"


def _registered(policy: Policy, registry: Registry) -> Iterator[str]:
    """The registry's words, against the rules of the files that its kinds are written to."""
    rules = {rule.pattern: rule for rule in policy.files}
    for kind in registry:
        if kind.file is None:
            continue
        rule = rules.get(kind.file)
        if rule is None:
            yield f"{kind.id} is written to {kind.file}, which is not in {POLICY}"
        elif rule.retention != kind.retention:
            yield f"{kind.id} is kept otherwise in the registry than in {POLICY}"
        elif rule.clock != NO_CLOCK and rule.clock not in {field.name for field in kind.fields}:
            yield f"{kind.id} has no field {rule.clock}, which {POLICY} takes for its clock"
    lines = {name for name in rules if name.endswith((".jsonl", ".open"))}
    for name in sorted(lines - registry.by_file().keys()):
        yield f"{name} is in {POLICY} and not registered"


def _rotated(policy: Policy) -> Iterator[str]:
    """What the logs really do, against what the policy says of them."""
    for rule in policy.files:
        if rule.rotation is None:
            continue
        is_own = rule.pattern.startswith(HOOK_FAILURES_FILE)
        limits = HOOK_FAILURE_LIMITS if is_own else DEFAULT_LIMITS
        if rule.rotation != _rotation(limits):
            yield f"{rule.pattern} is put aside otherwise than {POLICY} says"
        if rule.retention.days is not None and not _is_twice(rule, limits):
            yield f"{rule.pattern} goes at another age than {POLICY} says"


def _rotation(limits: Limits) -> Rotation:
    return Rotation(limits.size_bytes, limits.age_seconds // _DAY_SECONDS, limits.keep)


def _is_twice(rule: FileRule, limits: Limits) -> bool:
    # A file aside goes when its first row has twice the age: no row becomes older than that.
    return rule.retention.days == 2 * limits.age_seconds // _DAY_SECONDS
