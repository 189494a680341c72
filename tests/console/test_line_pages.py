"""The page of the rules of the line: read in words, changed by a form, switched with a reason, and in force at once."""

import html
import re
from datetime import timedelta

import pytest

from console.line_form import filled, read
from routing import rulebook
from routing.live import Profile, Wish
from routing.rules import Expert, Group, Language, LineRules, Skill, Step, Support
from routing.seats import Why
from storage import history
from storage.errors import Invalid
from tests.console.world import Browser, World, settled
from tests.routing.test_rules import FULL, OFFICE

CITY = LineRules(
    general_group="综合",
    skills=(Skill("企业", 3, "企业", 1, (Step(20, 1), Step(40, 0, ("综合",)), Step(60, 0, ("*",)))),),
    groups=(Group("综合"), Group("企业", (OFFICE,), "综合")),
    supports=(Support("综合", "企业", after=15, ratio=3, why="月末"), Support("企业", "综合")),
    languages=(Language("福州话", 30.5),),
    experts=(Expert("企业", ("s1001", "s1002")),),
    priority_at_most=2,
    elder_priority=1,
    last_seat_days=7,
    hold_seconds=10,
    busy_at_most=0.85,
    again=False,
    enterprise_skill="企业",
    dialect_language="福州话",
)
EMERGENCY = {"minutes": "60", "why": "台风", "confirm": "yes"}


def fields_of(page: str) -> dict[str, str]:
    """Return what a browser would send of the page's form, without its buttons."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and value:
            found[name[1]] = html.unescape(value[1])
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        found[name] = next((value for value, chosen in values if chosen), values[0][0] if values else "")
    return found


async def save(browser: Browser, **changes: str) -> tuple[int, str]:
    """Open the form, change some of its fields, and send it as a browser does."""
    form = fields_of((await browser.get("/line/rules")).text)
    form |= {"why": "试行"} | {name.replace("__", "."): value for name, value in changes.items()}
    form.pop("csrf", None)
    seen = await browser.post_form("/line/rules", form)
    return seen.status, seen.text


def rules_of(world: World) -> LineRules:
    return world.engine.rules


# The form


def test_the_rules_come_back_from_the_form_as_they_went_into_it() -> None:
    assert read(filled(CITY), zone="Asia/Shanghai") == CITY
    assert read(filled(LineRules()), zone="Asia/Shanghai") == LineRules()


def test_a_row_whose_first_field_is_empty_is_not_there() -> None:
    texts = filled(CITY) | {"languages.0.language": "", "experts.0.skill": " "}
    rules = read(texts, zone="Asia/Shanghai")
    assert (rules.languages, rules.experts) == ((), ())


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("hold_seconds", "soon", "a number"),
        ("hold_seconds", "600", "from 0 to 120"),
        ("again", "perhaps", "true or false"),
        ("skills.7.level", "9", "from 1 to 5"),
        ("skills.7.steps", "later", "seconds:level"),
        ("skills.7.steps", "20:1; x:1", "a number"),
        ("groups.3.hours", "08:30-17:30", "days are work"),
        ("groups.3.hours", "sunday 08:30-17:30", "one of these"),
        ("groups.3.closed_to", "nobody", "no such group"),
        ("experts.0.seats", "x" * 40, "letters"),
        ("colour", "red", "no such field"),
        ("skills.0.colour", "red", "no such field"),
        ("skills.99.skill", "red", "no such field"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_where_it_was_typed(field: str, text: str, why: str) -> None:
    rows = {
        "skills.7.skill": "税务",
        "skills.7.level": "1",
        "groups.3.name": "夜班",
        "experts.0.skill": "税务",
    }
    with pytest.raises(Invalid) as refused:
        read(filled(LineRules()) | rows | {field: text}, zone="Asia/Shanghai")
    assert set(refused.value.fields) == {field}
    assert why in refused.value.fields[field]


# The pages


async def test_the_rules_are_for_team_leads_and_administrators(world: World) -> None:
    for login, status in (("lead", 200), ("admin", 200), ("1001", 403), ("liaison", 403)):
        browser = await world.signed_in(login)
        for path in ("/line", "/line/rules", "/line/seats", "/line/seats/1001"):
            assert (await browser.get(path)).status == status, (login, path)
        assert (await browser.post_form("/line/emergency", {})).status == (400 if status == 200 else 403)
    assert (await world.browser().get("/line")).status == 303


async def test_a_city_without_rules_reads_what_holds_all_the_same(world: World) -> None:
    page = (await (await world.signed_in("lead")).get("/line")).text
    assert "空闲最久" in page
    assert "24 小时开放" in page
    english = (await (await world.signed_in("lead")).get("/line?lang=en")).text
    assert "in order of arrival" in english


async def test_rules_are_changed_by_the_form_and_hold_for_the_next_caller(world: World) -> None:
    browser = await world.signed_in("lead")
    await save(browser, groups__0__name="企业", groups__1__name="综合")
    status, _ = await save(
        browser,
        skills__0__skill="企业",
        skills__0__level="3",
        skills__0__group="企业",
        skills__0__steps="20:1; 40:0 综合",
        last_seat_days="7",
    )
    assert status == 303
    expected = LineRules(
        groups=(Group("企业"), Group("综合")),
        skills=(Skill("企业", 3, "企业", steps=(Step(20, 1), Step(40, 0, ("综合",)))),),
        last_seat_days=7,
    )
    assert rules_of(world) == expected
    assert await world.store.read(lambda conn: rulebook.rules(conn, world.clock())) == expected
    page = (await browser.get("/line")).text
    assert "技能「企业」：须 3 级以上，由「企业」组接听。等候 20 秒后 1 级即可。" in page
    assert "7 天内再次来电" in page
    facts = await world.store.read(lambda conn: history.of(conn, "line"))
    assert [(fact.kind, fact.actor, fact.detail["why"]) for fact in facts] == [
        ("line.rules", "lead", "试行")
    ] * 2


async def test_a_refused_form_keeps_all_that_was_typed_and_changes_nothing(world: World) -> None:
    browser = await world.signed_in("lead")
    status, page = await save(browser, hold_seconds="600", last_seat_days="7", valid_from="明天")
    assert status == 400
    assert 'id="valid_from-e"' in page
    status, page = await save(browser, hold_seconds="600", last_seat_days="7")
    assert (status, 'id="hold_seconds-e"' in page) == (400, True)
    assert fields_of(page)["last_seat_days"] == "7"
    status, page = await save(browser, why="")
    assert (status, 'id="why-e"' in page) == (400, True)
    assert rules_of(world) == LineRules()


async def test_of_two_team_leads_who_change_the_same_rules_the_second_is_told(world: World) -> None:
    browser = await world.signed_in("lead")
    stale = fields_of((await browser.get("/line/rules")).text) | {"why": "旧"}
    del stale["csrf"]
    assert (await save(browser, last_seat_days="7"))[0] == 303
    seen = await browser.post_form("/line/rules", stale)
    assert (seen.status, "刚才有人改过" in seen.text) == (409, True)
    assert rules_of(world).last_seat_days == 7


async def test_rules_for_later_are_shown_and_hold_from_their_time(world: World) -> None:
    browser = await world.signed_in("lead")
    assert (await save(browser, last_seat_days="7", valid_from="2026-11-23 18:00"))[0] == 303
    assert rules_of(world) == LineRules()
    assert "将于以下时间生效" in (await browser.get("/line")).text
    later = world.clock() + timedelta(hours=9)
    assert (await world.store.read(lambda conn: rulebook.rules(conn, later))).last_seat_days == 7


async def test_without_its_token_no_form_of_the_line_is_taken(world: World) -> None:
    browser = await world.signed_in("lead")
    browser.csrf = ""
    for path in ("/line/rules", "/line/emergency", "/line/spans/1/end", "/line/seats/1001"):
        assert (await browser.post_form(path, dict(EMERGENCY))).status == 403


async def test_the_emergency_switch_needs_a_reason_and_a_confirmation_and_ends_by_itself(
    world: World,
) -> None:
    browser = await world.signed_in("lead")
    for missing in ("why", "confirm", "minutes"):
        seen = await browser.post_form("/line/emergency", EMERGENCY | {missing: ""})
        assert (seen.status, f'id="emergency-{missing}-e"' in seen.text) == (400, True)
    for minutes in ("0", "1441", "-5", "x"):
        assert (await browser.post_form("/line/emergency", EMERGENCY | {"minutes": minutes})).status == 400
    assert not rules_of(world).emergency(world.clock())
    assert (await browser.post_form("/line/emergency", EMERGENCY)).status == 303
    assert rules_of(world).emergency(world.clock())
    assert not rules_of(world).emergency(world.clock() + timedelta(minutes=60))
    assert (await browser.post_form("/line/emergency", EMERGENCY)).status == 409
    assert "所有座席接听所有来电" in (await browser.get("/line")).text


async def test_the_emergency_switch_is_switched_off_with_a_reason(world: World) -> None:
    browser = await world.signed_in("lead")
    await browser.post_form("/line/emergency", EMERGENCY)
    assert (await browser.post_form("/line/spans/1/end", {"why": "", "confirm": "yes"})).status == 400
    assert rules_of(world).emergency(world.clock())
    assert (await browser.post_form("/line/spans/1/end", {"why": "已恢复", "confirm": "yes"})).status == 303
    assert not rules_of(world).emergency(world.clock())
    facts = await world.store.read(lambda conn: history.of(conn, "line"))
    assert [(fact.kind, fact.detail["why"]) for fact in facts] == [
        ("line.emergency", "台风"),
        ("line.emergency_ended", "已恢复"),
    ]
    assert (await browser.post_form("/line/spans/99/end", {"why": "x", "confirm": "yes"})).status == 404


async def test_a_group_is_sent_to_help_another_for_an_hour(world: World) -> None:
    browser = await world.signed_in("lead")
    await save(browser, groups__0__name="综合", groups__1__name="企业")
    form = {"helper": "综合", "helped": "企业", **EMERGENCY}
    assert (await browser.post_form("/line/support", form | {"helper": "企业"})).status == 400
    seen = await browser.post_form("/line/support", form | {"helper": "没有"})
    assert (seen.status, "没有这个座席组" in seen.text) == (400, True)
    assert (await browser.post_form("/line/support", form)).status == 303
    (support,) = rules_of(world).supports
    assert (support.helper, support.helped, support.until) == (
        "综合",
        "企业",
        world.clock() + timedelta(hours=1),
    )
    # What holds for a while is not in the form of the rules, and not kept by it.
    await save(browser, last_seat_days="3")
    assert rules_of(world).supports == (support,)


async def test_h15_a_leaders_turn_is_planned_shown_and_taken_back(world: World) -> None:
    browser = await world.signed_in("lead")
    turn = {
        "seat": "s1001",
        "name": "陈局长",
        "unit": "市政中心",
        "since": "2026-11-23 09:00",
        "until": "2026-11-23 11:00",
        "skills": "市政, 路灯",
        "lines": "",
    }
    seen = await browser.post_form("/line/duty", turn | {"skills": ""})
    assert (seen.status, "受理范围" in seen.text) == (400, True)
    for wrong in ({"until": "2026-11-23 08:00"}, {"since": "9:00"}, {"until": "2026-11-23 08:59"}):
        assert (await browser.post_form("/line/duty", turn | wrong)).status == 400
    assert (await browser.post_form("/line/duty", turn)).status == 303
    (duty,) = rules_of(world).on_duty(world.clock())
    assert (duty.seat, duty.skills, duty.reserved) == ("s1001", ("市政", "路灯"), True)
    assert "陈局长" in (await browser.get("/line")).text
    await browser.post_form("/line/spans/1/end", {"why": "改期", "confirm": "yes"})
    assert rules_of(world).rota == ()


async def test_a_closure_is_planned_with_its_reason(world: World) -> None:
    browser = await world.signed_in("lead")
    form = {
        "group": "",
        "since": "2026-11-24 00:00",
        "until": "2026-11-24 02:00",
        "why": "割接",
        "confirm": "yes",
    }
    assert (await browser.post_form("/line/closure", form)).status == 303
    (closure,) = rules_of(world).closures
    assert (closure.group, closure.why) == ("", "割接")
    assert "整条热线" in (await browser.get("/line")).text


async def test_a_seats_skills_are_changed_and_hold_for_the_agent_who_is_there(world: World) -> None:
    browser = await world.signed_in("lead")
    await save(browser, skills__0__skill="企业")
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    form = fields_of((await browser.get("/line/seats/1001")).text)
    assert form["skill.0.name"] == "企业"
    del form["csrf"]
    form |= {
        "skill.0.level": "4",
        "skill.1.name": "市政",
        "skill.1.level": "2",
        "languages": "福州话、闽南话",
    }
    seen = await browser.post_form("/line/seats/1001", form | {"busy": "80"})
    assert (seen.status, 'id="why-e"' in seen.text) == (400, True)
    assert (await browser.post_form("/line/seats/1001", form | {"busy": "80", "why": "培训"})).status == 303
    expected = Profile((("企业", 4), ("市政", 2)), frozenset({"福州话", "闽南话"}), "", 0.8)
    assert await world.store.read(lambda conn: rulebook.profile(conn, "1001")) == expected
    assert world.engine.line.seats["s1001"].profile == expected
    listed = (await browser.get("/line/seats")).text
    assert "市政 2" in listed
    again = fields_of((await browser.get("/line/seats/1001")).text)
    assert (again["skill.0.level"], again["busy"]) == ("4", "80")


@pytest.mark.parametrize(
    "wrong",
    [
        {"skill.0.level": "6"},
        {"busy": "5"},
        {"skill.1.name": "企业", "skill.1.level": "1"},
        {"skill.99.name": "x"},
    ],
)
async def test_a_wrong_profile_is_refused_with_all_that_was_typed(
    world: World, wrong: dict[str, str]
) -> None:
    browser = await world.signed_in("lead")
    form = {"skill.0.name": "企业", "skill.0.level": "3", "why": "培训", "group": ""}
    seen = await browser.post_form("/line/seats/1001", form | wrong)
    assert seen.status == 400
    assert "企业" in seen.text
    assert await world.store.read(lambda conn: rulebook.profile(conn, "1001")) == Profile()
    assert (await browser.get("/line/seats/nobody")).status == 404
    assert (await browser.get("/line/seats/lead")).status == 404  # has no seat


def test_the_form_shows_every_rule_of_a_full_city_except_what_holds_for_a_while() -> None:
    texts = filled(FULL)
    assert texts["skills.0.steps"] == "20:1; 40:0 general"
    assert texts["groups.1.hours"] == "work 08:30-17:30"
    assert not any(name.startswith(("rota", "closures", "emergency")) for name in texts)


async def test_the_next_caller_is_sent_by_the_rules_and_skills_of_the_pages(world: World) -> None:
    browser = await world.signed_in("lead")
    await save(browser, skills__0__skill="企业", skills__0__level="2")
    form = {"skill.0.name": "企业", "skill.0.level": "3", "why": "培训", "group": ""}
    assert (await browser.post_form("/line/seats/1002", form)).status == 303
    profiles = await world.store.read(rulebook.profiles)
    for number, seat in enumerate(("s1001", "s1002")):
        at = world.clock() + timedelta(seconds=number)
        world.engine.sign_on(seat, agent=seat[1:], name=seat, profile=profiles[seat], at=at)
        world.engine.phone(seat, registered=True, mic=True, at=at)
        world.engine.ready(seat, at=at)
    world.clock.pass_(seconds=9)
    world.engine.caller_joined("hotline1-1.0", "PJSIP/c", "", world.clock(), wish=Wish(skill="企业"))
    await settled(lambda: ("assign", "hotline1-1.0", "s1002") in world.switch.asked)
    found = world.engine.why("hotline1-1.0")
    assert found is not None
    assert (found.reason, found.detail) == (Why.SKILL, "skill:企业/3 waited:0")
