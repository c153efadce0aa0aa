"""Hashes: exact vectors, and the laws that reconciliation rests on (PT-05, PT-06)."""

import hashlib
import threading

from hypothesis import given
from hypothesis import strategies as st

from bicameral.capture.hashes import Hashes

SALT = bytes(range(32))
HASHES = Hashes(SALT)
a_path = st.text(st.characters(exclude_characters="\0"))


def digits(content: bytes) -> str:
    return hashlib.sha256(SALT + content).hexdigest()[:16]


def test_a_topic_is_hashed_as_it_stands() -> None:
    """The vector is the contract: first 16 hex digits of SHA-256 over salt and UTF-8."""
    assert HASHES.hash_topic("Retry payments ") == digits(b"Retry payments ")
    assert HASHES.hash_topic("Zahlung für Ümit") == digits("Zahlung für Ümit".encode())
    assert HASHES.hash_topic("") == digits(b"")


def test_paths_are_stripped_sorted_and_each_preceded_by_a_nul() -> None:
    """The vector is the contract."""
    assert HASHES.hash_file_paths([" b ", "", "a", "  "]) == digits(b"\0a\0b")
    assert HASHES.hash_file_paths([]) == digits(b"")
    assert HASHES.hash_file_paths(["", " "]) == digits(b"")


def test_the_order_of_paths_does_not_matter_and_their_borders_do() -> None:
    """The two examples of the requirement."""
    assert HASHES.hash_file_paths(["a", "b"]) == HASHES.hash_file_paths(["b", "a"])
    assert HASHES.hash_file_paths(["ab", "c"]) != HASHES.hash_file_paths(["a", "bc"])


def test_another_salt_gives_another_hash() -> None:
    """Hashes of two installs must not be comparable."""
    other = Hashes(bytes(32))

    assert other.hash_topic("a") != HASHES.hash_topic("a")
    assert other.hash_path("a") != HASHES.hash_path("a")
    assert other.hash_file_paths(["a"]) != HASHES.hash_file_paths(["a"])


def test_a_path_and_a_topic_of_the_same_text_differ() -> None:
    """Otherwise a topic that is a file's name would tell which file it is."""
    assert HASHES.hash_path("src/a.py") != HASHES.hash_topic("src/a.py")


def test_a_lone_surrogate_has_a_hash() -> None:
    """A topic from a broken encoding must not stop the preflight it came with."""
    assert HASHES.hash_topic("\ud800") == digits(b"\xed\xa0\x80")
    assert len(HASHES.hash_path("\udcff/a")) == 16


@given(st.lists(a_path).flatmap(lambda paths: st.tuples(st.just(paths), st.permutations(paths))))
def test_any_order_gives_one_hash(two_orders: tuple[list[str], list[str]]) -> None:
    """The law behind the example."""
    one, other = two_orders

    assert HASHES.hash_file_paths(one) == HASHES.hash_file_paths(other)


@given(a_path.filter(str.strip))
def test_one_path_alone_hashes_as_the_set_of_it(path: str) -> None:
    """So that a call on one file can be compared with either field."""
    assert HASHES.hash_file_paths([path]) == HASHES.hash_path(path)


@given(st.sets(a_path.map(str.strip), max_size=4), st.sets(a_path.map(str.strip), max_size=4))
def test_different_sets_of_paths_hash_differently(one: set[str], two: set[str]) -> None:
    """A collision would let one call's evidence speak for another."""
    same = {path for path in one if path} == {path for path in two if path}

    assert (HASHES.hash_file_paths(one) == HASHES.hash_file_paths(two)) == same


def test_threads_do_not_disturb_each_other() -> None:
    """The salted state is shared; only copies of it are ever advanced."""
    wrong: list[str] = []

    def hash_many(name: str) -> None:
        expected = digits(name.encode())
        wrong.extend(name for _ in range(3_000) if HASHES.hash_topic(name) != expected)

    threads = [threading.Thread(target=hash_many, args=(f"topic {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []
