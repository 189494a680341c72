"""Recordings that a city uploads: the one format Asterisk plays as it is, not too loud, not too long."""

from typing import Final

from aiohttp import web
from aiohttp.web_request import FileField

from console.forms import Refused
from console.i18n import say
from ivr import sound
from ivr.prompts import check
from storage.errors import Invalid

# A minute of 8 kHz, 16 bit, mono, and the rest of the form.
BODY: Final = 1_200_000


async def form_with_sound(request: web.Request, name: str) -> tuple[dict[str, str], bytes | None]:
    """Return the texts of a posted form, and the recording if one was chosen; its format is checked elsewhere."""
    texts: dict[str, str] = {}
    data: bytes | None = None
    for key, value in (await request.post()).items():
        if isinstance(value, FileField) and key == name:
            with value.file as file:
                data = file.read() or data
        elif isinstance(value, str) and key not in texts:
            texts[key] = value
        elif not (isinstance(value, bytes | bytearray) and key == name and not value):
            raise Refused(say(request, "form.not_text"))
    return texts, data


def seconds_of(request: web.Request, data: bytes | None) -> float:
    """Return how long a recording is, 0 if there is none; raise Invalid with what a caller must not hear about it."""
    if data is None:
        return 0.0
    try:
        samples = sound.parse(data)
        faults = check.recording_faults(samples)
    except sound.BadSound as bad:
        raise Invalid({"sound": say(request, "sound.bad", why=str(bad))}) from None
    if faults:
        raise Invalid({"sound": say(request, "sound.bad", why="; ".join(faults))})
    return sound.seconds_of(samples)
