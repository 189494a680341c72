"""Listening over AGI, against answers that Asterisk 22 was seen to give."""

import logging
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from agi_scripts import agi_lines
from agi_scripts.agi import ANY_KEY, AGISession
from agi_scripts.agi_lines import Listened
from agi_scripts.agi_speech import DEAF, Ears, Question
from ivr import sound
from ivr.call import Heard, How, HungUp
from ivr.joined import Joined, Prompt
from tests.agi_scripts import agi_world
from tests.agi_scripts.agi_world import GONE, Replies, table

READY = {"SPEECH CREATE": "200 result=1", "SPEECH SET": "200 result=1", "SPEECH DESTROY": "200 result=1"}
WORDS = '200 result=1 (speech) endpos=0 results=1 score0=90 text0="查 进度" grammar0=menu:main'
LOST = "200 result=1 (speech) endpos=0 results=0 "
TIMEOUT = "200 result=1 (timeout) endpos=0"


def digit(key: str) -> str:
    return f"200 result=1 (digit) digit={key} endpos=0"


@pytest.fixture
def ears(tmp_path: Path) -> Ears:
    for name in ("welcome", "goodbye"):
        sound.write(tmp_path / "zh" / "hotline" / f"{name}.wav", sound.silence(1.0))
    return Ears(there=lambda: True, prompts=Joined(tmp_path, tmp_path / "joined"))


def listen(
    ears: Ears, replies: Replies, *, grammar: str = "menu:main", keys: str = "019", turns: int = 1
) -> tuple[list[Heard], agi_world.Heard]:
    """Let one call be listened to; return what was heard, and what Asterisk saw."""
    heard: list[Heard] = []

    async def script(call: AGISession) -> None:
        for _ in range(turns):
            one = await call.hear(["welcome"], grammar, keys=keys, seconds=0.05, spare=0.6)
            heard.append(one)

    return heard, agi_world.call(script, replies, ears)


def details(seen: agi_world.Heard) -> dict[str, str]:
    pairs = parse_qs(seen.facts()[-1].partition(",")[2], keep_blank_values=True)
    return {name: values[0] for name, values in pairs.items() if name != "ms"}


@pytest.mark.parametrize(
    ("line", "listened"),
    [
        (WORDS, Listened("speech", words="查 进度", score=90, grammar="menu:main")),
        (LOST, Listened("speech")),
        (digit("#"), Listened("digit", key="#")),
        (TIMEOUT, Listened("timeout")),
        ("200 result=1 (hangup) endpos=0", Listened("hangup")),
        ("200 result=0", Listened("")),
        ('200 result=1 (speech) endpos=0 results=1 score0=900 text0="a" grammar0=x',
         Listened("speech", words="a", score=100, grammar="x")),
        ('200 result=1 (speech) endpos=0 results=1 score0=0 text0="" grammar0=x', Listened("speech", grammar="x")),
    ],
)  # fmt: skip
def test_every_end_of_a_recognition_is_understood(line: str, listened: Listened) -> None:
    assert agi_lines.listened(agi_lines.answer(line)) == listened


def test_words_come_without_spaces_and_into_no_record(ears: Ears, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    heard, seen = listen(ears, table(READY | {"SPEECH RECOGNIZE": WORDS}))
    assert heard == [Heard(how=How.SPEECH, words="查进度", score=90)]
    assert details(seen) == {
        "said": "welcome", "grammar": "menu:main", "mode": "speech", "outcome": "heard", "engine": "on",
        "held": details(seen)["held"], "score": "90",
    }  # fmt: skip
    assert "进度" not in caplog.text


def test_the_service_is_told_grammar_and_times_in_one_word_and_is_let_go_before_the_fact(ears: Ears) -> None:
    _, seen = listen(ears, table(READY | {"SPEECH RECOGNIZE": WORDS}), grammar="digits:12")
    assert seen.commands[0] == 'SPEECH CREATE "hotline"'
    assert seen.commands[1] == 'SPEECH SET "grammar" "digits;prompt=1000;spare=600;digits=12;seconds=50"'
    assert seen.commands[2].endswith('/zh/hotline/welcome" "17" "0"')
    assert seen.commands[-2] == "SPEECH DESTROY"


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (WORDS.replace("查 进度", "[unk]"), How.UNKNOWN),
        (WORDS.replace("查 进度", ""), How.SILENCE),
        (TIMEOUT, How.SILENCE),
    ],
)
def test_what_is_no_phrase_is_unknown_and_what_is_no_word_is_silence(
    ears: Ears, answer: str, how: How
) -> None:
    heard, seen = listen(ears, table(READY | {"SPEECH RECOGNIZE": answer}))
    assert heard == [Heard(how=how)]
    assert (details(seen)["mode"], details(seen)["outcome"]) == ("none", how)


def test_a_key_that_leads_nowhere_ends_nothing_and_the_prompt_goes_on_where_it_was(ears: Ears) -> None:
    heard, seen = listen(ears, table(READY | {"SPEECH RECOGNIZE": [digit("5"), digit("9")]}))
    assert heard == [Heard(how=How.KEY, key="9")]
    assert details(seen)["key"] == "9"
    assert len(seen.of("SPEECH SET")) == 2


def test_all_keys_of_a_number_come_before_the_service_is_let_go_and_none_is_kept(ears: Ears) -> None:
    replies = READY | {"SPEECH RECOGNIZE": digit("2"), "GET DATA": "200 result=61122001781"}
    heard, seen = listen(ears, table(replies), grammar="digits:12", keys=ANY_KEY)
    assert heard == [Heard(how=How.KEY, key="261122001781")]
    verbs = [line.partition(" ")[0] for line in seen.commands]
    assert verbs.index("GET") < len(verbs) - 1 - verbs[::-1].index("SPEECH")
    assert details(seen)["keys"] == "12"
    assert "key" not in details(seen)


@pytest.mark.parametrize("asked", [False, True])
def test_a_service_that_refuses_or_is_known_to_be_away_leaves_the_keys(ears: Ears, asked: bool) -> None:
    ears = ears if asked else Ears(there=lambda: False, prompts=ears.prompts)
    replies = {"SPEECH": "200 result=0", "STREAM FILE": f"200 result={ord('9')} endpos=8"}
    heard, seen = listen(ears, table(replies))
    assert heard == [Heard(how=How.KEY, key="9")]
    assert details(seen)["engine"] == ("refused" if asked else "off")
    assert bool(seen.of("SPEECH CREATE")) is asked
    assert not seen.of("SPEECH RECOGNIZE")


def test_when_the_service_goes_in_the_middle_the_rest_of_the_prompt_comes_by_keys(ears: Ears) -> None:
    replies = READY | {"SPEECH RECOGNIZE": LOST, "STREAM FILE": f"200 result={ord('0')} endpos=8"}
    heard, seen = listen(ears, table(replies))
    assert heard == [Heard(how=How.KEY, key="0")]
    after = seen.commands.index(next(line for line in seen.commands if line.startswith("SPEECH RECOGNIZE")))
    assert seen.commands[after + 1].startswith("STREAM FILE")  # at once: a key between commands is lost
    assert details(seen)["engine"] == "lost"


def test_a_result_of_another_grammar_is_a_service_that_has_lost_its_way(ears: Ears) -> None:
    replies = READY | {"SPEECH RECOGNIZE": WORDS.replace("menu:main", ""), "WAIT FOR DIGIT": "200 result=0"}
    heard, seen = listen(ears, table(replies))
    assert heard == [Heard(how=How.SILENCE)]
    assert (details(seen)["engine"], details(seen)["outcome"]) == ("lost", "no_engine")


def test_after_two_failures_a_call_is_listened_to_by_keys_alone(ears: Ears) -> None:
    _, seen = listen(ears, table(READY | {"SPEECH RECOGNIZE": LOST}), turns=3)
    assert len(seen.of("SPEECH CREATE")) == 2


@pytest.mark.parametrize("step", ["SPEECH CREATE", "SPEECH SET", "SPEECH RECOGNIZE", "STREAM FILE"])
def test_a_hang_up_at_each_step_ends_the_dialogue_with_a_fact(ears: Ears, step: str) -> None:
    ended: list[type[BaseException]] = []

    async def script(call: AGISession) -> None:
        try:
            await call.hear(["welcome"], "menu:main", keys="0")
        except HungUp:
            ended.append(HungUp)
            raise

    deaf = step == "STREAM FILE"
    seen = agi_world.call(script, table(READY | {step: GONE}), DEAF if deaf else ears)
    assert ended == [HungUp]
    assert details(seen)["outcome"] == "hung_up"


def test_hangup_in_the_middle_of_a_recognition_is_known_from_its_answer(ears: Ears) -> None:
    heard, seen = listen(ears, table(READY | {"SPEECH RECOGNIZE": "200 result=1 (hangup) endpos=0"}))
    assert heard == []
    assert details(seen)["outcome"] == "hung_up"


def test_a_prompt_that_cannot_be_joined_is_played_sound_by_sound(tmp_path: Path) -> None:
    (tmp_path / "zh" / "hotline").mkdir(parents=True)
    (tmp_path / "zh" / "hotline" / "welcome.wav").write_bytes(b"no sound at all")
    broken = Ears(there=lambda: True, prompts=Joined(tmp_path, tmp_path / "joined"))
    heard, seen = listen(broken, table({"STREAM FILE": f"200 result={ord('1')} endpos=8"}))
    assert heard == [Heard(how=How.KEY, key="1")]
    assert seen.of("STREAM FILE") == ['"hotline/welcome" "019"']


def test_by_keys_alone_a_key_that_leads_nowhere_is_not_heard_either() -> None:
    replies = {"WAIT FOR DIGIT": [f"200 result={ord('5')}", f"200 result={ord('9')}"]}
    heard, _ = listen(DEAF, table(replies))
    assert heard == [Heard(how=How.KEY, key="9")]


PROMPT = Prompt("/p", 3.0, ((0.0, "a"), (1.5, "b")))


@pytest.mark.parametrize(
    ("grammar", "after", "told"),
    [
        ("yes_no", 0.0, "yes_no;prompt=3000;spare=600;seconds=5000"),
        ("yes_no", 1.0, "yes_no;prompt=2000;seconds=5000"),
        ("digits:6", 4.0, "digits;digits=6;seconds=4000"),
        ("digits", 4.0, "digits;seconds=4000"),
    ],
)
def test_what_is_over_is_not_told_again(grammar: str, after: float, told: str) -> None:
    question = Question(("a", "b"), grammar, "1", 5.0, 0.6)
    assert question.told(PROMPT, after) == told


def test_only_sounds_that_had_begun_were_said() -> None:
    assert (PROMPT.begun(1.0), PROMPT.begun(1.5)) == (["a"], ["a", "b"])
