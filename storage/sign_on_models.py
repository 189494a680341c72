"""Tables of sign-on: which person of the city's identity provider an account belongs to, and who came from there."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base


class SignOnPerson(Base):
    """Whose account it is at the provider. Names are given again there; the subject never is."""

    __tablename__ = "sign_on_person"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    login: Mapped[str] = mapped_column(SHORT, ForeignKey("account.login"), primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    bound_at: Mapped[datetime]


class SignOnSession(Base):
    """A session that the provider opened: it ends when the person leaves the provider."""

    __tablename__ = "sign_on_session"
    __table_args__ = (
        Index("ix_sign_on_session_subject", "subject"),
        Index("ix_sign_on_session_sid", "sid"),
        Index("ix_sign_on_session_old", "ends_at"),
    )

    token_hash: Mapped[str] = mapped_column(SHORT, ForeignKey("web_session.token_hash"), primary_key=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    sid: Mapped[str] = mapped_column(comment="the provider's session, empty if it does not tell")
    sealed: Mapped[str] = mapped_column(
        comment="the ID token, encrypted: given back to the provider when the person signs out here"
    )
    ends_at: Mapped[datetime]
