"""What Python says in Chinese has Chinese punctuation, as the pages' words have (tests/browser/test_pages.py)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("agi_scripts", "cases", "console", "dialplan", "hotline", "ivr", "routing", "storage")
FILES = sorted(
    path
    for folder in PRODUCT
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts  # written once, never changed
)
BLANK = "\0"  # stands for a value that an f-string puts in
# Beside a Chinese character, and on the other side another, a quotation, a value or the end: not where English follows.
HALF_WIDTH = re.compile(
    rf"[\u4e00-\u9fff”》）][,;:?!()](?:[\u4e00-\u9fff“《（{BLANK}]|$)|[,;:?!)][\u4e00-\u9fff]"
)
PATTERN = re.compile(r"[|\\]|\(\?")  # an expression that takes words apart, and no sentence
LITERAL = "2027-01-01,休"  # shows how a file is written


def is_said(text: str) -> bool:
    return not PATTERN.search(text) and re.search("[\u4e00-\u9fff]{2}", text) is not None


def said(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield each string that is a value, with a blank for what an f-string puts in, and the help of each command."""
    inside = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
    } | {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else BLANK for part in node.values)
            yield node.lineno, "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and is_command(node):
            yield node.lineno, ast.get_docstring(node) or ""


def is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(re.search(r"\.(command|group)\b", ast.unparse(one)) for one in node.decorator_list)


@pytest.mark.parametrize("folder", PRODUCT)
def test_what_python_says_in_chinese_has_chinese_punctuation(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in FILES
        if path.is_relative_to(ROOT / folder)
        for line, text in said(ast.parse(path.read_text(encoding="utf-8")))
        if is_said(text) and HALF_WIDTH.search(text.replace(LITERAL, ""))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ("Refused('通话中,不能签出')", True),
        ("Refused('通话中，不能签出 (talking, still)')", False),
        ("say(f'请选择:{words} (choose one)')", True),
        ("say(f'热线{name}已在运行(进程')", True),
        ("Refused('通话中,'\n '不能签出')", True),
        ("say('原因:')", True),
        ("say('上限, no more')", False),
        ("def f():\n    '说明:给读代码的人'", False),
        ("@main.command()\ndef f():\n    '说明:给用命令的人'", True),
    ],
)
def test_half_width_punctuation_is_seen_where_people_would_see_it(source: str, wrong: bool) -> None:
    texts = [text for _, text in said(ast.parse(source))]
    assert any(is_said(text) and HALF_WIDTH.search(text) for text in texts) is wrong
