"""The demo city: complete enough that every matter finds its unit."""

from functools import partial

import pytest

from storage import units
from storage.demo_city import load_city
from storage.engine import Store
from tests.makers import later


def test_the_small_city_has_53_units_and_18_classes(store: Store) -> None:
    tree = store.read_now(units.categories)
    assert len(store.read_now(units.units)) == 53
    assert len([one for one in tree if one.parent is None]) == 18
    assert len([one for one in tree if one.parent]) >= 110


def test_every_leaf_has_a_unit_in_the_directory(store: Store) -> None:
    leaves = [one.code for one in store.read_now(units.categories) if one.parent]
    without = [code for code in leaves if not store.read_now(partial(units.unit_for, category=code))]
    assert without == []


def test_every_unit_stands_below_the_centre(store: Store) -> None:
    known = {one.id: one.parent for one in store.read_now(units.units)}
    assert [name for name, parent in known.items() if parent is None] == ["rxzx"]
    assert set(filter(None, known.values())) <= set(known)


def test_loading_again_changes_nothing(store: Store) -> None:
    before = store.read_now(
        lambda conn: (units.units(conn), units.categories(conn), units.duties(conn, "0105"))
    )
    store.write_now(lambda conn: load_city(conn, later(days=1)))
    assert before == store.read_now(
        lambda conn: (units.units(conn), units.categories(conn), units.duties(conn, "0105"))
    )


@pytest.mark.parametrize(
    ("typed", "found"), [("市政", "szgc"), ("szg", "szgc"), ("水务", "swjt"), ("SZGC", "szgc")]
)
def test_units_are_found_by_name_and_by_initials(store: Store, typed: str, found: str) -> None:
    assert found in [one.id for one in store.read_now(lambda conn: units.search_units(conn, typed, 10))]


@pytest.mark.parametrize("typed", ["%", "_", "没有这个单位", "' OR 1=1 --", "\x00%", "\ud800没有"])
def test_odd_words_find_no_unit(store: Store, typed: str) -> None:
    assert store.read_now(lambda conn: units.search_units(conn, typed, 10)) == []


def test_the_directory_says_why(store: Store) -> None:
    duty = store.read_now(lambda conn: units.duties(conn, "0105"))[0]
    assert duty.unit.short_name == "市政中心"
    assert duty.basis
