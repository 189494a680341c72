"""Second factors and exports above the limit."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class SecondFactor(Base):
    """The secret that a person's authenticator counts with. It counts only once a code of it was given back."""

    __tablename__ = "second_factor"

    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"), primary_key=True)
    sealed: Mapped[str] = mapped_column(
        comment="the secret, encrypted with a key that is not in this database"
    )
    begun_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(
        BigInteger, comment="the half minute of the newest code that was taken; no older one is taken again"
    )


class RecoveryCode(Base):
    """A code that stands in once for a lost authenticator."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("login", "hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"))
    hash: Mapped[str] = mapped_column(SHORT)
    used_at: Mapped[datetime | None]


class SignInStep(Base):
    """A sign-in that is half done: the password was right, and the second factor is still asked for."""

    __tablename__ = "sign_in_step"
    __table_args__ = (Index("ix_sign_in_step_old", "ends_at"),)

    token_hash: Mapped[str] = mapped_column(SHORT, primary_key=True)
    login: Mapped[str] = mapped_column(SHORT, comment="who gave the right password")
    detail: Mapped[str] = mapped_column(comment="JSON: where to go on")
    ends_at: Mapped[datetime]


class ExportRequest(Base):
    """An export above the limit: asked for with a reason, decided by another person, open for a day."""

    __tablename__ = "export_request"
    __table_args__ = (Index("ix_export_request_of_person", "by", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(SHORT, comment="what is exported")
    path: Mapped[str] = mapped_column(comment="the very address, with its filters")
    rows: Mapped[int]
    reason: Mapped[str]
    by: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(SHORT, ForeignKey("account.login"))
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    ends_at: Mapped[datetime | None] = mapped_column(comment="so long the file may be taken")
    taken: Mapped[int] = mapped_column(default=0, server_default="0", comment="how often it was")
