"""The shape of the repository: what import-linter cannot say."""

import ast
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cases", "storage", "routing", "ivr", "agi_scripts", "dialplan", "console", "hotline")


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """Give every imported (module, name); the name is empty for a whole module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.parametrize("name", PACKAGES)
def test_each_generic_name_belongs_to_our_distribution_alone(name: str) -> None:
    assert set(packages_distributions()[name]) == {"hotline-12345"}


def test_above_the_store_only_the_type_of_a_connection_is_known() -> None:
    allowed = {("sqlalchemy", "Connection")}
    for path in sources("routing", "ivr", "agi_scripts", "console", "dialplan"):
        found = {(module, name) for module, name in imported(path) if module.split(".")[0] == "sqlalchemy"}
        assert found <= allowed, f"{path}: {found - allowed}"


def test_all_metadata_is_in_setup_cfg() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["[build-system]", "requires", "build-backend"]


def test_every_package_of_the_repository_is_listed() -> None:
    listed = (ROOT / "setup.cfg").read_text(encoding="utf-8").split("packages =")[1].split("#")[0].split()
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for folder in PACKAGES
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert set(listed) == found


def test_no_file_and_no_function_outgrows_its_reader() -> None:
    for path in sources(*PACKAGES):
        if "versions" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 50, f"{path}:{node.lineno} {node.name}: {length} lines"


def test_nothing_is_left_to_do_in_the_code() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    for path in [
        *sources(*PACKAGES, "tests", "bench"),
        *(ROOT / "console/static/js").glob("*.js"),
        *(ROOT / "dialplan").glob("*.conf"),
    ]:
        text = path.read_text(encoding="utf-8")
        assert not any(f"{mark} " in text or f"{mark}:" in text for mark in marks), path
