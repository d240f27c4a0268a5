"""STYLE.md and the words of DESIGN.md section 2, as far as a program can tell."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

from source_tree import definitions, relative, sources

FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 60
VAGUE = {"manager", "managers", "helper", "helpers", "util", "utils", "handler", "handlers", "info", "misc"}
FORBIDDEN = {"experiment", "experiments", "iteration", "iterations", "payload", "anomaly", "scalar", "quantity"}
EXPORTS = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Expr, ast.If)


def found_in_sources(look: Callable[[Path], object]) -> dict[str, object]:
    """What a look at each file found, without the files where it found nothing."""
    return {relative(path): found for path in sources() if (found := look(path))}


def test_the_sources_are_found() -> None:
    assert len(sources()) > 50


def test_every_file_can_be_read_at_one_sitting() -> None:
    def too_long(path: Path) -> int:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        return lines if lines > FILE_LINES_MAX else 0

    assert found_in_sources(too_long) == {}


def test_every_function_does_one_thing() -> None:
    def too_long(path: Path) -> dict[str, int]:
        if path.parent.name == "versions":
            return {}  # A schema version is one flat list of tables.
        functions = [found for found in definitions(path) if not isinstance(found, ast.ClassDef)]
        return {found.name: lines_of(found) for found in functions if lines_of(found) > FUNCTION_LINES_MAX}

    assert found_in_sources(too_long) == {}


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines without the docstring, which may say as much as there is to say."""
    documented = ast.get_docstring(function) is not None and len(function.body) > 1
    start = function.body[1 if documented else 0].lineno
    return (function.end_lineno or start) - start + 1


def test_names_say_what_a_thing_is() -> None:
    def vague(path: Path) -> list[str]:
        names = [path.stem, *(found.name for found in definitions(path))]
        return [name for name in names if words_of(name) & (VAGUE | FORBIDDEN)]

    assert found_in_sources(vague) == {}


def words_of(name: str) -> set[str]:
    """The words of a snake_case or CamelCase name."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_package_files_only_export() -> None:
    def code(path: Path) -> list[str]:
        if path.name != "__init__.py":
            return []
        statements = ast.parse(path.read_text(encoding="utf-8")).body
        return [ast.unparse(one)[:60] for one in statements if not isinstance(one, EXPORTS) and not is_lazy_export(one)]

    assert found_in_sources(code) == {}


def is_lazy_export(statement: ast.stmt) -> bool:
    """Whether a statement is the module's own attribute look-up (PEP 562)."""
    return isinstance(statement, ast.FunctionDef) and statement.name in {"__getattr__", "__dir__"}


def test_every_module_says_what_it_is() -> None:
    assert found_in_sources(lambda path: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None) == {}


def test_no_bare_except_hides_an_error() -> None:
    def bare(path: Path) -> list[int]:
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        return [node.lineno for node in nodes if isinstance(node, ast.ExceptHandler) and node.type is None]

    assert found_in_sources(bare) == {}
