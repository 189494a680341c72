"""Registers cases as fast as it can and says each number after its commit; made to be killed. `writer.py URL NAME`"""

import asyncio
import sys
from functools import partial

from storage import cases
from storage.engine import Store
from tests.makers import AGENT, MORNING, RULES, a_form


async def run(url: str, name: str) -> None:
    store = Store.open(url)

    async def one(caller: int) -> None:
        for n in range(1_000_000):
            put = partial(
                cases.dispatch_on_call,
                form=a_form(),
                units=["szgc", "cgj"],
                key=f"{name}-{caller}-{n}",
                by=AGENT,
                at=MORNING,
                rules=RULES,
            )
            sys.stdout.write((await store.write(put)).no + "\n")
            sys.stdout.flush()

    await asyncio.gather(*(one(caller) for caller in range(16)))


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2]))
