"""One telephone, however an exchange writes its number. Pure."""

import re

_MOBILE = re.compile(r"0?(1[3-9]\d{9})", re.ASCII)


def canonical(number: str) -> str:
    """Return the number as it is dialled within the country, so that one telephone is one number.

    >>> canonical("+8613850123456"), canonical("+8659187551234"), canonical("013850123456")
    ('13850123456', '059187551234', '13850123456')
    """
    for prefix in ("+86", "0086"):
        if number.startswith(prefix):
            rest = number.removeprefix(prefix)
            number = rest if _MOBILE.fullmatch(rest) else "0" + rest.removeprefix("0")
    mobile = _MOBILE.fullmatch(number)
    return mobile[1] if mobile else number
