"""Our side of AGI as a process of its own, so that a test can kill it in the middle of a menu."""

import asyncio
import sys

from agi_scripts.agi import AGISession
from agi_scripts.server import AGIServer


async def incoming(call: AGISession) -> None:
    await call.say(["waiting-keys"])
    await call.route("status")


async def status(call: AGISession) -> None:
    for _ in range(100):
        await call.ask(["enter-case-number"], digits=12)


async def serve(port: int) -> None:
    server = AGIServer({"incoming": incoming, "status": status})
    await server.start(port=port)
    print("listening", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
