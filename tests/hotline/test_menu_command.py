"""`hotline menu`, run as an operator runs it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline.__main__ import main

BAD = (
    'version = "1"\n[menus.waiting.choices.a]\naction = "menu"\nto = "none"\nkey = "4"\nphrases = ["天气"]\n'
)
FIRST = str(Path(__file__).parents[2] / "ivr" / "menus" / "menu-first.toml")


def hotline(folder: Path, *words: str, typed: str = "") -> Result:
    environ = {"HOTLINE_STATE_DIR": str(folder), "HOTLINE_CONFIG": None}
    return CliRunner().invoke(main, ["menu", *words], env=environ, input=typed)


def test_the_menus_in_force_are_checked_and_those_that_ship_pass(tmp_path: Path) -> None:
    said = hotline(tmp_path, "check")
    assert said.exit_code == 0, said.output
    assert "随附的菜单 the menus that ship" in said.stdout
    assert said.stdout.endswith("0 个错误 errors · 0 条提示 notes\n")


def test_what_is_wrong_with_the_citys_file_is_printed_and_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "menu.toml").write_text(BAD, "utf-8")
    said = hotline(tmp_path, "check")
    assert said.exit_code == 1
    assert "错误 error · menus.waiting.a: 没有菜单 'none'" in said.stdout
    assert "语音模型不认识" in said.stdout
    assert "语音模型不认识" not in hotline(tmp_path, "check", "--without-model").stdout


def test_a_file_that_cannot_be_read_is_told_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text('colour = 1\nversion = "1"\n', "utf-8")
    said = hotline(tmp_path, "check", str(path))
    assert said.exit_code == 1
    assert "没有名为 colour 的项" in said.stderr


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("\n查进度\n", "→ 查询进度 the state of a case · status"),
        ("1\n", "→ 查询进度 the state of a case · status"),
        ("\n查进度?\n1\n", "→ 查询进度 the state of a case · status"),
        ("\n留言\n", "→ 留言 a message · message"),
        ("\n你好\n天气\n", "→ 人工座席 a person · person"),
        ("\n\n", "→ 人工座席 a person · person"),
        ("\n6\n", "→ 人工座席 a person · person"),
        ("\n", "→ 挂机 hung up"),
    ],
)
def test_the_menus_are_played_at_a_terminal_without_asterisk(tmp_path: Path, typed: str, ends: str) -> None:
    said = hotline(tmp_path, "try", FIRST, typed=typed)
    assert said.exit_code == 0, said.output
    assert said.stdout.rstrip().endswith(ends)
    assert "♪ 您好，这里是12345政务服务便民热线" in said.stdout


def test_information_of_the_hour_is_tried_at_any_hour(tmp_path: Path) -> None:
    for at, words in (("2026-11-23 10:00", "现在正在办公"), ("2026-11-22 10:00", "现在不在办公")):
        said = hotline(tmp_path, "try", "--at", at, typed="常见问题\n1\n\n")
        assert words in said.stdout, said.output


def test_a_menu_is_shown_with_keys_phrases_and_what_is_said(tmp_path: Path) -> None:
    said = hotline(tmp_path, "show")
    assert "  1  status: status · 进度 查进度" in said.stdout
    assert "  4  information: menu → information (long-wait)" in said.stdout


def test_the_example_of_the_handbook_is_a_menu_file_without_errors(tmp_path: Path) -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "menus.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", handbook, re.DOTALL)
    (tmp_path / "menu.toml").write_text(example, "utf-8")
    said = hotline(tmp_path, "check", "--without-model")
    assert said.exit_code == 0, said.output
