"""JavaScript and TypeScript: places, extensions, aliases, packages of a workspace."""

import json
from pathlib import Path

import pytest

from tests.grounding.index.parts import Indexed


def test_relative_imports_of_every_form(tmp_path: Path) -> None:
    """`import`, `export from`, `require`, `import()` and TypeScript's own, by their extension."""
    tree = Indexed(
        tmp_path / "r",
        {
            "src/a.ts": 'import x from "./b";\nexport * from "./c.js";\n'
            'import d = require("./d");\nconst e = require("../e");\n'
            'const f = () => import("./f/index.mjs");\nimport type { G } from "./g";\n'
            'import "./style.css";\nimport h from "./h.json";\nimport(`./${x}`);\nmine("./b2");\n',
            "src/b.tsx": "",
            "src/b2.ts": "",
            "src/c.ts": "",
            "src/d/index.ts": "",
            "e.js": "",
            "src/f/index.mjs": "",
            "src/g.d.ts": "",
            "src/h.json": "{}",
            "src/style.css": "",
        },
    )
    expected = [
        *("src/b.tsx", "src/c.ts", "src/d/index.ts", "e.js", "src/f/index.mjs", "src/g.d.ts"),
        *("src/style.css", "src/h.json"),
    ]
    assert tree.imports("src/a.ts") == expected
    assert tree.cold_imports("src/a.ts") == expected


@pytest.mark.parametrize("name", ["a.js", "a.jsx", "a.mjs", "a.cjs", "a.ts", "a.tsx", "a.mts"])
def test_every_extension_is_read_and_found(tmp_path: Path, name: str) -> None:
    """Whatever a project calls its files, they import and are imported."""
    tree = Indexed(
        tmp_path / "r", {name: 'import "./other/b";\n', "other/b.ts": f'import "../{name}";'}
    )
    assert tree.imports(name) == ["other/b.ts"]
    assert tree.imports("other/b.ts") == [name]


def test_aliases_of_a_configuration_with_comments_that_extends_another(tmp_path: Path) -> None:
    """`paths` come from the nearest configuration that has any; `baseUrl` from the nearest."""
    tree = Indexed(
        tmp_path / "r",
        {
            "tsconfig.base.json": '{ // shared\n "compilerOptions": {"baseUrl": ".", "paths": {\n'
            ' "@app/*": ["lib/*"], "@app/deep/*": ["deep/*"], "one": ["lib/one.ts"], }, } }',
            "web/tsconfig.json": '{"extends": "../tsconfig.base.json"}',
            "web/a.ts": 'import "@app/x"; import "@app/deep/y"; import "one"; import "lib/z";\n',
            "lib/x.ts": "",
            "lib/one.ts": "",
            "lib/z.ts": "",
            "deep/y.ts": "",
            "lib/deep/y.ts": "",
        },
    )
    assert tree.imports("web/a.ts") == ["lib/x.ts", "deep/y.ts", "lib/one.ts", "lib/z.ts"]


def test_configurations_that_extend_each_other_end(tmp_path: Path) -> None:
    """A circle in a hostile repository must not hold an answer."""
    tree = Indexed(
        tmp_path / "r",
        {
            "tsconfig.json": '{"extends": ["./b.json", "./tsconfig.json"]}',
            "tsconfig.b.json": '{"extends": "./tsconfig.json"}',
            "a.ts": 'import "x"; import "./b";',
            "b.ts": "",
        },
    )
    assert tree.imports("a.ts") == ["b.ts"]


def test_packages_of_a_workspace_are_found_by_their_names(tmp_path: Path) -> None:
    """What a package builds is not in the repository, so its source is taken instead."""
    exports = {".": {"import": "./dist/index.js"}, "./money": "./src/currency.ts"}
    tree = Indexed(
        tmp_path / "r",
        {
            "package.json": '{"workspaces": ["packages/*"]}',
            "packages/ui/package.json": json.dumps({"name": "@shop/ui", "exports": exports}),
            "packages/ui/src/index.ts": "",
            "packages/ui/src/currency.ts": "",
            "packages/ui/src/deep/x.tsx": "",
            "packages/log/package.json": json.dumps({"name": "log", "main": "lib/main.js"}),
            "packages/log/lib/main.js": "",
            "apps/web/package.json": json.dumps({"name": "w", "imports": {"#x": "./own.js"}}),
            "apps/web/own.js": "",
            "apps/web/a.js": "import '@shop/ui'; import '@shop/ui/money'; import '@shop/ui/deep/x';"
            "import log from 'log'; import '#x'; import 'react'; import 'node:fs';\n",
        },
    )
    assert tree.imports("apps/web/a.js") == [
        "packages/ui/src/index.ts",
        "packages/ui/src/currency.ts",
        "packages/ui/src/deep/x.tsx",
        "packages/log/lib/main.js",
        "apps/web/own.js",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": 3, "exports": [[[["x"]]]]}', "[" * 9000])
def test_a_malformed_project_file_says_nothing(tmp_path: Path, text: str) -> None:
    """It is somebody's file, not ours: what it should say cannot be guessed."""
    tree = Indexed(
        tmp_path / "r",
        {
            "package.json": text,
            "tsconfig.json": text,
            "a.ts": 'import "./b"; import "c"',
            "b.ts": "",
        },
    )
    assert tree.imports("a.ts") == ["b.ts"]
