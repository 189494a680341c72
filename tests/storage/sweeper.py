"""Sweeps a few clocks at a time and says so after each commit; made to be killed. `sweeper.py URL MOMENT`"""

import sys
from datetime import datetime

from storage import sweep
from storage.engine import Store
from tests.makers import RULES

AT_A_TIME = 5


def run(url: str, moment: datetime) -> None:
    store = Store.open(url)
    while looked := store.write_now(lambda conn: sweep.sweep(conn, moment, RULES, most=AT_A_TIME)):
        sys.stdout.write(f"{looked}\n")
        sys.stdout.flush()
    store.close()


if __name__ == "__main__":
    run(sys.argv[1], datetime.fromisoformat(sys.argv[2]))
