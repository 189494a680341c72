"""`hotline line simulate · staff`: play a day by other rules, count the seats that a load needs. Changes nothing."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from itertools import product
from math import isfinite
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from routing import erlang
from routing.day import PLANS, Day, generate
from routing.day_figures import Band, Figures, bands, differences, figures
from routing.rule_text import BadRules, parse
from routing.rules import LineRules
from routing.simulate import play

NAMES = {
    "calls": "来电 calls",
    "answered": "接通 answered",
    "abandoned": "放弃率 abandoned",
    "abandoned_short": "其中5秒内 within 5 s",
    "wait_mean": "平均等待 mean wait",
    "wait_p50": "等待中位数 p50",
    "wait_p95": "等待95分位 p95",
    "wait_longest": "最长等待 longest",
    "level": "15秒接通率 level (I-4b)",
    "level_without_short": "不计5秒内放弃 without short",
    "occupancy": "利用率 occupancy (I-14)",
    "unevenness": "座席不均衡 unevenness",
    "overtaken": "被后来者超前 overtaken",
}
SHARES = frozenset(
    {"abandoned", "abandoned_short", "level", "level_without_short", "occupancy", "unevenness"}
)
WAITS = frozenset({"wait_mean", "wait_p50", "wait_p95", "wait_longest"})
RULES_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def line() -> None:
    """排队：仿真与人力 the waiting line: play days by rules, count seats."""


@line.command()
@click.option("--profile", type=click.Choice([*PLANS]), help="生成的一天 a generated day")
@click.option("--recorded", type=click.DateTime(["%Y-%m-%d"]), help="重放某日的真实来电 play a day that was")
@click.option(
    "--rules",
    "first",
    type=RULES_FILE,
    help="规则 A 的 JSON 文件；默认先到先服务 rules A; default: plain order",
)
@click.option("--against", "second", type=RULES_FILE, help="与规则 B 比较 rules B to compare with")
@click.option(
    "--days", default=3, show_default=True, type=click.IntRange(1, 60), help="生成几天 how many days"
)
@click.option("--seed", default=1, show_default=True, help="同一种子同一天 the same seed, the same days")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def simulate(
    profile: str | None,
    recorded: datetime | None,
    first: Path | None,
    second: Path | None,
    days: int,
    seed: int,
    *,
    as_json: bool,
) -> None:
    """按规则重放一天，比较等待、接通率与公平 play days by the rules and compare waits, service level and fairness.

    两套规则面对同样的来电：差异只来自规则。A 与 B 的差值附 95% 置信区间。

    Both rule sets meet the very same callers, so they differ by the rules alone; differences come with their 95 %
    confidence interval. Example: hotline line simulate --profile haikou-peak --rules a.json --against b.json
    """
    if (profile is None) == (recorded is None):
        raise click.UsageError("请给出 --profile 或 --recorded 之一 give either --profile or --recorded")
    sets = {"A": _rules(first)} | ({"B": _rules(second)} if second else {})
    found = [_recorded(recorded)] if recorded else []
    if profile is not None:
        found = [generate(profile, seed + n) for n in range(days)]
    played: dict[str, list[Figures]] = {name: [] for name in sets}
    with _progress(len(found) * len(sets)) as during:
        for number, (day, (name, rules)) in enumerate(product(found, sets.items())):
            played[name].append(figures(play(day, rules, progress=during(number))))
    title = profile or found[0].name
    click.echo(_as_json(title, played) if as_json else "\n".join(_table(title, found, played)))


@line.command()
@click.option("--profile", type=click.Choice([*PLANS]), help="逐小时列出 by the hour of such a day")
@click.option("--calls", type=click.FloatRange(min=0, min_open=True), help="每小时来电 calls in an hour")
@click.option(
    "--handling", type=click.FloatRange(min=1), help="每通秒数，含整理 seconds a call, with its work"
)
@click.option("--level", default=90.0, show_default=True, type=click.FloatRange(1, 99.9), help="接通率 %")
@click.option("--seconds", default=15.0, show_default=True, help="在几秒内 within so many seconds")
@click.option("--patience", type=click.FloatRange(min=1), help="平均忍耐秒数 mean patience in seconds")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def staff(
    profile: str | None,
    calls: float | None,
    handling: float | None,
    level: float,
    seconds: float,
    patience: float | None,
    *,
    as_json: bool,
) -> None:
    """计算所需座席（Erlang C；给出忍耐时间则用 Erlang A） count the seats that are needed.

    例 Example: hotline line staff --calls 374 --handling 210 --level 95
    """
    if (profile is None) == (calls is None):
        raise click.UsageError("请给出 --profile 或 --calls 之一 give either --profile or --calls")
    if calls is not None and handling is None:
        raise click.UsageError("请给出 --handling give --handling")
    hours = _hours(profile) if profile else [("", calls or 0.0)]
    mean = handling or (PLANS[profile].talk + PLANS[profile].wrap_up if profile else 0.0)
    rows = [
        {"hour": hour, "calls": rate, **_needed(rate, mean, level / 100, seconds, patience)}
        for hour, rate in hours
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    click.echo(f"{level:g}% 在 {seconds:g} 秒内 within {seconds:g} s, 每通 {mean:g} 秒 a call")
    click.echo(f"{'时段 hour':<12}{'来电 calls':>12}{'Erlang':>10}{'座席 seats':>12}{'利用率 busy':>12}")
    for row in rows:
        click.echo(
            f"{row['hour']:<14}{row['calls']:>13.0f}{row['erlang']:>11.1f}{row['seats']:>13}{row['busy']:>13.1%}"
        )


def _hours(profile: str) -> list[tuple[str, float]]:
    plan = PLANS[profile]
    total = sum(plan.hours)
    return [(f"{hour:02}:00", plan.calls * weight / total) for hour, weight in enumerate(plan.hours)]


def _needed(
    rate: float, handling: float, level: float, seconds: float, patience: float | None
) -> dict[str, Any]:
    load = rate * handling / 3600
    if patience is None:
        seats = erlang.seats_needed(load, handling, level=level, seconds=seconds)
        return {"erlang": load, "seats": seats, "busy": load / seats}
    seats = erlang.seats_needed_with_patience(load, handling, patience=patience, level=level, seconds=seconds)
    busy = erlang.with_patience(load, seats, handling, patience=patience).busy
    return {"erlang": load, "seats": seats, "busy": busy}


def _rules(path: Path | None) -> LineRules:
    if path is None:
        return LineRules()
    try:
        return parse(path.read_text("utf-8"))
    except BadRules as bad:
        faults = "\n".join(f"  {field}: {why}" for field, why in bad.fields.items())
        raise click.ClickException(f"{path} 规则有误 the rules are wrong:\n{faults}") from None


def _recorded(day: datetime) -> Day:
    from hotline.config import ConfigError, load
    from hotline.settings import open_store
    from routing.recorded_day import recorded
    from storage.errors import StoreDown

    try:
        config = load()
        store = open_store(config)
        try:
            found = store.read_now(lambda conn: recorded(conn, day.date(), ZoneInfo(config.zone)))
        finally:
            store.close()
    except ConfigError as error:
        raise click.ClickException(f"配置有误 the configuration is wrong: {error}") from None
    except StoreDown as down:
        raise click.ClickException(f"数据库不可用 the database is not there: {down}") from None
    if not (found.arrivals and found.shifts):
        what = "来电 calls" if not found.arrivals else "座席 seats"
        raise click.ClickException(f"{found.name} 没有{what} on record")
    return found


@contextmanager
def _progress(plays: int) -> Iterator[Callable[[int], Callable[[float], None]]]:
    """Show on the screen how far it is; each play in turn is given what tells its share of the way."""
    screen = sys.stderr
    with click.progressbar(
        length=plays * 100, label="仿真 playing", file=screen, hidden=not screen.isatty()
    ) as bar:

        def during(number: int) -> Callable[[float], None]:
            return lambda share: bar.update(max(0, number * 100 + int(share * 100) - bar.pos))

        yield during
        bar.update(plays * 100 - bar.pos)


def _table(name: str, days: list[Day], played: dict[str, list[Figures]]) -> Iterator[str]:
    count = len(days)
    yield f"{name} · {count} 天 days · {len(days[0].shifts)} 班次 shifts"
    means = {who: bands(of) for who, of in played.items()}
    apart = differences(played["A"], played["B"]) if "B" in played else {}
    yield _row("", *means, *(["B − A"] if apart else []))
    for field, words in NAMES.items():
        cells = [_said(field, of[field], count) for of in means.values()]
        if apart:
            cells.append(_said(field, apart[field], count) + _mark(apart[field], count))
        yield _row(words, *cells)
    if count == 1:
        yield "只有一天：差异可能是偶然 one day only: a difference may be chance"
    elif apart:
        yield "* 差异显著（95%） the difference is no chance (95 %)"


def _row(words: str, *cells: str) -> str:
    wide = sum(ord(letter) > 0x2E7F for letter in words)
    return words + " " * max(1, 34 - len(words) - wide) + "".join(f"{cell:>22}" for cell in cells)


def _said(field: str, band: Band, days: int) -> str:
    scale, unit = (100, " %") if field in SHARES else (1, " s" if field in WAITS else "")
    figure = f"{band.mean * scale:.1f}"
    return f"{figure}{unit}" if days == 1 else f"{figure} ± {band.give_or_take * scale:.1f}{unit}"


def _mark(band: Band, days: int) -> str:
    return " *" if days > 1 and not band.holds(0.0) else "  "


def _as_json(name: str, played: dict[str, list[Figures]]) -> str:
    found: dict[str, Any] = {"day": name}
    for who, days in played.items():
        found[who] = {"days": [asdict(day) for day in days], "mean": _plain(bands(days))}
    if "B" in played:
        found["B-A"] = _plain(differences(played["A"], played["B"]))
    return json.dumps(found, ensure_ascii=False, indent=1)


def _plain(found: dict[str, Band]) -> dict[str, dict[str, float | None]]:
    """JSON has no word for infinity: a single day has no interval."""
    return {
        name: {"mean": each.mean, "give_or_take": each.give_or_take if isfinite(each.give_or_take) else None}
        for name, each in found.items()
    }
