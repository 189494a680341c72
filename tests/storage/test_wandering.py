"""T1–T25: wherever a case wanders, its clocks end, one unit leads it, and its history tells exactly where it stands.

What nobody may do is refused, written down, and changes nothing. Ten thousand walks: `python -m bench.walks 10000`.
"""

import os

from tests.storage.roaming import TRICKS, roam

WALKS = int(os.environ.get("HOTLINE_WALKS", "60"))
"""How many walks on each database; a walk takes some tenths of a second."""
FEWEST_KINDS = 35
"""So many kinds of moves at the least are made in so few walks, or the test would show nothing."""


def test_random_legal_walks_end_their_clocks_have_one_lead_and_are_what_their_history_tells(
    store_url: str,
) -> None:
    tally = roam(store_url, range(WALKS))
    assert tally.wrong == []
    assert (tally.walks, tally.unlawful) == (WALKS, TRICKS * WALKS)
    assert len(tally.done) >= FEWEST_KINDS
