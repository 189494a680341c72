"""What the desk asks beside its form: keys, looks, places, the command bar, the agent's day, merging."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.desk_keys import DEFAULTS, kept_of, keys_of, remapped
from storage import cases, drafts
from storage.errors import Invalid
from tests.console.making import a_case, an_order
from tests.console.world import World

CALL = "hotline1-1795308607.9"
SAID = {"call": CALL, "text": "路灯还是不亮,老人摔倒了,请加快。", "kind": "urge"}


# Keys


def test_all_actions_have_different_keys_and_none_is_one_of_an_input_method() -> None:
    assert len(set(DEFAULTS.values())) == len(DEFAULTS)
    assert not any(
        chord.startswith(("Ctrl+Shift+", "Shift+")) and len(chord) < 14 for chord in DEFAULTS.values()
    )
    assert {"Ctrl+Space", "Shift+Space", "Ctrl+.", "F5"}.isdisjoint(DEFAULTS.values())


@pytest.mark.parametrize(
    "chord",
    ["Ctrl+Space", "Shift+Space", "Ctrl+.", "Ctrl+Shift+F", "A", "5", "Tab", "Escape", "F5", "F12", "Ctrl+W", "Ctrl+V", ""],
)  # fmt: skip
def test_a_key_of_the_input_method_the_browser_or_of_typing_is_refused(chord: str) -> None:
    with pytest.raises(Invalid):
        remapped(DEFAULTS, "mute", chord)


def test_a_key_that_another_action_has_is_refused_and_the_refusal_names_it() -> None:
    with pytest.raises(Invalid) as refused:
        remapped(DEFAULTS, "mute", "F7")
    assert refused.value.fields["by"] == "hold"
    freed = remapped(DEFAULTS, "hold", "Alt+H")
    assert remapped(freed, "mute", "F7")["mute"] == "F7"


def test_a_key_somebody_chose_before_an_action_was_new_stays_theirs() -> None:
    keys = keys_of({"key.place": DEFAULTS["message"]})
    assert (keys["place"], keys["message"]) == (DEFAULTS["message"], "")
    assert remapped(keys, "message", "Alt+A")["message"] == "Alt+A"


CHORDS = st.from_regex(r"(F[1-9]|Alt\+[A-Z]|Ctrl\+[A-Z])", fullmatch=True)


@given(st.lists(st.tuples(st.sampled_from(sorted(DEFAULTS)), CHORDS), max_size=30))
def test_however_keys_are_changed_no_two_actions_share_one_and_what_is_kept_gives_them_back(
    changes: list[tuple[str, str]],
) -> None:
    keys = dict(DEFAULTS)
    for action, chord in changes:
        try:
            keys = remapped(keys, action, chord)
        except Invalid:
            continue
    assert len(set(keys.values())) == len(keys)
    assert keys_of(kept_of(keys)) == keys


async def test_a_remapped_key_is_the_person_s_own_on_every_computer_and_can_be_reset(world: World) -> None:
    one, other = await world.signed_in("1001"), await world.signed_in("1002")
    seen = await one.send_json("PUT", "/api/preferences/keys", {"action": "mute", "key": "Alt+Z"})
    assert seen.json["keys"]["mute"] == "Alt+Z"
    elsewhere = await world.signed_in("1001")
    assert '"mute": "Alt+Z"' in (await elsewhere.get("/desk")).text
    assert '"mute": "Alt+Z"' not in (await other.get("/desk")).text
    taken = await one.send_json("PUT", "/api/preferences/keys", {"action": "hold", "key": "Alt+Z"})
    assert taken.status == 400
    assert "静音" in taken.json["errors"]["key"]
    single = await one.send_json("PUT", "/api/preferences/keys", {"action": "mute", "key": ""})
    assert single.json["keys"] == dict(DEFAULTS)
    await one.send_json("PUT", "/api/preferences/keys", {"action": "mute", "key": "Alt+Z"})
    assert (await one.send_json("DELETE", "/api/preferences/keys", None)).json["keys"] == dict(DEFAULTS)
    assert '"mute": "F6"' in (await elsewhere.get("/desk")).text


async def test_looks_are_kept_and_what_is_no_look_is_refused(world: World) -> None:
    agent = await world.signed_in("1001")
    looks = {"theme": "dark", "size": "large", "contrast": "more"}
    assert (await agent.send_json("PUT", "/api/preferences/looks", looks)).status == 204
    assert (
        '"looks": {"contrast": "more", "size": "large", "theme": "dark"}' in (await agent.get("/desk")).text
    )
    assert (await agent.send_json("PUT", "/api/preferences/looks", {"theme": ""})).status == 204
    assert '"theme": "dark"' not in (await agent.get("/desk")).text
    assert (await agent.send_json("PUT", "/api/preferences/looks", {"theme": "pink"})).status == 400


# Places and the command bar


async def test_the_gazetteer_leads_from_the_district_to_the_grid(world: World) -> None:
    agent = await world.signed_in("1001")
    found = (await agent.get("/api/places")).json
    rows = {row[0]: row for row in found["places"]}
    grid = next(row for row in rows.values() if row[4] == 5)
    assert grid[5:]
    town = rows[grid[1]]
    assert town[4] == 3
    assert rows[town[1]][4] == 2
    assert rows[town[1]][1] is None
    assert all(row[1] is None or row[1] in rows for row in rows.values())


async def test_the_command_bar_finds_cases_by_number_and_words_and_units_by_initials(world: World) -> None:
    agent = await world.signed_in("1001")
    case = await a_case(world)
    for words in (case.no, case.digits, "路灯不亮"):
        assert [row["no"] for row in (await agent.get(f"/api/find?q={words}")).json["cases"]] == [case.no]
    assert "szgc" in [unit["id"] for unit in (await agent.get("/api/find?q=szgc")).json["units"]]
    assert (await agent.get("/api/find?q=")).json == {"cases": [], "units": []}


async def test_only_who_has_a_desk_may_ask_what_the_desk_asks(world: World) -> None:
    outsider = await world.signed_in("liaison")
    for path in ("/api/find?q=路灯", "/api/mine", f"/api/drafts/{CALL}"):
        assert (await outsider.get(path)).status == 403
    assert (await outsider.send_json("POST", "/api/cases/RH261123-00001-1/merge", SAID)).status == 403


# The day and the drafts


async def test_an_agent_finds_what_was_begun_on_another_computer_and_nobody_else_does(world: World) -> None:
    one, other = await world.signed_in("1001"), await world.signed_in("1002")
    fields = {"title": "井盖松动", "content": "车辆经过有异响"}
    await one.send_json("PUT", f"/api/drafts/{CALL}", {"fields": fields})
    world.clock.pass_(minutes=1)
    await one.send_json("PUT", "/api/drafts/hotline1-2.2", {"fields": {"title": "", "content": "只写了内容"}})
    await one.send_json("PUT", "/api/drafts/hotline1-3.3", {"fields": {"contact_number": "13850123456"}})
    begun = (await (await world.signed_in("1001")).get("/api/mine")).json["drafts"]
    assert [draft["title"] for draft in begun] == ["只写了内容", "井盖松动"]
    assert (await one.get(f"/api/drafts/{CALL}")).json["fields"] == fields
    assert (await other.get(f"/api/drafts/{CALL}")).status == 404
    assert (await other.get("/api/mine")).json["drafts"] == []
    await other.send_json("DELETE", f"/api/drafts/{CALL}", None)
    assert await world.store.read(lambda conn: drafts.draft(conn, CALL)) == fields
    await one.send_json("DELETE", f"/api/drafts/{CALL}", None)
    assert await world.store.read(lambda conn: drafts.draft(conn, CALL)) is None


async def test_an_agent_s_day_lists_the_cases_they_took_and_not_those_of_others(world: World) -> None:
    one, other = await world.signed_in("1001"), await world.signed_in("1002")
    no = (await one.send_json("POST", "/api/cases", an_order())).json["no"]
    assert [case["no"] for case in (await one.get("/api/mine")).json["cases"]] == [no]
    assert (await other.get("/api/mine")).json["cases"] == []
    world.clock.pass_(hours=49)
    later = await world.signed_in("1001")
    assert (await later.get("/api/mine")).json["cases"] == []


# Merging


async def test_a_caller_s_words_go_into_the_open_case_once_however_often_they_are_sent(world: World) -> None:
    agent = await world.signed_in("1001")
    no = (await agent.send_json("POST", "/api/cases", an_order("dispatch", units=["szgc"]))).json["no"]
    await agent.send_json("PUT", f"/api/drafts/{CALL}", {"fields": {"title": "路灯"}})
    for _ in range(3):
        seen = await agent.send_json("POST", f"/api/cases/{no}/merge", SAID)
        assert seen.status == 200
        assert (seen.json["no"], seen.json["title"]) == (no, "鳌峰新村路灯不亮")
        assert "code" not in seen.json  # whoever calls now need not be the one whose case it is
    case = await world.store.read(lambda conn: cases.case(conn, no))
    assert [line.fields["call"] for line in case.supplements] == [CALL]
    assert [fact.kind for fact in case.events].count("urge.sent") == 1
    assert await world.store.read(lambda conn: drafts.draft(conn, CALL)) is None


async def test_new_facts_are_added_without_urging_anybody(world: World) -> None:
    agent = await world.signed_in("1001")
    no = (await agent.send_json("POST", "/api/cases", an_order("dispatch", units=["szgc"]))).json["no"]
    seen = await agent.send_json("POST", f"/api/cases/{no}/merge", SAID | {"kind": "fact"})
    assert seen.status == 200
    case = await world.store.read(lambda conn: cases.case(conn, no))
    kinds = [fact.kind for fact in case.events]
    assert "citizen.supplemented" in kinds
    assert "urge.sent" not in kinds


@pytest.mark.parametrize(
    "wrong", [{"text": " "}, {"kind": "other"}, {"call": "a b"}, {"call": ""}, {"more": "1"}]
)
async def test_a_merge_that_says_nothing_or_something_else_changes_nothing(
    world: World, wrong: dict[str, str]
) -> None:
    agent = await world.signed_in("1001")
    no = (await agent.send_json("POST", "/api/cases", an_order("dispatch", units=["szgc"]))).json["no"]
    assert (await agent.send_json("POST", f"/api/cases/{no}/merge", SAID | wrong)).status == 400
    assert (await world.store.read(lambda conn: cases.case(conn, no))).supplements == []


async def test_a_merge_into_a_case_that_is_not_there_is_missing(world: World) -> None:
    agent = await world.signed_in("1001")
    assert (await agent.send_json("POST", "/api/cases/RH261123-99999-1/merge", SAID)).status == 404
