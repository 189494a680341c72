"""T1–T25: wherever a case wanders, its clocks end, one unit leads it, and its history tells exactly where it stands.

What nobody may do is refused, written down, and changes nothing. Ten thousand walks: `python -m bench.walks 10000`.
"""

import os
from functools import partial

from sqlalchemy import update

from cases.clocks import Result
from cases.workflow import ENDED
from storage.clocks import CLOCK
from storage.engine import Store
from storage.moves import CASE
from tests.storage.one_transaction import OneTransaction
from tests.storage.roaming import TRICKS, check, go, roam
from tests.storage.wandering import begin, look_at, settle_rules

WALKS = {"sqlite": 120, "postgresql": 60}
"""About ten seconds on each; HOTLINE_WALKS says another number for both."""
FEWEST_KINDS = 35
"""So many kinds of moves at the least are made in so few walks, or the test would show nothing."""


def test_random_legal_walks_end_their_clocks_have_one_lead_and_are_what_their_history_tells(
    store_url: str,
) -> None:
    walks = int(os.environ.get("HOTLINE_WALKS", WALKS[store_url.partition(":")[0]]))
    tally = roam(store_url, range(walks))
    assert tally.wrong == []
    assert (tally.walks, tally.unlawful) == (walks, TRICKS * walks)
    assert len(tally.done) >= FEWEST_KINDS


def test_the_checks_of_the_walks_see_what_is_wrong(sqlite_url: str) -> None:
    store = Store(OneTransaction(sqlite_url))
    settle_rules(store)
    walk, seed = begin(store, 0, []), 0
    while go(store, walk) == [] and store.read_now(partial(look_at, no=walk.no)).state not in ENDED:
        walk, seed = begin(store, seed + 1, []), seed + 1
    assert store.read_now(lambda conn: check(conn, [walk])) == []
    walk.refused += 1
    for change in (
        update(CASE).where(CASE.c.no == walk.no).values(hard=True),
        update(CLOCK).values(result=Result.RUNNING),
    ):
        store.write_now(lambda conn, change=change: conn.execute(change))  # type: ignore[misc]
    found = " ".join(store.read_now(lambda conn: check(conn, [walk])))
    for said in ("not what the history tells", "logged", "is running"):
        assert said in found
    store.close()
