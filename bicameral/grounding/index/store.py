"""The index's file: what is known of each work tree and of each content; all of it derived.

So a file of another version, or a damaged one, is made anew instead of being refused. Contents
are shared by the work trees of a repository; the files are each tree's own.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bicameral.grounding.derived import (
    connect,
    derived_path,
    files_of,
    make_tables,
    open_derived,
    version_of,
)
from bicameral.grounding.index.facts import Facts, decode_facts, encode_facts
from bicameral.grounding.index.reading import Read
from bicameral.grounding.index.scan import Stamp, settled

# To be raised whenever a table changes, or what is read from a file.
VERSION = 2
TIMEOUT_SECONDS = 5.0
MOST_UNUSED_CONTENTS = 2_000

_TABLES = """
CREATE TABLE trees (
    id INTEGER PRIMARY KEY, root BLOB NOT NULL UNIQUE,
    mark TEXT NOT NULL DEFAULT '', completed_ns INTEGER, skipped INTEGER NOT NULL DEFAULT 0);
CREATE TABLE contents (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, facts BLOB NOT NULL);
CREATE TABLE declared (
    name TEXT NOT NULL, content INTEGER NOT NULL, PRIMARY KEY (name, content)) WITHOUT ROWID;
CREATE INDEX declared_by_content ON declared (content);
CREATE TABLE files (
    tree INTEGER NOT NULL, folder TEXT NOT NULL, name TEXT NOT NULL, content INTEGER,
    modified_ns INTEGER NOT NULL, changed_ns INTEGER NOT NULL,
    size INTEGER NOT NULL, inode INTEGER NOT NULL,
    PRIMARY KEY (tree, folder, name)) WITHOUT ROWID;
CREATE INDEX files_by_name ON files (tree, name);
CREATE INDEX files_by_content ON files (content);
CREATE TABLE meta (grammars TEXT NOT NULL);
"""
_TREE = "SELECT id, mark, completed_ns, skipped FROM trees WHERE root = ?"
_PUT_FILE = "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_CONTENT = "INSERT INTO contents (key, facts) VALUES (?, ?)"
_HAS = "SELECT 1 FROM files WHERE tree = ? AND folder = ? AND name = ?"
_FILE = """
SELECT modified_ns, changed_ns, size, inode, facts
FROM files LEFT JOIN contents ON contents.id = content
WHERE tree = ? AND folder = ? AND name = ?
"""
# The name leads the index, and the folder comes next in it.
_BESIDE = """
SELECT facts FROM files INDEXED BY files_by_name JOIN contents ON contents.id = content
WHERE tree = :tree AND name = :name AND folder > :parent AND folder < :end
AND instr(substr(folder, length(:parent) + 1), '/') = 0 ORDER BY folder LIMIT :most
"""
_UNUSED = "id NOT IN (SELECT content FROM files WHERE content NOTNULL)"
_COUNT_UNUSED = f"SELECT count(*) FROM contents WHERE {_UNUSED}"  # noqa: S608 - a text of ours
_DROP_DECLARED = f"DELETE FROM declared WHERE content IN (SELECT id FROM contents WHERE {_UNUSED})"  # noqa: S608
_DROP_UNUSED = f"DELETE FROM contents WHERE {_UNUSED}"  # noqa: S608
_OF_TREE = "SELECT folder, name, modified_ns, changed_ns, size, inode FROM files WHERE tree = ?"


@dataclass(frozen=True, slots=True)
class TreeState:
    """How far a work tree is indexed: its number, and when (ns) and at which mark it was whole.

    `completed_ns` is None until the first run has ended.
    """

    id: int
    mark: str
    completed_ns: int | None
    skipped: int


class Store:
    """One open index. A connection belongs to one thread at a time.

    Every method may raise `sqlite3.Error`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection

    @classmethod
    def open_existing(cls, path: Path) -> "Store | None":
        """Open an index to read it; None where there is none of this version."""
        if not path.is_file():
            return None
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = connect(uri, timeout_seconds=TIMEOUT_SECONDS, is_uri=True)
        try:
            if version_of(connection) == VERSION:
                return cls(path, connection)
        except sqlite3.Error:
            connection.close()
            raise
        connection.close()
        return None

    @classmethod
    def open(cls, path: Path, grammars: str) -> "Store":
        """Open an index to write it, made if missing, made anew where it cannot be used.

        `grammars` names the languages that can be parsed: with others, files say other things.
        The caller holds the index's lock.
        """

        def is_current(connection: sqlite3.Connection) -> bool:
            return version_of(connection) == VERSION and _grammars(connection) == grammars

        def make_anew(connection: sqlite3.Connection) -> None:
            put = "INSERT INTO meta VALUES (?)"
            make_tables(
                connection, _TABLES, VERSION, fill=lambda opened: opened.execute(put, (grammars,))
            )

        opened = open_derived(
            path, timeout_seconds=TIMEOUT_SECONDS, is_current=is_current, make_anew=make_anew
        )
        return cls(path, opened)

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()

    @contextmanager
    def reading(self) -> Iterator[int]:
        """See one state throughout; yields a number that others' writes change."""
        self.connection.execute("BEGIN")
        try:
            # The transaction begins with the first look at the data, not before.
            self.connection.execute("SELECT 1 FROM trees LIMIT 1").fetchone()
            yield int(self.connection.execute("PRAGMA data_version").fetchone()[0])
        finally:
            self.connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write all of it, or nothing."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def tree(self, root: bytes) -> TreeState | None:
        """Return how far a work tree is indexed; None where it is not known."""
        row = self.connection.execute(_TREE, (root,)).fetchone()
        return TreeState(*row) if row else None

    def ensure_tree(self, root: bytes) -> TreeState:
        """Return the state of a work tree, which is known from now on."""
        with self.writing():
            self.connection.execute("INSERT OR IGNORE INTO trees (root) VALUES (?)", (root,))
        return TreeState(*self.connection.execute(_TREE, (root,)).fetchone())

    def complete(self, tree_id: int, *, mark: str, now_ns: int, skipped: int) -> None:
        """Note that all of a tree is indexed as it was at a mark."""
        with self.writing():
            self.connection.execute(
                "UPDATE trees SET mark = ?, completed_ns = ?, skipped = ? WHERE id = ?",
                (mark, now_ns, skipped, tree_id),
            )

    def roots(self) -> dict[int, bytes]:
        """Return the root of each work tree by its number."""
        return dict(self.connection.execute("SELECT id, root FROM trees"))

    def forget_trees(self, tree_ids: Iterable[int]) -> None:
        """Drop work trees with their files."""
        with self.writing():
            for tree_id in tree_ids:
                self.connection.execute("DELETE FROM files WHERE tree = ?", (tree_id,))
                self.connection.execute("DELETE FROM trees WHERE id = ?", (tree_id,))

    def stamps(self, tree_id: int) -> dict[str, Stamp]:
        """Return the stamp that each file of a tree was read with."""
        rows = self.connection.execute(_OF_TREE, (tree_id,))
        return {
            f"{folder}/{name}" if folder else name: Stamp(*stamp) for folder, name, *stamp in rows
        }

    def is_known(self, key: bytes) -> bool:
        """Tell whether it is known what a content says."""
        found = self.connection.execute("SELECT 1 FROM contents WHERE key = ?", (key,))
        return found.fetchone() is not None

    def facts(self, key: bytes) -> Facts | None:
        """Return what a content says, None where it is not known."""
        row = self.connection.execute("SELECT facts FROM contents WHERE key = ?", (key,)).fetchone()
        return decode_facts(row[0]) if row else None

    def put(self, tree_id: int, reads: Iterable[Read], *, now_ns: int) -> None:
        """Keep what files were read to say, within one transaction of the caller."""
        for read in reads:
            content = None if read.key is None else self._content(read.key, read.facts)
            folder, _, name = read.path.rpartition("/")
            stamp = settled(Stamp(*read.stamp), now_ns)
            self.connection.execute(_PUT_FILE, (tree_id, folder, name, content, *stamp))

    def drop(self, tree_id: int, paths: Iterable[str]) -> None:
        """Forget files that are gone, within one transaction of the caller."""
        parted = (path.rpartition("/") for path in paths)
        self.connection.executemany(
            "DELETE FROM files WHERE tree = ? AND folder = ? AND name = ?",
            ((tree_id, folder, name) for folder, _, name in parted),
        )

    def _content(self, key: bytes, facts: Facts | None) -> int | None:
        found = self.connection.execute("SELECT id FROM contents WHERE key = ?", (key,)).fetchone()
        if found is not None:
            return int(found[0])
        if facts is None:
            return None
        content = self.connection.execute(_PUT_CONTENT, (key, encode_facts(facts))).lastrowid
        self.connection.executemany(
            "INSERT INTO declared VALUES (?, ?)", ((name, content) for name in facts.declared)
        )
        return content

    def drop_unused(self) -> int:
        """Drop the contents that no file has, once they are many; return how many went."""
        [count] = self.connection.execute(_COUNT_UNUSED).fetchone()
        if count <= MOST_UNUSED_CONTENTS:
            return 0
        with self.writing():
            self.connection.execute(_DROP_DECLARED)
            self.connection.execute(_DROP_UNUSED)
        return int(count)

    def counts(self, tree_id: int) -> Mapping[str, int]:
        """Count the files of a tree, those that were read, and the contents kept in all."""
        files, read = self.connection.execute(
            "SELECT count(*), count(content) FROM files WHERE tree = ?", (tree_id,)
        ).fetchone()
        [contents] = self.connection.execute("SELECT count(*) FROM contents").fetchone()
        return {"files": files, "read": read, "contents": contents}

    def has(self, tree_id: int, path: str) -> bool:
        """Tell whether a tree has a file."""
        folder, _, name = path.rpartition("/")
        return self.connection.execute(_HAS, (tree_id, folder, name)).fetchone() is not None

    def file(self, tree_id: int, path: str) -> tuple[Stamp, Facts | None] | None:
        """Return a file's stamp and what it says, if it was read."""
        folder, _, name = path.rpartition("/")
        row = self.connection.execute(_FILE, (tree_id, folder, name)).fetchone()
        if row is None:
            return None
        *stamp, facts = row
        return Stamp(*stamp), None if facts is None else decode_facts(facts)

    def below(self, tree_id: int, folder: str) -> list[str]:
        """Return the files directly in a folder, in order."""
        rows = self.connection.execute(
            "SELECT folder, name FROM files WHERE tree = ? AND folder = ? ORDER BY name",
            (tree_id, folder),
        )
        return [f"{folder}/{name}" if folder else name for folder, name in rows]

    def named(self, tree_id: int, name: str, *, most: int) -> list[str]:
        """Return the files of a name, in order, at most `most`."""
        rows = self.connection.execute(
            "SELECT folder, name FROM files WHERE tree = ? AND name = ? ORDER BY folder LIMIT ?",
            (tree_id, name, most),
        )
        return [f"{folder}/{name}" if folder else name for folder, name in rows]

    def beside(self, tree_id: int, path: str, *, most: int) -> list[Facts]:
        """Return what the files of a path's name say that lie in the folders beside its own.

        In order of the folders, at most `most`; none for a path at the root.
        """
        folder, _, name = path.rpartition("/")
        if not folder:
            return []
        parent = f"{above}/" if (above := folder.rpartition("/")[0]) else ""
        end = f"{parent}\U0010ffff"
        asked = {"tree": tree_id, "name": name, "parent": parent, "end": end, "most": most}
        return [decode_facts(facts) for (facts,) in self.connection.execute(_BESIDE, asked)]

    def declaring(self, tree_id: int, name: str, *, most: int) -> list[str]:
        """Return the files that declare a name, in order, at most `most`."""
        rows = self.connection.execute(
            "SELECT folder, files.name FROM declared JOIN files USING (content) "
            "WHERE declared.name = ? AND tree = ? ORDER BY folder, files.name LIMIT ?",
            (name, tree_id, most),
        )
        return [f"{folder}/{name}" if folder else name for folder, name in rows]


def index_path(home: Path, repository_id: str) -> Path:
    """Return where the code index of a repository lies in the data home."""
    return derived_path(home, repository_id, "code")


def size_of_index(path: Path) -> int:
    """Return the bytes on disk of an index and its log."""
    return sum(each.stat().st_size for each in files_of(path) if each.is_file())


def _grammars(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT grammars FROM meta").fetchone()[0])
