"""The demo city has everybody whom its rules ask for."""

from cases.workflow import Role
from console.permissions import Permission, allowed
from hotline.demo import AGENTS, POSTS, STAFF
from storage.nuisance import JUDGES, SIGNERS


def test_two_can_sign_a_restriction_that_an_agent_proposed_and_a_third_judges_the_appeal() -> None:
    signers = [one.login for one in STAFF if one.role in SIGNERS]
    judges = [one.login for one in STAFF if one.role in JUDGES]
    assert len(signers) >= 2
    assert set(judges) > set(signers)
    assert not set(AGENTS) & set(judges)


def test_there_is_somebody_for_every_page() -> None:
    roles = {Role.AGENT, *(one.role for one in STAFF), *(role for _, _, role, _ in POSTS)}
    assert [each for each in Permission if not any(allowed(role, each) for role in roles)] == []


def test_no_login_is_given_twice() -> None:
    logins = [*AGENTS, *(one.login for one in STAFF)]
    assert len(logins) == len(set(logins))


def test_no_two_people_of_the_units_have_the_same_login() -> None:
    logins = [f"{unit}{suffix}" for suffix, _, _, where in POSTS for unit in where]
    assert len(logins) == len(set(logins))
    assert {Role.LIAISON, Role.UNIT_LEADER, Role.UPPER_REVIEWER, Role.STREET_COMMANDER} <= {
        role for _, _, role, _ in POSTS
    }
