"""The demo city: complete enough that every matter finds its unit, in four sizes."""

import configparser
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from storage import units
from storage.demo_city import Size, load_city
from storage.engine import Store, migrate
from tests.makers import MORNING, later


@pytest.fixture(scope="module")
def xl(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The largest city, made once: 1,380 units."""
    url = f"sqlite:///{tmp_path_factory.mktemp('xl') / 'xl.db'}"
    migrate(url)
    store = Store.open(url)
    store.write_now(lambda conn: load_city(conn, MORNING, Size.XL))
    return store


def test_the_small_city_has_53_units_and_18_classes(store: Store) -> None:
    tree = store.read_now(units.categories)
    assert len(store.read_now(units.units)) == 53
    assert len([one for one in tree if one.parent is None]) == 18
    assert len([one for one in tree if one.parent]) >= 110


def test_every_leaf_has_a_unit_in_the_directory(store: Store) -> None:
    leaves = [one.code for one in store.read_now(units.categories) if one.parent]
    without = [code for code in leaves if not store.read_now(partial(units.unit_for, category=code))]
    assert without == []


def test_every_leaf_has_words_by_which_it_is_found(store: Store) -> None:
    assert [one.code for one in store.read_now(units.categories) if one.parent and not one.keywords] == []


def test_every_unit_stands_below_the_centre(store: Store) -> None:
    known = {one.id: one.parent for one in store.read_now(units.units)}
    assert [name for name, parent in known.items() if parent is None] == ["rxzx"]
    assert set(filter(None, known.values())) <= set(known)


def everything(conn: Connection) -> object:
    return (
        units.units(conn),
        units.categories(conn),
        units.duties(conn, "0105"),
        conn.execute(select(func.count()).select_from(units.GRID)).scalar_one(),
    )


def test_loading_again_changes_nothing(store: Store) -> None:
    before = store.read_now(everything)
    store.write_now(lambda conn: load_city(conn, later(days=1)))
    assert before == store.read_now(everything)


@pytest.mark.parametrize(("size", "count"), [(Size.MEDIUM, 91), (Size.LARGE, 450)])
def test_h13_the_city_grows_to_91_and_450_units_and_keeps_those_it_had(
    sqlite_url: str, size: Size, count: int
) -> None:
    store = Store.open(sqlite_url)
    before = {one.id for one in store.read_now(units.units)}
    store.write_now(lambda conn: load_city(conn, later(days=1), size))
    after = {one.id for one in store.read_now(units.units)}
    store.close()
    assert len(after) == count
    assert before < after


def test_f10_23_the_largest_city_has_1380_units_on_five_levels_and_some_600_duties(xl: Store) -> None:
    found = xl.read_now(units.units)
    assert len(found) == 1380
    assert {one.level for one in found} == {1, 2, 3, 4, 5}
    assert len([one for one in found if one.kind == "district"]) == 13
    assert len([one for one in found if one.kind == "town"]) == 160
    assert len([one for one in found if one.catch_all]) == 13
    duties = xl.read_now(
        lambda conn: conn.execute(select(func.count()).select_from(units.DIRECTORY)).scalar()
    )
    assert 550 <= (duties or 0) <= 650
    assert (
        xl.read_now(lambda conn: conn.execute(select(func.count()).select_from(units.GRID)).scalar()) == 144
    )


def test_f10_23_three_keys_put_any_of_1380_units_on_a_list_of_ten(xl: Store) -> None:
    """What begins with the keys comes first, so ten places are enough if no more than ten units begin so."""
    rows = xl.read_now(lambda conn: conn.execute(select(units.UNIT.c.id, units.UNIT.c.initials)).all())
    assert max(Counter(row.initials[:3] for row in rows).values()) <= 10
    for row in rows[::25]:
        found = xl.read_now(partial(units.search_units, q=row.initials[:3], limit=10))
        assert row.id in {one.id for one in found}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("市政", "szgc"), ("szg", "szgc"), ("水务", "swjt"), ("SZGC", "szgc"), ("停水", "swjt"), ("井盖", "szgc"),
        ("工商", "sjj"),
    ],
)  # fmt: skip
def test_units_are_found_by_name_by_initials_by_abbreviation_and_by_duty(
    store: Store, typed: str, found: str
) -> None:
    assert found in [one.id for one in store.read_now(lambda conn: units.search_units(conn, typed, 10))]


@pytest.mark.parametrize("typed", ["", "%", "_", "没有这个单位", "' OR 1=1 --", "\x00%", "\ud800没有"])
def test_odd_words_find_no_unit(store: Store, typed: str) -> None:
    assert store.read_now(lambda conn: units.search_units(conn, typed, 10)) == []


def test_the_directory_says_why(store: Store) -> None:
    duty = store.read_now(lambda conn: units.duties(conn, "0105"))[0]
    assert duty.unit.short_name == "市政中心"
    assert duty.basis


def test_in_an_area_the_office_of_that_area_is_asked_first(xl: Store) -> None:
    found = xl.read_now(lambda conn: units.duties(conn, "0603", "rdq"))
    assert [(duty.unit.short_name, duty.area) for duty in found] == [("榕东城管", "rdq"), ("城管局", None)]


def test_in_a_town_the_duty_of_its_district_holds(xl: Store) -> None:
    assert xl.read_now(lambda conn: units.unit_for(conn, "0603", "dmjd"))[0].short_name == "榕东城管"


def test_without_an_area_only_the_duties_of_the_whole_city_count(xl: Store) -> None:
    assert [one.id for one in xl.read_now(lambda conn: units.unit_for(conn, "0603"))] == ["cgj"]


def test_a_city_without_such_an_office_asks_the_district(store: Store) -> None:
    assert store.read_now(lambda conn: units.unit_for(conn, "0603", "rdq"))[0].id == "rdq"


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("榕东区东门路12号", "rdq"),
        ("榕东区东门街道5号", "dmjd"),
        ("七一新村3栋", "dmjd"),
        ("七一新3栋", None),
        ("某处", None),
        ("", None),
    ],
)
def test_g09_an_address_leads_to_its_town_or_district(store: Store, address: str, area: str | None) -> None:
    assert store.read_now(lambda conn: units.area_of(conn, address)) == area


def test_what_nobody_has_the_duty_for_goes_to_the_district(store: Store) -> None:
    found = store.read_now(lambda conn: units.catch_all(conn, "dmjd"))
    assert found is not None
    assert found.id == "rdq"


def test_a_subtree_holds_the_unit_and_all_below_it(store: Store) -> None:
    assert store.read_now(lambda conn: units.subtree(conn, "rdq")) == {"rdq", "dmjd", "hgjd"}


def test_the_data_of_the_city_are_packed_with_the_product() -> None:
    told = configparser.ConfigParser()
    told.read(Path(__file__).parents[2] / "setup.cfg", encoding="utf-8")
    patterns = told["options.package_data"]["storage"].split(",")
    folder = Path(units.__file__).parent
    packed = {path for pattern in patterns for path in folder.glob(pattern.strip())}
    assert packed == set((folder / "demo").iterdir())


def test_for_an_address_the_office_of_the_area_is_proposed_first_and_its_catch_all_last(xl: Store) -> None:
    town = xl.read_now(
        lambda conn: (
            conn.execute(
                select(units.UNIT.c.short_name).where(
                    units.UNIT.c.kind == "town", units.UNIT.c.parent == "rdq"
                )
            )
            .scalars()
            .first()
        )
    )
    found = xl.read_now(lambda conn: units.suggestions(conn, "0603", f"{town}12号"))
    assert found[0].unit.short_name == "榕东城管"
    assert (found[-1].basis, found[-1].unit.catch_all) == (units.CATCH_ALL, True)
    assert len({duty.unit.id for duty in found}) == len(found)
    nowhere = xl.read_now(lambda conn: units.suggestions(conn, "0603", "不知何处"))
    assert [duty.unit.id for duty in nowhere] == ["cgj"]


def test_who_passes_down_finds_units_below_only(xl: Store) -> None:
    everywhere = xl.read_now(lambda conn: units.search_units(conn, "街道", 2000))
    below = xl.read_now(lambda conn: units.search_units(conn, "街道", 2000, "rdq"))
    inside = xl.read_now(lambda conn: units.subtree(conn, "rdq")) - {"rdq"}
    assert {one.id for one in below} == {one.id for one in everywhere} & inside
    assert len(below) < len(everywhere)
