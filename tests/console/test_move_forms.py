"""F10-02: no step can be skipped: what the circuit does not allow is refused, leaves a line, and changes nothing."""

import random
from collections.abc import Mapping

from cases.workflow import MOVES, Action, State, may
from console.move_forms import MOVE_FORMS, YES, Field, MoveForm
from storage import cases
from tests.console.making import a_case
from tests.console.world import STAFF, World

SAMPLE = 60


def value_of(field: Field) -> str:
    if field.kind == "select":
        return field.options[0][0]
    return {"yes_no": YES, "number": "1", "unit": "szgc", "units": ""}.get(field.kind, "0107")


def filled(action: Action) -> dict[str, str]:
    fields = {field.name: value_of(field) for field in MOVE_FORMS[action].fields}
    return {"move": action.value, **fields}


def set_aside(forms: Mapping[Action, MoveForm]) -> list[Action]:
    """Dispatching makes a registered case ready by itself, so it is no step too far."""
    return sorted(forms.keys() - {Action.DISPATCH})


async def test_f10_02_illegal_moves_are_refused_and_logged_and_change_nothing(world: World) -> None:
    no = (await a_case(world)).no
    centre = ("1001", "dispatcher", "reviewer", "final", "callback")
    pairs = [
        (login, action)
        for login in centre
        for action in set_aside(MOVE_FORMS)
        if (State.REGISTERED, action) not in MOVES or not may(STAFF[login].role, action)
    ]
    browsers = {login: await world.signed_in(login) for login in centre}
    before = await world.store.read(lambda conn: cases.case(conn, no))
    sample = random.Random(4).sample(pairs, SAMPLE)
    assert any(may(STAFF[login].role, action) for login, action in sample)
    for login, action in sample:
        answer = await browsers[login].send_json("POST", f"/api/cases/{no}/moves", filled(action))
        # 403 says that this post never may, 409 that the case does not stand so.
        expected = 409 if may(STAFF[login].role, action) else 403
        assert answer.status == expected, (login, action, answer.text)
    after = await world.store.read(lambda conn: cases.case(conn, no))
    assert (after.version, after.state, after.clocks) == (before.version, before.state, before.clocks)
    refused = [fact.detail["action"] for fact in after.events if fact.kind == "refused"]
    assert refused == [action.value for _, action in sample]


async def test_every_move_that_a_person_makes_has_a_form_and_every_field_a_label(world: World) -> None:
    by_machine = {Action.START_DRAFT, Action.REGISTER, Action.ANSWER_DIRECTLY, Action.WITHDRAW}
    by_machine |= {Action.FLAG_RECURRENCE, Action.OPEN_RECURRENCE}
    elsewhere = {Action.CALL_FRONTLINE, Action.SUPERVISE, Action.INSTRUCT, Action.EXPOSE}
    elsewhere |= {Action.PUBLISH, Action.HOLD_PUBLICATION, Action.TAKE_DOWN}
    assert set(MOVE_FORMS) == set(Action) - by_machine - elsewhere
    agent = await world.signed_in("1001")
    for lang in ("zh", "en"):
        texts = (await agent.get(f"/i18n/{lang}.json")).json
        missing = {f"move.{one.name}" for form in MOVE_FORMS.values() for one in form.fields} - set(texts)
        assert not missing
