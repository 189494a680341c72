"""Tables of the knowledge base: articles, their versions, what is looked up in them, use and gaps."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import SHORT, Base

_LIVE = text("state = 'live'")
_OPEN = text("state IN ('draft', 'checked')")
_OF_CALL = text("call <> ''")


class KnowledgeArticle(Base):
    """知识条目: one question of citizens and its answer. All that it says stands in its versions."""

    __tablename__ = "knowledge_article"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_by: Mapped[str] = mapped_column(SHORT)
    made_at: Mapped[datetime]


class KnowledgeVersion(Base):
    """版本: the text of an article, never edited. At most one is live, and at most one is on its way to it."""

    __tablename__ = "knowledge_version"
    __table_args__ = (
        UniqueConstraint("article", "version"),
        Index(
            "ix_knowledge_version_live",
            "article",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index(
            "ix_knowledge_version_open",
            "article",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_knowledge_version_of_owner", "owner", "state"),
        Index("ix_knowledge_version_of_category", "category", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article: Mapped[int] = mapped_column(ForeignKey("knowledge_article.id"))
    version: Mapped[int]
    category: Mapped[str] = mapped_column(SHORT, ForeignKey("category.code"))
    owner: Mapped[str] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="the unit that answers for the text"
    )
    title: Mapped[str]
    questions: Mapped[str] = mapped_column(comment="as citizens ask it, one in a line")
    answer: Mapped[str] = mapped_column(comment="for the agent")
    citizen_answer: Mapped[str] = mapped_column(comment="as it may be read out and shown to everybody")
    sources: Mapped[str] = mapped_column(comment="law, notice or list it rests on, one in a line")
    keywords: Mapped[str] = mapped_column(comment="blank between")
    public: Mapped[bool] = mapped_column(
        default=False, server_default=false(), comment="stands in the guide for citizens"
    )
    valid_until: Mapped[date | None] = mapped_column(comment="last day; empty: until it is withdrawn")
    review_by: Mapped[date] = mapped_column(comment="last day on which the owner has to look at it again")
    state: Mapped[str] = mapped_column(SHORT, comment="see cases.knowledge.KnowledgeState")
    made_by: Mapped[str] = mapped_column(SHORT)
    made_at: Mapped[datetime]
    checked_by: Mapped[str | None] = mapped_column(SHORT)
    checked_at: Mapped[datetime | None]
    live_by: Mapped[str | None] = mapped_column(SHORT)
    live_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(SHORT)
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="", server_default="")
    reminded: Mapped[str] = mapped_column(
        SHORT, default="", server_default="", comment="the last reminder that its owner got"
    )


class KnowledgeGram(Base):
    """Pairs of characters of what is live, so that articles are found by the words that they share with a text."""

    __tablename__ = "knowledge_gram"
    __table_args__ = (Index("ix_knowledge_gram_of_article", "article"),)

    gram: Mapped[str] = mapped_column(SHORT, primary_key=True)
    article: Mapped[int] = mapped_column(
        ForeignKey("knowledge_article.id"), primary_key=True, autoincrement=False
    )
    weight: Mapped[int] = mapped_column(comment="more for the title and the questions than for the answer")


class KnowledgeUse(Base):
    """使用: an article that an agent answered with. Of one article and one call there is one row."""

    __tablename__ = "knowledge_use"
    __table_args__ = (
        Index(
            "ix_knowledge_use_of_call",
            "article",
            "call",
            unique=True,
            sqlite_where=_OF_CALL,
            postgresql_where=_OF_CALL,
        ),
        Index("ix_knowledge_use_by_time", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article: Mapped[int] = mapped_column(ForeignKey("knowledge_article.id"))
    version: Mapped[int]
    call: Mapped[str] = mapped_column(SHORT, comment="'' outside a call")
    helpful: Mapped[bool]
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]


class KnowledgeGap(Base):
    """知识缺口: what was asked and had no answer. Private things are hidden before it is kept."""

    __tablename__ = "knowledge_gap"
    __table_args__ = (
        Index("ix_knowledge_gap_of_state", "state", "at"),
        Index("ix_knowledge_gap_by_time", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    call: Mapped[str] = mapped_column(SHORT, comment="'' outside a call")
    by: Mapped[str] = mapped_column(SHORT)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(SHORT, comment="open, asked, answered, dismissed")
    unit: Mapped[str | None] = mapped_column(
        SHORT, ForeignKey("org_unit.id"), comment="asked to write an article"
    )
    article: Mapped[int | None] = mapped_column(
        ForeignKey("knowledge_article.id"), comment="that answers it now"
    )
    comment: Mapped[str] = mapped_column(default="", server_default="")
    decided_by: Mapped[str | None] = mapped_column(SHORT)
    decided_at: Mapped[datetime | None]
