"""No caller hears English by accident, or nothing: every sound any path names is in the list, voiced, and as loud as
the others (★16).
"""

import ast
import json
import re
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr import menu_check, reading, sound
from ivr.menu import Book, Profile
from ivr.menu_file import shipped
from ivr.prompts import audit, check, words
from ivr.speech.models import SYNTHETIC
from ivr.speech.recogniser import Model
from ivr.voice import SpokenText

ROOT = Path(__file__).parents[2]
CONFS = sorted([*ROOT.glob("dialplan/*.conf"), *ROOT.glob("asterisk-conf/*.conf")])
PROGRAMS = sorted([*ROOT.glob("ivr/*.py"), *ROOT.glob("agi_scripts/*.py")])
# What is written like a prompt's name and is none: places of the dialplan, and a few words.
NO_PROMPTS = {"utf-8", "cel-custom", "espeak-ng", "menu-first", "long-wait", "hotline-media"} | {
    context
    for conf in CONFS
    for context in re.findall(r"^\[([\w-]+)\]", conf.read_text("utf-8"), re.MULTILINE)
}
# For cities' own dialplans, and tests.
SPARE = {"hotline/one-moment"}


def texts_in(program: Path) -> Iterator[str]:
    """Give every text of a program that is not a docstring; of one with values in it, its beginning and a star."""
    tree = ast.parse(program.read_text("utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            yield f"{node.values[0].value!s}*"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def prompts_of(book: Book) -> set[str]:
    """Return every prompt that the menus of a book say."""
    parts = [part for menu in book.menus.values() for part in (menu.opening, menu.hint, menu.closing)]
    parts += [part for menu in book.menus.values() for one in menu.choices for part in (one.offer, one.say)]
    return {piece.prompt for part in parts for piece in part if piece.prompt}


def samples_of(folder: Path, *names: str) -> "array[int]":
    whole = array(sound.SAMPLE)
    for name in names:
        whole += sound.read(folder / f"{name}.wav")
    return whole


def heard(model: Model, samples: "array[int]", phrases: tuple[str, ...]) -> str:
    stream = model.stream(json.dumps([*phrases, "[unk]"], ensure_ascii=False))
    told = (sound.silence(0.3) + samples + sound.silence(1.2)).tobytes()
    said: list[str] = []
    for start in range(0, len(told), 3200):
        if stream.accept(told[start : start + 3200]):
            said += [word["word"] for word in stream.final_words()]
    return "".join([*said, *(word["word"] for word in stream.final_words())])


# What the paths name


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_prompt_a_dialogue_names_is_in_the_list(program: Path) -> None:
    named = {
        text
        for text in texts_in(program)
        if re.fullmatch(r"[a-z]+(-[a-z0-9]+)+|(digits|hotline)/[\w-]+", text)
    }
    missing = {name for name in named - NO_PROMPTS if words.full_name(name) not in words.names()}
    assert missing == set()


def test_every_prompt_of_the_list_is_said_somewhere() -> None:
    named = {text for program in PROGRAMS for text in texts_in(program)}
    stems = tuple(f"hotline/{text[:-1]}" for text in named if text.endswith("-*"))
    used = {words.full_name(text) for text in named} | set(reading.SOUNDS.values())
    used |= {name for conf in CONFS for name in audit.played(conf.read_text("utf-8"))}
    for profile in Profile:
        used |= {words.full_name(name) for name in prompts_of(shipped(profile))}
    asterisks = {name for name in words.names() if name.startswith(("digits/", "hold/"))}
    rest = words.names() - used - asterisks - SPARE - {*words.TONES}
    silent = {name for name in rest if not name.startswith(stems)}
    assert silent == {"hotline/hold-please"}  # said at the end of each melody


def test_the_exchange_names_no_sound_that_is_not_there(voiced: Path) -> None:
    assert audit.audit(voiced, CONFS) == []


@pytest.mark.parametrize("profile", list(Profile))
def test_the_menus_that_ship_name_no_sound_that_is_not_there(voiced: Path, profile: Profile) -> None:
    book = shipped(profile)
    assert [finding for finding in menu_check.check(book) if finding.grave] == []
    assert {words.full_name(name) for name in prompts_of(book)} <= check.names_in(voiced)


def test_every_door_by_which_a_call_comes_speaks_chinese() -> None:
    sections = re.split(r"(?m)^\[", (ROOT / "asterisk-conf" / "pjsip.conf").read_text("utf-8"))
    doors = [section for section in sections if re.search(r"(?m)^type *= *endpoint", section)]
    assert len(doors) == 3
    assert all(re.search(r"(?m)^language *= *zh", door) for door in doors)
    assert '"defaultlanguage": "zh"' in (ROOT / "hotline" / "asterisk_files.py").read_text("utf-8")


def test_the_audit_reads_what_asterisk_is_told_to_play_and_no_comment() -> None:
    conf = """
    ; Playback(hotline/never)
     same = n,Playback(hotline/welcome&silence/1)
     same = n,ExecIf($["${X}" = ""]?Playback(hotline/goodbye))  ; and not hotline/remark
    queue-youarenext = hotline/you-are-next
     same = n,Playback(${SOUND})
     same = n,Goto(hotline-incoming,s,1)
    """
    assert audit.played(conf) == {
        "hotline/welcome",
        "silence/1",
        "hotline/goodbye",
        "hotline/you-are-next",
    }


def test_a_sound_that_is_missing_is_named_with_the_place_that_plays_it(voiced: Path, tmp_path: Path) -> None:
    conf = tmp_path / "own.conf"
    conf.write_text(" same = n,Playback(vm-goodbye)\n same = n,Playback(hotline/welcome)\n")
    assert [str(fault) for fault in audit.audit(voiced, [conf])] == [
        "vm-goodbye: is played by own.conf and is not there"
    ]


# How it sounds


async def test_what_is_spoken_live_is_as_loud_as_the_prompts_in_either_pace(
    voiced: Path, tmp_path: Path
) -> None:
    voice = SpokenText(tmp_path, seconds=20)
    made = [*await voice.say("您反映的路灯问题已经修复。"), *await voice.say("市城管局", slow=True)]
    levels = [sound.loudness(sound.read(Path(f"{path}.wav"))) for path in made]
    prompts = [sound.loudness(sound.read(voiced / f"{prompt.name}.wav")) for prompt in words.prompts()]
    assert len(made) == 2
    assert max(*levels, *prompts) - min(*levels, *prompts) < check.TOLERANCE


def test_the_figures_are_heard_as_what_they_are(voiced: Path) -> None:
    model = Model(SYNTHETIC)
    figures = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "百", "幺", "两")
    spoken = {word: name for word, name in reading.SOUNDS.items() if set(word) <= set(figures)}
    found = {word: heard(model, samples_of(voiced, name), figures) for word, name in spoken.items()}
    assert found == {word: word for word in spoken}
    assert len(found) == len(figures) + 8


def test_a_case_number_that_is_told_is_heard_figure_by_figure(voiced: Path) -> None:
    told = reading.case_number("261127001783")
    figures = tuple("零一二三四五六七八九幺")
    said = heard(Model(SYNTHETIC), samples_of(voiced, *reading.sounds(told)), figures)
    assert said == told.replace(reading.PAUSE, "")


def test_the_greeting_says_the_number_of_the_hotline(voiced: Path) -> None:
    model = Model(SYNTHETIC)
    assert "幺二三四五" in heard(
        model, samples_of(voiced, "hotline/welcome"), tuple("零一二三四五六七八九幺")
    )


def test_the_ear_that_checks_the_prompts_hears_no_figures_in_silence() -> None:
    assert heard(Model(SYNTHETIC), sound.silence(2.0), tuple("零一二三四五六七八九幺")) == ""
