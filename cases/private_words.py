"""Words that tell too much about a person: the room they live in, the class a child is in, an illness. Pure."""

import re
from collections.abc import Iterator

Places = Iterator[tuple[int, int]]

# The building stays, what leads to the door goes.
_ROOM = re.compile(
    r"(?:(?<=[楼栋幢座])|(?<=号楼)|(?<=#))[-\s]?(?:\d{1,2}单元|[A-Za-z]单元|[一二三四五六七八九十]{1,2}单元)?"
    r"(?:(?:\d{1,2}|[一二三四五六七八九十]{1,2})[层楼])?[-\s]?\d{3,4}(?:室|号房|房|号|户)?(?!\d|[元块米年人次])"
    r"|(?:\d{1,2}|[A-Za-z]|[一二三四五六七八九十]{1,2})单元[-\s]?(?:\d{1,2}[层楼])?\d{3,4}(?:室|号房|房|号|户)?"
    r"|(?<!\d)(?:\d{1,2}[层楼])?\d{3,4}(?:室|号房|房间|房(?!产|价|源|屋|租))"
    r"|(?<=\d)[-\s]\d{3,4}室"
)
_OFFICE = re.compile(r"中心|大厅|局|医院|法院|办公|窗口|委|大队|派出所|政府|公司|酒店|宾馆")
_CLASS = re.compile(
    r"(?:[一二三四五六七八九]年级|[初高][一二三]|[大中小]班?(?=\d))\s?[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[)）]?班|"
    r"(?:幼儿园)?[大中小][一二三四五六\d]{1,2}班"
)
_ILLNESS = re.compile(
    r"艾滋病?|HIV(?:阳性)?|梅毒|淋病|性病|乙肝|丙肝|肺结核|精神分裂症?|精神病|抑郁症?|双相障碍|焦虑症|自闭症|孤独症|多动症|癫痫|"
    r"[肺胃肝肠乳食宫颈鼻咽甲状腺直结胰前列]{1,3}癌|癌症|肿瘤|白血病|尿毒症|糖尿病|高血压|冠心病|心脏病|脑梗死?|脑瘫|中风|帕金森|阿尔茨海默|"
    r"脑震荡|脑出血|流产|不孕不?育?症?|吸毒|戒毒|智力[残障]\w?",
    re.IGNORECASE,
)
# A question about a service is not about a person's health.
_SERVICE = re.compile(
    r"疫苗|慢性?病|门诊|专科|筛查|政策|报销|待遇|用药|药品|医院|防治|宣传|知识|患者家属协会|特殊病种|的?补助标准"
)


def rooms(text: str) -> Places:
    for match in _ROOM.finditer(text):
        if not _OFFICE.search(text, max(0, match.start() - 10), match.start()):
            yield match.span()


def school_classes(text: str) -> Places:
    yield from (match.span() for match in _CLASS.finditer(text))


def illnesses(text: str) -> Places:
    for match in _ILLNESS.finditer(text):
        if not _SERVICE.match(text, match.end()):
            yield match.span()
