"""How many lines the lists without pages show at most. A list that reaches its limit says so in words."""

from collections.abc import Mapping
from typing import Final

from storage import devices, duty, events, exports, follows, kiosks, nuisance, numbers, quality, urgent_lists

MOST: Final[Mapping[str, int]] = {
    "devices": devices.MOST_DEVICES,
    "duty": duty.MOST,
    "events": events.NEWEST,
    "exports": exports.SHOWN,
    "follows": follows.MOST,
    "kiosks": kiosks.MOST,
    "known": numbers.MOST_KNOWN,
    "members": events.MOST_MEMBERS,
    "quality": quality.MOST_SHOWN,
    "restrictions": nuisance.MOST_RESTRICTIONS,
    "urgent_calls": urgent_lists.MOST_CALLS,
}
