"""Who may use which page: every route declares a permission, and what is not declared is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from cases.workflow import Role


class Permission(StrEnum):
    """What a route asks of the person."""

    PUBLIC = auto()
    SIGNED_IN = auto()
    DESK = auto()
    WALL = auto()
    SUPERVISE = auto()
    LINE = auto()
    """To decide by which rules seats are chosen, and who can do what."""
    CASES = auto()
    FIGURES = auto()
    REPORTS = auto()
    """To read the figures of the line."""
    EXPORT = auto()
    """To take figures away as a file."""
    EVENTS = auto()
    """To see what many call about, and to tell citizens how it ended. Opening one is a matter of SUPERVISE."""
    NUISANCE = auto()
    """To see and propose restrictions, and to note known numbers. Who may sign, the store says."""
    RING_BACKS = auto()
    """To see whom we owe a call, to take one over and say what came of it. The rest is a matter of SUPERVISE."""
    INTAKE = auto()
    """To register what came in by another way than the telephone."""
    CALLS = auto()
    """To see the record of a call: what the citizen went through, with the number masked."""
    LISTEN = auto()
    """To hear a recording, after saying why."""
    QUALITY = auto()
    """To draw calls, score them and decide appeals, and to see how a team stands."""
    QUALITY_RULES = auto()
    """To change the sheet by which calls are scored."""
    QUALITY_OWN = auto()
    """To see one's own results, and to appeal."""
    STAFFING = auto()
    """To see how many agents the coming days need."""
    NUMBERS = auto()
    """To keep the numbers that were merged into the hotline."""
    ORG = auto()
    """To keep units, matters, the directory, and who may sign in with which post."""
    RULES = auto()
    """To change time limits, the work calendar and office hours."""
    RULES_SEEN = auto()
    """To look at time limits, the work calendar and office hours."""
    INDICATORS = auto()
    """To read the indicators: of all units, or, as a person of a unit, of its own subtree."""
    APPRAISE = auto()
    """To decide how units are scored, and to give and take points."""
    FRONTLINE = auto()
    """To see the front-line actions of one's unit and do one's part in them; what that is, the store says."""
    FRONTLINE_CALL = auto()
    """To call departments to the spot."""
    FRONTLINE_REPORTS = auto()
    """To see what units and people have to show for it, and which words come up again and again."""
    URGENT = auto()
    """To see urgent cases: those of one's unit, or all of them as a person of the centre."""
    FOLLOW = auto()
    """To follow cases to the end, and to hand them over."""
    DUTY = auto()
    """To keep the rota of whom to ring."""
    PUBLICATION = auto()
    """To decide what of a case everybody may read."""
    AUDIT = auto()
    """To read and take away the audit log."""
    EXPORTS_APPROVE = auto()
    """To decide on exports above the limit, though never on one's own."""
    OVERSIGHT = auto()
    """To see the registers of supervision, a unit what concerns it. Who may act, the store says."""
    KNOWLEDGE = auto()
    """To read what citizens are to be answered, and say whether it helped."""
    KNOWLEDGE_WRITE = auto()
    """To write and check articles; of which units, the store says."""
    KNOWLEDGE_GAPS = auto()
    """To see what was asked in vain and what is used. Who decides about it, the store says."""


_STAFF = frozenset({Permission.SIGNED_IN, Permission.KNOWLEDGE})
_CASES = _STAFF | {Permission.CASES}
_CALLERS = frozenset({Permission.EVENTS, Permission.NUISANCE, Permission.RING_BACKS})
_AGENT = _CASES | _CALLERS | {Permission.DESK, Permission.CALLS, Permission.INTAKE}
_HEARS = frozenset({Permission.CALLS, Permission.LISTEN})

ROLES: Mapping[Role, frozenset[Permission]] = {
    **dict.fromkeys(Role, _CASES),
    **dict.fromkeys((Role.REGISTRAR, Role.GRID_WORKER), _CASES | {Permission.INTAKE}),
    Role.AGENT: _AGENT,
    Role.CALLBACK_AGENT: _AGENT,
    Role.TEAM_LEAD: _AGENT
    | _HEARS
    | {Permission.REPORTS, Permission.WALL, Permission.SUPERVISE, Permission.LINE},
    # Whoever judges a case may hear what was said; a unit never does.
    **dict.fromkeys((Role.CENTRE_REVIEWER, Role.FINAL_REVIEWER, Role.AUDITOR), _CASES | _HEARS),
    Role.SUPERVISOR: _CASES
    | _CALLERS
    | _HEARS
    | {
        Permission.REPORTS,
        Permission.EXPORT,
        Permission.WALL,
        Permission.SUPERVISE,
        Permission.NUMBERS,
        Permission.RULES_SEEN,
    },
    Role.ADJUDICATOR: _CASES | {Permission.NUISANCE},
    # An administrator keeps the machine running and has no business in citizens' cases.
    Role.ADMINISTRATOR: _STAFF
    | {
        Permission.WALL,
        Permission.LINE,
        Permission.FIGURES,
        Permission.NUMBERS,
        Permission.ORG,
        Permission.RULES,
        Permission.RULES_SEEN,
    },
    Role.KNOWLEDGE_EDITOR: _STAFF,
    # These never sign in at the pages.
    Role.SYSTEM: frozenset(),
    Role.CITIZEN: frozenset(),
    Role.CLIENT: frozenset(),
}

_UNIT = frozenset({Role.LIAISON, Role.HANDLER, Role.UNIT_LEADER})
_OVERSEES = frozenset({Role.SUPERVISOR, Role.AUDITOR, Role.ANALYST, Role.LEADERS_OFFICE})
_FOLLOWS = frozenset({Role.AGENT, Role.TEAM_LEAD, Role.CALLBACK_AGENT, Role.DISPATCHER})

HELD_BY: Mapping[Permission, frozenset[Role]] = {
    Permission.KNOWLEDGE_WRITE: _UNIT | {Role.KNOWLEDGE_EDITOR},
    Permission.KNOWLEDGE_GAPS: frozenset(
        {Role.KNOWLEDGE_EDITOR, Role.TEAM_LEAD, Role.SUPERVISOR, Role.ANALYST, Role.AUDITOR}
    ),
    Permission.OVERSIGHT: frozenset(
        {
            Role.SUPERVISOR,
            Role.LEADERS_OFFICE,
            Role.AUDITOR,
            Role.TEAM_LEAD,
            Role.DISPATCHER,
            Role.CALLBACK_AGENT,
            Role.CENTRE_REVIEWER,
            Role.FINAL_REVIEWER,
            Role.LIAISON,
            Role.HANDLER,
            Role.UNIT_LEADER,
            Role.UPPER_REVIEWER,
        }
    ),
    Permission.INDICATORS: frozenset(
        {
            Role.TEAM_LEAD,
            Role.DISPATCHER,
            Role.LIAISON,
            Role.UNIT_LEADER,
            Role.UPPER_REVIEWER,
            Role.CENTRE_REVIEWER,
            Role.FINAL_REVIEWER,
            Role.SUPERVISOR,
            Role.STREET_COMMANDER,
            Role.LEADERS_OFFICE,
            Role.ANALYST,
            Role.AUDITOR,
        },
    ),
    Permission.APPRAISE: frozenset({Role.SUPERVISOR}),
    Permission.FRONTLINE: _UNIT
    | _OVERSEES
    | {Role.STREET_COMMANDER, Role.FRONTLINE_RESPONDER, Role.ADJUDICATOR},
    Permission.FRONTLINE_CALL: frozenset({Role.STREET_COMMANDER}),
    Permission.FRONTLINE_REPORTS: _OVERSEES | {Role.STREET_COMMANDER, Role.TEAM_LEAD},
    Permission.URGENT: _UNIT | _FOLLOWS | {Role.FRONTLINE_RESPONDER, Role.SUPERVISOR, Role.AUDITOR},
    Permission.FOLLOW: _FOLLOWS,
    Permission.DUTY: frozenset(
        {
            Role.TEAM_LEAD,
            Role.DISPATCHER,
            Role.SUPERVISOR,
            Role.ADMINISTRATOR,
            Role.LIAISON,
            Role.UNIT_LEADER,
            Role.STREET_COMMANDER,
        }
    ),
    Permission.PUBLICATION: frozenset({Role.PUBLICATION_OFFICER}),
    Permission.QUALITY: frozenset({Role.TEAM_LEAD, Role.SUPERVISOR}),
    Permission.QUALITY_RULES: frozenset({Role.SUPERVISOR}),
    Permission.QUALITY_OWN: frozenset({Role.AGENT, Role.CALLBACK_AGENT, Role.TEAM_LEAD}),
    Permission.STAFFING: frozenset({Role.TEAM_LEAD, Role.SUPERVISOR}),
    Permission.AUDIT: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    Permission.EXPORTS_APPROVE: frozenset({Role.SUPERVISOR}),
}
"""Permissions that go through many posts; the others stand with the posts above."""


def allowed(role: Role | None, permission: Permission) -> bool:
    """Say whether this role, or nobody signed in, has the permission."""
    if permission is Permission.PUBLIC:
        return True
    return role is not None and (permission in ROLES[role] or role in HELD_BY.get(permission, ()))


@dataclass(frozen=True, slots=True)
class Demand:
    """What a route asks for, whether it is a socket that stays open, and how large a body it takes, if larger than usual.

    A route for machines is signed in to with a header that no page can make a browser send, so it may come from anywhere.
    """

    permission: Permission
    socket: bool = False
    body: int = 0
    machine: bool = False


_DEMANDS: dict[object, Demand] = {}

H = TypeVar("H", bound=Handler)


def needs(
    permission: Permission, *, socket: bool = False, body: int = 0, machine: bool = False
) -> Callable[[H], H]:
    """Declare the permission of a view. A view without one is refused to everybody."""

    def declare(view: H) -> H:
        _DEMANDS[view] = Demand(permission, socket, body, machine)
        return view

    return declare


def demand_of(route: web.AbstractRoute) -> Demand | None:
    """Return what the route declares; our static files are public."""
    declared = _DEMANDS.get(route.handler)
    if declared is None and isinstance(route.resource, web.StaticResource):
        return Demand(Permission.PUBLIC)
    return declared
