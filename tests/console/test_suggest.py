"""What is proposed at the desk, why, and what is kept of it."""

import asyncio
from functools import partial
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, func, select, text

from cases.guessing import Model, features
from cases.workflow import Secrecy
from console.parts import PARTS
from console.suggestion_training import learn, time_has_come
from console.suggestions import SUGGESTIONS, Asked
from storage import suggestions
from storage.models import CaseFile
from storage.suggestions import SUGGESTION, Shown
from storage.types import table_of
from tests.console.making import FIELDS, a_case, an_order
from tests.console.world import World
from tests.makers import MORNING, later
from tests.sip import eventually

CASE = table_of(CaseFile)
LAMP = {
    "title": "路灯不亮",
    "text": "鳌峰新村12号楼前的路灯连续四天不亮,老人晚上出门不便。",
    "address": "榕东区鳌峰新村12号楼",
}

LEARNED: dict[str, Any] = {"cases": 900, "examined": 100, "top1": 0.9, "top3": 0.97, "seconds": 3.5}


def a_model(code: str, words: str) -> Model:
    """Return one that knows nothing else."""
    runs = features(words)
    weights = np.zeros((len(runs), 2), np.float16)
    weights[:, 0] = 9
    return Model((code, "1806"), runs, weights, np.ones(len(runs), np.float32), np.zeros(2, np.float32), 4.0)


async def looked(world: World) -> None:
    await world.app[SUGGESTIONS].look()


async def test_matters_come_in_order_each_with_its_path_and_its_reason(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = (await agent.send_json("POST", "/api/suggest", LAMP)).json["categories"]
    assert seen[0]["code"] == "0107"
    assert seen[0]["path"] == "城乡建设 › 路灯"
    assert "路灯" in seen[0]["why"]
    assert len(seen) <= 3
    assert [each["share"] for each in seen] == sorted((each["share"] for each in seen), reverse=True)


async def test_what_people_say_finds_the_matter_before_there_is_any_case(world: World) -> None:
    agent = await world.signed_in("1001")
    said = {"text": "包工头跑了,我们十二个人干了半年一分工钱没拿到"}
    assert (await agent.send_json("POST", "/api/suggest", said)).json["categories"][0]["code"] == "0401"


async def test_the_units_of_the_likeliest_matter_are_proposed_before_one_is_chosen(world: World) -> None:
    agent = await world.signed_in("1001")
    seen = (await agent.send_json("POST", "/api/suggest", LAMP)).json["units"]
    assert seen[0]["id"] == "szgc"
    assert seen[0]["why"].startswith("派单目录")


async def test_a_case_like_it_is_found_as_soon_as_it_is_there(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.send_json("POST", "/api/suggest", LAMP)).json["similar"] == []
    filed = await a_case(world, title=LAMP["title"], content=LAMP["text"], address=LAMP["address"])
    await looked(world)
    (seen,) = (await agent.send_json("POST", "/api/suggest", LAMP)).json["similar"]
    assert (seen["no"], seen["open"], seen["place"]) == (filed.no, True, LAMP["address"])
    assert seen["why"].startswith("同一地点 · 文字相近")


async def test_a_great_gap_in_the_numbers_of_cases_hides_nothing_and_nothing_is_taken_in_twice(
    world: World,
) -> None:
    service = world.app[SUGGESTIONS]
    await a_case(world)
    await service.look()
    await a_case(world)

    def leap(conn: Connection) -> None:
        conn.execute(text("PRAGMA defer_foreign_keys=ON"))
        second = conn.execute(select(func.max(CASE.c.id))).scalar_one()
        for table, column in (
            ("case_contact", "case"),
            ("case_text", "case"),
            ("clock", "case"),
            ("case_file", "id"),
        ):
            conn.execute(text(f'UPDATE {table} SET "{column}" = 90000 WHERE "{column}" = {second}'))

    await world.store.write(leap)
    for _ in range(3):
        await service.look()
    assert service.known == 2


@pytest.mark.parametrize("level", ["hide_contact", "secret"])
async def test_a_confidential_case_is_never_shown_to_others(world: World, level: str) -> None:
    agent = await world.signed_in("1002")
    await a_case(
        world, title=LAMP["title"], content=LAMP["text"], address=LAMP["address"], confidential=level
    )
    await looked(world)
    assert (await agent.send_json("POST", "/api/suggest", LAMP)).json["similar"] == []
    assert world.app[SUGGESTIONS].known == 0


async def test_a_case_that_becomes_confidential_later_is_shown_no_more(world: World) -> None:
    agent = await world.signed_in("1002")
    await a_case(world, title=LAMP["title"], content=LAMP["text"], address=LAMP["address"])
    await looked(world)
    assert (await agent.send_json("POST", "/api/suggest", LAMP)).json["similar"]

    def hide(conn: Connection) -> None:
        conn.execute(CASE.update().values(confidential=Secrecy.SECRET))

    await world.store.write(hide)
    assert (await agent.send_json("POST", "/api/suggest", LAMP)).json["similar"] == []


async def test_a_unit_learns_nothing_about_the_cases_of_others(world: World) -> None:
    liaison = await world.signed_in("liaison")
    await a_case(world, title=LAMP["title"], content=LAMP["text"], address=LAMP["address"])
    await looked(world)
    seen = (await liaison.send_json("POST", "/api/suggest", LAMP)).json
    assert seen["similar"] == []
    assert seen["units"]


async def test_what_a_citizen_says_may_be_long_and_is_refused_only_when_it_is_no_text(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.send_json("POST", "/api/suggest", {"text": "路灯不亮。" * 800})).status == 200
    assert (await agent.send_json("POST", "/api/suggest", {"text": 5})).status == 400
    assert (await agent.send_json("POST", "/api/suggest", {"words": "路灯"})).status == 400
    assert (await agent.send_json("POST", "/api/suggest", {})).json["categories"] == []


async def kept(world: World) -> list[tuple[int | None, int | None, str]]:
    def look(conn: Connection) -> list[tuple[int | None, int | None, str]]:
        own = SUGGESTION.c
        return [tuple(row) for row in conn.execute(select(own.category_rank, own.unit_rank, own.by))]

    return await world.store.read(look)


async def test_what_the_agent_took_is_kept_with_its_rank(world: World) -> None:
    agent = await world.signed_in("1001")
    order = an_order(
        "dispatch",
        units=["szgc"],
        fields=FIELDS | {"category": "0107"},
        suggestion=str(Shown(3, ("0105", "0107"), ("szgc", "gdgs"))),
    )
    assert (await agent.send_json("POST", "/api/cases", order)).status == 200
    assert (await agent.send_json("POST", "/api/cases", order)).status == 200
    assert await kept(world) == [(2, 1, "1001")]


async def test_another_choice_is_kept_as_one(world: World) -> None:
    agent = await world.signed_in("1001")
    order = an_order(fields=FIELDS | {"category": "0107"}, suggestion=str(Shown(0, ("0105",), ("szgc",))))
    await agent.send_json("POST", "/api/cases", order)
    assert await kept(world) == [(0, None, "1001")]


@pytest.mark.parametrize(
    "nonsense", ["", "x", 7, {"a": 1}, "1;0;a,b,c,d;", "1;0;" + "x" * 300 + ";", "1;0;<b>;"]
)
async def test_no_case_is_refused_for_a_suggestion_that_cannot_be_read(
    world: World, nonsense: object
) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.send_json("POST", "/api/cases", an_order(suggestion=nonsense))).status == 200
    assert await kept(world) == []


async def test_what_is_shown_comes_back_as_it_was() -> None:
    shown = Shown(12, ("0107", "01-05"), ("szgc",))
    assert Shown.read(str(shown)) == shown
    assert Shown.read(str(Shown())) == Shown()


async def test_a_process_of_its_own_learns_from_the_cases_and_all_use_what_it_learned(world: World) -> None:
    agent = await world.signed_in("1001")
    for n in range(24):
        words = {"title": f"甲乙丙丁{n}", "content": "呜哩哇啦响个不停", "category": "0503"}
        other = {"title": f"戊己庚辛{n}", "content": "叽里咕噜转来转去", "category": "0506"}
        await a_case(world, **words)
        await a_case(world, **other)
    parts = world.app[PARTS]
    assert await learn(parts) == 1
    await world.app[SUGGESTIONS].read_directory()
    seen = (await agent.send_json("POST", "/api/suggest", {"text": "家里呜哩哇啦的"})).json
    assert seen["categories"][0]["code"] == "0503"
    assert seen["categories"][0]["why"] == "按本市既往工单判断"
    assert seen["asked"].startswith("1;1;0503")
    (model,) = await world.store.read(suggestions.models)
    assert (model.cases, model.examined) == (48, 5)


async def test_a_city_without_any_case_learns_from_what_citizens_say_anywhere(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    said = {"text": "端午说发中秋说发,我们厨房里六个人一张都没看到"}
    assert await learn(world.app[PARTS]) == 1
    await world.app[SUGGESTIONS].read_directory()
    assert (await agent.send_json("POST", "/api/suggest", said)).json["categories"][0]["code"] == "0401"
    (model,) = await world.store.read(suggestions.models)
    assert (model.cases, model.examined) == (0, 0)
    assert "0.0%" not in (await lead.get("/suggestions")).text


async def test_learning_is_for_the_night_unless_there_is_no_model_or_an_old_one(world: World) -> None:
    parts = world.app[PARTS]
    assert time_has_come(None, MORNING, parts)
    assert not time_has_come(later(hours=-21), MORNING, parts)  # half past nine
    assert time_has_come(later(hours=-4), later(hours=17), parts)  # half past two
    assert not time_has_come(later(hours=10), later(hours=17), parts)
    assert time_has_come(later(hours=-80), MORNING, parts)


async def test_supervisors_see_how_suggestions_are_taken_up_and_agents_do_not(world: World) -> None:
    agent, lead = await world.signed_in("1001"), await world.signed_in("lead")
    assert "还没有带建议登记的工单" in (await lead.get("/suggestions")).text
    shown = str(Shown(0, ("0107",), ()))
    await agent.send_json("POST", "/api/cases", an_order(suggestion=shown))
    await agent.send_json("POST", "/api/cases", an_order(suggestion=str(Shown(0, ("0105",), ()))))
    page = (await lead.get("/suggestions")).text
    assert "50.0%" in page
    assert "1/2" in page
    assert (await agent.get("/suggestions")).status == 403


async def test_a_model_of_another_release_is_left_alone_and_the_next_one_is_used(world: World) -> None:
    agent, service = await world.signed_in("1001"), world.app[SUGGESTIONS]
    for number, data in ((1, b"no model"), (2, a_model("0107", "路灯").packed())):
        await world.store.write(partial(suggestions.keep_model, learned=LEARNED, data=data, at=MORNING))
        await service.read_directory()
        assert service.version == number
        seen = (await agent.send_json("POST", "/api/suggest", LAMP)).json
        assert seen["categories"][0]["code"] == "0107"
        assert seen["asked"].startswith(f"1;{number};0107")


def _answered_by(seen: list[Shown], model: int) -> bool:
    return sum(each.model == model for each in seen) > 3


async def test_nobody_who_asks_waits_for_a_new_model_or_is_told_of_the_wrong_one(world: World) -> None:
    """The codes say which model was asked: the one that is named is the one that answered."""
    service, over = world.app[SUGGESTIONS], asyncio.Event()
    await service.read_directory()
    models = {1: "0503", 2: "0506", 3: "0805"}
    asked = Asked(text="呜哩哇啦响个不停")
    seen: list[Shown] = []

    async def keep_asking() -> None:
        while not over.is_set():
            seen.append((await service.propose(asked, at=MORNING, similar=False)).shown)

    asking = asyncio.create_task(keep_asking())
    for number, code in models.items():
        data = a_model(code, "呜哩哇啦").packed()
        await world.store.write(partial(suggestions.keep_model, learned=LEARNED, data=data, at=MORNING))
        await service.read_directory()
        await eventually(partial(_answered_by, seen, number))
    over.set()
    await asking
    assert {each.model for each in seen} == {0, *models}
    assert all(each.categories[:1] == ((models[each.model],) if each.model else ()) for each in seen)
