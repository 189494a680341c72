"""K-01, K-05 on both databases: kiosks have an identity, are locked from afar, and take cases of their community."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from cases.workflow import Role
from storage import kiosk_reports, kiosks
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.kiosk_reports import Kept, Report
from storage.kiosks import Kiosk, KioskForm, Listed
from storage.people import Actor
from storage.steps import NotForYou
from tests.makers import AGENT, MORNING, RULES, later
from tests.storage.walks import view

ADMIN = Actor("admin", Role.ADMINISTRATOR, "rxzx")
ZONE = ZoneInfo("Asia/Shanghai")
FORM = KioskForm(id="aofeng-1", name="鳌峰社区一号", address="榕东区鳌峰社区服务站")
HERE = Kiosk(FORM.id, FORM.name, FORM.address)


def add(store: Store, form: KioskForm = FORM, by: Actor = ADMIN) -> str:
    return store.write_now(lambda conn: kiosks.add(conn, form, by=by, at=MORNING))


def known(store: Store, token: str) -> Kiosk | None:
    return store.read_now(lambda conn: kiosks.known(conn, token))


def listed(store: Store, **span: float) -> list[Listed]:
    return store.read_now(lambda conn: kiosks.kiosks(conn, at=later(**span), zone=ZONE))


def report(store: Store, sent: Report, key: str = "k1") -> Any:
    return store.write_now(
        lambda conn: kiosk_reports.report(conn, HERE, sent, key=key, at=MORNING, rules=RULES)
    )


def test_k_01_a_kiosk_is_known_by_its_token_until_it_is_locked(store: Store) -> None:
    token = add(store)
    assert known(store, token) == HERE
    assert [known(store, wrong) for wrong in ("", token[:-1], "\ud800")] == [None] * 3
    store.write_now(lambda conn: kiosks.disable(conn, FORM.id, by=ADMIN, at=MORNING))
    assert known(store, token) is None
    newer = store.write_now(lambda conn: kiosks.renew(conn, FORM.id, by=ADMIN, at=MORNING))
    assert (known(store, token), known(store, newer)) == (None, HERE)


def test_k_01_only_administrators_keep_kiosks_and_each_has_a_name_of_its_own(store: Store) -> None:
    add(store)
    with pytest.raises(Conflict):
        add(store)
    with pytest.raises(NotForYou):
        add(store, by=AGENT)
    with pytest.raises(Invalid):
        add(store, KioskForm(id="鳌峰", name="鳌峰", address="鳌峰"))
    with pytest.raises(Missing):
        store.write_now(lambda conn: kiosks.disable(conn, "nowhere", by=ADMIN, at=MORNING))


def test_k_01_silent_kiosks_stand_first_in_the_list(store: Store) -> None:
    for number in (1, 2, 3):
        add(store, KioskForm(id=f"k-{number}", name=f"{number}号", address="鳌峰社区"))
    for name in ("k-1", "k-3"):
        store.write_now(lambda conn, name=name: kiosks.alive(conn, name, at=MORNING))  # type: ignore[misc]
    assert [(one.id, one.silent(later(minutes=2))) for one in listed(store, minutes=2)] == [
        ("k-2", True),
        ("k-1", False),
        ("k-3", False),
    ]
    assert all(one.silent(later(minutes=4)) for one in listed(store, minutes=4))


def test_k_05_what_is_filed_at_a_kiosk_says_so_and_happened_in_its_community(store: Store) -> None:
    add(store)
    made = report(store, Report(category="0105", place="3号楼前"))
    case = view(store, made.no)
    assert (case.channel, case.address) == ("kiosk", "榕东区鳌峰社区服务站 3号楼前")
    assert case.reply_way == "无需回复"
    assert case.events[0].actor == "kiosk:aofeng-1"
    again = report(store, Report(category="0105", place="3号楼前"))
    assert (again.no, again.again) == (made.no, True)
    assert listed(store)[0].reports == 1


@pytest.mark.parametrize(
    "sent",
    [
        Report(category="01"),
        Report(category=""),
        Report(category="0105", number="abc"),
        Report(category="0105", words="字" * 10_001),
    ],
)
def test_k_05_a_case_needs_a_matter_and_what_is_filled_in_must_be_possible(
    store: Store, sent: Report
) -> None:
    add(store)
    with pytest.raises(Invalid):
        report(store, sent)


def test_uses_are_counted_by_day_and_by_nothing_else(store: Store) -> None:
    add(store)
    for days in (0, 0, 1):
        store.write_now(
            lambda conn, days=days: kiosks.used(conn, FORM.id, "visit", at=later(days=days), zone=ZONE)  # type: ignore[misc]
        )
    assert listed(store, days=1)[0].visits == 3
    assert listed(store, days=30)[0].visits == 0
    rows = store.read_now(lambda conn: conn.execute(text("SELECT * FROM kiosk_day")).keys())
    assert list(rows) == ["kiosk", "day", "what", "times"]


def in_a_grid(store: Store, grid: str = "rd001") -> Kiosk:
    token = add(store, replace(FORM, grid=grid))
    here = known(store, token)
    assert here is not None
    return here


def late(store: Store, kept: Kept, here: Kiosk = HERE, key: str = "q1") -> Any:
    return store.write_now(
        lambda conn: kiosk_reports.late(conn, here, kept, key=key, at=MORNING, rules=RULES)
    )


def test_k_05_a_case_of_a_kiosk_says_the_device_and_the_grid_of_its_community(store: Store) -> None:
    here = in_a_grid(store)
    made = store.write_now(
        lambda conn: kiosk_reports.report(
            conn, here, Report(category="0105"), key="g", at=MORNING, rules=RULES
        )
    )
    told = store.read_now(lambda conn: kiosk_reports.filed_at(conn, made.no))
    assert told is not None
    assert (told.kiosk, told.grid, told.grid_name) == ("aofeng-1", "rd001", "东门街道第1网格")
    store.write_now(lambda conn: kiosks.move(conn, FORM.id, "", by=ADMIN, at=MORNING))
    # Where it stands now is not where it stood then.
    again = store.read_now(lambda conn: kiosk_reports.filed_at(conn, made.no))
    assert again == told
    assert listed(store)[0].grid is None


def test_k_05_a_kiosk_stands_in_a_grid_that_there_is(store: Store) -> None:
    with pytest.raises(Invalid) as refused:
        add(store, replace(FORM, grid="nowhere"))
    assert list(refused.value.fields) == ["grid"]
    add(store)
    with pytest.raises(Missing):
        store.write_now(lambda conn: kiosks.move(conn, "nobody", "", by=ADMIN, at=MORNING))


def test_k_01_what_waited_for_the_network_is_filed_exactly_once_and_says_when_it_was_typed(
    store: Store,
) -> None:
    add(store)
    kept = Kept(
        report=Report(category="0105", place="3号楼前"), slip="481205", kept_at=MORNING - timedelta(hours=3)
    )
    first, second = late(store, kept), late(store, kept)
    assert (second.no, second.again) == (first.no, True)
    told = store.read_now(lambda conn: kiosk_reports.filed_at(conn, first.no))
    assert told is not None
    assert (told.kept_at, told.slip) == (MORNING - timedelta(hours=3), "481205")
    assert "暂存号 481205" in view(store, first.no).content
    assert listed(store)[0].reports == 1


def test_k_01_what_was_sent_before_the_answer_was_lost_is_not_filed_again_from_the_queue(
    store: Store,
) -> None:
    add(store)
    made = report(store, Report(category="0105"), key="same")
    kept = Kept(report=Report(category="0105"), slip="1", kept_at=MORNING)
    again = late(store, kept, key="same")
    assert (again.no, again.again) == (made.no, True)


@pytest.mark.parametrize(
    "odd",
    [
        Report(category="gone"),
        Report(category="0105", number="找我儿子"),
        Report(category="0105", number="+86 138 5012 3456", place="楼" * 300, words="字" * 5_000),
        Report(category="01", words="\x00\ud800"),
    ],
)
def test_k_01_nothing_that_waited_is_refused_for_whoever_typed_it_has_gone(store: Store, odd: Report) -> None:
    add(store)
    made = late(store, Kept(report=odd, slip="7", kept_at=later(days=400)))
    case = view(store, made.no)
    assert case.channel == "kiosk"
    told = store.read_now(lambda conn: kiosk_reports.filed_at(conn, made.no))
    assert told is not None
    # A clock that runs a year ahead is not believed.
    assert told.kept_at is None


def test_k_01_a_kiosk_says_how_much_waits_on_it_and_what_cannot_be_opened_is_not_hushed_up(
    store: Store,
) -> None:
    add(store)
    for kept in (3, 3, None):
        store.write_now(lambda conn, kept=kept: kiosks.alive(conn, FORM.id, at=MORNING, kept=kept))  # type: ignore[misc]
    store.write_now(lambda conn: kiosk_reports.unreadable(conn, FORM.id, at=MORNING))
    assert [(one.kept, one.unreadable) for one in listed(store)] == [(3, 1)]
