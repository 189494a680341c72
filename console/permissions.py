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


_STAFF = frozenset({Permission.SIGNED_IN})
_CASES = _STAFF | {Permission.CASES}
_AGENT = _CASES | {Permission.DESK}

ROLES: Mapping[Role, frozenset[Permission]] = {
    **dict.fromkeys(Role, _CASES),
    Role.AGENT: _AGENT,
    Role.CALLBACK_AGENT: _AGENT,
    Role.TEAM_LEAD: _AGENT | {Permission.WALL, Permission.SUPERVISE, Permission.LINE},
    Role.SUPERVISOR: _CASES | {Permission.WALL, Permission.SUPERVISE},
    # An administrator keeps the machine running and has no business in citizens' cases.
    Role.ADMINISTRATOR: _STAFF | {Permission.WALL, Permission.LINE, Permission.FIGURES},
    Role.KNOWLEDGE_EDITOR: _STAFF,
    # These never sign in at the pages.
    Role.SYSTEM: frozenset(),
    Role.CITIZEN: frozenset(),
    Role.CLIENT: frozenset(),
}


def allowed(role: Role | None, permission: Permission) -> bool:
    """Say whether this role, or nobody signed in, has the permission."""
    if permission is Permission.PUBLIC:
        return True
    return role is not None and permission in ROLES[role]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a route asks for, and whether it is a socket that stays open."""

    permission: Permission
    socket: bool = False


_DEMANDS: dict[object, Demand] = {}

H = TypeVar("H", bound=Handler)


def needs(permission: Permission, *, socket: bool = False) -> Callable[[H], H]:
    """Declare the permission of a view. A view without one is refused to everybody."""

    def declare(view: H) -> H:
        _DEMANDS[view] = Demand(permission, socket)
        return view

    return declare


def demand_of(route: web.AbstractRoute) -> Demand | None:
    """Return what the route declares; our static files are public."""
    declared = _DEMANDS.get(route.handler)
    if declared is None and isinstance(route.resource, web.StaticResource):
        return Demand(Permission.PUBLIC)
    return declared
