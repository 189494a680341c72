"""Random walks of cases through the circuit: people of every post do what they may, sensibly or not."""

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

from sqlalchemy import Connection, bindparam, select

from cases.clocks import ClockRefused
from cases.workflow import ENDED, MAY, MOVES, OPEN, Action, Refusal, Role, State
from storage import cases, unit_rules
from storage.assignments import ASSIGNMENT
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.moves import CASE
from storage.requests import REQUEST
from storage.unit_rules import UnitRule
from tests.makers import MORNING, RULES, a_form
from tests.storage.strides import (
    ANSWERS,
    OFTEN,
    PEOPLE,
    SELDOM,
    SENSELESS,
    STEPS,
    Look,
    NotThisTime,
    Step,
    Walk,
)

_KEYS = count()
REFUSALS = (Refusal, Invalid, Conflict, ClockRefused)
FORBIDDEN = (Refusal, Conflict, ClockRefused)
"""What the console answers with 409, or with 403 for the wrong post: not a mistake in the form."""
_LOOK = (
    select(
        CASE.c.id,
        CASE.c.state,
        CASE.c.paused_at,
        CASE.c.long_term_at,
        CASE.c.rework_asked_at,
        ASSIGNMENT.c.unit,
        ASSIGNMENT.c.stage,
    )
    .outerjoin(ASSIGNMENT, (ASSIGNMENT.c.case == CASE.c.id) & ASSIGNMENT.c.ended_at.is_(None))
    .where(CASE.c.no == bindparam("no"))
    .order_by(ASSIGNMENT.c.id)
)
_ASKED = select(REQUEST.c.kind).where(REQUEST.c.case == bindparam("id"), REQUEST.c.granted.is_(None))


def begin(store: Store, seed: int, others: list[str]) -> Walk:
    dice = random.Random(seed)
    at = MORNING + timedelta(hours=dice.randrange(200))
    changes = {
        "intent": dice.choice(["咨询", "求助", "投诉", "举报", "建议"]),
        "urgency": dice.choice(["一般", "一般", "一般", "紧急"]),
        "category": dice.choice(["0105", "0107", "1801"]),
        "address": f"榕东区东门路{dice.randrange(40)}号",
    }
    form, key = a_form(**changes), f"walk-{seed}-{next(_KEYS)}"
    agent = PEOPLE[Role.AGENT]
    made = store.write_now(lambda conn: cases.register(conn, form, key=key, by=agent, at=at, rules=RULES))
    return Walk(dice, made.no, at, others)


def settle_rules(store: Store) -> None:
    """A district that reviews its streets, and a unit whose leader signs."""

    def put(conn: Connection) -> None:
        unit_rules.put(conn, "rdq", UnitRule(reviews_below=True), by="test", at=MORNING)
        unit_rules.put(conn, "cgj", UnitRule(leader_approves=True), by="test", at=MORNING)

    store.write_now(put)


def look_at(conn: Connection, no: str) -> Look:
    rows = conn.execute(_LOOK, {"no": no}).all()
    case, tasks = rows[0], [row for row in rows if row.unit is not None]
    waiting = {task.stage for task in tasks} | set(conn.execute(_ASKED, {"id": case.id}).scalars())
    facts = {"paused": case.paused_at, "long": case.long_term_at, "rework": case.rework_asked_at}
    waiting |= {name for name, since in facts.items() if since is not None}
    return Look(case.id, case.state, [task.unit for task in tasks], frozenset(waiting))


def attempts(walk: Walk, look: Look) -> Iterator[tuple[Action, Step]]:
    """Give, in random order, what somebody might try now: what leads on often, what changes nothing seldom."""
    steps = [(action, step) for action, step in STEPS.items() if (look.state, action) in MOVES]
    for action, step in sorted(steps, key=lambda one: -(walk.dice.random() ** (1 / weight(one[0])))):
        if ANSWERS.get(action, "") in {"", *look.waiting} or walk.dice.random() < SENSELESS:
            yield action, step(walk, look)


def weight(action: Action) -> float:
    return 0.3 if action in SELDOM else 3 if action in OFTEN else 1


def tried(store: Store, walk: Walk, step: Step) -> bool:
    """Make a step; tell whether it was allowed. No move is made before the one before it; a refusal takes no time."""
    try:
        store.write_now(step)
    except NotThisTime:
        return False
    except REFUSALS as error:
        walk.refused += 1
        walk.answer = error
        return False
    walk.at = max(walk.at, walk.meant or walk.at)
    return True


def take_a_step(store: Store, walk: Walk, look: Look) -> bool:
    """Try until somebody may; false when nobody can do anything more."""
    for action, step in attempts(walk, look):
        if tried(store, walk, step):
            walk.done.append(action)
            return True
    return False


def wander(store: Store, walk: Walk, most: int) -> Look:
    """Walk on until the end, or for so many steps, and return where the case is then."""
    look = store.read_now(lambda conn: look_at(conn, walk.no))
    while len(walk.done) < most and take_a_step(store, walk, look):
        look = store.read_now(lambda conn: look_at(conn, walk.no))
        if look.state in ENDED and walk.dice.random() < 0.5:
            break
    return look


def possible(state: State, action: Action) -> bool:
    """Whether somebody may do it in this state: a dispatch makes ready, and who assists reads whenever it can."""
    if action is Action.READ and state in OPEN:
        return True
    return (state, action) in MOVES or (state, action) == (State.REGISTERED, Action.DISPATCH)


def break_rules(store: Store, walk: Walk, look: Look, times: int) -> list[str]:
    """Try what is not possible in this state, or not for this post; return what was done in spite of that."""
    wrong = []
    walk.bold = True
    for _ in range(times):
        action = walk.dice.choice(list(STEPS))
        if possible(look.state, action) or walk.dice.random() < 0.5:
            walk.impostor = walk.dice.choice([role for role in Role if role not in MAY[action]])
        walk.answer = None
        tried(store, walk, STEPS[action](walk, look))
        if not isinstance(walk.answer, FORBIDDEN):
            who = walk.impostor or "its post"
            wrong.append(f"{walk.no}: {action} by {who} in {look.state}: {walk.answer!r}")
        walk.impostor = None
    walk.bold = False
    return wrong
