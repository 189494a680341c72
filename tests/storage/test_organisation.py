"""F10-06: units come, move, merge and end while the hotline runs, and the past keeps its names."""

from functools import partial
from typing import Any

import pytest

from cases.workflow import Role
from storage import cases, directory, history, matters, organisation, people, units
from storage.directory import DutyForm
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.matters import MatterForm
from storage.organisation import UnitForm
from storage.people import Account
from tests.makers import MORNING, later
from tests.storage.walks import dispatched, view


def a_unit(**changes: Any) -> UnitForm:
    fields: dict[str, Any] = {
        "id": "ylj", "name": "榕海市园林局", "short_name": "园林局", "initials": "YLJ", "kind": "dept", "parent": "rxzx",
    }  # fmt: skip
    return UnitForm(**fields | changes)


def do(store: Store, act: Any, *args: Any, minutes: float = 0, **more: Any) -> Any:
    at = later(minutes=minutes)
    return store.write_now(lambda conn: act(conn, *args, by="admin", at=at, **more))


def as_form(store: Store, unit_id: str, **changes: Any) -> UnitForm:
    line = store.read_now(partial(organisation.line, unit_id=unit_id))
    return UnitForm(**{name: getattr(line, name) for name in UnitForm.__slots__} | changes)


def test_a_new_unit_is_found_and_can_lead_the_same_minute(store: Store) -> None:
    do(store, organisation.add, a_unit(keywords="公园"))
    found = store.read_now(lambda conn: units.search_units(conn, "公园", 5))
    assert ("ylj", 2) in [(one.id, one.level) for one in found]


def test_a_renamed_unit_is_called_by_its_old_name_in_an_old_report(store: Store) -> None:
    do(store, organisation.change, as_form(store, "szgc", short_name="市政公司", initials="szgs"), minutes=60)
    name = partial(organisation.name_at, unit_id="szgc")
    assert store.read_now(partial(name, at=later(minutes=30))) == "市政中心"
    assert store.read_now(partial(name, at=later(minutes=90))) == "市政公司"
    kinds = [one.why for one in store.read_now(partial(organisation.versions, unit_id="szgc"))]
    assert kinds == ["changed", "entered"]


def test_a_unit_that_moves_takes_its_subtree_to_the_new_level(store: Store) -> None:
    do(store, organisation.add, a_unit(id="ffx", kind="dept", parent="rdq"))
    do(store, organisation.change, as_form(store, "gaj", parent="rdq"))
    lines = {one.id: one.level for one in store.read_now(units.units)}
    assert (lines["gaj"], lines["jjzd"]) == (3, 3)  # 交警支队 stood beside its parent in the city's own list
    assert store.read_now(partial(organisation.versions, unit_id="gaj"))[0].why == "moved"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "园林"}, "id"), ({"name": " "}, "name"), ({"kind": "club"}, "kind"), ({"parent": "nowhere"}, "parent"),
        ({"short_name": "x" * 21}, "short_name"), ({"id": "szgc"}, "id"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_unit_is_said_by_field(
    store: Store, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        do(store, organisation.add, a_unit(**changes))
    assert list(refused.value.fields) == [field]


def test_a_unit_cannot_be_put_below_itself(store: Store) -> None:
    with pytest.raises(Invalid, match="自己的下级"):
        do(store, organisation.change, as_form(store, "rdq", parent="dmjd"))


def test_merging_hands_over_cases_duties_people_and_lower_units(store: Store) -> None:
    no = dispatched(store)
    worker = Account("w1", "工人", Role.HANDLER, "szgc", None)
    do(store, people.add_account, worker, password_hash="x", minutes=1)
    assert do(store, organisation.merge, "szgc", "zjj", minutes=30) == 1
    seen = view(store, no)
    assert (seen.unit, [task.unit for task in seen.assignments]) == ("zjj", ["zjj"])
    assert seen.events[-1].kind == "assignment.succeeded"
    assert [one.id for one in store.read_now(lambda conn: units.unit_for(conn, "0105"))] == ["zjj"]
    signed = store.read_now(lambda conn: people.credentials(conn, "w1"))
    assert signed is not None
    assert signed[0].unit == "zjj"
    line = store.read_now(partial(organisation.line, unit_id="szgc"))
    assert (line.successor, line.ended_at) == ("zjj", later(minutes=30))
    assert store.read_now(history.verify) is None


def test_two_units_with_a_part_in_one_case_are_not_merged(store: Store) -> None:
    no = dispatched(store)
    store.write_now(
        lambda conn: conn.execute(
            organisation.ASSIGNMENT.insert().values(
                case=1, position=2, unit="zjj", part="assist", stage="sent", instruction="", sent_by="x",
                sent_at=MORNING,
            )
        )
    )  # fmt: skip
    with pytest.raises(Invalid, match=no):
        do(store, organisation.merge, "szgc", "zjj")


def test_a_unit_that_still_owes_something_is_not_dissolved(store: Store) -> None:
    dispatched(store)
    with pytest.raises(Invalid, match="未办结"):
        do(store, organisation.dissolve, "szgc")
    with pytest.raises(Invalid, match="下级"):
        do(store, organisation.dissolve, "rdq")


def test_a_dissolved_unit_is_offered_no_more_and_its_duties_end(store: Store) -> None:
    do(store, organisation.dissolve, "tyj")
    assert store.read_now(lambda conn: units.unit(conn, "tyj")) is None
    assert store.read_now(lambda conn: units.unit_for(conn, "1402")) == []
    assert [one.id for one in store.read_now(lambda conn: organisation.find(conn, ended=True)).rows] == [
        "tyj"
    ]


def test_a_category_gets_a_new_version_and_keeps_the_old_name_for_the_past(store: Store) -> None:
    form = MatterForm(code="0105", name="井盖设施", keywords="井盖 窨井", urgency="紧急", list_item="A01")
    do(store, matters.change, form, seen=1, minutes=60)
    name = partial(matters.name_at, code="0105")
    assert store.read_now(partial(name, at=later(minutes=30))) == "道路井盖"
    assert store.read_now(partial(name, at=later(minutes=90))) == "井盖设施"
    with pytest.raises(Conflict):
        do(store, matters.change, form, seen=1)
    assert [one.version for one in store.read_now(partial(matters.versions, code="0105"))] == [2, 1]


def test_a_leaf_is_added_to_its_branch_and_ended_with_its_duties(store: Store) -> None:
    do(store, matters.add, MatterForm(code="0110", name="公共厕所", keywords="公厕"))
    do(store, directory.keep, DutyForm(category="0110", area=None, unit="cgj", basis="三定"))
    assert [one.id for one in store.read_now(lambda conn: units.unit_for(conn, "0110"))] == ["cgj"]
    do(store, matters.end, "0110")
    assert store.read_now(lambda conn: units.unit_for(conn, "0110")) == []
    assert "0110" not in [one.code for one in store.read_now(units.categories)]
    with pytest.raises(Invalid):
        do(store, matters.end, "01")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "1"}, "code"),
        ({"name": ""}, "name"),
        ({"intents": "抱怨"}, "intents"),
        ({"urgency": "急"}, "urgency"),
    ],
)
def test_what_is_wrong_with_a_category_is_said_by_field(
    store: Store, changes: dict[str, str], field: str
) -> None:
    fields: dict[str, Any] = {"code": "0199", "name": "其他"}
    with pytest.raises(Invalid) as refused:
        do(store, matters.add, MatterForm(**fields | changes))
    assert field in refused.value.fields


def test_a_duty_is_never_edited_but_followed_by_another(store: Store) -> None:
    row = store.read_now(lambda conn: directory.find(conn, "0105")).rows[0]
    changed = DutyForm(category="0105", area=None, unit="zjj", basis="权责清单")
    assert do(store, directory.keep, changed, instead_of=row.id, minutes=10)
    assert not do(store, directory.keep, changed, minutes=20)
    assert [one.unit for one in store.read_now(lambda conn: directory.find(conn, "0105")).rows] == ["zjj"]
    old = store.read_now(partial(directory.line, duty=row.id))
    assert (old.unit, old.ended_at) == ("szgc", later(minutes=10))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"category": "01"}, "category"), ({"unit": "?"}, "unit"), ({"area": "cgj"}, "area"), ({"basis": ""}, "basis"),
     ({"priority": 0}, "priority")],
)  # fmt: skip
def test_what_is_wrong_with_a_duty_is_said_by_field(
    store: Store, changes: dict[str, Any], field: str
) -> None:
    fields: dict[str, Any] = {"category": "0105", "area": "rdq", "unit": "zjj", "basis": "三定"}
    with pytest.raises(Invalid) as refused:
        do(store, directory.keep, DutyForm(**fields | changes))
    assert list(refused.value.fields) == [field]


def test_the_directory_is_searched_by_matter_unit_initials_and_keyword(store: Store) -> None:
    for words, unit in (("井盖", "szgc"), ("swjt", "swjt"), ("交警", "jjzd"), ("0105", "szgc")):
        found = store.read_now(partial(directory.find, words=words))
        assert unit in [row.unit for row in found.rows]


def test_the_case_is_untouched_when_a_unit_changes_its_name(store: Store) -> None:
    no = dispatched(store)
    before = view(store, no)
    do(store, organisation.change, as_form(store, "szgc", short_name="市政公司", initials="szgs"))
    after: cases.CaseView = view(store, no)
    assert (after.unit, after.version, len(after.events)) == ("szgc", before.version, len(before.events))
