"""The first words: who is speaking, and that the call is recorded. A person comes next, unless a key says otherwise."""

from ivr.call import Call
from ivr.route import Route

KEYS = {"1": Route.STATUS, "9": Route.CALLBACK, "0": Route.LINE}


async def welcome(call: Call) -> Route:
    """Greet the caller and return where the call goes; silence leads to the line.

    The keys are offered while waiting, but who knows them need not wait. Nobody is spared the notice of recording.
    """
    key = await call.say(["welcome"], keys="".join(KEYS))
    if key:
        await call.say(["recording-notice"])
    return KEYS.get(key, Route.LINE)
