"""`hotline account`: what nobody can do on a page any more, because the last one who could is locked out."""

import getpass
from datetime import UTC, datetime
from typing import NoReturn

import click
from sqlalchemy import Connection

from hotline.config import ConfigError, load
from hotline.settings import open_store
from storage import factors, staff
from storage.errors import Missing, StoreDown

LONGEST = 200


@click.group()
def account() -> None:
    """账号 accounts, when no administrator can sign in: reset-second-factor."""


@account.command(name="reset-second-factor")
@click.argument("login")
@click.option("--why", required=True, metavar="TEXT", help="原因，记入审计 the reason, which is audited")
def reset_second_factor(login: str, why: str) -> None:
    """取消动态口令绑定 forget somebody's authenticator: the next sign-in enrols another.

    此人的登录全部退出；谁、何时、为什么，都记入审计日志。Every session of theirs ends; who did it, when and why stands
    in the audit log, with the name of the system's user.
    """
    if not why.strip():
        raise click.ClickException("请写明原因 a reason is needed")
    by, at = f"os:{getpass.getuser()}"[:64], datetime.now(UTC)

    def work(conn: Connection) -> None:
        staff.person(conn, login)
        if factors.factor(conn, login) is None:
            raise Missing(f"{login} 没有绑定动态口令 has no second factor")
        factors.reset(conn, login, by=by, at=at, why=why.strip()[:LONGEST])

    try:
        store = open_store(load())
        try:
            store.write_now(work)
        finally:
            store.close()
    except Missing as error:
        _refuse(str(error))
    except ConfigError as error:
        _refuse(f"配置有误 the configuration is wrong: {error}")
    except StoreDown as error:
        _refuse(f"数据库无法打开 the database cannot be opened: {error}")
    click.echo(f"✓ {login} 的动态口令已取消，已记入审计 is reset, and audited (by {by})")


def _refuse(words: str) -> NoReturn:
    raise click.ClickException(words) from None
