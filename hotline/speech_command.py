"""`hotline speech serve`: the process that hears what callers say; `install` and `test` look after its model."""

import logging
import sys
from pathlib import Path

import click

from hotline.config import Config, ConfigError, load
from hotline.settings import WORDS
from ivr.speech import models
from ivr.speech.settings import ServiceSettings


@click.group()
def speech() -> None:
    """语音识别 the speech service and its model."""


@speech.command()
def serve() -> None:
    """只运行语音识别进程 run the speech service alone; `hotline run` does it, too."""
    from ivr.speech import watch

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(watch.run(_settings(_config())))


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
        menu=Path(config.menu_file) if config.menu_file else config.state_dir / "menu.toml",
    )


def _config() -> Config:
    try:
        return load()
    except ConfigError as error:
        raise click.ClickException(f"配置有误 the configuration is wrong: {error}") from None
