"""A reader of its own process, to be killed: `python -m tests.agi_scripts.tailing <database> <log folder>`."""

import asyncio
import sys
from pathlib import Path

from agi_scripts.records import Follower, Tail, files_of
from storage.engine import Store


def main() -> None:
    store = Store.open(sys.argv[1])
    tails = [Tail(file) for file in files_of("hotline1", Path(sys.argv[2]))]
    asyncio.run(Follower(store, tails).run(asyncio.Event()))


if __name__ == "__main__":
    main()
