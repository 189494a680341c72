"""事件模板: what is said and shown for the events every city has, so that one click opens them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventTemplate:
    """`{area}` is filled in with the area, or with 部分区域 if none is named."""

    code: str
    name: str
    announcement: str
    banner: str
    hours: int = 4

    def filled(self, text: str, area: str) -> str:
        return text.replace("{area}", area or "部分区域")


TEMPLATES = (
    EventTemplate(
        "water",
        "停水",
        "{area}目前停水，供水部门正在抢修。",
        "停水：核对地址和停水时间，孤寡老人、医院和学校单独登记。",
    ),
    EventTemplate(
        "power",
        "停电",
        "{area}目前停电，供电部门正在抢修。",
        "停电：有人被困电梯或使用医疗设备的，立即转接。",
    ),
    EventTemplate(
        "gas", "停气", "{area}目前停气，燃气部门正在处理。", "停气：闻到燃气味的，提醒关阀开窗并转燃气抢险。"
    ),
    EventTemplate(
        "flood",
        "道路积水",
        "{area}道路积水，请绕行，有关部门正在排水。",
        "积水：登记路段和水深，有人被困的转119。",
        6,
    ),
    EventTemplate(
        "typhoon",
        "台风",
        "台风影响本市，请减少外出，避险转移请听从社区安排。",
        "台风联动：避险、倒树、断电分类登记，重大险情立即上报。",
        24,
    ),
    EventTemplate(
        "network",
        "通信故障",
        "{area}通信网络故障，运营单位正在抢修。",
        "通信故障：登记运营商和地址。",
    ),
)
