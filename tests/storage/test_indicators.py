"""Indicators as the store counts them: every definition is counted, on both databases."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from cases.indicators import BY_CODE, DEFINITIONS, Source
from storage import indicators
from storage.engine import Store
from storage.indicator_catalogue import FACTS
from storage.indicator_facts import Window
from tests.makers import MORNING, RULES
from tests.storage.walks import closed

CITY = ZoneInfo("Asia/Shanghai")
MONTH = Window(
    begins=datetime(2026, 11, 1, tzinfo=CITY),
    ends=datetime(2026, 12, 1, tzinfo=CITY),
    at=MORNING + timedelta(days=30),
)


def test_every_definition_is_counted_from_cases_or_elsewhere() -> None:
    from_cases = {each.code for each in DEFINITIONS if each.source is Source.CASES and each.spread is None}
    assert from_cases == set(FACTS)


def test_every_indicator_can_be_counted(store: Store) -> None:
    closed(store)
    found = store.read_now(partial(indicators.measure, codes=BY_CODE, window=MONTH, calendar=RULES.calendar))
    for code, figures in found.items():
        print(code, figures[indicators.WHOLE])
        if BY_CODE[code].source is Source.CASES:
            store.read_now(partial(indicators.behind, code=code, window=MONTH, scope=indicators.EVERYTHING))
