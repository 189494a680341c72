"""`hotline speech serve`: the process that hears what callers say; `install` and `test` look after its model."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hotline.config import Config, ConfigError, load
from hotline.settings import WORDS, menu_file
from ivr.speech import models
from ivr.speech.settings import ServiceSettings

if TYPE_CHECKING:
    from ivr.speech.grammars import Grammar, Grammars


@click.group()
def speech() -> None:
    """语音识别 the speech service and its model."""


@speech.command()
def serve() -> None:
    """只运行语音识别进程 run the speech service alone; `hotline run` does it, too."""
    from ivr.speech import watch

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(watch.run(_settings(_config())))


@speech.command()
@click.argument("source", metavar="FILE_OR_URL")
@click.option("--sha256", default="", help="校验和 checksum that the file must have")
def install(source: str, sha256: str) -> None:
    """安装语音模型（zip、tar、目录或网址） put a Vosk model in place: zip, tar, folder or address.

    市民用 for citizens: vosk-model-small-cn-0.22（公开的普通话模型 the public Mandarin model）。随附的 zh-mini-synth
    只懂合成语音 the one that ships understands a synthesiser alone。
    """
    from hotline import speech_install

    config = _config()
    try:
        installed = speech_install.install(source, config.state_dir, _say, sha256=sha256)
    except speech_install.CannotInstall as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"已安装 installed: {installed.name}")
    click.echo(
        "模型不随本项目提供，请自行确认其许可条款 the model is no part of this project, check its own licence: "
        "https://alphacephei.com/vosk/models (vosk-model-small-cn-0.22)"
    )
    if config.speech_model:
        click.echo(
            "注意 note: 配置 speech_model 指定了别的目录，仍以它为准 the configuration names another folder"
        )
    _show_unknown(installed, _menu(config))
    click.echo("重启语音识别后生效 takes effect when the speech service starts again (hotline run)")


@speech.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--grammar",
    default="",
    metavar="NAME",
    help="如 such as digits, yes_no, menu:waiting; 不加为听写 else dictation",
)
def test(file: Path, grammar: str) -> None:
    """识别一个声音文件 print what is heard in a sound file, with times and confidence."""
    from hotline import speech_hearing
    from ivr.speech.recogniser import Model

    settings = _settings(_config())
    model = Model(settings.model)
    note = (
        " 合成测试模型，不能用于市民 synthetic, not for citizens"
        if models.is_synthetic(settings.model)
        else ""
    )
    click.echo(f"模型 model: {settings.model.resolve().name}{note}")
    wanted = _grammar(speech_hearing.grammars(model, settings.menu), grammar) if grammar else None
    try:
        samples = speech_hearing.samples_of(file)
    except speech_hearing.CannotHear as error:
        raise click.ClickException(str(error)) from None
    stretches = list(speech_hearing.heard(model, samples, wanted))
    for said in stretches:
        for word in said:
            times = f"{word['start']:7.2f}–{word['end']:.2f} s"
            click.echo(f"{times}  {100 * word['conf']:3.0f} %  {word['word']}")
        if wanted is not None:
            click.echo(f"  → {speech_hearing.meaning(wanted, said)}")
    if not stretches:
        click.echo("没有听到话 no words were heard")


def _grammar(known: "Grammars", name: str) -> "Grammar":
    found = known.get(name)
    if found is None:
        names = " ".join(known.names())
        raise click.ClickException(f"没有这个语法 no such grammar: {name}; 有 there are: {names}")
    return found


def _show_unknown(model: Path, menu: Path) -> None:
    """Print by name what callers may say and this model can never hear."""
    from hotline import speech_hearing
    from ivr.speech.recogniser import Model

    unknown = speech_hearing.grammars(Model(model), menu).unknown()
    for grammar, parts in unknown.items():
        click.echo(f"模型不认识，只能按键 unknown to the model, keys only: {grammar}: {' '.join(parts)}")
    if not unknown:
        click.echo("菜单中的每句话模型都认识 the model knows every phrase of the menus")


def _say(words: str) -> None:
    click.echo(words, err=True)


def _menu(config: Config) -> Path:
    return menu_file(config)


def _settings(config: Config) -> ServiceSettings:
    """Return what the speech service is told of the configuration."""
    try:
        model = models.find(config.speech_model, config.state_dir)
    except models.NoModel as error:
        raise click.ClickException(str(error)) from None
    return ServiceSettings(
        model=model,
        port=config.speech_port,
        workers=config.speech_workers,
        menu=_menu(config),
        words=config.state_dir / WORDS,
    )


def _config() -> Config:
    try:
        return load()
    except ConfigError as error:
        raise click.ClickException(f"配置有误 the configuration is wrong: {error}") from None
