"""H-08: merged hotlines and what is known of numbers."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cases.nuisance import Grade, Reason
from storage import history, nuisance, numbers, records
from storage.engine import Store
from storage.errors import Invalid, Missing
from storage.number_models import MergeMode
from storage.numbers import Known, OldHotline
from storage.reception import NOTHING, reception
from storage.ring_backs import ask_ring_back
from tests.makers import AGENT, MORNING, later
from tests.storage.call_lines import CEL, Exchange, position
from tests.storage.walks import closed, registered

ZONE = ZoneInfo("Asia/Shanghai")
TRAFFIC = OldHotline(
    dialled="66665666", name="交通热线", skill="traffic", category="0105", statistics="交通", greeting="您好"
)
NUMBER = "13850123456"


def keep(store: Store, line: OldHotline) -> None:
    store.write_now(lambda conn: numbers.keep_old_hotline(conn, line, by="admin", at=MORNING))


def line_of(store: Store, dialled: str) -> OldHotline | None:
    return store.read_now(lambda conn: numbers.old_hotline(conn, dialled))


def test_h_08_a_number_comes_back_as_it_was_entered(store: Store) -> None:
    keep(store, TRAFFIC)
    assert line_of(store, "66665666") == TRAFFIC
    assert line_of(store, "12345") is None


def test_h_08_a_number_that_is_entered_again_is_changed(store: Store) -> None:
    keep(store, TRAFFIC)
    keep(store, OldHotline(dialled="66665666", name="港口热线"))
    assert [line.name for line in store.read_now(numbers.old_hotlines)] == ["港口热线"]


def test_h_08_a_number_without_a_word_of_its_own_is_counted_by_itself(store: Store) -> None:
    keep(store, OldHotline(dialled="16800168", name="车管所"))
    kept = line_of(store, "16800168")
    assert kept is not None
    assert kept.statistics == "16800168"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dialled": "12345"}, "dialled"),
        ({"dialled": "6666abcd"}, "dialled"),
        ({"dialled": "1" * 21}, "dialled"),
        ({"name": " "}, "name"),
        ({"category": "9999"}, "category"),
        ({"greeting": "您" * 201}, "greeting"),
        ({"mode": MergeMode.PARALLEL}, "parallel_until"),
        ({"skill": "x" * 41}, "skill"),
    ],
)
def test_h_08_what_cannot_be_kept_is_said_by_field(store: Store, changes: dict[str, Any], field: str) -> None:
    line = OldHotline(**{"dialled": "66665666", "name": "交通热线"} | changes)
    with pytest.raises(Invalid) as refused:
        keep(store, line)
    assert list(refused.value.fields) == [field]


def test_h_08_a_number_that_is_dropped_is_received_like_any(store: Store) -> None:
    keep(store, TRAFFIC)
    store.write_now(lambda conn: numbers.drop_old_hotline(conn, "66665666", by="admin", at=MORNING))
    assert line_of(store, "66665666") is None
    with pytest.raises(Missing):
        store.write_now(lambda conn: numbers.drop_old_hotline(conn, "66665666", by="admin", at=MORNING))
    facts = store.read_now(lambda conn: history.of(conn, "line:66665666"))
    assert [fact.kind for fact in facts] == ["line.kept", "line.dropped"]


def test_h_08_the_dual_number_period_includes_its_last_day_and_ends_with_retirement() -> None:
    line = OldHotline(
        dialled="1", name="港口", mode=MergeMode.PARALLEL, parallel_until=date(2026, 12, 31),
        retired_on=date(2027, 6, 1),
    )  # fmt: skip
    assert line.in_parallel(date(2026, 12, 31))
    assert not line.in_parallel(date(2027, 1, 1))
    assert (line.retired(date(2027, 5, 31)), line.retired(date(2027, 6, 1))) == (False, True)


def offered(call: str, at: float, dialled: str) -> str:
    """Return the line of CEL with which the dialplan tells the number dialled."""
    exchange = Exchange(second=at)
    exchange.now, exchange.number = at, NUMBER
    exchange._event(call, "HOTLINE_OFFERED", says={"number": NUMBER, "dialled": dialled, "way": "trunk"})
    return exchange.cel[-1]


def test_h_08_the_calls_of_each_old_number_are_counted_by_day(store: Store) -> None:
    keep(store, TRAFFIC)
    keep(store, OldHotline(dialled="0590665", name="公交", statistics="交通"))
    exchange = Exchange(second=MORNING.timestamp())
    lines = []
    for dialled in ("66665666", "0590665", "12345", "4000"):
        call = exchange.call("abandoned_in_line")
        lines.append(offered(call, exchange.second, dialled))
    rows, place = position([*exchange.cel, *lines])
    store.write_now(lambda conn: records.ingest(conn, CEL, rows, place))
    day = MORNING.astimezone(ZONE).date()
    report = store.read_now(lambda conn: numbers.by_line(conn, day, day, ZONE))
    assert [(one.statistics, one.offered, one.answered) for one in report] == [
        ("12345", 2, 0),
        ("交通", 2, 0),
    ]
    before = day - timedelta(days=1)
    assert store.read_now(lambda conn: numbers.by_line(conn, before, before, ZONE)) == []


def test_h_08_a_report_is_asked_for_a_month_at_most(store: Store) -> None:
    with pytest.raises(Invalid):
        store.read_now(lambda conn: numbers.by_line(conn, date(2026, 1, 1), date(2026, 3, 1), ZONE))


def test_a_recording_is_kept_once_and_known_by_what_is_in_it(store: Store) -> None:
    digests = [
        store.write_now(
            lambda conn: numbers.keep_sound(conn, b"RIFF...", seconds=2.0, by="admin", at=MORNING)
        )
        for _ in range(2)
    ]
    assert digests[0] == digests[1]
    assert store.read_now(lambda conn: numbers.sound(conn, digests[0])) == b"RIFF..."
    with pytest.raises(Missing):
        store.read_now(lambda conn: numbers.sound(conn, "none"))


def known(store: Store, number: str = NUMBER, dialled: str = "12345") -> Any:
    return store.read_now(lambda conn: reception(conn, dialled=dialled, number=number, at=later(hours=1)))


def test_an_elder_is_known_by_number_however_the_exchange_writes_it(store: Store) -> None:
    elder = Known(number="+8613850123456", elder=True, note="独居")
    store.write_now(lambda conn: numbers.keep_known(conn, elder, by="1001", at=MORNING))
    assert known(store).elder
    assert known(store, "+8613850123456").elder
    assert not known(store, "13850123457").elder
    store.write_now(lambda conn: numbers.forget_known(conn, NUMBER, by="1001", at=MORNING))
    assert not known(store).elder


def test_no_citizens_number_stands_in_the_history(store: Store) -> None:
    elder = Known(number=NUMBER, elder=True, note="")
    store.write_now(lambda conn: numbers.keep_known(conn, elder, by="1001", at=MORNING))
    proposal = nuisance.Proposal(number=NUMBER, grade=Grade.BLOCK, reason=Reason.ABUSE, note="辱骂", days=3)
    store.write_now(lambda conn: nuisance.propose(conn, proposal, by=AGENT, at=MORNING))
    facts = store.read_now(lambda conn: history.since(conn, 0, 1_000))
    assert NUMBER not in repr(facts)


def test_a_caller_nothing_is_known_of_is_received_like_everybody(store: Store) -> None:
    assert known(store) == NOTHING
    assert known(store, "") == NOTHING
    assert known(store, "13850123456", "4001234") == NOTHING


def test_an_urgent_case_makes_its_caller_urgent_until_it_is_closed(store: Store) -> None:
    closed(store, urgency="紧急")
    assert not known(store).urgent
    registered(store, urgency="紧急")
    assert known(store).urgent


def test_who_is_owed_a_call_already_is_known_to_be(store: Store) -> None:
    assert not known(store).ring_back_owed
    store.write_now(lambda conn: ask_ring_back(conn, call="hotline1-1.0", number=NUMBER, at=MORNING, key="k"))
    assert known(store).ring_back_owed
