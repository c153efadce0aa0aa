"""The cache of parsed files: what is a hit, what is forgotten, and how large it can grow."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from bicameral.grounding.cache import ParseCache

CODE = b"class A:\n    def f(self): ...\n\ndef g(): ...\n"


def numbered(number: int, functions: int = 20) -> bytes:
    return b"".join(b"def f%d_%d(): ...\n" % (number, each) for each in range(functions))


def test_the_same_content_is_parsed_once() -> None:
    """Under another name too: a renamed file is not a new one."""
    cache = ParseCache()
    first = cache.open("a.py", CODE).skeleton()

    again = cache.open("b.py", CODE)

    assert again.is_cached
    assert again.skeleton() is first
    assert (cache.hits, cache.misses) == (1, 1)


def test_the_file_opened_last_stays_open() -> None:
    """The second region of a file must not cost a second parse."""
    cache = ParseCache()
    first = cache.open("a.py", CODE)

    assert cache.open("a.py", bytes(bytearray(CODE))) is first
    assert cache.open("a.py", CODE + b"\n") is not first
    assert cache.open("b.py", CODE + b"\n") is not first


def test_one_changed_byte_is_a_miss() -> None:
    """The key is the content; nothing else can tell that a file has changed."""
    cache = ParseCache()
    cache.open("a.py", CODE).skeleton()

    changed = cache.open("a.py", CODE.replace(b"g", b"h"))

    assert not changed.is_cached
    assert [symbol.name for symbol in changed.skeleton().symbols] == ["A", "f", "h"]
    assert (cache.hits, cache.misses) == (0, 2)


def test_the_same_bytes_in_another_language_are_another_file() -> None:
    """An empty answer of one grammar must not be given for the other."""
    cache = ParseCache()
    assert cache.open("a.md", CODE).skeleton().symbols == ()
    assert len(cache.open("a.py", CODE).skeleton().symbols) == 3
    assert cache.open("Makefile", CODE).skeleton().backing.fallback_reason == (
        "no grammar for Makefile"
    )


def test_a_file_that_cannot_be_parsed_is_remembered_as_such() -> None:
    """The error is an answer, and is not tried again at every question."""
    cache = ParseCache()
    broken = cache.open("a.py", b"def (:\n").skeleton()
    assert broken.backing.capability == "degraded"

    again = cache.open("a.py", b"def (:\n")

    assert again.is_cached
    assert again.skeleton() is broken


def test_digests_are_kept_by_content_and_span() -> None:
    """Asked again in another answer, a span costs no walk over the syntax."""
    cache = ParseCache()
    first = cache.open("a.py", CODE).digests(0, 8)
    cache.open("b.py", b"")

    assert cache.open("a.py", CODE).digests(0, 8) is first
    assert cache.open("a.py", CODE).digests(0, 9) is not first
    fleeting = cache.open("a.py", CODE).digests(0, 7, is_kept=False)
    assert cache.open("a.py", CODE).digests(0, 7) is not fleeting


def test_the_least_recently_used_goes_first() -> None:
    """A file in daily use must not be pushed out by a passing search."""
    cache = ParseCache(max_entries=2)
    for path, number in (("a.py", 1), ("b.py", 2)):
        cache.open(path, numbered(number)).skeleton()
    cache.open("a.py", numbered(1)).skeleton()

    cache.open("c.py", numbered(3)).skeleton()

    assert len(cache.skeletons) == 2
    assert cache.open("a.py", numbered(1)).is_cached
    assert not cache.open("b.py", numbered(2)).is_cached


def test_a_file_larger_than_the_cache_is_answered_and_not_kept() -> None:
    """One generated file must not empty the whole store."""
    cache = ParseCache(max_bytes=20_000)
    cache.open("a.py", CODE).skeleton()

    assert len(cache.open("b.py", numbered(1, 500)).skeleton().symbols) == 500

    assert cache.open("a.py", CODE).is_cached
    assert not cache.open("b.py", numbered(1, 500)).is_cached


def held_bytes() -> int:
    """Return what is held now, but for the code that is put in place of probes that have fired."""
    others = tracemalloc.Filter(False, "*/slipcover/*")
    traces = tracemalloc.take_snapshot().filter_traces([others]).traces
    return sum(each.size for each in traces)


@pytest.mark.parametrize("functions", [0, 1, 40])
def test_memory_stays_within_the_bound(functions: int) -> None:
    """What is reckoned is at least what the interpreter really holds."""
    bound = 400_000
    cache = ParseCache(max_bytes=bound)
    warm = ParseCache()
    warm.open("a.py", numbered(0, 3)).skeleton()
    tracemalloc.start()
    try:
        before = held_bytes()
        for number in range(600):
            file = cache.open("a.py", b"# %d\n" % number + numbered(number, functions))
            file.skeleton()
            file.digests(0, 5)
        del file
        after = held_bytes()
    finally:
        tracemalloc.stop()

    assert len(cache.skeletons) < 600
    assert cache.used_bytes <= bound
    assert after - before <= bound


def test_threads_share_one_cache() -> None:
    """Tools run in threads; counts and contents stay right."""
    cache = ParseCache(max_entries=8)

    def ask(number: int) -> int:
        return len(cache.open("a.py", numbered(number % 16)).skeleton().symbols)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(800)))

    assert answers == [20] * 800
    assert cache.hits + cache.misses == 800
    assert len(cache.skeletons) <= 8
    assert 0 < cache.used_bytes == sum(size for _, size in cache.skeletons._kept.values())
