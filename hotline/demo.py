"""Prepares the demo city: secrets, certificates, database, units, accounts, prompts. Repeatable, resumable."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from sqlalchemy import Connection

from cases.rules import rules_for
from cases.workflow import Role
from hotline import certificates, settings
from hotline.config import Config, secret, with_secrets
from ivr.prompts.build import build
from storage.demo_city import Size, load_city
from storage.demo_knowledge import load_knowledge
from storage.demo_past import write_past
from storage.demo_profiles import PROFILES
from storage.demo_quality import load_checks
from storage.migrations import upgrade
from storage.people import Account, add_account
from storage.staff import logins
from storage.units import Unit, units

CENTRE, BUREAU, EFFICIENCY, COMMAND = "rxzx", "xfj", "xnb", "zhzx"
AGENTS = {
    "1001": "林晓",
    "1002": "陈静",
    "1003": "黄敏",
    "1004": "郑莉",
    "1005": "吴婷",
    "1006": "李燕",
    "1007": "王芳",
    "1008": "张洁",
}
STAFF = (
    Account("9001", "周班长", Role.TEAM_LEAD, CENTRE, None),
    # Who limits a nuisance caller, and who hears the appeal against it, are different people.
    Account("9002", "马督导", Role.SUPERVISOR, EFFICIENCY, None),
    Account("7001", "罗裁定", Role.ADJUDICATOR, BUREAU, None),
    Account("2001", "何批转", Role.DISPATCHER, BUREAU, None),
    Account("4001", "许审核", Role.CENTRE_REVIEWER, BUREAU, None),
    Account("5001", "沈终审", Role.FINAL_REVIEWER, BUREAU, None),
    Account("6001", "韩回访", Role.CALLBACK_AGENT, CENTRE, None),
    Account("admin", "管理员", Role.ADMINISTRATOR, CENTRE, None),
    Account("3001", "冯登记", Role.REGISTRAR, CENTRE, None),
    Account("8001", "唐公开", Role.PUBLICATION_OFFICER, CENTRE, None),
    Account("8002", "彭知识", Role.KNOWLEDGE_EDITOR, CENTRE, None),
    Account("8003", "卢分析", Role.ANALYST, CENTRE, None),
    Account("8004", "龚审计", Role.AUDITOR, CENTRE, None),
    Account("8005", "夏办公室", Role.LEADERS_OFFICE, CENTRE, None),
    Account("8006", "邹效能", Role.SUPERVISOR, EFFICIENCY, None),
    # Who arbitrates between a street and the departments it called sits with the command centre.
    Account("7002", "范仲裁", Role.STREET_COMMANDER, COMMAND, None),
    # Who approves a public copy is not who made it.
    Account("8007", "石公开", Role.PUBLICATION_OFFICER, CENTRE, None),
)
# Units with more than a handler: somebody who takes in and sends back, and somebody who signs.
STAFFED = ("szgc", "swjt", "cgj", "zjj", "gaj", "rdq", "rxq")
REVIEWING = ("rdq", "rxq", "zjj")
STREETS = ("dmjd", "hgjd", "xhjd", "ggjd", "jnjd", "cnz")
RESPONDING = ("szgc", "cgj", "zjj", "swjt", "gaj")
# Ending of the login, name of the post, role, and the units that have such a person.
POSTS = (
    ("-liaison", "联络员", Role.LIAISON, STAFFED),
    ("-leader", "分管领导", Role.UNIT_LEADER, STAFFED),
    ("-review", "审核员", Role.UPPER_REVIEWER, REVIEWING),
    ("-liaison", "联络员", Role.LIAISON, STREETS),
    ("-command", "指挥员", Role.STREET_COMMANDER, STREETS),
    ("-grid", "网格员", Role.GRID_WORKER, STREETS[:2]),
    ("-onsite", "一线响应人", Role.FRONTLINE_RESPONDER, RESPONDING),
)


def past(
    config: Config, profile: str, *, cases: int | None, seed: int, size: str | None, until: date | None
) -> Iterator[str]:
    """Write the generated past of a profile into the database; what is there already is not written again."""
    chosen = PROFILES[profile]
    if cases is not None:
        chosen = chosen.with_cases(cases)
    if until is not None:
        chosen = chosen.ending(until)
    rules = rules_for(config.city_code, policy=chosen.policy, zone=config.zone)
    upgrade(config.database)
    began, at, wide = time.monotonic(), datetime.now(UTC), Size(size) if size else None
    for now in write_past(
        config.database, chosen, rules, seed=seed, now=at, size=wide, seal=settings.seal(config)
    ):
        rate = now.written / max(time.monotonic() - began, 0.001)
        yield f"{now.written:>9,} / {now.wanted:,} 件 cases  {now.day}  {rate:,.0f}/s  CPU {now.cpu_seconds:,.0f} s"


def prepare(config: Config, *, overlay: Path | None = None) -> Iterator[str]:
    """Do what is missing, one step after the other; yield a line for each."""
    at = datetime.now(UTC)
    config.state_dir.mkdir(parents=True, exist_ok=True)
    config = with_secrets(config, create=True)
    password = secret(config.state_dir, "demo_password", create=True)
    yield "密钥 secrets: 每台机器随机生成 generated on this machine"
    certificates.ensure(config.state_dir / "certs", at)
    yield f"证书 certificates: {config.state_dir / 'certs'}"
    upgrade(config.database)
    yield f"数据库 database: {config.masked()['database_url'] or 'SQLite'}"
    store = settings.open_store(config, create=True)
    try:
        yield store.write_now(lambda conn: _people(conn, password, at))
        zone = ZoneInfo(config.zone)
        today = at.astimezone(zone).date()
        articles = store.write_now(lambda conn: load_knowledge(conn, at, today))
        yield f"知识库 knowledge base: {articles or '已有 there already'}"
        checks = store.write_now(lambda conn: load_checks(conn, at, zone))
        yield f"质检 quality checks: {checks or '已有 there already'}"
    finally:
        store.close()
    made = build(config.state_dir / "sounds" / "zh", lambda _done, _of, _what: None, overlay=overlay)
    yield f"语音 prompts: {made} 条新生成 made, 其余已有 the rest were there"


def _people(conn: Connection, password: str, at: datetime) -> str:
    """Load the city unless there is one, and the accounts that are missing; what is there is left alone."""
    if not units(conn):
        load_city(conn, at)
    known = units(conn)
    there = logins(conn)
    wanted = [*_agents(), *STAFF, *map(_handler, _handling(known)), *of_units(known)]
    people = [account for account in wanted if account.login not in there]
    if not people:
        return f"演示城市 demo city: 已有 there already ({len(known)} 个单位 units)"
    # One password, one hash: these are the demo's accounts, and hashing each would take half a minute.
    hashed = PasswordHasher().hash(password)
    for account in people:
        add_account(conn, account, password_hash=hashed, by="system", at=at)
    return f"演示城市 demo city: {len(known)} 个单位 units, {len(people)} 个账号 accounts"


def _agents() -> list[Account]:
    return [Account(login, name, Role.AGENT, CENTRE, f"s{login}") for login, name in AGENTS.items()]


def _handling(known: list[Unit]) -> list[Unit]:
    return [unit for unit in known if unit.kind not in {"centre", "bureau", "efficiency", "command"}]


def of_units(known: list[Unit]) -> list[Account]:
    """Return those who sign in for a unit beside its handler."""
    named = {unit.id: unit for unit in known}
    return [
        Account(f"{unit}{suffix}", f"{named[unit].short_name}{post}", role, unit, None)
        for suffix, post, role, where in POSTS
        for unit in where
        if unit in named
    ]


def _handler(unit: Unit) -> Account:
    return Account(unit.id, f"{unit.short_name}承办人", Role.HANDLER, unit.id, None)


def what_to_try(config: Config) -> str:
    """Return what `make run` prints when everything answers."""
    url = f"http://localhost:{config.console_port}"
    password = secret(config.state_dir, "demo_password")
    tls = f"https://<本机 this machine>:{config.console_tls_port}" if config.console_tls_port else "-"
    return f"""
就绪 ready

  坐席工作台  agent desk     {url}/desk
  市民电话    citizen phone  {url}/call
  话务大屏    live wall      {url}/wall
  诉求件      cases          {url}/cases
  进度查询    public status  {url}/
  加密地址    over TLS       {tls}
  电话 SIP    12345@{config.sip_host}:{config.sip_port} (UDP)

  演示账号 demo accounts（口令 password: {password}）
    1001…1008 话务员 agents   9001 班长 team lead   2001 批转员 dispatcher
    cgj 城管局 · szgc 市政中心 · swjt 水务集团 … 承办单位 departments（账号即单位简拼 login = unit's initials）
    账号加后缀 with a suffix: szgc-liaison 联络员 · szgc-leader 分管领导 · rdq-review 上级审核 · szgc-onsite 一线响应
    dmjd-command 街道指挥员 street commander · dmjd-grid 网格员 grid worker
    9002 督导 supervisor   7001 裁定 adjudicator   7002 一线仲裁 arbiter   3001 登记 registrar
    8001, 8007 公开 publication   8002 知识 knowledge editor   8003 分析 analyst
    8004 审计 auditor   8005 领导办公室 leader's office   8006 效能办
    4001 回复审核 reviewer   5001 终审 final reviewer   6001 回访 callback   admin 管理员

  试一试 what to try next
    1. 打开坐席工作台，以 1001 登录，允许麦克风，点「示闲」 sign in at the desk as 1001 and go ready
    2. 在另一窗口打开市民电话，拨打 12345 in another window open the citizen phone and call 12345
    3. 没有第二个人？另开终端: make call ARGS="--keys 8:1" no second person? place a synthetic call

  日志 logs: {config.state_dir / "log"}    停止 stop: Ctrl-C
"""
