"""Names of people by what stands around them: who somebody is before, what he does after. Pure.

A surname alone says little: 高空, 周边 and 方案 begin like people. Here a name must stand after a word for a person (楼长,
住户, 表弟) or after one that has a person as its object (找, 借给), and must end where a sentence goes on after a name.
"""

import re
from collections.abc import Iterator

from cases.private_names import COMPOUND, GIVEN, NO_FIRST, NO_GIVEN, PLACE, SHOP, SURNAMES
from cases.private_stops import NO_NAMES

_PEOPLE = re.compile(
    r"(?:住户|业主|邻居|租户|租客|房客|房主|房东|户主|楼长|楼主|车主|机主|店主|摊主|摊贩|船主|货主|雇主|债主|失主|买家|卖家|顾客|乘客|旅客|游客|"
    r"病人|患者|伤者|死者|逝者|老人|老汉|老太|老伯|村民|居民|市民|群众|网友|粉丝|党员|代表|委员|干部|支书|村长|领班|组长|队长|班长|班主任|网格长|"
    r"路长|河长|段长|片长|厂长|校长|园长|馆长|站长|行长|会长|社长|船长|机长|店长|所长|院长|科长|处长|局长|区长|镇长|乡长|县长|市长|秘书|助理|"
    r"[清保巡驾售营收安快配外管协辅调联督质检业服推导讲解宣救消城执交监理疫饲炊船]\S?[洁安逻驶票业银送递卖理警导络检验务销员防管法通督程员]?[员工警]|"
    r"工人|民工|农民工|包工头|工头|工长|木工|瓦工|电工|焊工|水工|油漆工|维修工|装修工|临时工|钟点工|护工|保姆|月嫂|阿姨|厨师|理发师|设计师|工程师|"
    r"造价师|律师|公证员|法官|检察官|书记员|仲裁员|警官|民警|交警|辅警|协警|城管|保安|门卫|司机|教练|教师|老师|教授|讲师|辅导员|学生|同学|校友|"
    r"室友|舍友|队友|战友|老乡|同乡|朋友|好友|网友|男友|女友|未婚夫|未婚妻|前夫|前妻|爱人|配偶|对象|徒弟|学徒|同伙|合伙人|股东|法人|老总|总监|"
    r"经理|主管|主任|副主任|店员|会计|出纳|中介|经纪人|代理人|委托人|担保人|承包人|出租人|承租人|借款人|债务人|债权人|受害人|嫌疑人|肇事者|"
    r"目击者|证人|原告|被告|监护人|继承人|家属|家长|儿媳|女婿|儿子|女儿|长子|次子|长女|次女|孙子|孙女|外孙|外孙女|侄子|侄女|外甥|外甥女|"
    r"堂哥|堂弟|堂姐|堂妹|表哥|表弟|表姐|表妹|大哥|二哥|三哥|大姐|二姐|三姐|哥哥|弟弟|姐姐|妹妹|大嫂|嫂子|弟媳|姐夫|妹夫|小叔子|小姑子|大伯|"
    r"叔叔|舅舅|姑姑|姨妈|婶婶|伯父|伯母|姑父|姨父|舅妈|岳父|岳母|公公|婆婆|爷爷|奶奶|外公|外婆|父亲|母亲|爸爸|妈妈|丈夫|妻子|老公|老婆|"
    r"自称|名叫|本名|原名|曾用名|叫做|化名|姓名|收款人|开户人|持卡人|户名|经办|经手人|签收人|寄件人|收件人|联系人|负责人|来电人|投诉人|反映人|当事人|"
    r"(?:收|卖|开|修|送|看|做|搞|管|跑|捡|养|摆|租|住)\S{1,5}的|(?:楼上|楼下|一楼|二楼|班上|班里|村里|隔壁|对面|对门|单位|公司|厂里|店里|小区|户|室|号|楼|家)的)(?:是|叫|为|名叫|[:、,\"“])?"
)
_OBJECT = re.compile(
    r"(?:从|给|联系|找到|找|通知|转给|转账给|汇给|打给|借给|卖给|租给|交给|还给|送给|委托|起诉|举报|投诉|控告|感谢|表扬|认识|遇到|碰到|欠|替|帮|陪|问|请|"
    r"询问|咨询|听|据|由|让|被|跟|向|和|与|同|及|、)"
)
# Any other word for a person: whoever does something for a living, comes from somewhere, or is old.
_SOMEBODY = re.compile(r"[员工师者人长手匠医兵警婿媳娘童客汉妇嫂郎星]|[班店厂校院园村局队户组]的|[部场播属]")
# After a name a sentence goes on like this.
_GOES_ON = re.compile(
    r"$|[\s,,。;;:、!?!?)(()”\"》…—-]|"
    r"(?:手里|手上|那里|那儿|这里|处|克扣|在|是|于|的|和|与|及|把|将|被|对|向|说|称|叫|来|去|不|未|没|无|已|就|也|又|还|因|为|要|会|能|可|给|从|到|帮|让|住|却|则|都|仍|总|老是|刚|正|"
    r"先|再|才|只|从未|上门|下班|上班|家|等|们|同|以|经|由|用|拿|带|跟|找|打|骂|殴|欠|拖|借|骗|偷|抢|占|砸|堵|拦|推|踢|咬|撞|压|挡|拆|搭|盖|养|"
    r"放|摆|停|开|关|收|退|赔|罚|付|交|转|汇|签|盖章|写|报|告|诉|投诉|举报|反映|表示|要求|答应|承诺|保证|拒|否认|承认|声称|自称|回复|答复|回电|"
    r"来电|联系|接|挂|发|送|卖|买|租|雇|请|叫|修|干|做|搞|弄|乱|私自|擅自|私下|强行|恶意|故意|经常|长期|多次|屡|每|连续|今|昨|前|本人|一家|"
    r"夫妇|夫妻|父子|母子|等人|负责|主持|处理|办理|经手|服务|态度|工作|身份|电话|手机|微信|车牌|账户|名下|患|病|受伤|摔|死|去世|失踪|走失|离家|"
    r"辱骂|威胁|恐吓|纠缠|骚扰|跟踪|吸毒|赌博|酗酒|醉|工伤|生育|退休|退役|考|读|上学|毕业|考上|结婚|离婚|分手|失联|跑路|拿走|侵占|挪用|克扣|"
    r"一直|至今|突然|当场|当天|仅|共|另|名|现|原|曾|系|有|着|想|需|得|急|很|非常|热情|耐心|认真|细心|[0-9{〔])"
)
_BEGINS = re.compile(r"^|[,，。;；!！?？\n、(（“\"]", re.MULTILINE)
# What stands before a name; whether one is sure to follow, and whether one is likely to.
_BEFORE = (
    (_PEOPLE, True, False),
    (_SOMEBODY, False, True),
    (_BEGINS, False, False),
    (_OBJECT, False, False),
)
_TITLED = re.compile(
    r"(?:总|工|姐|哥|叔|姨|婶|嫂|伯|伯伯|叔叔|大姐|大哥|大嫂|大叔|老板娘|警官|法官|律师|会计|教练|主管|教授|园长|厂长|站长|镇长|区长|护士长|站长|支书|网格员)"
)
# Surnames that are words as well: only with two signs of which given names are made.
_RARER = frozenset(
    "贝颜毕巫任谷符盛卫车辜裘麦练丰封阳占乐桂卿单官荀鄢司费苟安祖阙应宣燕姬全成班相米花边平支商国"
)
_TITLED_AFTER = re.compile(
    r"$|[\s,,。;;:、!?!?)(]|(?:说|称|是|在|的|来|去|让|叫|不|没|已|办|退|拿|做|修|出|及|很|热|耐|推|收|处|亲|开|签|打|借|欠|答应|承诺|收|态度|电话|家|联系|回|要|把|给)"
)
_BEFORE_TITLED = frozenset(" \n,，。;；:、!！?？()（）找问给叫跟和与向由请让被是对欠系谢")
# 蒋老四 and 陈阿三: the fourth and the third of their mothers' children.
_ORDER = re.compile(r"[老阿小][大二三四五六七八九幺]")
_SHORT, _LONG = 1, 2


def names(text: str) -> Iterator[tuple[int, int]]:
    """Return where names stand that their surroundings give away; one after 、 or 和 follows one that was found."""
    ends: set[int] = set()
    for pattern, sure, like_any in _BEFORE:
        for match in pattern.finditer(text):
            end = _name_at(text, match.end(), sure=sure or match.start() in ends, like_any=like_any)
            if end and end not in ends:
                ends.add(end)
                yield match.end(), end
    for match in _TITLED.finditer(text):
        start = match.start() - 1
        surname = start >= 0 and text[start] in SURNAMES and (start == 0 or text[start - 1] in _BEFORE_TITLED)
        if surname and _TITLED_AFTER.match(text, match.end()):
            yield start, match.start()


def _name_at(text: str, start: int, *, sure: bool, like_any: bool = False) -> int:
    """Return where the name ends that begins here, 0 if none does. Less sure, it must look like one, too."""
    compound = text[start : start + 2] in COMPOUND
    rarer = text[start : start + 1] in _RARER
    if text.startswith(NO_NAMES, start) or not (compound or rarer or text[start : start + 1] in SURNAMES):
        return 0
    given = start + 1 + compound
    for length in (_LONG, _SHORT):
        word = text[given : given + length]
        if len(word) == length and _is_given(
            word, text, given + length, sure=sure or (like_any and _looks(word) == length), rarer=rarer
        ):
            place = SHOP.match(text, given + length) or PLACE.match(text[start : start + 9])
            return 0 if place else given + length
    return 0


def _is_given(word: str, text: str, end: int, *, sure: bool, rarer: bool) -> bool:
    """Tell whether people are called so, and whether a sentence goes on here as after a name."""
    if not all("\u4e00" <= sign <= "\u9fff" for sign in word):
        return False
    looks, ordered = _looks(word), bool(_ORDER.fullmatch(word))
    if sure and (ordered or looks == _LONG):
        return True
    if not _GOES_ON.match(text, end) or (rarer and looks < _LONG) or (not sure and looks < len(word)):
        return False
    if sure and word[0] == "有" and looks:
        return True
    # Where a person is sure to be named, 明 is no morning: 雷明.
    likely = word[0] not in NO_FIRST or (sure and word[0] in GIVEN)
    return likely and not set(word) & NO_GIVEN and (looks > 0 or len(word) == _LONG)


def _looks(word: str) -> int:
    """Return how many signs are such as given names are made of."""
    return sum(sign in GIVEN for sign in word)
