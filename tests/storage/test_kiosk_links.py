"""K-02, K-03, K-04 on both databases: links that kiosks may open, and the guide as its editors arrange it."""

from typing import Any

import pytest

from cases.workflow import Role
from storage import guide, kiosk_links, kiosks
from storage.demo_knowledge import load_guide, load_knowledge
from storage.engine import Store
from storage.errors import Conflict, Invalid, Missing
from storage.guide import ClassForm
from storage.kiosk_links import LinkForm, origin_of
from storage.kiosks import KioskForm
from storage.people import Actor
from storage.steps import NotForYou
from tests.makers import AGENT, MORNING

ADMIN = Actor("admin", Role.ADMINISTRATOR, "rxzx")
EDITOR = Actor("8002", Role.KNOWLEDGE_EDITOR, "rxzx")
TODAY = MORNING.date()


def declare(store: Store, by: Actor = ADMIN, **changes: Any) -> int:
    fields = {
        "slot": "payment",
        "name": "水费",
        "address": "https://pay.example.cn/water",
        "category": "0501",
    }
    form = LinkForm(**fields | changes)
    return store.write_now(lambda conn: kiosk_links.add(conn, form, by=by, at=MORNING))


def names(store: Store, kiosk: str) -> list[str]:
    return [one.name for one in store.read_now(lambda conn: kiosk_links.offered(conn, kiosk))]


def test_k_04_a_kiosk_offers_its_own_links_and_those_of_all_until_they_are_taken_down(store: Store) -> None:
    for name in ("k-1", "k-2"):
        form = KioskForm(id=name, name=name, address="鳌峰社区")
        store.write_now(lambda conn, form=form: kiosks.add(conn, form, by=ADMIN, at=MORNING))  # type: ignore[misc]
    bill = declare(store)
    own = declare(store, slot="partner", name="市一医院挂号", kiosk="k-1", category="")
    assert (names(store, "k-1"), names(store, "k-2")) == (["水费", "市一医院挂号"], ["水费"])
    assert store.read_now(lambda conn: kiosk_links.offered_one(conn, "k-2", own)) is None
    store.write_now(lambda conn: kiosk_links.end(conn, bill, by=ADMIN, at=MORNING))
    assert names(store, "k-2") == []
    with pytest.raises(Missing):
        store.write_now(lambda conn: kiosk_links.end(conn, bill, by=ADMIN, at=MORNING))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"address": "http://pay.example.cn"}, "address"),
        ({"address": "javascript:alert(1)"}, "address"),
        ({"slot": "casino"}, "slot"),
        ({"category": ""}, "category"),
        ({"category": "05"}, "category"),
        ({"kiosk": "nowhere"}, "kiosk"),
        ({"name": " "}, "name"),
    ],
)
def test_k_03_a_link_is_declared_completely_by_an_administrator(
    store: Store, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        declare(store, **changes)
    assert list(refused.value.fields) == [field]
    with pytest.raises(NotForYou):
        declare(store, by=AGENT)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://pay.example.cn/a?b=1", "https://pay.example.cn"),
        ("https://pay.example.cn:8443/", "https://pay.example.cn:8443"),
        ("https://user@pay.example.cn/", ""),
        ("https://pay.example.cn;script-src *", ""),
        ("https://*/", ""),
        ("https://localhost/", ""),
        ("https://pay.example.cn:99999/", ""),
        ("//pay.example.cn", ""),
        ("https://pay.example.cn/\n", ""),
    ],
)
def test_k_04_only_one_plain_origin_comes_of_an_address(address: str, origin: str) -> None:
    assert origin_of(address) == origin


def test_k_02_the_guide_has_five_columns_and_thirty_five_classes_filled_from_the_knowledge_base(
    store: Store,
) -> None:
    store.write_now(lambda conn: load_knowledge(conn, MORNING, TODAY))
    store.write_now(lambda conn: load_guide(conn, MORNING))
    columns = store.read_now(guide.columns)
    assert [len(one.classes) for one in columns] == [7] * 5
    filled = 0
    for one in (each for column in columns for each in column.classes):
        found = store.read_now(lambda conn, one=one: guide.articles(conn, one.id, today=TODAY))  # type: ignore[misc]
        assert found is not None
        filled += bool(found[1])
    assert filled > 20


def test_k_02_the_editors_of_the_knowledge_base_arrange_the_guide(store: Store) -> None:
    column = store.write_now(lambda conn: guide.add_column(conn, "民生", "", by=EDITOR, at=MORNING))

    def put(**fields: str) -> int:
        form = ClassForm(**{"name": "医保", "category": "0306"} | fields)
        return store.write_now(lambda conn: guide.add_class(conn, column, form, by=EDITOR, at=MORNING))

    made = put()
    for wrong, field in (
        ({"category": "x"}, "category"),
        ({"category": ""}, "category"),
        ({"name": ""}, "name"),
    ):
        with pytest.raises(Invalid) as refused:
            put(**wrong)
        assert list(refused.value.fields) == [field]
    with pytest.raises(Conflict):
        store.write_now(lambda conn: guide.drop_column(conn, column, by=EDITOR, at=MORNING))
    with pytest.raises(NotForYou):
        store.write_now(lambda conn: guide.drop_class(conn, made, by=AGENT, at=MORNING))
    store.write_now(lambda conn: guide.drop_class(conn, made, by=EDITOR, at=MORNING))
    store.write_now(lambda conn: guide.drop_column(conn, column, by=EDITOR, at=MORNING))
    assert store.read_now(guide.columns) == []


def test_k_02_a_column_holds_no_more_than_a_finger_finds(store: Store) -> None:
    column = store.write_now(lambda conn: guide.add_column(conn, "民生", "", by=EDITOR, at=MORNING))

    def fill(conn: Any) -> None:
        for number in range(36):
            form = ClassForm(name=f"类{number}", category="0306")
            guide.add_class(conn, column, form, by=EDITOR, at=MORNING)

    with pytest.raises(Invalid):
        store.write_now(fill)
