"""One group helps with a skill for a while: lent, applied to the seats, and taken back; thresholds kept as versions."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from cases.workflow import Role
from routing import helping, rulebook
from routing.live import Profile
from routing.rules import Group, LineRules, Skill
from storage import history, lending, people, watch_rules
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.people import Account
from tests.makers import MORNING, later

GROUPS = (Group("社保组"), Group("城建组"))
SKILLS = (Skill("社保", 2, group="社保组"), Skill("城建", group="城建组"))
RULES = LineRules(skills=SKILLS, groups=GROUPS)
WORKS = Profile((("城建", 4),), group="城建组")


@pytest.fixture
def staffed(store: Store) -> Store:
    def add(conn: Connection) -> None:
        for login in ("1001", "1002", "1003"):
            account = Account(login, login, Role.AGENT, "rxzx", f"s{login}")
            people.add_account(conn, account, password_hash="x", by="test", at=MORNING)
        rulebook.save_rules(conn, RULES, follows=0, why="起", by="lead", valid_from=MORNING, at=MORNING)
        for login, profile in (
            ("1001", WORKS),
            ("1002", replace(WORKS, skills=(("社保", 3),))),
            ("1003", Profile(group="社保组")),
        ):
            rulebook.save_profile(conn, login, profile, why="起", by="lead", at=MORNING)

    store.write_now(add)
    return store


def begin(store: Store, skill: str = "社保", helper: str = "城建组", *, minutes: float = 30) -> int:
    return store.write_now(
        lambda conn: helping.begin(
            conn, skill, helper, until=later(minutes=minutes), why="排队长", by="lead", at=MORNING
        )
    )


def levels(store: Store, minutes: float) -> dict[str, int]:
    now = store.read_now(lambda conn: rulebook.profiles_now(conn, later(minutes=minutes)))
    return {seat: profile.level("社保") for seat, profile in now.items()}


def supports(store: Store, minutes: float) -> list[tuple[str, str]]:
    rules = store.read_now(lambda conn: rulebook.rules(conn, later(minutes=minutes)))
    return [(each.helper, each.helped) for each in rules.supports]


def test_seats_of_the_helping_group_can_do_it_until_the_end_time_and_no_longer(staffed: Store) -> None:
    begin(staffed)
    assert levels(staffed, 29) == {"s1001": 2, "s1002": 3, "s1003": 0}, "a better own level stays"
    assert supports(staffed, 29) == [("城建组", "社保组")]
    assert levels(staffed, 30) == {"s1001": 0, "s1002": 3, "s1003": 0}
    assert supports(staffed, 30) == []


def test_taken_back_it_ends_at_once_and_the_line_is_told_each_time(staffed: Store) -> None:
    marks = [staffed.read_now(lambda conn: rulebook.newest_version(conn, MORNING))]
    number = begin(staffed)
    marks.append(staffed.read_now(lambda conn: rulebook.newest_version(conn, MORNING)))
    for _ in range(2):
        staffed.write_now(lambda conn: lending.end(conn, number, why="", by="lead", at=later(minutes=5)))
    marks.append(staffed.read_now(lambda conn: rulebook.newest_version(conn, later(minutes=5))))
    assert (levels(staffed, 6)["s1001"], supports(staffed, 6)) == (0, [])
    assert len(set(marks)) == 3
    told = [fact.kind for fact in staffed.read_now(lambda conn: history.of(conn, "line"))]
    assert (told.count("line.help"), told.count("line.help_ended")) == (1, 1)


def test_that_its_time_is_over_changes_the_mark_that_is_polled(staffed: Store) -> None:
    begin(staffed, minutes=10)
    at, after = later(minutes=9, seconds=59), later(minutes=10)
    before = staffed.read_now(lambda conn: rulebook.newest_version(conn, at))
    assert staffed.read_now(lambda conn: rulebook.newest_version(conn, after)) != before


def test_a_profile_that_is_edited_is_the_own_one(staffed: Store) -> None:
    begin(staffed)
    assert staffed.read_now(lambda conn: rulebook.profile(conn, "1001")) == WORKS
    now = staffed.read_now(lambda conn: rulebook.profile_now(conn, "1001", MORNING))
    assert dict(now.skills) == {"城建": 4, "社保": 2}


def test_the_own_group_may_be_lent_a_skill_without_taking_callers_of_another(staffed: Store) -> None:
    begin(staffed, "社保", "社保组")
    assert (levels(staffed, 1)["s1003"], supports(staffed, 1)) == (2, [])


@pytest.mark.parametrize(
    ("skill", "helper", "minutes"),
    [
        ("无", "城建组", 30),
        ("社保", "无", 30),
        ("社保", "", 30),
        ("社保", "城建组", 0),
        ("社保", "城建组", 241),
    ],
)
def test_help_that_makes_no_sense_is_refused(staffed: Store, skill: str, helper: str, minutes: float) -> None:
    with pytest.raises(Invalid):
        begin(staffed, skill, helper, minutes=minutes)


def test_who_helps_already_is_not_asked_twice_and_what_is_not_there_is_not_taken_back(staffed: Store) -> None:
    begin(staffed)
    with pytest.raises(Conflict):
        begin(staffed)
    with pytest.raises(Missing):
        staffed.write_now(lambda conn: lending.end(conn, 99, why="", by="lead", at=MORNING))
    (help_,) = staffed.read_now(lambda conn: lending.going_on(conn, MORNING))
    assert (help_.skill, help_.helper, help_.seats, help_.by) == ("社保", "城建组", 1, "lead")


def test_of_two_who_change_the_thresholds_one_is_told(store: Store) -> None:
    def keep(text: str, follows: int) -> int:
        at = MORNING + timedelta(minutes=follows)
        return store.write_now(
            lambda conn: watch_rules.add_version(conn, text, follows=follows, why="晨会", by="lead", at=at)
        )

    assert store.read_now(watch_rules.newest) is None
    first = keep("{}", 0)
    with pytest.raises(Conflict):
        keep("[]", 0)
    keep("[1]", first)
    kept = store.read_now(lambda conn: watch_rules.versions(conn, 9))
    assert [each.rules for each in kept] == ["[1]", "{}"]
    facts = store.read_now(lambda conn: history.of(conn, "watch"))
    assert [(fact.kind, fact.actor) for fact in facts] == [("watch.rules", "lead")] * 2
