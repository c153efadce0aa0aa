"""Which comments tell a tool what to do: those change what happens and are not cosmetic.

Prose that merely looks like a directive is taken for one; the other mistake would let
a changed instruction pass as a changed remark.
"""

import re

_LEADS = re.VERBOSE | re.IGNORECASE

# Compilers, linters, formatters, coverage, bundlers: anything that reads the comment.
SLASH_DIRECTIVE = re.compile(
    rb"""^(?:
      //(?:go:|line\s|export\s|extern\s|\s*\+build\s|sys(?:nb)?\s)
      |/\*(?:line\s|\s*(?:eslint|globals?|exported|jshint|jslint)\b)
      |/[/*]+[!*\s]*(?:
        @ts-|@flow|@noflow|@jsx|@jest-|@vitest-|@vite-|@formatter:|[@\#]__\w+__|\#\s?source|<reference
        |<amd-|eslint-|prettier-|biome-|deno-|jshint\s|tslint:|stylelint-|istanbul\s|c8\s|v8\s
        |webpack[a-z]|nolint|nosec|\#nosec|nosonar|nopmd|checkstyle|noinspection|\$non-nls
        |resharper\s|clang-|rustfmt|lcov_|gcovr?_|coverity|iwyu\s|-\*-|falls?[\s-]?thr
        |cppcheck-|lint:|language=
      )
    )""",
    _LEADS,
)
_HASH_COMMON = rb"\#!|\#\s*(?:-\*-|.{0,40}coding[:=]|"
PYTHON_DIRECTIVE = re.compile(
    rb"^(?:"
    + _HASH_COMMON
    + rb"""
      type:|noqa|pragma|pylint|mypy|pyright|pyre-|pytype|ty:|ruff|flake8|fmt:|yapf|isort|nosec
      |cython|distutils|sourcery
    ))""",
    _LEADS,
)
RUBY_DIRECTIVE = re.compile(
    rb"^(?:\#:|"
    + _HASH_COMMON
    + rb"""
      frozen_string_literal|typed:|@rbs|warn_indent|warn_past_scope|shareable_constant_value
      |rubocop|reek|steep|standard:|:nocov:
    ))""",
    _LEADS,
)
