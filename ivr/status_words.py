"""How a case stands, in words."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from cases.workflow import ENDED
from ivr import reading
from ivr.call import Voice
from storage.status import Status


async def sentence(found: Status, voice: Voice, *, now: datetime, zone: ZoneInfo) -> list[str]:
    """Say: 您 十一月二十二日 反映的 噪声 事项, 已转 城管局, 要求 … 前答复, 目前 …。"""
    category, unit = await asyncio.gather(voice.say(found.category), _unit(found, voice))
    filed = reading.sounds(reading.moment(found.filed_at, now=now, zone=zone))
    return [
        *("status-you", *filed, "status-reported", *category, "status-matter"),
        *unit,
        *_reply_by(found, now=now, zone=zone),
        *("status-now", f"state-{found.state}"),
        *_no_reply(found),
    ]


async def _unit(found: Status, voice: Voice) -> list[str]:
    if not found.unit_name:
        return []
    name = await voice.say(found.unit_name)
    return ["status-sent-to", *name] if name else ["status-sent"]


def _reply_by(found: Status, *, now: datetime, zone: ZoneInfo) -> Sequence[str]:
    """Say until when the department must answer, as long as it has not."""
    if found.reply_by is None or found.state in ENDED:
        return []
    due = reading.sounds(reading.deadline(found.reply_by, now=now, zone=zone))
    late = ["status-overdue"] if found.reply_by < now and not found.public_reply else []
    return ["status-required", *due, "status-reply-before", *late]


def _no_reply(found: Status) -> Sequence[str]:
    return [] if found.public_reply or found.state in ENDED else ["status-no-reply"]
