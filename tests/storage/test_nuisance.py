"""F07-11: restrictions of numbers: proposed, signed by two others, expiring, open to appeal."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from cases.nuisance import Grade, Reason
from cases.workflow import Role
from storage import history, nuisance, records
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.nuisance import FourEyes, Proposal
from storage.number_models import RestrictionState as State
from storage.people import Actor
from storage.records import Form, Source
from tests.makers import ADJUDICATOR, AGENT, DISPATCHER, MORNING, TEAM_LEAD, later
from tests.storage.call_lines import Exchange, position

SUPERVISOR = Actor("8001", Role.SUPERVISOR, "xnb")
SECOND_LEAD = Actor("2002", Role.TEAM_LEAD, "rxzx")
NUMBER = "13850123456"


def proposed(store: Store, by: Actor = AGENT, **changes: Any) -> int:
    fields: dict[str, Any] = {
        "number": NUMBER, "grade": Grade.BLOCK, "reason": Reason.ABUSE, "note": "三次来电均辱骂", "days": 7,
    }  # fmt: skip
    proposal = Proposal(**fields | changes)
    return store.write_now(lambda conn: nuisance.propose(conn, proposal, by=by, at=MORNING))


def sign(store: Store, restriction: int, by: Actor) -> State:
    return store.write_now(lambda conn: nuisance.sign(conn, restriction, by=by, at=MORNING))


def in_force(store: Store, **changes: Any) -> int:
    restriction = proposed(store, **changes)
    sign(store, restriction, TEAM_LEAD)
    sign(store, restriction, SUPERVISOR)
    return restriction


def holds(store: Store, number: str = NUMBER, **after: float) -> int | None:
    found = store.read_now(lambda conn: nuisance.holding(conn, number, later(**after)))
    return found.id if found else None


def test_nothing_happens_to_a_caller_before_two_people_have_signed(store: Store) -> None:
    restriction = proposed(store)
    assert holds(store) is None
    assert sign(store, restriction, TEAM_LEAD) is State.APPROVED
    assert holds(store) is None
    assert sign(store, restriction, SUPERVISOR) is State.IN_FORCE
    assert holds(store) == restriction


def test_it_ends_by_itself(store: Store) -> None:
    restriction = in_force(store, days=3)
    assert holds(store, days=2, hours=23) == restriction
    assert holds(store, days=3) is None


def test_nobody_signs_twice(store: Store) -> None:
    restriction = proposed(store)
    sign(store, restriction, TEAM_LEAD)
    with pytest.raises(FourEyes):
        sign(store, restriction, TEAM_LEAD)
    assert holds(store) is None


def test_nobody_signs_what_he_proposed(store: Store) -> None:
    restriction = proposed(store, by=TEAM_LEAD)
    with pytest.raises(FourEyes):
        sign(store, restriction, TEAM_LEAD)
    sign(store, restriction, SUPERVISOR)
    with pytest.raises(FourEyes):
        sign(store, restriction, TEAM_LEAD)


@pytest.mark.parametrize("by", [Actor("1002", Role.AGENT, "rxzx"), DISPATCHER])
def test_only_team_leads_and_supervisors_sign(store: Store, by: Actor) -> None:
    restriction = proposed(store)
    with pytest.raises(FourEyes):
        sign(store, restriction, by)


async def test_two_who_sign_at_one_moment_are_two_signatures_or_one_is_told(store: Store) -> None:
    restriction = proposed(store)
    results = await asyncio.gather(
        *(
            store.write(lambda conn, by=by: nuisance.sign(conn, restriction, by=by, at=MORNING))  # type: ignore[misc] # bound early on purpose
            for by in (TEAM_LEAD, SECOND_LEAD, SUPERVISOR)
        ),
        return_exceptions=True,
    )
    signed = [one for one in results if isinstance(one, State)]
    assert all(isinstance(one, State | Conflict) for one in results)
    assert signed.count(State.APPROVED) == 1
    assert signed.count(State.IN_FORCE) <= 1


@pytest.mark.parametrize("number", ["", "110", "119", "120", "122", "12345", "anonymous", "1", "+86110"])
def test_no_emergency_number_no_withheld_one_and_not_ourselves(store: Store, number: str) -> None:
    with pytest.raises(Invalid) as refused:
        proposed(store, number=number)
    assert list(refused.value.fields) == ["number"]


@pytest.mark.parametrize(("grade", "longest"), [(Grade.NOTE, 365), (Grade.SLOW, 90), (Grade.BLOCK, 30)])
def test_the_stricter_it_is_the_shorter_it_holds(store: Store, grade: Grade, longest: int) -> None:
    for days in (0, longest + 1):
        with pytest.raises(Invalid):
            proposed(store, grade=grade, days=days)
    assert proposed(store, grade=grade, days=longest)


def test_one_proposal_for_a_number_waits_at_a_time(store: Store) -> None:
    restriction = proposed(store)
    with pytest.raises(Conflict):
        proposed(store, number="+8613850123456")
    store.write_now(lambda conn: nuisance.refuse(conn, restriction, "证据不足", by=TEAM_LEAD, at=MORNING))
    assert proposed(store) != restriction


def test_a_refused_proposal_cannot_be_signed(store: Store) -> None:
    restriction = proposed(store)
    store.write_now(lambda conn: nuisance.refuse(conn, restriction, "证据不足", by=TEAM_LEAD, at=MORNING))
    with pytest.raises(Conflict):
        sign(store, restriction, SUPERVISOR)


def test_the_strictest_of_several_counts(store: Store) -> None:
    in_force(store, grade=Grade.NOTE, days=100)
    block = in_force(store, grade=Grade.BLOCK, days=2)
    assert holds(store) == block
    found = store.read_now(lambda conn: nuisance.holding(conn, NUMBER, later(days=3)))
    assert found is not None
    assert found.grade is Grade.NOTE


def test_one_person_may_take_back_what_two_imposed(store: Store) -> None:
    restriction = in_force(store)
    store.write_now(lambda conn: nuisance.lift(conn, restriction, "误判", by=TEAM_LEAD, at=later(hours=1)))
    assert holds(store, hours=1) is None
    with pytest.raises(Conflict):
        store.write_now(
            lambda conn: nuisance.lift(conn, restriction, "误判", by=TEAM_LEAD, at=later(hours=2))
        )


def appealed(store: Store) -> int:
    restriction = in_force(store)
    store.write_now(
        lambda conn: nuisance.appeal(conn, restriction, "手机曾被他人使用", by=AGENT, at=later(hours=1))
    )
    return restriction


def judge(store: Store, restriction: int, by: Actor, *, upheld: bool) -> None:
    store.write_now(
        lambda conn: nuisance.decide_appeal(
            conn, restriction, upheld=upheld, comment="已核实", by=by, at=later(hours=2)
        )
    )


def test_an_appeal_that_is_upheld_ends_it_at_once(store: Store) -> None:
    restriction = appealed(store)
    judge(store, restriction, ADJUDICATOR, upheld=True)
    assert holds(store, hours=2) is None
    (appeal,) = store.read_now(lambda conn: nuisance.appeals(conn, restriction))
    assert (appeal.upheld, appeal.decided_by) == (True, ADJUDICATOR.login)


def test_an_appeal_that_is_not_upheld_leaves_it_and_another_may_follow(store: Store) -> None:
    restriction = appealed(store)
    with pytest.raises(Conflict):
        store.write_now(lambda conn: nuisance.appeal(conn, restriction, "再次申诉", by=AGENT, at=MORNING))
    judge(store, restriction, SECOND_LEAD, upheld=False)
    assert holds(store, hours=3) == restriction
    assert (
        store.write_now(lambda conn: nuisance.appeal(conn, restriction, "新的说明", by=AGENT, at=MORNING))
        == 2
    )


@pytest.mark.parametrize("by", [AGENT, TEAM_LEAD, SUPERVISOR, DISPATCHER])
def test_an_appeal_is_judged_by_somebody_who_had_no_hand_in_it(store: Store, by: Actor) -> None:
    restriction = appealed(store)
    with pytest.raises(FourEyes):
        judge(store, restriction, by, upheld=True)
    assert store.read_now(nuisance.waiting_appeals) == {restriction}


def test_every_step_stands_in_the_history_with_who_took_it(store: Store) -> None:
    restriction = appealed(store)
    judge(store, restriction, ADJUDICATOR, upheld=True)
    facts = store.read_now(lambda conn: history.of(conn, f"restriction:{restriction}"))
    assert [(fact.kind, fact.actor) for fact in facts] == [
        ("nuisance.proposed", "1001"),
        ("nuisance.approved", "2001"),
        ("nuisance.in_force", "8001"),
        ("nuisance.appealed", "1001"),
        ("nuisance.appeal_decided", "7001"),
        ("nuisance.lifted", "7001"),
    ]


def test_those_that_wait_for_a_signature_are_listed_first(store: Store) -> None:
    past = in_force(store, number="13850000001", days=1)
    present = in_force(store, number="13850000002", days=9)
    waiting = proposed(store, number="13850000003")
    listed = store.read_now(lambda conn: nuisance.restrictions(conn, later(days=2)))
    assert [one.id for one in listed] == [waiting, present, past]


def test_a_withheld_number_is_never_weighed_as_one_caller(store: Store) -> None:
    weighed = store.read_now(lambda conn: nuisance.suggested(conn, "", MORNING + timedelta(days=1)))
    assert (weighed.points, weighed.grade) == (0, None)


def called(store: Store, number: str, *, times: int, talk: str = "seat_hung_up") -> None:
    exchange = Exchange(second=MORNING.timestamp() - 3600, node=f"n{number[-1]}")
    for _ in range(times):
        exchange.call(talk, number=number)
    source = Source(f"{exchange.node}:cel", exchange.node, Form.CEL)
    rows, place = position(exchange.cel)
    store.write_now(lambda conn: records.ingest(conn, source, rows, place))


def look(store: Store) -> list[str]:
    found = store.read_now(lambda conn: nuisance.worth_a_look(conn, later(hours=1)))
    return [number for number, _ in found]


def test_numbers_that_flood_the_line_are_pointed_out_until_somebody_decides(store: Store) -> None:
    called(store, "13850123451", times=14, talk="abandoned_in_menu")
    called(store, "13850123452", times=2, talk="abandoned_in_menu")
    assert look(store) == ["13850123451"]
    proposed(store, number="13850123451")
    assert look(store) == []
