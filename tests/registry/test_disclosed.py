"""The disclosure against a home in which everything was done: all is named, nothing made up."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from bicameral.govern.disclosure import Mode, disclose
from bicameral.govern.home_files import KeptFile, base_name
from bicameral.registry.whole import whole_registry
from tests.handlers.conftest import MakeBench
from tests.handlers.test_privacy import drive_everything
from tests.registry.driving import drive, lines_in

REGISTRY = whole_registry()
# What people write with commands that the drive does not run.
BY_OTHERS = {"config.toml"}


def names_in(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


def named(name: str, files: tuple[KeptFile, ...]) -> list[KeptFile]:
    return [each for each in files if fnmatchcase(base_name(name), each.file)]


@pytest.mark.parametrize(("mode", "is_traced"), [("preflight", False), ("raw", True)])
def test_every_file_and_kind_on_disk_is_disclosed_and_nothing_else(
    make_bench: MakeBench, mode: Mode, is_traced: bool
) -> None:
    """A disclosure that forgets a file lies, and one that names too much is not read."""
    bench = make_bench(BICAMERAL_TELEMETRY=mode, BICAMERAL_TRACE=str(int(is_traced)))
    drive(bench)
    told = disclose(REGISTRY, mode=mode, is_traced=is_traced, is_relay=True)
    found = names_in(bench.environment.home)
    for name in found:
        assert len(named(name, told.kept)) == 1, name
        assert named(name, told.not_kept) == [], name
    for each in told.kept:
        is_there = any(fnmatchcase(base_name(name), each.file) for name in found)
        assert is_there or each.file in BY_OTHERS, each.file
    for name, row in lines_in(bench.environment.home):
        kind = REGISTRY.kind_of(name, row)
        assert kind is not None
        assert [kind.id in each.kinds for each in named(name, told.kept)] == [True]


def test_switched_off_only_what_is_disclosed_for_off_is_there(make_bench: MakeBench) -> None:
    """Off is the mode that most people are in."""
    bench = make_bench(BICAMERAL_TELEMETRY="off")
    drive_everything(bench)
    told = disclose(REGISTRY, mode="off", is_traced=False, is_relay=False)
    for name in names_in(bench.environment.home):
        assert len(named(name, told.kept)) == 1, name
    assert {each.when for each in told.kept} == {"always", "by hand"}


def test_every_file_is_either_kept_or_not_in_every_mode() -> None:
    """None is left out, whatever is switched on."""
    every: set[str] = set()
    for mode in ("off", "preflight", "raw"):
        for is_on in (False, True):
            told = disclose(REGISTRY, mode=mode, is_traced=is_on, is_relay=is_on)
            names = [each.file for each in (*told.kept, *told.not_kept)]
            assert len(names) == len(set(names))
            every = every or set(names)
            assert set(names) == every
    assert set(REGISTRY.by_file()) <= every


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("preflight_events.jsonl.3", "preflight_events.jsonl"),
        ("ledger.sqlite3-wal", "ledger.sqlite3"),
        ("index/rep_1.code.sqlite3-shm", "index/rep_1.code.sqlite3"),
        ("metrics.json.new", "metrics.json"),
        ("config.toml.bicameral-new", "config.toml"),
        ("salt.00112233445566aa", "salt"),
        ("salt.lock", "salt.lock"),
        ("salt", "salt"),
    ],
)
def test_what_stands_beside_a_file_is_told_with_it(name: str, base: str) -> None:
    """A list of locks and drafts would hide what matters."""
    assert base_name(name) == base


def test_a_file_that_nobody_disclosed_would_be_found(make_bench: MakeBench) -> None:
    """The check itself must be able to fail."""
    told = disclose(REGISTRY, mode="preflight", is_traced=True, is_relay=True)
    for strange in ("prompts.jsonl", "index/rep_1.texts.sqlite3", "spool.txt", "salt.txt"):
        assert named(strange, told.kept) == [], strange


def test_in_hashed_mode_no_captured_file_can_reveal_more_than_hashes() -> None:
    """The classes that are told are those of the mode, not of the worst one."""
    for mode, most in (("preflight", "S1"), ("raw", "S3")):
        told: dict[str, Any] = {
            each.file: each.most
            for each in disclose(REGISTRY, mode=mode, is_traced=True, is_relay=True).kept  # type: ignore[arg-type]
        }
        assert told["preflight_events.jsonl"] == most
        assert told["trace.jsonl"] == most
        assert told["failure_labels.jsonl"] == "S3"
