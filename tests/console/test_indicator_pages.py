"""The pages of indicators: one number in four places, defined beside it, for whom it is, frozen and corrected."""

import csv
import io
import re
from datetime import date, timedelta
from functools import partial
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Connection, text, update

from cases.indicators import DEFINITIONS, Axis, Cohort
from cases.periods import month_of
from console.i18n import Catalogue, Language
from console.indicator_roll import count, roll_next
from console.parts import PARTS
from storage import history, indicator_periods
from storage.frontline_models import PublicCopy
from storage.intake import CASE
from storage.types import table_of
from tests.console.world import ZONE, Seen, World
from tests.storage.golden_month import FROZEN_AT, load
from tests.storage.test_golden_month import ON_PAPER

OCTOBER = "/indicators?day=2026-10-15"
# Written by hand and on purpose in another way than the product's own statements.
BY_HAND = {
    "read": """SELECT 1.0 * COUNT(CASE WHEN result = 'met' THEN 1 END) / COUNT(*) FROM clock
        WHERE kind = 'read' AND result <> 'void' AND due_at >= '2026-09-30 16:00:00' AND due_at < '2026-10-31 16:00:00'
        AND assignment IN (SELECT id FROM assignment WHERE part = 'lead')""",
    "satisfied": """SELECT 1.0 * SUM(satisfied <> '不满意') / COUNT(*) FROM callback_attempt AS a
        JOIN case_file AS c ON c.id = a."case" AND c.excluded = '' WHERE satisfied IN ('满意', '基本满意', '不满意')
        AND a.id = (SELECT MAX(id) FROM callback_attempt AS b WHERE b."case" = a."case")""",
    "published": """SELECT 1.0 * COUNT(DISTINCT p."case") / COUNT(DISTINCT r."case") FROM reply AS r
        JOIN review AS v ON v.reply = r.id AND v.level = 'final'
        LEFT JOIN public_copy AS p ON p."case" = r."case" AND p.decision IN ('publish', 'part')""",
}


@pytest.fixture
async def golden(world: World) -> World:
    await world.store.write(load)
    return world


def shown(seen: Seen) -> dict[str, str]:
    return dict(re.findall(r'data-indicator="(\w+)" data-value="([^"]*)"', seen.text))


async def figures_of(world: World, login: str, query: str = "") -> dict[tuple[str, str, str], Any]:
    seen = await (await world.signed_in(login)).get(f"/api{OCTOBER}{query}")
    return {(each["code"], each["axis"], each["key"]): each for each in seen.json["figures"]}


async def test_one_number_stands_in_four_places_and_by_hand_written_sql(golden: World) -> None:
    browser = await golden.signed_in("supervisor")
    page, file = await browser.get(OCTOBER), await browser.get(OCTOBER.replace("?", ".csv?"))
    machine = await figures_of(golden, "supervisor")
    on_page = shown(page)
    rows = list(csv.reader(io.StringIO(file.text.lstrip("\ufeff"))))
    in_file = {(row[1], row[2]): row for row in rows}
    texts = Catalogue().texts(Language.ZH)
    for code, (part, whole, excluded) in ON_PAPER.items():
        one = machine[code, "all", ""]
        assert (one["numerator"], one["denominator"], one["excluded"]) == (part, whole, excluded)
        assert on_page[code] == ("" if one["value"] is None else str(one["value"]))
        row = in_file[texts[f"indicator.{code}.title"], "合计"]
        assert f">{row[3]}<" in page.text
        assert float(row[4]) == part
    for code, statement in BY_HAND.items():
        counted = golden.store.read_now(lambda conn, sql=statement: conn.execute(text(sql)).scalar())  # type: ignore[misc]
        assert float(on_page[code]) == pytest.approx(counted)


async def test_every_figure_stands_beside_its_definition_in_both_languages(golden: World) -> None:
    browser = await golden.signed_in("supervisor")
    for lang in ("zh", "en"):
        seen = await browser.get(f"{OCTOBER}&lang={lang}")
        assert seen.status == 200
        assert not re.findall(r"(?:indicators?|sheet)\.[a-z_.]+[<。;]", seen.text)
        one = await browser.get(f"/indicators/of/satisfied?day=2026-10-15&lang={lang}")
        assert not re.findall(r"(?:indicators?|org)\.[a-z_.]+<", one.text)


@pytest.mark.parametrize("lang", Language)
def test_every_definition_has_its_words(lang: Language) -> None:
    texts = Catalogue().texts(lang)
    wanted = [
        f"indicator.{each.code}.{part}" for each in DEFINITIONS for part in ("title", "part", "whole", "out")
    ]
    wanted += [f"indicator.cohort.{each}" for each in Cohort] + [f"indicator.axis.{each}" for each in Axis]
    assert [key for key in wanted if not texts.get(key)] == []


async def test_the_cases_behind_a_figure_are_listed_the_failed_ones_first(golden: World) -> None:
    browser = await golden.signed_in("supervisor")
    seen = await browser.get("/indicators/of/read/cases?day=2026-10-15")
    marks = re.findall(r'<span class="tag (ok|bad)">(?:分子|仅分母)', seen.text.split("<tbody>")[1])
    assert (marks.count("bad"), marks[:7]) == (7, ["bad"] * 7)
    second = await browser.get("/indicators/of/read/cases?day=2026-10-15&page=3")
    assert second.text.split("<tbody>")[1].count("/cases/RH") == 2
    own = await browser.get("/indicators/of/satisfied/cases?day=2026-10-15&party=enterprise")
    assert own.text.split("<tbody>")[1].count("/cases/RH") == 6


async def test_sh_05_a_unit_sees_its_own_subtree_only_and_cannot_ask_for_more(golden: World) -> None:
    machine = await figures_of(golden, "liaison", "&unit=cgj")
    assert all(
        each["denominator"] == 0 for each in machine.values() if each["axis"] == "all" and each["code"] != "x"
    )
    own = await figures_of(golden, "liaison")
    assert {key for _, axis, key in own if axis == "unit"} == {"szgc"}
    assert own["read", "all", ""]["denominator"] == 26
    assert not [code for code, _, _ in own if code in {"answer_rate", "ring_back", "occupancy"}]
    page = await (await golden.signed_in("liaison")).get("/indicators/of/read?day=2026-10-15")
    assert 'data-unit="szgc"' in page.text
    assert 'data-unit="cgj"' not in page.text
    cases = await (await golden.signed_in("liaison")).get("/indicators/of/read/cases?day=2026-10-15&unit=cgj")
    assert "/cases/RH" not in cases.text


async def test_i_20_a_small_sample_shows_no_figure_and_kinds_are_not_mixed(golden: World) -> None:
    seen = await (await golden.signed_in("supervisor")).get("/indicators/of/satisfied?day=2026-10-15")
    cells = dict(re.findall(r'data-unit="(\w+)">.*?<td class="num nowrap">([^<]*)', seen.text, re.DOTALL))
    assert cells == {"szgc": "95.24%", "cgj": "76.92%"}
    read = await (await golden.signed_in("supervisor")).get("/indicators/of/read?day=2026-10-15")
    assert dict(re.findall(r'data-unit="(\w+)">.*?<td class="num nowrap">([^<]*)', read.text, re.DOTALL))[
        "dmjd"
    ] == ("样本不足")
    assert [unescape(title) for title in re.findall(r'<h2 id="group\d">([^<]*)', read.text)] == [
        "职能部门 · 2级", "公用企业 · 2级", "镇街 · 3级",
    ]  # fmt: skip


async def test_past_months_stay_and_a_correction_stands_beside(golden: World) -> None:
    parts, october = golden.app[PARTS], month_of(date(2026, 10, 1))
    golden.clock.at = FROZEN_AT
    found = await count(parts, october)
    await golden.store.write(
        partial(indicator_periods.freeze, period=october, found=found, zone=ZONE, at=FROZEN_AT)
    )
    copy = table_of(PublicCopy)
    await golden.store.write(
        lambda conn: conn.execute(update(copy).where(copy.c.decision == "hold").values(decision="publish"))
    )
    browser = await golden.signed_in("supervisor")
    before = await browser.get(OCTOBER)
    assert float(shown(before)["published"]) == 17 / 40
    assert "定格" in before.text
    assert '<em class="muted">更正' not in before.text
    # A day later the process counts what is recent once more.
    golden.clock.at = FROZEN_AT + timedelta(days=2)
    while await roll_next(parts) != "2026-10":
        pass
    browser = await golden.signed_in("supervisor")
    after = await browser.get(OCTOBER)
    assert float(shown(after)["published"]) == 17 / 40
    assert "更正 52.50%（21/40" in after.text
    through = await browser.get("/indicators/of/published?day=2026-11-02")
    assert re.search(r"2026-10</th><td class=\"num\"><b>42.50%</b>.*?52.50%", through.text)


async def test_the_process_freezes_what_is_over_and_then_rests(golden: World) -> None:
    parts = golden.app[PARTS]
    golden.clock.at = FROZEN_AT + timedelta(hours=3)
    names = [await roll_next(parts) for _ in range(8)]
    assert names[:2] == ["2026-10", "2026-09"]
    assert names[2:] == ["2026-W43", "2026-W42", "2026-W41", "2026-W40", "2026-W39", ""]


async def test_a_file_is_safe_for_spreadsheets_and_its_taking_is_written_down(golden: World) -> None:
    await golden.store.write(lambda conn: conn.execute(update(CASE).values(channel="=1+1")))
    seen = await (await golden.signed_in("supervisor")).get(OCTOBER.replace("?", ".csv?"))
    assert seen.status == 200
    assert not [
        cell for row in csv.reader(io.StringIO(seen.text)) for cell in row if cell[:1] in {"=", "+", "-", "@"}
    ]
    taken = golden.store.read_now(partial(history.of, subject="indicators"))
    assert [(fact.kind, fact.actor, fact.detail["period"]) for fact in taken] == [
        ("indicators.exported", "supervisor", "2026-10")
    ]


@pytest.mark.parametrize(
    ("query", "problem"),
    [("day=2026-02-30", "日期"), ("span=free&day=2026-10-02&until=2026-10-01", "起始"), ("span=year", "可选"),
     ("span=free&day=2001-10-02&until=2026-10-01", "一年")],
)  # fmt: skip
async def test_what_cannot_be_asked_is_said(golden: World, query: str, problem: str) -> None:
    seen = await (await golden.signed_in("supervisor")).get(f"/indicators?{query}")
    assert seen.status == 400
    assert problem in seen.text


async def test_indicators_are_not_for_agents_and_points_for_the_efficiency_office_alone(
    golden: World,
) -> None:
    assert (await (await golden.signed_in("1001")).get("/indicators")).status == 403
    form = {"unit": "cgj", "points": "-2", "reason": "通报批评", "day": "2026-10-20"}
    for login in ("lead", "dispatcher", "liaison"):
        assert (await (await golden.signed_in(login)).post_form("/indicators/points", form)).status == 403


async def test_i_20_points_are_given_on_a_ground_and_taken_back(golden: World) -> None:
    browser = await golden.signed_in("supervisor")
    form = {"unit": "cgj", "points": "-2", "reason": "通报批评", "day": "2026-10-20"}
    refused = await browser.post_form("/indicators/points", form | {"reason": "", "points": "many"})
    assert refused.status == 400
    assert 'value="many"' in refused.text
    assert (await browser.post_form("/indicators/points", form)).status == 303
    weights = {"solved": "1", "satisfied": "1", "least": "10", "valid_from": "2026-12-01"}
    assert (await browser.post_form("/indicators/scheme", weights)).status == 303
    assert (
        await browser.post_form("/indicators/scheme", weights | {"valid_from": "2026-01-01"})
    ).status == 400
    sheet = await browser.get("/indicators/units?day=2026-10-15")
    assert "通报批评" in sheet.text
    assert re.search(r'data-unit="szgc" data-score="".*?样本不足', sheet.text, re.DOTALL)
    file = await browser.get("/indicators/units.csv?day=2026-10-15")
    rows = [row for row in csv.reader(io.StringIO(file.text.lstrip("\ufeff"))) if row[2] == "城管局"]
    # solved and content 10 of 13, passed 14 of 14, and two points less: (40 + 40) / 90 * 10 / 13 + 10 / 90
    assert [(row[1], row[3], row[-1]) for row in rows] == [("1", "77.49", "'-2")]
    assert (await browser.post_form("/indicators/points/1/withdraw", {})).status == 303
    assert "已撤销" in (await browser.get("/indicators/units?day=2026-10-15")).text


async def test_f10_13_an_efficiency_office_of_a_district_sees_what_stands_under_its_head(
    golden: World,
) -> None:
    def move(conn: Connection) -> None:
        conn.execute(text("UPDATE org_unit SET level = 2, parent = 'rdq' WHERE id = 'xnb'"))
        conn.execute(text("UPDATE account SET unit = 'xnb' WHERE login = 'supervisor'"))

    await golden.store.write(move)
    own = await figures_of(golden, "supervisor")
    assert {key for _, axis, key in own if axis == "unit"} == {"dmjd"}
