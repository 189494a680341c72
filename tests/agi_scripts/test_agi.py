"""One call over AGI, against answers that Asterisk 22 was seen to give."""

import asyncio
import logging
from urllib.parse import parse_qs

import pytest

from agi_scripts import agi
from agi_scripts.agi import AGISession, NoAnswer
from agi_scripts.agi_lines import AGIError
from ivr.call import HungUp
from tests.agi_scripts.agi_world import GONE, call, table


def details(fact: str) -> dict[str, str]:
    pairs = parse_qs(fact.partition(",")[2], keep_blank_values=True)
    return {name: values[0] for name, values in pairs.items()}


def test_a_call_knows_its_id_its_caller_and_what_was_dialled() -> None:
    known = []

    async def script(call: AGISession) -> None:
        known.extend([call.id, call.caller, call.dialled])

    call(script)
    assert known == ["hotline1-1795308607.0", "13850123456", "12345"]


def test_a_withheld_number_is_an_empty_one() -> None:
    known = []

    async def script(call: AGISession) -> None:
        known.append((call.caller, call.dialled))

    call(script, agi_callerid="unknown", agi_dnid="unknown")
    assert known == [("", "")]


def test_prompts_are_played_from_the_hotlines_folder_and_put_on_record() -> None:
    async def script(call: AGISession) -> None:
        assert await call.say(["welcome", "digits/3", "/srv/sounds/live/ab12"]) == ""

    heard = call(script)
    assert heard.of("STREAM FILE") == ['"hotline/welcome" ""', '"digits/3" ""', '"/srv/sounds/live/ab12" ""']
    (fact,) = heard.facts()
    assert fact.startswith("HOTLINE_MENU,")
    assert details(fact)["said"] == "welcome digits/3 live/ab12"
    assert details(fact)["key"] == ""
    assert int(details(fact)["ms"]) >= 0


def test_all_keys_of_a_number_come_at_once_and_into_no_record() -> None:
    heard_keys = []

    async def script(call: AGISession) -> None:
        heard_keys.append((await call.hear(["enter-case-number"], "digits:12", keys=agi.ANY_KEY)).key)

    replies = {"STREAM FILE": f"200 result={ord('2')} endpos=80", "GET DATA": "200 result=61122001781"}
    heard = call(script, table(replies))
    assert heard_keys == ["261122001781"]
    assert heard.of("GET DATA") == ['"" "6000" "11"']
    assert "61122" not in "".join(heard.facts())


@pytest.mark.parametrize(("rest", "key"), [("200 result= (timeout)", "2"), ("200 result=6112", "26112")])
def test_a_number_that_breaks_off_comes_as_far_as_it_was_keyed(rest: str, key: str) -> None:
    heard_keys = []

    async def script(call: AGISession) -> None:
        heard_keys.append((await call.hear([], "digits:12", keys=agi.ANY_KEY)).key)

    call(script, table({"WAIT FOR DIGIT": f"200 result={ord('2')}", "GET DATA": rest}))
    assert heard_keys == [key]


def test_a_number_that_is_read_back_stands_in_no_record_but_a_date_does() -> None:
    code = [f"digits/{figure}" for figure in "483920"]

    async def script(call: AGISession) -> None:
        await call.say(["you-said", *code, "you-said-right", "digits/2", "digits/0", "digits/2", "digits/6"])

    (fact,) = call(script).facts()
    assert details(fact)["said"] == "you-said digits you-said-right digits/2 digits/0 digits/2 digits/6"


def test_a_key_cuts_the_prompts_short() -> None:
    keys = []

    async def script(call: AGISession) -> None:
        keys.append(await call.say(["one", "two", "three"], "19"))

    heard = call(script, table({'STREAM FILE "hotline/two"': "200 result=57 endpos=800"}))
    assert keys == ["9"]
    assert heard.of("STREAM FILE") == ['"hotline/one" "19"', '"hotline/two" "19"']
    assert details(heard.facts()[0])["key"] == "9"


def test_keys_pressed_into_the_prompt_and_after_it_are_one_answer() -> None:
    keyed = []

    async def script(call: AGISession) -> None:
        keyed.append(await call.ask(["enter-case-number", "please"], digits=12, seconds=4))

    replies = table({"STREAM FILE": "200 result=50 endpos=1600", "GET DATA": "200 result=61122001781"})
    heard = call(script, replies)
    assert keyed == ["261122001781"]
    assert heard.of("STREAM FILE") == ['"hotline/enter-case-number" "0123456789*#"']
    assert heard.of("GET DATA") == ['"" "4000" "11"']


def test_a_query_code_is_in_no_fact() -> None:
    async def script(call: AGISession) -> None:
        await call.ask(["enter-code"], digits=6)

    heard = call(script, table({"GET DATA": "200 result=482913"}))
    assert details(heard.facts()[0])["keys"] == "6"
    assert "482913" not in heard.facts()[0]


def test_a_single_key_is_in_the_fact() -> None:
    async def script(call: AGISession) -> None:
        assert await call.ask(["survey"], digits=1) == "5"

    heard = call(script, table({"GET DATA": "200 result=5"}))
    assert details(heard.facts()[0])["key"] == "5"


@pytest.mark.parametrize(
    ("stream", "data", "keyed"),
    [
        ("200 result=35 endpos=1", "200 result=9", ""),  # the square alone: nothing keyed
        ("200 result=55 endpos=1", "200 result=9", "79"),
        ("200 result=0 endpos=1", "200 result= (timeout)", ""),
        ("200 result=0 endpos=1", "200 result=12 (timeout)", "12"),
        ("200 result=0 endpos=1", "200 result=", ""),
    ],
)
def test_asking_ends_by_the_square_by_the_last_key_or_by_silence(stream: str, data: str, keyed: str) -> None:
    got = []

    async def script(call: AGISession) -> None:
        got.append(await call.ask(["enter"], digits=4))

    call(script, table({"STREAM FILE": stream, "GET DATA": data}))
    assert got == [keyed]


def test_a_missing_prompt_is_logged_and_skipped_and_is_no_hang_up(caplog: pytest.LogCaptureFixture) -> None:
    async def script(call: AGISession) -> None:
        assert await call.say(["nowhere", "welcome"]) == ""
        await call.route("line")

    replies = table(
        {'STREAM FILE "hotline/nowhere"': "200 result=-1 endpos=0", "CHANNEL STATUS": "200 result=6"}
    )
    heard = call(script, replies)
    assert heard.commands[-1] == 'SET VARIABLE "HOTLINE_DONE" "1"'
    assert details(heard.facts()[0])["said"] == "welcome"
    assert [record.levelno for record in caplog.records if "nowhere" in record.message] == [logging.ERROR]


def test_a_hang_up_in_a_prompt_ends_the_dialogue_and_the_record_says_what_was_heard() -> None:
    ended = []

    async def script(call: AGISession) -> None:
        try:
            await call.say(["welcome", "more"])
        except HungUp:
            ended.append("hung up")
            raise

    heard = call(script, table({"STREAM FILE": "200 result=-1 endpos=16160\nHANGUP", "CHANNEL STATUS": GONE}))
    assert ended == ["hung up"]
    assert len(heard.of("STREAM FILE")) == 1
    assert details(heard.facts()[0])["said"] == "welcome"


def test_a_hangup_line_answers_nothing_and_the_next_answer_is_not_shifted() -> None:
    values = []

    async def script(call: AGISession) -> None:
        values.append(await call.get("A"))
        values.append(await call.get("B"))
        with pytest.raises(HungUp):
            await call.say(["welcome"])

    heard = call(
        script,
        table({'GET VARIABLE "A"': "HANGUP\n200 result=1 (a)", 'GET VARIABLE "B"': "200 result=1 (b)"}),
    )
    assert values == ["a", "b"]
    assert heard.of("STREAM FILE") == []


def test_facts_and_variables_can_still_be_written_after_a_hang_up() -> None:
    async def script(call: AGISession) -> None:
        await call.set("HOTLINE_X", "1")
        await call.record("survey", score=5)

    heard = call(script, table({"SET VARIABLE": "HANGUP\n200 result=1"}))
    assert heard.facts() == ["HOTLINE_SURVEY,score=5"]


def test_a_variable_that_reads_hangup_is_a_value() -> None:
    values = []

    async def script(call: AGISession) -> None:
        values.append(await call.get("A"))
        await call.say(["welcome"])

    heard = call(script, table({"GET VARIABLE": "200 result=1 (hangup)"}))
    assert values == ["hangup"]
    assert len(heard.of("STREAM FILE")) == 1


def test_a_value_of_two_lines_does_not_shift_the_next_answer() -> None:
    values = []

    async def script(call: AGISession) -> None:
        values.append(await call.get("A"))
        values.append(await call.get("B"))

    call(script, table({'GET VARIABLE "A"': "200 result=1 (x\ny)", 'GET VARIABLE "B"': "200 result=1 (b)"}))
    assert values == ["x\ny", "b"]


def test_an_unset_variable_is_empty() -> None:
    values = []

    async def script(call: AGISession) -> None:
        values.append(await call.get("A"))

    call(script)
    assert values == [""]


def test_a_usage_reply_of_many_lines_is_one_refusal() -> None:
    seen = []

    async def script(call: AGISession) -> None:
        with pytest.raises(AGIError):
            await call.command("SET VARIABLE")
        seen.append(await call.get("B"))

    usage = "520-Invalid command syntax.  Proper usage follows:\nSets a variable.\nUsage: x\n520 End of proper usage."
    call(script, table({"SET VARIABLE": usage, "GET VARIABLE": "200 result=1 (b)"}))
    assert seen == ["b"]


def test_an_unknown_command_is_an_error_and_the_session_lives() -> None:
    seen = []

    async def script(call: AGISession) -> None:
        with pytest.raises(AGIError):
            await call.command("NONSENSE")
        seen.append(await call.get("B"))

    call(script, table({"NONSENSE": "510 Invalid or unknown command", "GET VARIABLE": "200 result=1 (b)"}))
    assert seen == ["b"]


def test_a_dead_channel_is_a_hang_up() -> None:
    ended = []

    async def script(call: AGISession) -> None:
        with pytest.raises(HungUp):
            await call.command("WAIT FOR DIGIT", "1000")
        ended.append(True)

    call(script, table({"WAIT": GONE}))
    assert ended == [True]


def test_a_closed_socket_is_a_hang_up_and_stays_one() -> None:
    ended = []

    async def script(call: AGISession) -> None:
        for _ in range(2):
            with pytest.raises(HungUp):
                await call.say(["welcome"])
        ended.append(True)

    call(script, lambda _command: None)
    assert ended == [True]


def test_half_an_answer_before_the_end_is_a_hang_up() -> None:
    async def ask() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(b"200 resu")
        reader.feed_eof()
        with pytest.raises(HungUp):
            await AGISession(reader, _Sink(), {}).get("A")

    asyncio.run(ask())


class _Sink(asyncio.StreamWriter):
    """Takes everything and sends it nowhere."""

    def __init__(self) -> None:
        """Without a transport."""

    def __del__(self) -> None:
        """There is nothing to close."""

    def write(self, data: object) -> None:
        """Swallow it."""

    async def drain(self) -> None:
        """There is never anything to wait for."""


def test_asterisks_silence_ends_the_session_and_a_late_answer_is_never_taken_for_another() -> None:
    async def ask() -> None:
        reader = asyncio.StreamReader()
        session = AGISession(reader, _Sink(), {})
        with pytest.raises(NoAnswer):
            await session.command("GET VARIABLE", "A", seconds=0.01)
        reader.feed_data(b"200 result=1 (late)\n")
        with pytest.raises(HungUp):
            await session.get("B")

    asyncio.run(ask())


def test_a_cancelled_command_leaves_no_answer_for_the_next_one() -> None:
    async def ask() -> None:
        reader = asyncio.StreamReader()
        session = AGISession(reader, _Sink(), {})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.get("A"), 0.01)
        reader.feed_data(b"200 result=1 (late)\n")
        with pytest.raises(HungUp):
            await session.get("B")

    asyncio.run(ask())


def test_a_line_without_end_is_an_error_and_not_memory() -> None:
    async def ask() -> None:
        reader = asyncio.StreamReader(limit=64)
        reader.feed_data(b"2" * 200)
        with pytest.raises(AGIError):
            await AGISession(reader, _Sink(), {}).get("A")

    asyncio.run(ask())


def test_a_long_list_of_sounds_is_put_on_record_in_portions_that_fit() -> None:
    sounds = [f"piece-number-{n:04d}" for n in range(200)]

    async def script(call: AGISession) -> None:
        await call.say(sounds)

    heard = call(script)
    facts = [details(fact) for fact in heard.facts()]
    assert " ".join(fact["said"] for fact in facts).split() == sounds
    assert [("ms" in fact) for fact in facts] == [False] * (len(facts) - 1) + [True]
    assert max(len(fact) for fact in heard.facts()) < 600


def test_the_route_is_set_before_the_mark_that_the_script_is_done() -> None:
    async def script(call: AGISession) -> None:
        await call.route("line")

    heard = call(script)
    assert heard.commands == ['SET VARIABLE "HOTLINE_ROUTE" "line"', 'SET VARIABLE "HOTLINE_DONE" "1"']


def test_every_wait_for_asterisk_has_a_limit() -> None:
    assert 0 < agi.QUICK < agi.LONGEST_SOUND < 600
