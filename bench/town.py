"""A deterministic city's past: callers, texts, calls and cases, made from one seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from storage.forms import CaseForm

PLACES = (
    "东门路",
    "西湖街道",
    "江南大道",
    "河埂街道",
    "古港小区",
    "福新中路",
    "城南镇",
    "榕东新村",
    "江滨花园",
    "学府路",
)
OBJECTS = {
    "0105": ("井盖", "szgc"),
    "0107": ("路灯", "szgc"),
    "0206": ("夜间施工", "hbj"),
    "0602": ("垃圾桶", "cgj"),
    "0501": ("自来水", "swjt"),
    "1106": ("电梯", "sjj"),
    "0203": ("违停车辆", "jjzd"),
    "1101": ("物业", "zjj"),
}
DEFECTS = ("缺失", "损坏", "扰民", "无人管理", "漏水", "反复出现", "存在隐患")
HISTORY = ("已有两天", "多次反映未果", "去年也发生过", "昨天有老人摔倒", "影响上学的孩子")
DEMANDS = ("请尽快处理。", "希望相关部门回复。", "要求说明办理期限。", "请派人到现场查看。")
INTENTS = ("咨询",) * 47 + ("求助",) * 30 + ("投诉",) * 15 + ("建议",) * 5 + ("举报",) * 3
# One caller in a hundred makes twelve calls in a hundred.
REGULARS, REGULAR_SHARE = 0.01, 0.12


@dataclass(frozen=True, slots=True)
class Event:
    """One call and the case it became."""

    number: int
    call: str
    at: datetime
    form: CaseForm
    unit: str
    wait_seconds: float
    talk_seconds: float


def events(count: int, until: datetime, *, a_day: int = 2_650, seed: int = 12_345) -> Iterator[Event]:
    """Give so many calls, the last one at the given time, as many a day as Fuzhou had in 2010."""
    dice = random.Random(seed)
    callers = max(10, count // 3)
    pause = timedelta(seconds=86_400 / a_day)
    for number in range(count):
        at = until - pause * (count - number)
        call = f"hotline1-{at.timestamp():.0f}.{number}"
        category = dice.choice(list(OBJECTS))
        yield Event(
            number=number,
            call=call,
            at=at,
            form=_form(dice, category, call=call, contact_number=_caller(dice, callers)),
            unit=OBJECTS[category][1],
            wait_seconds=round(dice.expovariate(1 / 12), 1),
            talk_seconds=round(dice.lognormvariate(4.8, 0.6), 1),
        )


def _caller(dice: random.Random, callers: int) -> str:
    among = callers * REGULARS if dice.random() < REGULAR_SHARE else callers
    return f"138{dice.randrange(max(1, int(among))):08}"


def _form(dice: random.Random, category: str, **fields: Any) -> CaseForm:
    thing = OBJECTS[category][0]
    place = f"{dice.choice(PLACES)}{dice.randint(1, 400)}号"
    defect = dice.choice(DEFECTS)
    content = f"{place}{thing}{defect},{dice.choice(HISTORY)},{dice.choice(HISTORY)},{dice.choice(DEMANDS)}"
    return CaseForm(
        intent=dice.choice(INTENTS),
        category=category,
        title=f"{thing}{defect}",
        content=content,
        address=place,
        contact_name=dice.choice("陈林黄张李王吴刘") + dice.choice(("先生", "女士")),
        **fields,
    )
