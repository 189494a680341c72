"""Numbers and addresses that lead to a person: telephones, identity and bank cards, plates, mail and chat accounts. Pure."""

import re
from collections.abc import Iterator

Places = Iterator[tuple[int, int]]

# Full-width digits, letters and signs, one for one, so that places in the text stay the same.
_WIDE = {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}

_MOBILE = re.compile(r"(?<![\dA-Za-z])(?:(?:\+|00)?86[-\s]?)?1[3-9](?:[-\s.]?\d){9}(?!\d)")
_LANDLINE = re.compile(
    r"(?<!\d)(?:\(0\d{2,3}\)|0\d{2,3})[-\s]?[2-8]\d{2,3}[-\s]?\d{4}"
    r"(?:\s*(?:转接?|分机号?|-|ext\.?)\s*\d{1,6})?(?!\d)",
    re.IGNORECASE,
)
_LOCAL = re.compile(
    r"(?:电话|座机|固话|手机|号码|致电|拨打|联系|打)[^\d\n]{0,6}?"
    r"(?P<it>[2-8]\d{2,3}-?\d{4}(?:\s*(?:转接?|分机号?|-)\s*\d{1,6})?)(?!\d)(?!元|块|万|吨|次|人)"
)
_ID_18 = re.compile(
    r"(?<!\d)[1-8]\d{5}[-\s]?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-\s]?\d{3}[\dXx](?![\dA-Za-z])"
)
_ID_15 = re.compile(r"(?<!\d)[1-8]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?!\d)")
_ID_WORD = re.compile(r"身份证|证件")
_CARD = re.compile(r"(?<!\d)[1-9]\d{3}(?:[-\s]?\d{4}){2}(?:[-\s]?\d{4}[-\s]?\d{0,3})(?!\d)")
# Cards of the country's own network begin like this, whatever their check digit says: it is often misheard.
_UNION_CARD = re.compile(r"(?<!\d)62\d{2}(?:[-\s]?\d){12,15}(?!\d)")
_CARD_WORD = re.compile(r"银行卡|卡号|账号|帐号")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][·.\s-]?"
    r"(?:[DF][A-HJ-NP-Z0-9]\d{4}|\d{5}[DF]|[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9警学挂港澳使领])(?![A-Z0-9])",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_WECHAT = re.compile(
    r"(?:微信|威信|weixin|wechat|wx|vx|v信)(?:号码?|同号|账号|[:\s是为])*(?P<it>[A-Za-z][-.\w]{5,19}(?<!\.)|\d{6,11})",
    re.IGNORECASE | re.ASCII,
)
_QQ = re.compile(r"(?:QQ|扣扣|企鹅)(?:号码?|群|[:\s是为])*(?P<it>[1-9]\d{4,10})(?!\d)", re.IGNORECASE)

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def narrow(text: str) -> str:
    """Return the text with full-width digits and letters as plain ones, sign for sign."""
    return text.translate(_WIDE)


def phones(text: str) -> Places:
    for pattern in (_MOBILE, _LANDLINE):
        yield from (match.span() for match in pattern.finditer(text))
    yield from (match.span("it") for match in _LOCAL.finditer(text))


def identities(text: str) -> Places:
    """An eighteen-digit number is one if its check digit is right, or if the text says that it is one."""
    for match in _ID_18.finditer(text):
        if is_identity(match[0]) or _ID_WORD.search(text, max(0, match.start() - 12), match.start()):
            yield match.span()
    yield from (match.span() for match in _ID_15.finditer(text))


def is_identity(number: str) -> bool:
    """Tell whether the check digit of an eighteen-digit identity number is right (GB 11643)."""
    digits = re.sub(r"[-\s]", "", number).upper()
    weighed = sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False))
    return digits[-1] == _ID_CHECKS[weighed % 11]


def bank_cards(text: str) -> Places:
    for match in _CARD.finditer(text):
        named = _CARD_WORD.search(text, max(0, match.start() - 10), match.start())
        if named or is_card(match[0]):
            yield match.span()
    yield from (match.span() for match in _UNION_CARD.finditer(text))


def is_card(number: str) -> bool:
    """Tell whether the digits pass the test of Luhn."""
    digits = [int(sign) for sign in reversed(number) if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def plates(text: str) -> Places:
    yield from (match.span() for match in _PLATE.finditer(text))


def emails(text: str) -> Places:
    yield from (match.span() for match in _EMAIL.finditer(text))


def chat_accounts(text: str) -> Places:
    for pattern in (_WECHAT, _QQ):
        yield from (match.span("it") for match in pattern.finditer(text))
