"""Tables of units, categories, the directory between them, and the people who sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from cases.workflow import Role
from storage.types import SHORT, Base


class OrgUnit(Base):
    """单位: a department, a district, a street, a utility, or the centre itself."""

    __tablename__ = "org_unit"
    __table_args__ = (Index("ix_org_unit_children", "parent"),)

    id: Mapped[str] = mapped_column(SHORT, primary_key=True, comment="code of the unit, chosen by the city")
    parent: Mapped[str | None] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(SHORT, comment="as people say it, and as the phone reads it")
    initials: Mapped[str] = mapped_column(SHORT, comment="pinyin initials of the short name, for typing")
    level: Mapped[int] = mapped_column(comment="1 city centre to 5 community")
    kind: Mapped[str] = mapped_column(
        SHORT, comment="centre, bureau, dept, district, town, utility, external"
    )
    ended_at: Mapped[datetime | None] = mapped_column(comment="dissolved; old cases still name it")
    started_at: Mapped[datetime | None] = mapped_column(comment="empty: from the beginning")
    successor: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="merged into this one"
    )
    in_ranking: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="compared with others; external units are not"
    )
    catch_all: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="兜底: takes what nobody in its area has the duty for"
    )
    keywords: Mapped[str] = mapped_column(
        default="",
        server_default="",
        comment="abbreviations and duties by which it is looked for, blank between",
    )
    duty_phone: Mapped[str] = mapped_column(SHORT, default="", server_default="")
    night_phone: Mapped[str] = mapped_column(SHORT, default="", server_default="")


class Category(Base):
    """类别: one leaf or branch of the city's tree of matters."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(SHORT, primary_key=True)
    parent: Mapped[str | None] = mapped_column(SHORT, ForeignKey("category.code"))
    name: Mapped[str]
    position: Mapped[int] = mapped_column(comment="order among the children of one branch")
    version: Mapped[int] = mapped_column(default=1, server_default="1", comment="see category_version")
    intents: Mapped[str] = mapped_column(
        default="", server_default="", comment="those it fits, blank between; empty: all"
    )
    keywords: Mapped[str] = mapped_column(default="", server_default="")
    urgency: Mapped[str] = mapped_column(SHORT, default="一般", server_default="一般")
    confidential: Mapped[bool] = mapped_column(default=False, server_default=false())
    public: Mapped[bool] = mapped_column(
        default=True, server_default=true(), comment="may be published unless somebody decides otherwise"
    )
    list_item: Mapped[str] = mapped_column(
        SHORT, default="", server_default="", comment="便民服务清单: number of the item on the city's list"
    )
    gbt39666: Mapped[str] = mapped_column(SHORT, default="", server_default="")
    petition: Mapped[str] = mapped_column(SHORT, default="", server_default="")
    provincial: Mapped[str] = mapped_column(SHORT, default="", server_default="")
    ended_at: Mapped[datetime | None] = mapped_column(comment="no longer offered; old cases still name it")


class Directory(Base):
    """派单目录: which unit has the duty for a category, and on what ground."""

    __tablename__ = "directory"
    __table_args__ = (
        Index("ix_directory_unit_for", "category", "priority"),
        Index("ix_directory_of_unit", "unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(SHORT, ForeignKey("category.code"))
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    basis: Mapped[str] = mapped_column(SHORT, comment="law, post duties 三定, or list")
    priority: Mapped[int] = mapped_column(comment="1 is asked first")
    area: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="district or town in which it holds; empty: the whole city"
    )
    keywords: Mapped[str] = mapped_column(default="", server_default="")
    started_at: Mapped[datetime | None] = mapped_column(comment="empty: from the beginning")
    ended_at: Mapped[datetime | None] = mapped_column(comment="kept for the cases that were given by it")


class Account(Base):
    """A person who signs in."""

    __tablename__ = "account"

    login: Mapped[str] = mapped_column(SHORT, primary_key=True)
    name: Mapped[str]
    role: Mapped[Role]
    unit: Mapped[str] = mapped_column(SHORT, ForeignKey("org_unit.id"))
    seat: Mapped[str | None] = mapped_column(SHORT, unique=True, comment="telephone endpoint, e.g. s1001")
    password_hash: Mapped[str] = mapped_column(comment="argon2, with its parameters and salt")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class WebSession(Base):
    """A signed-in browser. The token itself is only in its cookie."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_of_account", "login"),)

    token_hash: Mapped[str] = mapped_column(SHORT, primary_key=True)
    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"))
    address: Mapped[str] = mapped_column(SHORT)
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(comment="a shift, whether used or not")
    closed_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """One try to sign in. Failures slow the next try down, by account and by address; nobody is locked out."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index(
            "ix_login_attempt_of_login",
            "login",
            "at",
            sqlite_where=text("NOT ok"),
            postgresql_where=text("NOT ok"),
        ),
        Index(
            "ix_login_attempt_of_address",
            "address",
            "at",
            sqlite_where=text("NOT ok"),
            postgresql_where=text("NOT ok"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(SHORT)
    address: Mapped[str] = mapped_column(SHORT)
    ok: Mapped[bool]
    at: Mapped[datetime]
