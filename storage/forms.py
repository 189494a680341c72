"""What is filled in about a case, and what must be there before it can be kept."""

import re
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from cases.policies import Intent, Urgency
from cases.workflow import Secrecy
from storage.errors import Invalid
from storage.hot import Hot
from storage.units import CATEGORY, UNIT

NEEDED = "此项必填 (required)"
CHANNELS = {
    "phone": "电话",
    "web": "网站",
    "sms": "短信",
    "fax": "传真",
    "mail": "电子邮件",
    "app": "客户端",
    "wechat": "微信",
    "letter": "来信",
    "visit": "来访",
    "kiosk": "自助终端",
    "grid": "网格采集",
    "superior": "上级转办",
    "linked": "联动系统",
    "device": "智能设备",
}
"""渠道: by which way a case came in. All of them end in one series of numbers, states and clocks."""
LONGEST = {
    "call": 64,
    "channel": 32,
    "title": 100,
    "content": 10_000,
    "address": 200,
    "contact_name": 50,
    "contact_number": 40,
    "reply_way": 20,
}
# Everything below a blank except the line breaks of a text,
# and without the halves of characters that no database can keep.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"\+?[0-9*#-]{3,30}")
ORIGINS = ("citizen", "grid", "cadre", "device", "superior", "linked", "leader", "system")
PARTIES = ("person", "enterprise", "organisation")
_NO_NUMBER_NEEDED = frozenset({"无需回复", "书面"})

_CATEGORY = Hot(
    lambda _: select(CATEGORY.c.urgency, CATEGORY.c.confidential).where(CATEGORY.c.code == bindparam("given"))
)
_UNIT = Hot(lambda _: select(UNIT.c.id).where(UNIT.c.id == bindparam("given"), UNIT.c.ended_at.is_(None)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseForm:
    """要素: what an agent, a portal or a grid worker fills in. An anonymous case has no contact number.

    Without a word about secrecy it is what the intent asks for: who reports a wrong 举报 is not named to the units. What
    else is left empty, urgency or secrecy, is as the category has it.
    """

    intent: str
    category: str
    title: str
    content: str
    address: str
    call: str | None = None
    channel: str = "phone"
    contact_name: str = ""
    contact_number: str = ""
    reply_way: str = "电话"
    confidential: Secrecy | None = None
    urgency: str = Urgency.NORMAL
    unit: str | None = None
    origin: str = "citizen"
    party: str = "person"


def checked(conn: Connection, form: CaseForm) -> CaseForm:
    """Return the form as it is kept, or raise Invalid with one sentence for each field that is wrong."""
    tidy = _tidy(form)
    category = _CATEGORY(conn, given=tidy.category).fetchone()
    if category:
        tidy = _preset(tidy, *category)
    wrong = _wrong(tidy) | _unknown(conn, tidy, known=category is not None)
    if wrong:
        raise Invalid(wrong)
    return tidy


def checked_text(field: str, text: str, *, longest: int = 10_000) -> str:
    """Return a text that somebody had to write, without what no keyboard writes."""
    tidy = _CONTROL.sub("", text.replace("\r\n", "\n")).strip()
    if not tidy:
        raise Invalid({field: NEEDED})
    if len(tidy) > longest:
        raise Invalid({field: _too_long(longest)})
    return tidy


def keyable(text: str, longest: int) -> str:
    """Return a name or number as a database can look it up, whatever was typed."""
    return _CONTROL.sub("", text)[:longest]


def _tidy(form: CaseForm) -> CaseForm:
    values: dict[str, Any] = {}
    for field in fields(form):
        value = getattr(form, field.name)
        if isinstance(value, str):
            values[field.name] = _CONTROL.sub("", value.replace("\r\n", "\n")).strip()
    for field_name in ("call", "unit"):
        values[field_name] = values.get(field_name) or None
    values["contact_number"] = re.sub(r"[ ()（）]", "", values["contact_number"])
    return replace(form, **values)


def _wrong(form: CaseForm) -> dict[str, str]:
    wrong = {name: NEEDED for name in ("title", "content", "address", "category") if not getattr(form, name)}
    for name, longest in LONGEST.items():
        if len(getattr(form, name) or "") > longest:
            wrong[name] = _too_long(longest)
    if form.channel not in CHANNELS:
        wrong["channel"] = f"请选择渠道：{'、'.join(CHANNELS.values())} (choose one)"
    if form.intent not in list(Intent):
        wrong["intent"] = f"请选择诉求类型：{'、'.join(Intent)} (choose one)"
    if form.urgency not in list(Urgency):
        wrong["urgency"] = f"请选择紧急程度：{'、'.join(Urgency)} (choose one)"
    if form.origin not in ORIGINS:
        wrong["origin"] = "没有这种来源 (no such origin)"
    if form.party not in PARTIES:
        wrong["party"] = "请选择诉求人类型 (choose one)"
    if form.contact_number and not _NUMBER.fullmatch(form.contact_number):
        wrong["contact_number"] = "联系电话只能含数字 (digits only)"
    if not form.contact_number and form.reply_way not in _NO_NUMBER_NEEDED:
        wrong["contact_number"] = "请填写联系电话，或选择无需回复 (a number, or no reply wanted)"
    return wrong


def _preset(form: CaseForm, urgency: str, confidential: bool) -> CaseForm:
    """Fill in what the category proposes where nobody has decided."""
    secrecy = Secrecy.HIDE_CONTACT if confidential and form.confidential is None else form.confidential
    return replace(form, urgency=form.urgency or urgency, confidential=secrecy)


def _unknown(conn: Connection, form: CaseForm, *, known: bool) -> dict[str, str]:
    unknown = {}
    if form.category and not known:
        unknown["category"] = "没有这个类别 (no such category)"
    if form.unit and not _UNIT(conn, given=form.unit).fetchone():
        unknown["unit"] = "没有这个单位 (no such unit)"
    return unknown


def _too_long(longest: int) -> str:
    return f"不能超过{longest}字 (at most {longest} characters)"
