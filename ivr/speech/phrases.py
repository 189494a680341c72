"""What callers may say to the dialogues that are the same in every city, and what it means. Pure data.

Words are written as people say them; a space only shows where the recogniser may split them. What menus understand is in
the city's menu file. A dialogue asks by the name of a table, its grammar, and works with the meanings, never the words.
"""

from collections.abc import Mapping
from types import MappingProxyType

DIGITS = "digits"
UNKNOWN = "[unk]"  # how the recogniser writes sounds that are no words of the grammar

_FIGURES = "零一二三四五六七八九"
SPOKEN_FIGURES: Mapping[str, str] = MappingProxyType(
    {
        **{figure: figure for figure in _FIGURES},
        "幺": "一",
        "两": "二",
    }
)
_PERSON = dict.fromkeys(("人工", "人工 服务", "转 人工", "工作人员", "转 工作人员"), "person")

FIXED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        # Figures may follow one another; the phrases of this table stand alone.
        DIGITS: _PERSON | {"返回": "back"},
        "yes_no": _PERSON
        | dict.fromkeys(("是", "是的", "对", "对的", "好", "好的", "可以", "确认", "正确"), "yes")
        | dict.fromkeys(("听取 答复", "现在 评价"), "yes")
        | dict.fromkeys(("不是", "不对", "不要", "不用", "没有", "取消"), "no")
        | dict.fromkeys(("重新 输入", "不方便", "现在 不方便"), "no"),
        "score": _PERSON
        | {
            "满意": "1",
            "非常 满意": "1",
            "很 满意": "1",
            "基本 满意": "2",
            "一般": "2",
            "不满意": "3",
            "非常 不满意": "3",
        },
        "solved": _PERSON
        | dict.fromkeys(("解决", "解决 了", "已经 解决", "全部 解决", "已 解决"), "full")
        | dict.fromkeys(("部分 解决", "解决 一部分"), "part")
        | dict.fromkeys(("未 解决", "没 解决", "没有 解决", "没有"), "no"),
        # After the state of a case was told, or while a reply is read aloud.
        "status_keys": _PERSON
        | {"重听": "repeat", "重复": "repeat", "再说 一遍": "repeat", "慢 一点": "slower", "慢点": "slower"}
        | {"放慢": "slower", "放慢 重听": "slower"}
        | {"查询": "tell", "查询 进度": "tell"}
        | {"催办": "urge", "催 一下": "urge", "补充": "add", "补充 情况": "add"}
        | {"评价": "rate", "对 结果 评价": "rate", "返回": "back", "挂机": "end", "再见": "end"},
    }
)


def intent_of(grammar: str, words: str) -> str:
    """Return what the words mean in a table of ours, '' if they are none of its phrases."""
    plain = words.replace(" ", "")
    for phrase, meaning in FIXED.get(grammar, {}).items():
        if phrase.replace(" ", "") == plain:
            return meaning
    return ""


def digits_of(words: str) -> str:
    """Return the figures that were said one by one, '' if anything else is among them."""
    said = [SPOKEN_FIGURES.get(word, "") for word in words.replace(" ", "")]
    return "".join(str(_FIGURES.index(figure)) for figure in said) if all(said) else ""
