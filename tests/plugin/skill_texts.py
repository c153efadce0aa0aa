"""The skills as data: front matter, blocks to run, and the words that name something."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.docs.pages import Block, blocks, outside_blocks

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "skills"
_FRONT = re.compile(r"\A---\n(?P<front>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_MARKED = re.compile(r"`([^`\n]+)`")
_TOOL = re.compile(r"`(bicameral\.\w+)`")


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill: what clients read of it at once, and what a model reads when it is needed."""

    name: str
    front: dict[str, Any]
    body: str

    def blocks(self, language: str) -> list[Block]:
        return [each for each in blocks(self.body) if each.language == language]

    def commands(self) -> list[str]:
        """Return every line of the blocks of shell, in order."""
        return [line for block in self.blocks("sh") for line in block.lines]

    def calls(self) -> list[tuple[str, str]]:
        """Return each call of a tool as the tool that was named last before it, and its JSON."""
        lines = self.body.split("\n")
        found = []
        for block in self.blocks("json"):
            before = _TOOL.findall("\n".join(lines[: block.first - 1]))
            found.append((str(before[-1]), block.text))
        return found

    def marked(self) -> set[str]:
        """Return what stands in code marks within the text."""
        return {each for line in outside_blocks(self.body) for each in _MARKED.findall(line)}


def skills() -> dict[str, Skill]:
    """Return the skills by the names of their folders."""
    return {each.parent.name: _read(each) for each in sorted(FOLDER.glob("*/SKILL.md"))}


def _read(path: Path) -> Skill:
    found = _FRONT.match(path.read_text(encoding="utf-8"))
    assert found is not None, path
    return Skill(path.parent.name, yaml.safe_load(found["front"]), found["body"])
