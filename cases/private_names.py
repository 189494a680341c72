"""Names of people in a Chinese text: after a word that announces one, before a title, or by their characters. Pure.

Shops and places that carry a surname are no people: 陈记餐馆, 江滨路.
"""

import re
from collections.abc import Iterator

from cases.private_stops import NO_NAMES

SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾"
    "夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常汤康易乔赖文庄连翁游柯阮童洪卓纪涂施倪俞章鲁葛柳祝詹"
    "兰温阎聂岳齐牛尤季凌霍左鲍申耿关焦甘房柴蒲邢裴艾祁华辛管丘包涂池危饶蓝缪"
    "毕巫颜裘宓傅殷舒覃骆樊庞靳翟窦滕褚娄冉佟瞿屠隋蔺卞戚闵牟桑巩敖晏谌佘栾茹荆甄奚邸匡喻揭岑丛仝苗鞠卜"
)
COMPOUND = ("欧阳", "上官", "司徒", "诸葛", "司马", "夏侯", "皇甫", "东方", "尉迟", "公孙")
_TITLES = (
    "先生|女士|小姐|太太|同志|师傅|阿姨|大爷|大妈|大伯|奶奶|爷爷|老师|医生|护士|同学|经理|老板|"
    "科长|处长|局长|院长|校长|所长|队长|村长|书记|主任"
)
_TITLE = re.compile(f"(?:{_TITLES})")
_HAN = re.compile(r"[\u4e00-\u9fff]")

_ANNOUNCES = re.compile(
    r"(?:[我他她]叫|我是|名叫|叫做|姓名[:为是]?\s*|本人(?:姓名|名叫|叫|是|系)?[:,]?\s*|(?<![联关体干维])系|"
    r"(?:当事人|投诉人|举报人|诉求人|反映人|来电人|报警人|被投诉人|联系人|户主|业主|房东|法人|法定代表人|负责人|申请人|死者|伤者|患者)"
    r"(?:是|为|叫|系|[:,])?\s*|"
    r"(?:我?(?:儿子|女儿|孩子|小孩|孙子|孙女|外孙|丈夫|妻子|老公|老婆|父亲|母亲|爸爸|妈妈|弟弟|哥哥|姐姐|妹妹|邻居|同事))(?:是|叫|名叫|[:,])?\s*|"
    r"(?:学生|男童|女童|员工|工人|司机|老板|包工头|班主任|主任|书记|经理|医生|村民|保安|店主|店长|校长|科长|队长)(?:叫|名叫)?)"
)
# Before these, more often than not, no name stands; so it must look like one, too.
_POINTS_AT = re.compile(
    r"(?:爱人|自称(?:是|叫)?|网格员|维修工|保姆|护工|店员|经办人|民警|辅警|快递员|外卖员|中介|租客|租户|房客|楼上|楼下|隔壁|对门|老人|老师|"
    r"工作人员|姑姑|姨妈|舅舅|叔叔|伯伯|岳父|岳母|公公|婆婆|家属|同乡|队友|股东|会计|出纳|护士|教练|组长|厂长|主管|客服|保洁员|业务员|销售)"
)
_SURNAMED = re.compile(r"(?<![同百本])姓(.)(?=的|[,，。;；先女])")
# The characters of which most given names are made; two of them after a surname are a name wherever they stand.
GIVEN = frozenset(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕彬凤洁梅琳云兰建国文志永德福海波峰龙斌辉鹏浩亮宇航轩涵梓萱雨欣怡佳思"
    "婷晓小美珍珠春花莲菊翠香巧阿宝贵财才有根水木林森金银荣昌盛祥瑞庆豪妹弟仔俊博凯翔晨阳旭东栋梁柱忠诚义仁孝礼智信新民康健寿喜乐友良善清正"
    "立成功家兴旺达远光景胜利胤子悦语诗彤瑶琪雯菲倩蓉薇莉茜颖慧淑惠贞雅素芝兰蕾妍婉可卫世少炳钦振锋钢铁山川泽润淼鑫垚焱炎坤乾宗祖继传"
    "雪冰桐豪诺依晗宸睿哲彦奕熙昊铭熠祺霖沐馨琴娇娣媛姗婵娥嫣莹莎菁芸蓓蕊岚嵘崇峻岩泓淇湘潇灿炜烨焕煜熹珊珺琦琛瑛瑜瑾璇璐烁祯禄禹筠翰"
    "耀聪芙芊芹茂茵荔虹裕谊谦贤逸邦郁钊钧铃锐锦隆雁雄霄霆靖韬韵颂骏鸣鸿鹃鹤麒麟鼎俐侠伦伊亭亚冬卉君启咏嘉培媚婧姣姿娴妙宁宏宜宪寒寅尚"
    "月飞岗巍帅青佩秉云来如玉海金水素腾顺福生庚秋远希帆弘彤彩征微念怀恒恩悠愉慈慕懿承捷敬斐昆昕昱晋普晴暖曙曦曼朋朗松枝枫柔柏桃楠榕樱欢毅沁沛俊冠翎烈彪虎"
)
# What follows a surname in these is no given name.
NO_GIVEN = frozenset(
    "是在有的了于和与及因为由被把将从向到去来要想会能可已也都就不没很更最住说称反投举诉家电,。、 "
)
_AFTER_CAN = frozenset("以能否是惜见不")
NO_FIRST = frozenset("二三四五六七八九十昨今明上下本近日月年前每当同常先女老师某其此这那")
# A place, an office or a firm whose name begins like a person's.
PLACE = re.compile(
    r"[^\W在的到是和与于被称说住]{0,5}?(?:区|市|县|镇|乡|村|路|街|巷|里弄|小区|花园|广场|公寓|大厦|学校|小学|中学|大学|幼儿园|医院|公司|集团|商店|超市|店|馆|厂|局|社区|物业)"
)
SHOP = re.compile(
    r"[^在的到去来说向从将被把与和是于对开\W]{0,3}(?:店|馆|铺|坊|超市|公司|厂|诊所|餐厅|烧烤|烘焙|面包|奶茶|牛肉面|牛肉丸|大王|火锅|麻辣烫|小吃|快餐)"
)
# Between words like these and a surname, the surname begins the name.
_BEFORE_A_NAME = frozenset("感谢给与和向对由请让找跟经为是称问据及、,。:;!?” \n(")


def names(text: str) -> Iterator[tuple[int, int]]:
    """Return where names stand; before a title only the name is meant, the title stays."""
    titled = list(_before_titles(text))
    yield from titled
    for match in _ANNOUNCES.finditer(text):
        length = _name_at(text, match.end())
        if length and _free(match.end(), match.end() + length, titled):
            yield match.end(), match.end() + length
    for start, end in _by_their_looks(text):
        if _free(start, end, titled):
            yield start, end


def _free(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return not any(begins < end and start < ends for begins, ends in taken)


def _by_their_looks(text: str) -> Iterator[tuple[int, int]]:
    """Find names that nothing announces for certain: by the characters that people are called."""
    for match in _SURNAMED.finditer(text):
        if match[1] in SURNAMES:
            yield match.span(1)
    for match in _POINTS_AT.finditer(text):
        start = match.end()
        length = _name_at(text, start)
        if length and all(sign in GIVEN for sign in text[start + 1 : start + 2]):
            yield start, start + 1 + _given_at(text, start + 1)
    for place, sign in enumerate(text):
        looks = sign in SURNAMES and _given_at(text, place + 1) == 2 and _name_at(text, place) == 3
        if looks and not SHOP.match(text, place + 3) and not PLACE.match(text, place):
            yield place, place + 3


def _given_at(text: str, start: int) -> int:
    """Return how many characters, at most two, are such as people are called."""
    if text[start : start + 1] not in GIVEN:
        return 0
    return 1 + (text[start + 1 : start + 2] in GIVEN)


def _name_at(text: str, start: int) -> int:
    """Return how long the name is that begins here, 0 if none does."""
    surname = 2 if text[start : start + 2] in COMPOUND else int(text[start : start + 1] in SURNAMES)
    rest = text[start + surname :]
    if not surname or not _HAN.match(rest) or _no_given(rest, after_one=surname == 1):
        return 0
    if text.startswith(NO_NAMES, start) or PLACE.match(text[start : start + 9]):
        return 0
    second = rest[1:2]
    longer = bool(_HAN.match(second)) and second not in NO_GIVEN
    return surname + 1 + longer


def _no_given(rest: str, *, after_one: bool) -> bool:
    """Tell that what follows a surname is no given name. 可 begins many names, and some words."""
    if rest[0] == "可":
        return rest[1:2] in _AFTER_CAN
    return rest[0] in NO_GIVEN or (after_one and rest[0] in NO_FIRST)


def _before_titles(text: str) -> Iterator[tuple[int, int]]:
    for match in _TITLE.finditer(text):
        if SHOP.match(text, match.end()):
            continue
        start = _name_before(text, match.start())
        if start < match.start():
            yield start, match.start()
    # 何某 is a name already half hidden.
    for match in re.finditer("某(?![些个种一人])", text):
        if text[max(0, match.start() - 1) : match.start()] in SURNAMES:
            yield match.start() - 1, match.start()


def _name_before(text: str, end: int) -> int:
    """Return where the name begins that ends here; `end` itself if none does."""
    begins = [
        end - length for length in (1, 2, 3, 4) if end >= length and _could_be_name(text[end - length : end])
    ]
    if not begins:
        return end
    for start in reversed(begins):
        if start == 0 or text[start - 1] in _BEFORE_A_NAME or not _HAN.match(text[start - 1]):
            return start
    return begins[0]


def _could_be_name(word: str) -> bool:
    if not all(_HAN.match(sign) for sign in word):
        return False
    if word[:2] in COMPOUND:
        return len(word) <= 4
    return word[0] in SURNAMES and len(word) <= 3 and not set(word[1:]) & NO_GIVEN
