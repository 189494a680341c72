"""`hotline records`: derive the records again from Asterisk's own lines, check the figures, let old lines go."""

import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import click

from cases.figures import begin_of
from hotline import settings
from hotline.config import Config, ConfigError, load
from storage import figures, rebuilding
from storage.engine import Store
from storage.errors import StoreDown

MOST_SHOWN = 200


@click.group()
def records() -> None:
    """话务记录 call records: rebuild · check · prune."""


@records.command()
@click.option("--dry-run", is_flag=True, help="只比较，不修改 compare only")
@click.option("--after", default="", metavar="CALL", help="从此通话之后继续 go on behind this call")
@click.option(
    "--batch", default=200, show_default=True, type=click.IntRange(1, 5_000), help="每批通话数 a batch"
)
def rebuild(*, dry_run: bool, after: str, batch: int) -> None:
    """由原始行重算全部通话记录，与库中逐字段比较。有差异时退出码为 1。

    Derive every record again from the raw lines, compare field by field, and repair (unless --dry-run). Each batch
    is one transaction: a rebuild that was stopped goes on with --after. Exit status 1 if anything differed.
    """
    config = _config()
    store = _open(config)
    within = timedelta(minutes=config.ring_back_minutes)
    work = partial(rebuilding.rebuild_some, repair=not dry_run, most=batch, within=within)
    calls, found, last = 0, 0, after
    try:
        while (part := _do(store, partial(work, after=last), reads=dry_run)).last is not None:
            for difference in part.differences[: max(MOST_SHOWN - found, 0)]:
                _show(difference.call, difference.field, difference.stored, difference.derived)
            calls, found, last = calls + part.calls, found + len(part.differences), part.last
            click.echo(f"… {calls} 通 calls, {found} 处差异 differences, --after {last}", err=True)
        lost = store.read_now(rebuilding.without_lines)
    except KeyboardInterrupt:
        raise click.ClickException(f"已中断 stopped; 继续 go on with --after {last}") from None
    finally:
        store.close()
    for call in lost:
        click.echo(f"{call}: 没有原始行 no line tells of it")
    done = "(未修改 nothing was changed)" if dry_run else "(已修复 repaired)" if found else ""
    click.echo(
        f"{calls} 通 calls, {found} 处差异 differences, {len(lost)} 无原始行 without lines {done}".rstrip()
    )
    sys.exit(1 if found or lost else 0)


@records.command()
def check() -> None:
    """重新统计已归档的每一天，并核对结局之和等于来电数。有差异时退出码为 1。

    Count every rolled-up day again and compare; see that the outcomes of each day add up to its calls.
    """
    store = _open(_config())
    at, wrong = datetime.now(UTC), 0
    try:
        days = store.read_now(figures.spans)
        for first, last in days:
            for one in store.read_now(partial(figures.recount, first=first, last=last, at=at)):
                wrong += 1
                _show(
                    f"{begin_of(one.slot):%Y-%m-%dT%H:%MZ} {one.key}",
                    one.field,
                    one.kept,
                    one.counted,
                )
            wrong += _outcomes_missing(store, first, last)
    finally:
        store.close()
    click.echo(f"{len(days)} 天 days, {wrong} 处差异 differences")
    sys.exit(1 if wrong else 0)


@records.command()
@click.option("--before", required=True, metavar="DATE", help="本市日期 date in the city, e.g. 2026-01-01")
def prune(before: str) -> None:
    """删除早于某日的原始行，保留记录；未结束的通话不动。

    Delete raw lines of calls that ended before the day. Their records stay and are from then on never derived again;
    calls that have not ended are left as they are.
    """
    config = _config()
    at = _day(before, config)
    store = _open(config)
    lines, calls, still_open = 0, 0, list[str]()
    try:
        last: str | None = ""
        while last is not None:
            part = store.write_now(partial(rebuilding.prune_some, before=at, after=last))
            lines, calls, last = lines + part.lines, calls + part.calls, part.last
            still_open += part.open
        place: rebuilding.Place | None = ("", -1, -1)
        while place is not None:
            place, gone = store.write_now(partial(rebuilding.prune_lines_of_no_call, before=at, after=place))
            lines += gone
    finally:
        store.close()
    for call in still_open:
        click.echo(f"{call}: 尚未结束，保留 has not ended, left as it is")
    click.echo(f"{calls} 通 calls, {lines} 行 lines")


def _outcomes_missing(store: Store, first: int, last: int) -> int:
    """Return how many lines of the day have outcomes that do not add up to the calls offered."""
    day = store.read_now(partial(figures.count_calls, first=first, last=last))
    wrong = 0
    for (slot, line), counts in day.items():
        ends = figures.sum_of_outcomes(counts)
        if ends != counts.offered:
            wrong += 1
            _show(f"{begin_of(slot):%Y-%m-%dT%H:%MZ} {line}", "outcomes", counts.offered, ends)
    return wrong


def _show(what: str, field: str, stored: object, derived: object) -> None:
    click.echo(f"{what}: {field}: 库中 stored {stored!s}, 应为 derived {derived!s}")


def _do(store: Store, work: partial[rebuilding.Part], *, reads: bool) -> rebuilding.Part:
    return store.read_now(work) if reads else store.write_now(work)


def _config() -> Config:
    try:
        return load()
    except ConfigError as error:
        raise click.ClickException(f"配置有误 the configuration is wrong: {error}") from None


def _open(config: Config) -> Store:
    try:
        return settings.open_store(config)
    except StoreDown as error:
        raise click.ClickException(f"数据库无法打开 the database cannot be opened: {error}") from None


def _day(text: str, config: Config) -> datetime:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=ZoneInfo(config.zone))
    except ValueError:
        raise click.ClickException(f"不是日期 not a date: {text}") from None
    if day > datetime.now(UTC):
        raise click.ClickException("日期在将来 the day is yet to come")
    return day
