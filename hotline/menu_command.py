"""`hotline menu check · try · show`: judge the voice menus, play them at a terminal, print them. Changes nothing."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from hotline.config import Config, ConfigError, load
from hotline.settings import menu_file
from ivr.menu import BadMenu, Book, Choice, Menu
from ivr.menu_check import Unknown, check
from ivr.menu_file import load as load_menus
from ivr.prompts import words

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def menu() -> None:
    """语音菜单 the voice menus: check, try and show them."""


@menu.command("check")
@click.argument("file", type=FILE, required=False)
@click.option("--without-model", is_flag=True, help="不查模型认识的词 do not ask the speech model for words")
def check_menu(file: Path | None, *, without_model: bool) -> None:
    """检查菜单文件 find dead ends, missing prompts, unknown words, conflicts, menus without a way to a person.

    不给文件时检查生效的菜单。没有错误（提示不算）时返回 0。

    Without FILE, the menus in force are checked. Ends with 0 if there is no error; notes are none.
    """
    config = _config()
    book, name = _book(config, file)
    found = check(book, None if without_model else _unknown(config))
    for finding in found:
        click.echo(str(finding))
    grave = sum(finding.grave for finding in found)
    phrases = sum(map(len, book.grammars().values()))
    click.echo(
        f"{name} · 版本 version {book.version} · {len(book.menus)} 个菜单 menus · {phrases} 句话 phrases · "
        f"{grave} 个错误 errors · {len(found) - grave} 条提示 notes"
    )
    sys.exit(1 if grave else 0)


@menu.command("try")
@click.argument("file", type=FILE, required=False)
@click.option("--at", type=click.DateTime(["%Y-%m-%d %H:%M"]), help="当作这个时间 as if it were this time")
def try_menu(file: Path | None, at: datetime | None) -> None:
    """在终端试用菜单 play the menus at a terminal, without Asterisk.

    输入数字是按键，输入文字是说话（末尾加 ? 表示听不准），空行是不出声，Ctrl-D 是挂机。

    A digit is a key, words are spoken (with a ? at the end: heard unsurely), an empty line is silence, Ctrl-D hangs up.
    """
    from hotline import menu_try

    config = _config()
    zone = ZoneInfo(config.zone)
    book, name = _book(config, file)
    moment = at.replace(tzinfo=zone) if at else datetime.now(zone)
    click.echo(f"{name} · 版本 version {book.version} · {moment:%Y-%m-%d %H:%M}")
    way = asyncio.run(menu_try.play(book, _typed, click.echo, at=moment, zone=zone))
    where = "挂机 hung up" if way is None else menu_try.WHERE.get(way.route, way.route)
    click.echo(f"→ {where}" + (f" · {way.choice}" if way and way.choice else ""))


@menu.command("show")
@click.argument("file", type=FILE, required=False)
def show(file: Path | None) -> None:
    """列出菜单 print every menu: keys, actions, phrases, and what is said."""
    book, name = _book(_config(), file)
    click.echo(f"{name} · 版本 version {book.version} · {book.profile}")
    for each in book.menus.values():
        click.echo("\n".join(_menu_lines(each)))


def _menu_lines(shown: Menu) -> list[str]:
    said = "".join(_text(piece.prompt, piece.text) for piece in (*shown.opening, *shown.hint, *shown.closing))
    return [f"\n[{shown.id}] {said}", *map(_choice_line, shown.choices)]


def _choice_line(choice: Choice) -> str:
    leads = {"menu": f" → {choice.to}", "say": f" “{_said(choice)}”"}.get(choice.action, "")
    times = [*choice.when, *(f"非 not {name}" for name in choice.unless)]
    when = f" ({', '.join(times)})" if times else ""
    return f"  {choice.key or ' '}  {choice.name}: {choice.action}{leads}{when} · {' '.join(choice.phrases)}"


def _said(choice: Choice) -> str:
    return "".join(_text(piece.prompt, piece.text) for piece in choice.say)


def _text(prompt: str, text: str) -> str:
    if not prompt:
        return text
    full = words.full_name(prompt)
    return next((one.text for one in words.prompts() if one.name == full), prompt)


def _typed() -> str | None:
    try:
        line: str = click.prompt("", prompt_suffix="> ", default="", show_default=False)
    except (click.Abort, EOFError):
        return None
    return line


def _unknown(config: Config) -> Unknown | None:
    """Ask the model in use, if there is one; a city may check its file on a machine without."""
    from ivr.speech import models
    from ivr.speech.recogniser import Model
    from ivr.speech.segment import unknown

    try:
        model = Model(models.find(config.speech_model, config.state_dir))
    except models.NoModel as error:
        click.echo(f"没有检查模型认识的词 words were not checked: {error}", err=True)
        return None

    def missing(phrases: Sequence[str]) -> Sequence[str]:
        return unknown(phrases, model.knows)

    return missing


def _book(config: Config, file: Path | None) -> tuple[Book, str]:
    path = file or menu_file(config)
    shipped = file is None and not path.exists()
    try:
        book = load_menus(None if shipped else path)
    except BadMenu as bad:
        raise click.ClickException(
            "\n".join(["菜单文件有误 the menu file is wrong:", *bad.problems])
        ) from None
    return book, "随附的菜单 the menus that ship" if shipped else str(path)


def _config() -> Config:
    try:
        return load()
    except ConfigError as error:
        raise click.ClickException(f"配置有误 the configuration is wrong: {error}") from None
