"""Texts of invented cases that differ: a grammar of many slots, so that a hundred thousand are no few sentences said again.

storage.demo_texts makes the past of a demo city, where a few wordings are enough. An index that finds what is alike has to
be tried on texts that are as different as those of real callers: names of their own, lengths from a line to a page, several
things in one call, words that a machine has heard wrongly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Final

from cases.everyday_words import EVERYDAY

# Characters that names of streets, estates, shops and people are put together from.
_NAME: Final = (
    "东西南北中金银玉珠龙凤鹤鹏云霞虹星月日山水江湖海河溪泉潭洲岛桥亭台楼阁塔寺庙宫府院园林松柏竹梅兰菊荷榕樟桂桃李杏柳枫"
    "春夏秋冬福禄寿喜安康宁泰和平顺祥瑞吉庆丰盛兴隆昌达通远宏广大长永久恒文武忠孝仁义礼智信诚德善美丽秀英华荣光明辉耀"
    "新城阳紫红绿青蓝白石岩沙田池井浦港湾岸滨屿坪坑坂埔墩洋尾头口下上前后左右三五七八九十万千百双"
)
_STREETS: Final = ("路", "街", "巷", "大道", "里", "弄", "支路", "环路", "横街", "新街")
_ESTATES: Final = (
    "花园",
    "新村",
    "小区",
    "公寓",
    "广场",
    "名城",
    "苑",
    "家园",
    "华府",
    "宿舍",
    "安置房",
    "公馆",
    "山庄",
    "一期",
)
_SHOPS: Final = (
    "饭店",
    "超市",
    "诊所",
    "培训中心",
    "健身房",
    "理发店",
    "工地",
    "仓库",
    "小学",
    "幼儿园",
    "物业公司",
    "养老院",
)
_SURNAMES: Final = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄江吕何罗高潘朱钟游詹沈彭傅余方石"
_OPENINGS: Final = (
    "", "你好,", "喂,是12345吗,", "同志你好,", "我想反映一下,", "我要投诉,", "麻烦问一下,", "是这样的,", "我跟你讲,",
    "不好意思打扰了,", "我打了好几次才打通,", "我帮我妈问的,", "来电人称", "市民反映:", "我住在",
)  # fmt: skip
_TIMES: Final = (
    "从上个月开始", "这两天", "昨天晚上十一点多", "国庆以后",
    "每天早上六点", "大概{n}天前", "{n}月份就", "一到周末", "下雨天",
    "自从修路以后", "半夜两三点", "中午吃饭的时候", "已经第{n}次了", "去年{n}月至今", "刚刚",
)  # fmt: skip
_TROUBLES: Final = (
    "坏了没人修", "一直没有处理", "越来越严重",
    "根本走不过去", "找了{n}个部门都说不归他管", "压坏了{n}块地砖", "收了我{n}百块",
    "把路全堵死了", "味道很大", "吵得孩子没法写作业", "不给退",
    "说系统里查不到", "电话永远没人接", "又停了", "漏得到处都是",
    "说要等{n}个工作日", "材料交了又让补", "没有提前通知",
    "贴了通知就走了", "被人拿走了", "倒了也没人扶", "跟当初说的不一样",
    "涨了{n}成", "已经过期{n}天", "拖了{n}个月", "差点出事故", "冒烟", "裂了一条缝", "高得离谱", "没有任何说法",
)  # fmt: skip
_EFFECTS: Final = (
    "家里有老人孩子", "我岳母{n}多岁了", "孕妇闻了想吐",
    "楼下{n}户人家都受影响", "电动车都推不进来", "生意没法做", "已经报过警",
    "有照片可以发给你们", "我录了视频", "邻居群里都在说",
    "业委会也不管", "上次来的人看一眼就走", "网上也反映过,编号忘了",
    "我上班请了{n}次假", "孩子今年要中考", "隔壁{who}家也是这样", "{who}师傅说要找你们", "我腿脚不方便", "天天失眠",
)  # fmt: skip
_WISHES: Final = (
    "请尽快派人来看", "希望给个准话", "能不能先恢复",
    "我要一个书面答复", "要求赔偿", "麻烦转给管这个的人", "回我电话就行",
    "什么时候能好", "到底归谁管", "不要再踢皮球了", "先把人撤走",
    "查一下有没有许可", "退我钱", "谢谢啊", "就这样", "盼复",
)  # fmt: skip
_FILLERS: Final = ("那个", "就是说", "然后呢", "你听我说", "反正", "讲真的", "哎呀", "对吧", "嗯", "其实")
_ALSO: Final = ("还有,", "另外,", "顺便再问一下,", "对了,", "第二个事情,")
# As a machine hears it, or a hand writes it in haste.
_HEARD: Final = str.maketrans(
    {"灯": "登", "垃": "拉", "业": "夜", "费": "废", "井": "景", "噪": "造", "管": "馆", "渗": "审", "停": "亭", "证": "正",
     "医": "衣", "保": "宝", "退": "推", "押": "压", "租": "组", "燃": "然", "宽": "款", "路": "露", "电": "店", "修": "休"}
)  # fmt: skip
_WORDS: Final = tuple(word for words in EVERYDAY.values() for word in words if len(word) > 1)
HEARD_WRONGLY: Final = 0.08
LONG: Final = 0.05


@dataclass(frozen=True, slots=True)
class Talk:
    """What somebody said, clause by clause, and where it was."""

    clauses: tuple[str, ...]
    address: str

    @property
    def text(self) -> str:
        return ",".join(self.clauses) + "。"


def talks(seed: int, most: int) -> Iterator[Talk]:
    """Give so many texts of which no two are the same."""
    dice, seen = Random(seed), set[str]()
    for _ in count():
        if len(seen) == most:
            return
        talk = one(dice)
        if talk.text not in seen:
            seen.add(talk.text)
            yield talk


def one(dice: Random) -> Talk:
    """Say one thing, or more: one in twenty callers does not come to an end."""
    address = place(dice)
    matters = dice.randint(4, 12) if dice.random() < LONG else dice.choice((1, 1, 1, 2))
    clauses = [dice.choice(_OPENINGS) + address]
    for number in range(matters):
        clauses += _matter(dice, dice.choice(_ALSO) if number else "")
    clauses += dice.sample(_WISHES, dice.choice((1, 1, 2)))
    return Talk(tuple(clauses), address)


def place(dice: Random) -> str:
    street = _name(dice) + dice.choice(_STREETS)
    estate = _name(dice) + dice.choice(_ESTATES) if dice.random() < 0.6 else ""
    return (
        f"{street}{dice.randint(1, 400)}号{estate}{dice.randint(1, 60)}栋"
        if estate
        else f"{street}{dice.randint(1, 900)}号"
    )


def _matter(dice: Random, opening: str) -> list[str]:
    thing = dice.choice(_WORDS)
    shop = f"{_name(dice)}{dice.choice(_SHOPS)}的" if dice.random() < 0.35 else ""
    said = [
        f"{opening}{dice.choice(_TIMES)}{shop}{thing}{dice.choice(_TROUBLES)}",
        *dice.sample(_EFFECTS, dice.choice((0, 1, 2, 3))),
    ]
    if dice.random() < 0.4:
        said.append(dice.choice(_FILLERS) + dice.choice(_WORDS) + dice.choice(_TROUBLES))
    return [_filled(dice, clause) for clause in said]


def _filled(dice: Random, clause: str) -> str:
    who = dice.choice(_SURNAMES)
    return clause.replace("{n}", str(dice.randint(2, 98))).replace("{who}", who)


def _name(dice: Random) -> str:
    return "".join(dice.choice(_NAME) for _ in range(dice.choice((2, 2, 3))))


def again(dice: Random, first: Talk) -> Talk:
    """Let another caller report the same: in another order, a third left out, heard badly, with words of their own."""
    where, *said = first.clauses
    kept = [clause for clause in said if dice.random() > 0.35] or said[:1]
    dice.shuffle(kept)
    kept.insert(dice.randrange(len(kept) + 1), _filled(dice, dice.choice(_EFFECTS)))
    heard = [_heard(dice, clause) for clause in (where, *kept)]
    return Talk(tuple(heard), first.address)


def _heard(dice: Random, clause: str) -> str:
    return "".join(
        sign.translate(_HEARD)
        if dice.random() < 0.5
        else dice.choice(_NAME)
        if dice.random() < HEARD_WRONGLY
        else sign
        for sign in clause
    )


def shape(texts: Sequence[str]) -> str:
    """Say how different the texts are."""
    lengths = sorted(len(text) for text in texts)
    runs = {text[n : n + 2] for text in texts for n in range(len(text) - 1)}
    middle, last = lengths[len(lengths) // 2], lengths[len(lengths) * 95 // 100]
    return (
        f"{len(set(texts))} different texts, {len(runs)} different pairs,"
        f" {middle} characters in the middle, {last} at p95, {lengths[-1]} at most"
    )
