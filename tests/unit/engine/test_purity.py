"""The engine is pure: it imports nothing that reads, writes, waits, draws or knows the time."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import zipped.engine

FOLDER = Path(zipped.engine.__file__).parent
ALLOWED = {
    "base64",
    "binascii",
    "collections",
    "dataclasses",
    "datetime",
    "decimal",
    "functools",
    "hashlib",
    "html",
    "itertools",
    "json",
    "math",
    "re",
    "typing",
    "urllib.parse",
    "uuid",
    "zoneinfo",  # reads the time zone database, and nothing else
}
CLOCKS = {"now", "utcnow", "today"}
BUILTINS = {"open", "print", "input", "eval", "exec", "compile", "__import__"}


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in sorted(FOLDER.rglob("*.py")):
        yield file.relative_to(FOLDER).as_posix(), ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module is not None
            yield node.module


def test_only_the_quiet_part_of_the_standard_library_is_imported() -> None:
    foreign = {
        (file, module)
        for file, tree in trees()
        for module in imported(tree)
        if module not in ALLOWED
        and module.partition(".")[0] not in ALLOWED
        and not f"{module}.".startswith("zipped.engine.")
    }
    assert foreign == set()
    assert {module.partition(".")[0] for module in ALLOWED} <= sys.stdlib_module_names


def test_nothing_asks_a_clock_opens_a_file_or_runs_text() -> None:
    found = [
        (file, node.lineno)
        for file, tree in trees()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in CLOCKS)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BUILTINS)
    ]
    assert found == []
