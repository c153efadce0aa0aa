"""Front matter: the YAML or TOML block before a document, every value as the text written.

`id: 024` stays "024" (YAML 1.1 would make it 20), and a block that does not parse is read
line by line, because a broken header still names its status.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_LONGEST = 16_384
_FENCES = {"---": ("---", "..."), "+++": ("+++",)}


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields of a front matter, names in lower case, and how many lines it takes."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    line_count: int = 0

    def first(self, *names: str) -> str:
        """Return the first value of the first name that has one, "" when none has."""
        return next(iter(self.all(*names)), "")

    def all(self, *names: str) -> tuple[str, ...]:
        """Return the values of the first name that has any."""
        return next((self.fields[name] for name in names if self.fields.get(name)), ())


def read_front_matter(text: str) -> FrontMatter:
    """Read the front matter of a text with `\\n` line ends; empty when it has none."""
    mark, _, rest = text.partition("\n")
    closers = _FENCES.get(mark.rstrip())
    if closers is None:
        return FrontMatter()
    inside: list[str] = []
    for line in rest[:_LONGEST].split("\n"):
        if line.rstrip() in closers:
            return _parsed(mark.strip(), inside)
        inside.append(line)
    return FrontMatter()


def _parsed(mark: str, lines: list[str]) -> FrontMatter:
    block = "\n".join(lines)
    loaded = _toml(block) if mark == "+++" else _yaml(block)
    if loaded is None:
        # Between two rules at the top of a page there may also be plain text.
        loaded = dict(_line_by_line(lines))
    fields = {str(name).strip().lower(): tuple(_texts(value)) for name, value in loaded.items()}
    if not fields and block.strip():
        return FrontMatter()
    return FrontMatter(fields, len(lines) + 2)


def _yaml(block: str) -> Mapping[object, object] | None:
    import yaml  # noqa: PLC0415 - 1 MB that a server which only answers does without

    try:
        # BaseLoader makes text, lists and mappings only: no tags, no types.
        loaded = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return loaded if isinstance(loaded, dict) else None


def _toml(block: str) -> Mapping[object, object] | None:
    try:
        loaded: Mapping[str, object] = tomllib.loads(block)
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
    return dict(loaded.items())


def _line_by_line(lines: list[str]) -> Iterator[tuple[object, object]]:
    for line in lines:
        name, mark, value = line.partition(":")
        if mark and not line[:1].isspace() and len(name) <= 40:  # noqa: PLR2004 - a name, not prose
            yield name, value.strip().strip("\"'")


def _texts(value: object) -> Iterator[str]:
    """Yield a value's texts, one level deep; of a mapping, its name."""
    for item in value if isinstance(value, list) else [value]:
        named = item.get("name") or item.get("title") if isinstance(item, dict) else item
        if named is not None and not isinstance(named, list | dict):
            text = " ".join(str(named).split())
            if text:
                yield text
