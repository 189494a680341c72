"""`hotline audit`: see that nobody changed the history, and say where if somebody did."""

import sys

import click

from hotline import settings
from hotline.config import ConfigError, load
from storage import audit as log
from storage import history
from storage.engine import Store
from storage.errors import StoreDown

STRETCH = 100_000


@click.group()
def audit() -> None:
    """审计日志 the audit log: verify."""


@audit.command()
@click.option("--after", default=0, type=click.IntRange(0), help="从此行之后开始 begin behind this line")
@click.option(
    "--anchor",
    default="",
    metavar="LINE:HASH",
    help="以前记下的末行 a last line that was noted down before: 可发现末尾被截去 shows a cut-off end",
)
def verify(*, after: int, anchor: str) -> None:
    """逐行核对哈希链；有改动、缺行时指出第一处，退出码为 1。

    Walk the chain of hashes. Prints the last line and its hash: kept elsewhere, they are the anchor of the next time,
    without which nobody can tell that the newest lines were cut off.
    """
    store = _open()
    try:
        broken = _anchored(store, anchor) or _walk(store, after)
        last = store.read_now(history.newest)
        head = store.read_now(lambda conn: log.hash_of(conn, last)) or ""
    finally:
        store.close()
    if broken is not None:
        click.echo(f"✗ 第 {broken.id} 行 line {broken.id}: 与哈希链不符 does not fit the chain: {broken.why}")
        sys.exit(1)
    click.echo(f"✓ 第 {after + 1}–{last} 行完好 lines {after + 1}–{last} are as they were written")
    click.echo(f"末行 anchor: {last}:{head}")


def _walk(store: Store, after: int) -> history.Broken | None:
    """Walk in stretches, because no read may last for ever."""
    last = store.read_now(history.newest)
    if after > last:
        raise click.ClickException(f"没有第 {after} 行 there is no line {after}: 末行 the last is {last}")
    while after < last:
        until = min(after + STRETCH, last)
        broken = store.read_now(lambda conn, a=after, u=until: history.verify(conn, after=a, until=u))  # type: ignore[misc]
        if broken is not None:
            return broken
        click.echo(f"… {until}", err=True)
        after = until
    return None


def _anchored(store: Store, anchor: str) -> history.Broken | None:
    if not anchor:
        return None
    line, _, known = anchor.partition(":")
    if not line.isdecimal() or not known:
        raise click.ClickException(f"应写作 to be written as LINE:HASH: {anchor}")
    found = store.read_now(lambda conn: log.hash_of(conn, int(line)))
    if found == known:
        return None
    why = "the line is gone" if found is None else "the hash is not the one that was noted down"
    return history.Broken(int(line), why)


def _open() -> Store:
    try:
        return settings.open_store(load())
    except ConfigError as error:
        raise click.ClickException(f"配置有误 the configuration is wrong: {error}") from None
    except StoreDown as error:
        raise click.ClickException(f"数据库无法打开 the database cannot be opened: {error}") from None
