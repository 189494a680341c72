"""The command line: `hotline serve · run · check · migrate · demo · call · due`, and the groups that are added below."""

import logging
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from hotline.account_command import account
from hotline.audit_command import audit
from hotline.config import Config, ConfigError, load, with_secrets
from hotline.line_command import line as line_commands
from hotline.menu_command import menu
from hotline.records_command import records
from hotline.speech_command import speech
from storage.errors import Unsealed


def _config() -> Config:
    try:
        return load()
    except ConfigError as error:
        raise click.ClickException(f"配置有误 the configuration is wrong: {error}") from None


class Commands(click.Group):
    """What is wrong with a command is said in Chinese first, as everything else is."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Unsealed as error:
            raise click.ClickException(f"密钥不符 the wrong seal_secret: {error}") from None
        except click.UsageError as error:
            what = next(words for kind, words in WRONG.items() if isinstance(error, kind))
            raise click.UsageError(f"{what} {error.format_message()}", error.ctx) from None


WRONG: Final = {
    click.MissingParameter: "缺少参数",
    click.NoSuchOption: "没有这个选项",
    click.BadParameter: "参数有误",
    click.UsageError: "命令写法有误",
}
"""The most special first."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hotline-12345")
def main() -> None:
    """12345 政务服务便民热线平台 an open government-service hotline.

    配置 Configuration: hotline.toml, HOTLINE_*, HOTLINE_*_FILE（密钥 secrets）。`hotline check` 显示生效的配置。
    """


@main.command()
def run() -> None:
    """启动 Asterisk 与热线并守护 start Asterisk and the hotline, keep both alive; Ctrl-C stops both."""
    from hotline import demo
    from hotline import run as running

    _log_to_screen()
    config = with_secrets(_config())
    if not config.ami_secret:
        raise click.ClickException(
            "还没有准备 nothing is prepared yet: 请先运行 make setup（或 hotline demo）"
        )
    click.echo("正在启动 starting …")
    try:
        running.run(config, ready=lambda: click.echo(demo.what_to_try(config)))
    except running.CannotStart as error:
        raise click.ClickException(str(error)) from None
    click.echo("已停止 stopped")


@main.command()
def serve() -> None:
    """只运行热线进程（Asterisk 另行运行） run our process alone; Asterisk runs by itself."""
    from hotline import service

    config = with_secrets(_config())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(service.serve(config))


@main.command()
def check() -> None:
    """显示生效配置，并逐项检查 show the effective configuration, then try every part."""
    from hotline import doctor

    config = with_secrets(_config())
    for name, value in config.masked().items():
        click.echo(f"  {name:28} {value}")
    click.echo()
    well = True
    for finding in doctor.examine(config):
        mark = "✓" if finding.well else "✗"
        click.echo(f"{mark} {finding.what}: {finding.words}")
        well = well and finding.well
    if not well:
        raise click.ClickException(
            "有检查未通过，原因与办法见上 some checks failed; reasons and cures are above"
        )


@main.command()
def migrate() -> None:
    """建立或升级数据库，并加密尚未加密的个人信息 create or upgrade the database, and seal what is still clear in it."""
    from hotline.settings import open_store
    from storage.migrations import upgrade
    from storage.resealing import seal_all, try_key

    config = _config()
    config.state_dir.mkdir(parents=True, exist_ok=True)
    upgrade(config.database)
    store = open_store(config, create=True)
    try:
        store.read_now(try_key)
        for done in seal_all(store):
            click.echo(f"加密个人信息 sealing {done.table}: {done.rows:,}")
    finally:
        store.close()
    click.echo("数据库已是最新 the database is up to date")


@main.command()
@click.option(
    "--city-dir", type=click.Path(path_type=Path), help="本市录音目录 folder of the city's own recordings"
)
@click.option(
    "--profile", help="另生成往年数据 write a generated past, too: fuzhou-2010, haikou-2017 …; list 列出"
)
@click.option(
    "--cases", type=click.IntRange(1), help="件数 how many cases; 默认为该年数 default: as in that city"
)
@click.option("--seed", default=1, show_default=True, help="随机种子 the same seed gives the same past")
@click.option(
    "--size", type=click.Choice(["small", "medium", "large", "xl"]), help="单位数 53, 91, 450, 1380"
)
@click.option("--until", help="末日 last day, YYYY-MM-DD; 默认为该年实际日期 default: the days of that city")
@click.option(
    "--resume", is_flag=True, help="续写中断的 go on where it broke off; 不加也会续写 happens anyway"
)
def demo(
    city_dir: Path | None,
    profile: str | None,
    cases: int | None,
    seed: int,
    size: str | None,
    until: str | None,
    resume: bool,
) -> None:
    """准备演示城市：密钥、证书、数据库、单位、账号、语音 prepare the demo city; repeatable.

    加 --profile 则只写入往年数据（库须无人使用） with it only a generated past is written, into a database nobody uses.
    """
    from hotline import demo as preparing

    del resume
    config = _config()
    if profile is not None:
        _past(config, profile, cases=cases, seed=seed, size=size, until=until)
        return
    for line in preparing.prepare(config, overlay=city_dir):
        click.echo(f"  {line}")


def _past(
    config: Config, profile: str, *, cases: int | None, seed: int, size: str | None, until: str | None
) -> None:
    from hotline import demo as preparing
    from storage.demo_profiles import PROFILES
    from storage.errors import Invalid

    if profile not in PROFILES:
        for one in PROFILES.values():
            click.echo(f"  {one.name:14} {one.cases:>9,} 件 cases  {one.first} – {one.last}  {one.title}")
        if profile == "list":
            return
        raise click.ClickException(f"没有这个往年 no such profile: {profile}")
    try:
        last = date.fromisoformat(until) if until else None
        for line in preparing.past(config, profile, cases=cases, seed=seed, size=size, until=last):
            click.echo(f"  {line}")
    except (ValueError, Invalid) as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.option("--number", default="13850123456", show_default=True, help="主叫号码 the citizen's number")
@click.option("--dialled", default="12345", show_default=True, help="被叫号码 the number dialled")
@click.option("--keys", default="", help='按键，先写秒数 seconds after the answer, e.g. "6:1,9:2611#"')
@click.option("--voice", type=click.Path(exists=True, path_type=Path), help="播放的语音 wav to speak")
@click.option(
    "--seconds", default=30, show_default=True, type=click.IntRange(1, 600), help="最长秒数 at most"
)
@click.option("--keep", type=click.Path(path_type=Path), help="保存听到的声音 folder for what was heard")
def call(number: str, dialled: str, keys: str, voice: Path | None, seconds: int, keep: Path | None) -> None:
    """用真实 SIP 模拟一通市民来电 place a synthetic citizen's call over real SIP."""
    from hotline import caller
    from hotline.phone import PhoneError

    config = _config()
    server = f"{config.sip_host}:{config.sip_port}"
    try:
        caller.read_keys(keys)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"正在以 {number} 拨打 {dialled} calling {dialled}@{server} …")
    try:
        report = caller.place_call(
            number, server=server, keys=keys, voice=voice, seconds=seconds, dialled=dialled, folder=keep
        )
    except (PhoneError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    if not report.answered:
        raise click.ClickException(f"没有接通 not answered: {report.reason}")
    heard = "听到声音 heard sound" if report.heard_sound else "没有声音 silence"
    click.echo(f"接通 answered, {report.seconds:.1f} s, {heard}")
    if keep is not None and report.received is not None:
        click.echo(f"听到的声音 what was heard: {report.received}")


@main.command()
@click.option("--from", "frm", required=True, help="起点 start, e.g. 2026-02-13T10:00 (本市时间 local time)")
@click.option("--days", type=int, help="工作日 working days")
@click.option("--hours", type=int, help="工作小时 working hours")
@click.option("--minutes", type=int, help="工作时间分钟 minutes of office time")
@click.option("--policy", help="规则 rule set, e.g. fuzhou-2010; 默认取配置 default: the configuration's")
@click.option("--clock", type=click.Choice(["read", "reply"]), default="reply", show_default=True)
@click.option("--intent", default="投诉", show_default=True, help="咨询|求助|建议|投诉|举报|表扬")
@click.option("--pause", "pauses", nargs=2, multiple=True, metavar="FROM TO", help="暂停 paused, resumed")
def due(
    frm: str,
    days: int | None,
    hours: int | None,
    minutes: int | None,
    policy: str | None,
    clock: str,
    intent: str,
    pauses: tuple[tuple[str, str], ...],
) -> None:
    """计算时限到期时刻 print when a clock runs out, one ISO line."""
    from cases.due import due_line

    config = _config()
    if (days, hours, minutes) == (None, None, None):
        policy = policy or config.policy
    try:
        line = due_line(
            frm,
            days=days,
            hours=hours,
            minutes=minutes,
            policy=policy,
            clock=clock,
            intent=intent,
            pauses=pauses,
            zone=config.zone,
        )
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo(line)


main.add_command(account)
main.add_command(audit)
main.add_command(line_commands)
main.add_command(menu)
main.add_command(records)
main.add_command(speech)


def _log_to_screen() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")


if __name__ == "__main__":
    main()
