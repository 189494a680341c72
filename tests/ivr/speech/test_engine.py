"""The engine as Asterisk meets it: a real service, the real model, synthetic speech."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from ivr.speech.aeap import SETUP_LATE
from tests.ivr.speech.engine import Service, connected, created, running
from tests.speech_sound import noise, pcm, silence, speech, tone

YES = pcm(speech("是的", tail=1.5))
PERSON = pcm(speech("人工 服务", tail=1.5))
NONSENSE = pcm(speech("垃圾 停车", tail=1.5))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running(tmp_path_factory.mktemp("speech"), "--workers", "1") as one:
        yield one


async def test_a_phrase_of_the_grammar_is_answered_with_its_score(service: Service) -> None:
    async with created(service.port) as asterisk:
        text, score, grammar = await asterisk.hear("yes_no", YES)
    assert (text, grammar) == ("是的", "yes_no")
    assert score >= 70


async def test_one_connection_serves_several_turns_and_each_has_one_answer(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("yes_no", YES * 2))[0] == "是的"
        assert await asterisk.is_silent()
        assert (await asterisk.hear("score", pcm(speech("不满意", tail=1.5))))[0] == "不满意"
        assert (await asterisk.hear("yes_no", PERSON))[0] == "人工服务"


async def test_a_menu_of_the_file_is_a_grammar(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("menu:waiting", pcm(speech("查询 进度", tail=1.5))))[0] == "查询进度"


@pytest.mark.parametrize("voice", ["f2", "m3", "m7"])
async def test_a_case_number_is_heard_figure_by_figure(service: Service, voice: str) -> None:
    said = pcm(speech("261127001783", voice=voice, tail=0.6))
    async with created(service.port) as asterisk:
        text, score, _ = await asterisk.hear("digits;digits=12", said)
    assert text == "二六一一二七零零一七八三"
    assert score >= 70


async def test_a_number_said_in_two_parts_is_one_number(service: Service) -> None:
    said = pcm(speech("2611", tail=0.9)) + pcm(speech("7017", tail=0.6))
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("digits;digits=8", said))[0] == "二六一一七零一七"


async def test_a_number_of_unknown_length_ends_with_a_longer_pause(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("digits", pcm(speech("2617", tail=2.0))))[0] == "二六一七"


async def test_who_is_asked_for_a_number_may_ask_for_a_person(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("digits;digits=12", PERSON))[0] == "人工服务"


async def test_other_words_are_answered_as_unknown(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert await asterisk.hear("yes_no", NONSENSE) == ("[unk]", 0, "yes_no")


async def test_a_noise_does_not_cut_a_prompt_short_but_a_phrase_does(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("yes_no;prompt=60000", NONSENSE + YES))[0] == "是的"


async def test_what_is_said_in_the_first_moment_is_spared(service: Service) -> None:
    async with created(service.port) as asterisk:
        first = pcm(speech("不对", lead=0.0, tail=1.0))
        assert (await asterisk.hear("yes_no;spare=1500", first + YES))[0] == "是的"
        assert (await asterisk.hear("yes_no", first + YES))[0] == "不对"


@pytest.mark.parametrize(
    "sound",
    [silence(6), noise(9, peak=600), tone(6, 440, 480, on=0.05, off=0.0)],
    ids=["silence", "noise", "a steady tone"],
)
async def test_no_words_are_heard_where_nobody_speaks(service: Service, sound: bytes) -> None:
    async with created(service.port) as asterisk:
        text, _, _ = await asterisk.hear("yes_no;prompt=1000;seconds=2000", pcm(sound) + bytes(160_000))
    assert text in {"", "[unk]"}


@pytest.mark.parametrize("grammar", ["yes_no", "digits;digits=12", "menu:waiting", "status_keys"])
@pytest.mark.parametrize(("on", "off"), [(1.0, 4.0), (0.35, 0.35)], ids=["ring tone", "busy tone"])
async def test_the_tones_of_the_network_say_nothing(
    service: Service, grammar: str, on: float, off: float
) -> None:
    name = grammar.partition(";")[0]
    async with created(service.port) as asterisk:
        sound = pcm(tone(9, 450, on=on, off=off)) + pcm(silence(2))
        assert await asterisk.hear(f"{grammar};seconds=8000", sound) == ("", 0, name)
        assert (await asterisk.hear(f"{grammar};seconds=12000", sound + PERSON))[0] == "人工服务"


async def test_silence_is_answered_when_the_time_is_over(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert await asterisk.hear("yes_no;prompt=500;seconds=1000", pcm(silence(2))) == ("", 0, "yes_no")


async def test_who_speaks_when_the_time_is_over_is_waited_for(service: Service) -> None:
    said = pcm(silence(0.8)) + pcm(speech("人工 服务", lead=0, tail=1.5))
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("yes_no;seconds=1000", said))[0] == "人工服务"


async def test_a_telephone_that_sends_nothing_when_all_is_still_is_understood(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("yes_no", pcm(speech("是的", tail=0.0))))[0] == "是的"


async def test_a_connection_that_asterisk_has_forgotten_after_its_answer_is_ended(service: Service) -> None:
    """Asterisk waits without limit for the end of a connection that it has closed, and its caller with it."""
    forgotten = 'hotline_speech_answers_total{outcome="forgotten"}'
    before = service.metric(forgotten)
    async with created(service.port) as asterisk:
        await asterisk.hear("yes_no", YES)
        message = await asterisk.socket.receive(timeout=15)
        assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    service.until(lambda _: service.metric(forgotten) == before + 1)


async def test_an_unknown_grammar_is_refused_and_nothing_is_waited_for(service: Service) -> None:
    async with created(service.port) as asterisk:
        assert "error_msg" in await asterisk.set("grammar", "no-such-menu")
        await asterisk.sound(YES)
        assert await asterisk.result() == ("", 0, "")


async def test_other_codecs_than_the_telephones_are_refused(service: Service) -> None:
    async with connected(service.port) as asterisk:
        assert "error_msg" in await asterisk.request("setup", codecs=[{"name": "opus"}])


async def test_a_late_setup_is_not_answered_because_asterisk_has_forgotten_whom_it_asked(
    service: Service,
) -> None:
    async with connected(service.port) as asterisk:
        await asyncio.sleep(SETUP_LATE + 0.2)
        await asterisk.socket.send_json({"request": "setup", "id": "1", "codecs": [{"name": "slin"}]})
        async for message in asterisk.socket:
            raise AssertionError(message)


@pytest.mark.parametrize(
    "garbage",
    [
        "{",
        "[1]",
        '"setup"',
        '{"request": "setup", "id": 7}',
        '{"request": "setup", "id": "1", "codecs": 5}',
        '{"request": {"a": 1}, "id": "1", "params": [1]}',
        b"\x00" * 321,
        b"\xff" * 200_000,
        "x" * 200_000,
    ],
    ids=lambda garbage: repr(garbage[:20]),
)
async def test_who_is_not_asterisk_is_disconnected_and_nobody_else_notices(
    service: Service, garbage: str | bytes
) -> None:
    async with created(service.port) as bystander, connected(service.port) as stranger:
        await bystander.set("grammar", "yes_no")
        if isinstance(garbage, bytes):
            await stranger.socket.send_bytes(garbage)
        else:
            await stranger.socket.send_str(garbage)
        async for _ in stranger.socket:
            pass
        assert stranger.socket.closed
        await bystander.sound(YES)
        assert (await bystander.result())[0] == "是的"


async def test_sound_in_odd_pieces_is_heard(service: Service) -> None:
    async with created(service.port) as asterisk:
        await asterisk.set("grammar", "yes_no")
        for start in range(0, len(YES), 333):
            await asterisk.socket.send_bytes(YES[start : start + 333])
        assert (await asterisk.result())[0] == "是的"


@pytest.mark.parametrize(
    "value", ["yes_no;seconds=-1", "yes_no;digits=x", "yes_no;spare=99999999", "", ";;", "=;="]
)
async def test_a_setting_that_is_none_is_refused(service: Service, value: str) -> None:
    async with created(service.port) as asterisk:
        assert "error_msg" in await asterisk.set("grammar", value)


async def test_a_recording_is_written_down(service: Service) -> None:
    sound = speech("我要 投诉 垃圾")
    async with aiohttp.ClientSession() as session:
        async with session.post(f"http://127.0.0.1:{service.port}/transcribe", data=sound) as answer:
            found = await answer.json()
        async with session.post(f"http://127.0.0.1:{service.port}/transcribe", data=b"no sound") as refused:
            assert refused.status == 400
    [final] = found["finals"]
    assert final["text"] == "我要 投诉 垃圾"
    assert 0 < final["begins"] < final["ends"] < 3
    assert 0.5 < final["score"] <= 1


async def test_words_of_callers_are_in_no_log(service: Service) -> None:
    async with created(service.port) as asterisk:
        await asterisk.hear("yes_no", pcm(speech("确认", tail=1.5)))
    told = service.log.read_text(encoding="utf-8")
    assert "ready" in told
    assert not [word for word in ("确认", "是的", "人工") if f"{word}" in told.replace("找人工", "")]


def test_words_the_model_does_not_have_are_named_by_menu(tmp_path: Path) -> None:
    menu = tmp_path / "menu.toml"
    menu.write_text(_menu("停车", "魑魅魍魉"), encoding="utf-8")
    with running(tmp_path, "--workers", "1", "--menu", str(menu)) as service:
        found = service.health()
        assert found["unknown"]["menu:waiting"] == ["魑魅魍魉"]
        assert found["model"] == "zh-mini-synth"
        assert found["synthetic"] is True
        assert "魑魅魍魉" in service.log.read_text(encoding="utf-8")
        menu.write_text(_menu("停车", "饕餮"), encoding="utf-8")
        service.until(lambda health: health["unknown"]["menu:waiting"] == ["饕餮"])


async def test_a_changed_menu_is_understood_without_a_restart(tmp_path: Path) -> None:
    menu = tmp_path / "menu.toml"
    menu.write_text(_menu("停车"), encoding="utf-8")
    said = pcm(speech("公积金", tail=1.5))
    with running(tmp_path, "--workers", "1", "--menu", str(menu)) as service:
        async with created(service.port) as asterisk:
            assert (await asterisk.hear("menu:waiting", said))[0] == "[unk]"
        menu.write_text(_menu("停车", "公积金", "饕餮"), encoding="utf-8")
        service.until(lambda health: "饕餮" in health["unknown"].get("menu:waiting", ()))
        menu.write_text("this is no menu", encoding="utf-8")
        async with created(service.port) as asterisk:
            assert (await asterisk.hear("menu:waiting", said))[0] == "公积金"


def _menu(*phrases: str) -> str:
    """Return a menu file in which a caller can say the phrases, or press a key."""
    return f"""
version = "test-1"
profile = "direct"
[everywhere.person]
action = "person"
key = "0"
title = "人工服务"
offer = "person-key"
[menus.waiting.choices.status]
action = "status"
key = "1"
phrases = {json.dumps(phrases, ensure_ascii=False)}
title = "查询进度"
"""


@pytest.mark.parametrize("grammar", ["yes_no", "status_keys", "digits;digits=6", "menu:information"])
async def test_keys_that_are_heard_as_sound_say_nothing_and_do_not_hold_the_recogniser_up(
    service: Service, grammar: str
) -> None:
    before = service.health()["workers"][0]["restarts"]
    keys = pcm(tone(5, 697, 1209, on=0.15, off=0.2)) + pcm(silence(2))
    async with created(service.port) as asterisk:
        assert (await asterisk.hear(f"{grammar};seconds=4000", keys))[0] == ""
        assert (await asterisk.hear(grammar, PERSON))[0] == "人工服务"
    assert service.health()["workers"][0]["restarts"] == before
