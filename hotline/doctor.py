"""Tries every part of a hotline and says in words what is wrong and what to do: `hotline check`."""

import json
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from hotline import single_sign_on
from hotline.asterisk import AsteriskError
from hotline.cluster import reached_at, stands_by
from hotline.config import Config, secret
from hotline.settings import ROOT, asterisk_settings, menu_file, open_store, rules
from ivr import menu_check
from ivr.menu import BadMenu
from ivr.menu_file import load as menu_file_of
from ivr.prompts import audit
from ivr.prompts import check as prompts
from ivr.speech import models
from storage import people, work_calendars
from storage.errors import StoreDown, Unsealed
from storage.resealing import clear_tables, try_key
from storage.units import units


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    what: str
    well: bool
    words: str


def examine(config: Config) -> Iterator[Finding]:
    """Try each part; a part that fails never hides the ones after it."""
    yield _secrets(config)
    yield _database(config)
    yield from _sealed(config)
    yield from _calendar(config)
    if config.sso_issuer:
        yield _sign_on(config)
    yield _asterisk(config)
    yield _prompts(config)
    yield _dialogues(config)
    if config.speech:
        yield _speech(config)
    yield from _ports(config)
    yield _ami(config)
    yield _console(config)


def _secrets(config: Config) -> Finding:
    what = "密钥 secrets"
    if config.nodes and config.seal_secret == secret(config.state_dir, "seal_secret"):
        words = "seal_secret 只在本机，查询码和动态口令在别的节点无效 is this machine's own: codes fail on other nodes"
        return Finding(what, False, f"{words}: 各节点设置同一个 HOTLINE_SEAL_SECRET_FILE on all nodes")
    if config.ami_secret and config.ari_secret:
        return Finding(what, True, "都已设置 all set")
    return Finding(what, False, "没有设置 not set: 请运行 hotline demo, 或设置 HOTLINE_AMI_SECRET_FILE 等")


def _database(config: Config) -> Finding:
    what = "数据库 database"
    try:
        store = open_store(config)
        try:
            count = len(store.read_now(units))
        finally:
            store.close()
    except (StoreDown, SQLAlchemyError, OSError) as error:
        cause = str(error).splitlines()[0][:200]
        return Finding(
            what, False, f"打不开 cannot be opened ({cause}): 检查 database_url, 并运行 hotline migrate"
        )
    if not count:
        return Finding(what, False, "没有承办单位 holds no units: 请运行 hotline demo 或导入本市单位")
    return Finding(what, True, f"可用，{count} 个单位 works, {count} units")


def _sealed(config: Config) -> Iterator[Finding]:
    """Say whether this is the key of the personal columns, and whether something in them is still clear."""
    what = "个人信息加密 sealed columns"
    try:
        store = open_store(config)
        try:
            store.read_now(try_key)
            clear = store.read_now(clear_tables)
        finally:
            store.close()
    except Unsealed as error:
        yield Finding(
            what, False, f"密钥不符 the wrong seal_secret ({error}): 请恢复原密钥 restore the former one"
        )
        return
    except (StoreDown, SQLAlchemyError, OSError):
        return  # said already
    if clear:
        words = f"⚠ 尚有明文 still clear: {', '.join(clear)}: 请运行 hotline migrate"
        yield Finding(what, True, words)
        return
    yield Finding(what, True, "全部加密 all sealed")


def _calendar(config: Config) -> Iterator[Finding]:
    """Say whether a year's notice is missing. A city can do nothing about one that is not out, so nothing fails."""
    configured = rules(config)
    try:
        store = open_store(config)
        try:
            calendar = store.read_now(lambda conn: work_calendars.calendar(conn, configured.zone))
        finally:
            store.close()
    except (StoreDown, SQLAlchemyError, OSError):
        return  # said already
    year = calendar.year_missing(datetime.now(configured.zone).date())
    words = f"官方至 official until {max(calendar.official)}"
    if year is not None:
        words += f"; ⚠ {year}年放假调休安排尚未导入 the notice of {year} is not imported: /rules/calendar"
    yield Finding("工作日历 work calendar", True, words)


def _sign_on(config: Config) -> Finding:
    """Say whether people can sign on with the city's identity provider, and somebody without it."""
    what = "统一认证 single sign-on"
    try:
        store = open_store(config)
        try:
            known = {one.login for one in store.read_now(people.accounts)}
        finally:
            store.close()
    except (StoreDown, SQLAlchemyError, OSError):
        known = set(config.sso_emergency)  # said already
    if missing := [login for login in config.sso_emergency if login not in known]:
        return Finding(what, False, f"sso_emergency: 没有这些在用账号 no such accounts: {', '.join(missing)}")
    return Finding(what, *single_sign_on.tried(config))


def _asterisk(config: Config) -> Finding:
    what = "Asterisk"
    try:
        binary = asterisk_settings(config).binary
    except AsteriskError as error:
        return Finding(what, False, str(error))
    told = subprocess.run([binary, "-V"], capture_output=True, text=True, check=False, timeout=20).stdout
    return Finding(what, bool(told), f"{told.strip()} ({binary})")


def _prompts(config: Config) -> Finding:
    what = "语音 prompts"
    folder = config.state_dir / "sounds" / "zh"
    faults = prompts.check(folder)
    if not faults:
        return Finding(what, True, "齐全 complete")
    shown = "; ".join(str(fault) for fault in faults[:5])
    return Finding(what, False, f"{len(faults)} 处问题 faults: {shown}: 请运行 hotline demo")


def _dialogues(config: Config) -> Finding:
    """Follow what callers hear: neither the exchange's own files nor the city's menus name a sound that is not there."""
    what = "对话语音 sounds of the dialogues"
    confs = [*sorted((ROOT / "dialplan").glob("*.conf")), *sorted((ROOT / "asterisk-conf").glob("*.conf"))]
    path = menu_file(config)
    try:
        book = menu_file_of(path if path.exists() else None)
    except BadMenu as bad:
        return Finding(what, False, f"{path}: {bad}: 请运行 hotline menu check")
    missing = [str(fault) for fault in audit.audit(config.state_dir / "sounds" / "zh", confs)]
    wrong = [str(found) for found in menu_check.check(book) if found.grave]
    if faults := missing + wrong:
        shown = "; ".join(faults[:5])
        return Finding(
            what, False, f"{len(faults)} 处问题 faults: {shown}: 请运行 hotline demo, hotline menu check"
        )
    words = (
        f"菜单 {book.version} 与拨号方案无缺失 nothing is missing of menus {book.version} and the dialplan"
    )
    return Finding(what, True, words)


def _speech(config: Config) -> Finding:
    """Say what callers are heard with. Without it they have keys, so that only a model that cannot be used fails."""
    what = "语音识别 speech"
    try:
        model = models.find(config.speech_model, config.state_dir)
    except models.NoModel as error:
        return Finding(what, False, str(error))
    words = model.resolve().name
    if models.is_synthetic(model):
        words += " ⚠ 只懂合成语音，请安装公开模型 understands a synthesiser alone: hotline speech install (docs/speech.md)"
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{config.speech_port + 1}/healthz", timeout=3
        ) as answer:
            unknown = sorted({word for words_ in json.load(answer)["unknown"].values() for word in words_})
    except (OSError, ValueError, KeyError, AttributeError):
        return Finding(what, True, f"{words}；⚠ 识别进程无应答，按键可用 it does not answer, keys work")
    if unknown:
        words += f"; ⚠ 模型不认识 the model does not know: {' '.join(unknown[:12])}"
    return Finding(what, True, words)


def _ports(config: Config) -> Iterator[Finding]:
    """Every port of a running hotline is heard; of one that is not running none is held by another."""
    ami = ("ami_port", reached_at(config.ami_host), config.ami_port)
    for name, host, port in (ami, ("agi_port", "127.0.0.1", config.agi_port)):
        heard = _heard(host, port)
        yield Finding(
            f"端口 port {name} {port}",
            heard,
            "有应答 answers"
            if heard
            else "无应答 nothing answers: 热线没有运行？ is the hotline running (hotline run)?",
        )


def _heard(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def _ami(config: Config) -> Finding:
    """Sign in to Asterisk's manager with the account that may only look."""
    what = "AMI 登录 sign-in"
    try:
        with socket.create_connection((reached_at(config.ami_host), config.ami_port), timeout=3) as line:
            line.settimeout(3)
            ask = f"Action: Login\r\nUsername: hotline-watch\r\nSecret: {config.ami_secret}\r\nEvents: off\r\n\r\n"
            line.sendall(ask.encode())
            answer = _read_until(line, b"Message: ")
    except OSError as error:
        return Finding(what, False, f"连不上 cannot connect ({error}): Asterisk 没有运行？ is it running?")
    if b"Success" in answer:
        return Finding(what, True, "成功 succeeded")
    return Finding(what, False, "口令不符 the secret is refused: Asterisk 的配置是旧的，请重启 hotline run")


def _read_until(line: socket.socket, mark: bytes) -> bytes:
    answer = b""
    while mark not in answer and len(answer) < 4096:
        piece = line.recv(1024)
        if not piece:
            break
        answer += piece
    return answer


def _console(config: Config) -> Finding:
    what = "网页 console"
    address = f"http://127.0.0.1:{config.console_port}/readyz"
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            return Finding(what, True, f"就绪 ready ({answer.status})")
    except urllib.error.HTTPError as error:
        told = error.read()
        if stands_by(told):
            return Finding(what, True, "备用，另一节点派话 standing by, another node assigns")
        return Finding(what, False, f"未就绪 not ready: {told.decode('utf-8', 'replace')[:200]}")
    except OSError as error:
        return Finding(
            what, False, f"无应答 does not answer ({error}): 热线没有运行？ is the hotline running?"
        )
