"""Texts of invented cases by a small grammar: place × thing × defect × story × wish, with what real callers let slip."""

from dataclasses import dataclass
from random import Random

SURNAMES = "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄江吕何罗高潘"
STREETS = (
    "东门路", "西湖路", "鳌峰路", "江南大道", "河埂路", "学府路", "文昌路", "塔前街", "洋中路", "茶亭街", "象山路", "湖滨路",
    "五一路", "六一路", "打铁巷", "鱼市街", "北仓路", "府前街", "状元巷", "铁路新村", "师院路", "温泉路", "桥亭街", "梅亭路",
)  # fmt: skip
ESTATES = (
    "金山苑", "碧湖花园", "东方家园", "安居小区", "学府新村", "滨江一号院", "福桥新村", "梧桐里", "观澜府", "怡景苑",
    "青年公寓",     "纺织厂宿舍", "榕树湾", "水岸名城", "状元府",
)  # fmt: skip
TELLS = (
    "请尽快处理。",
    "希望有关部门给个答复。",
    "要求派人现场查看。",
    "请告知处理结果。",
    "望予解决。",
    "盼回复。",
)
STORIES = (
    "已经持续{n}天", "多次反映未果", "昨晚有老人因此摔倒", "影响周边居民休息", "上月也反映过一次", "每逢下雨就更严重",
    "物业说不归他们管", "孩子上学要经过这里", "夜里{n}点以后最厉害", "邻居们都有意见",
)  # fmt: skip
DEFECTS = {
    "01": ("破损", "塌陷", "积水", "长期无人维护", "缺失"), "02": ("扰民", "超标", "占用通道", "管理混乱"),
    "03": ("办理缓慢", "材料要求不一致", "未按时发放"), "04": ("迟迟不解决", "单位不承认", "拖欠三个月"),
    "05": ("停了一整天", "压力不足", "收费异常", "无人上门检修"), "06": ("无人清理", "占用人行道", "屡禁不止"),
    "07": ("存在隐患", "受理后没有下文"), "08": ("收费不明", "未公示"), "09": ("排队太久", "解释不清"),
    "10": ("不予退款", "以次充好", "虚假宣传"), "11": ("长期不维修", "服务不到位", "账目不公开"),
    "12": ("被占用", "补贴没有到账"), "13": ("解释前后不一", "无法办理"), "14": ("设施损坏", "管理不善"),
    "15": ("不知如何办理",), "16": ("窗口答复不一", "态度生硬"), "17": ("迟迟没有兑现", "手续反复"), "18": ("想反映情况",),
}  # fmt: skip
# Words as they are said at home, and as a listener writes them down wrongly.
SLIPS = (
    ("井盖", "阴沟盖"),
    ("噪声", "吵得要死"),
    ("垃圾", "拉圾"),
    ("路灯", "路登"),
    ("停水", "没水"),
    ("物业", "物夜"),
)
REPLIES = (
    "您反映的{what}问题，我单位已派员到{where}现场核实，{done}。感谢您的监督。",
    "经核查，{where}{what}情况属实，{done}。后续将加强巡查。",
    "关于{what}事项，经与您联系沟通，{done}。",
)
DONE = (
    "已于当日处理完毕",
    "已责成责任单位限期整改并完成",
    "已列入本月计划并完成修复",
    "已向您说明有关规定",
    "已督促整改到位",
)
NOT_DONE = (
    "因涉及管线迁改，已列入下季度计划",
    "因产权争议暂不能处理，已告知协商途径",
    "现场条件不具备，将继续跟进",
)
OFF_TOPIC = "感谢您对我市工作的关心与支持，我们将一如既往做好各项工作。"
ANSWERS = (
    "已告知办理地点、所需材料和办理时间。",
    "已解释相关政策，来电人表示清楚。",
    "已告知主管单位电话和办公时间。",
)
AGAIN = ("来电人反映：", "也是这件事：", "邻居也反映过，")


@dataclass(frozen=True, slots=True)
class Words:
    """What a case says, and where it happened."""

    title: str
    content: str
    address: str
    name: str
    number: str
    slips: bool = False
    """Whether it tells what must not be published."""


def words(dice: Random, category: str, thing: str, place: str) -> Words:
    """Say one thing about one place, as one of many callers would."""
    street = dice.choice(STREETS)
    address = f"{place}{street}{dice.randint(1, 299)}号"
    if dice.random() < 0.35:
        address = f"{place}{street}{dice.choice(ESTATES)}{dice.randint(1, 40)}号楼"
    defect = dice.choice(DEFECTS.get(category[:2], DEFECTS["18"]))
    story = dice.choice(STORIES).format(n=dice.randint(2, 12))
    content = f"{address}{thing}{defect},{story},{dice.choice(TELLS)}"
    # A hundredth of the callers makes an eighth of the calls.
    caller = dice.randrange(1_000) if dice.random() < 0.12 else dice.randrange(1_000, 100_000)
    number = f"138501{caller:05d}"
    name = dice.choice(SURNAMES) + dice.choice(("先生", "女士"))
    chance = dice.random()
    slips = chance < 0.08
    if slips:
        content += _slip_of_privacy(dice, name, number)
    elif chance < 0.10:
        content += f"另外{dice.choice(STREETS)}的路灯也不亮，一并反映。"
    elif chance < 0.14:
        for right, wrong in SLIPS:
            content = content.replace(right, wrong)
    return Words(f"{thing}{defect}"[:60], content, address, name, number, slips)


def said_again(dice: Random, first: Words, other: Words) -> Words:
    """Return what one caller said in the words, and with the name, of another one."""
    wish = dice.choice(TELLS)
    content = f"{dice.choice(AGAIN)}{first.address}{first.title},{dice.choice(STORIES).format(n=dice.randint(2, 9))},{wish}"
    return Words(first.title, content, first.address, other.name, other.number)


def _slip_of_privacy(dice: Random, name: str, number: str) -> str:
    """Add what must not be published: a number, an identity card, a plate, a full name."""
    birthday = f"{dice.randint(1950, 2004)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
    full = name[0] + dice.choice("建国秀英志强丽华") + dice.choice("明芳军敏")
    return dice.choice(
        (
            f"我的电话{number}。",
            f"本人{full}，身份证350100{birthday}{dice.randint(100, 999)}X。",
            f"肇事车牌闽A{dice.randint(10000, 99999)}。",
            f"可加微信wx{dice.randint(100000, 999999)}联系。",
        )
    )


def answer(dice: Random, thing: str, address: str, *, solved: bool) -> str:
    """Return what a unit proposes to tell the citizen; one of twenty does not speak of what was asked."""
    if dice.random() < 0.05:
        return OFF_TOPIC
    done = dice.choice(DONE if solved else NOT_DONE)
    return dice.choice(REPLIES).format(what=thing, where=address, done=done)
