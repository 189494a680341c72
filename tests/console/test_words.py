"""How things are written, counted and told to machines."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import console
from cases.call_parts import RingBackReason
from cases.nuisance import Grade
from cases.transcripts import Party
from console.desk_keys import DEFAULTS
from console.health import HELP, Figures
from console.i18n import FOLDER, Catalogue, Language
from console.move_forms import MOVE_FORMS
from console.tries import Tries, network_of
from console.writing import grouped, long_day, masked, short_time, spelled
from routing.live import By, SeatState
from routing.seats import Why
from routing.shift import Reason
from routing.truth import StuckKind
from routing.watching import Mode
from storage.errors import StoreDown
from storage.supplements import KINDS
from tests.console.world import ZONE, World
from tests.makers import MORNING


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13850123456", "138****3456"),
        ("12345", "***45"),
        ("", ""),
        ("1", "1"),
        ("059187654321", "059****4321"),
    ],
)
def test_numbers_are_masked(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_times_and_numbers_are_written_as_people_read_them() -> None:
    assert grouped("13850123456") == "138 5012 3456"
    assert grouped("059187654321") == "059187654321"
    assert (spelled(125), spelled(3725), spelled(-1)) == ("2:05", "1:02:05", "0:00")
    at = datetime(2026, 11, 27, 16, 30, tzinfo=UTC)
    assert short_time(at, ZONE) == "11-28 00:30"
    assert long_day(at, ZONE) == "2026年11月28日"


def test_both_languages_answer_to_the_same_keys() -> None:
    files = {name: json.loads((FOLDER / f"answers-{name}.json").read_text()) for name in ("zh", "en")}
    assert files["zh"].keys() == files["en"].keys()
    for key, text in files["zh"].items():
        fields = {part.partition("}")[0] for part in text.split("{")[1:]}
        assert fields == {part.partition("}")[0] for part in files["en"][key].split("{")[1:]}, key


def test_every_field_of_every_move_has_a_label() -> None:
    catalogue = Catalogue()
    labels = {f"move.{field.name}" for form in MOVE_FORMS.values() for field in form.fields}
    missing = [key for key in labels for lang in Language if catalogue.text(lang, key) == key]
    assert missing == []


TEMPLATE = re.compile(r"`(?=[^`\s<>/:=]*\$\{)((?:[a-z_]+|\$\{\w+\})\.[^`\s<>/]*)`")
FREE = {"hotline.draft.${}.${}", "hotline.draft.${}."}
"""Names in the browser's store, no texts."""
GUARDED = {"${}.${}", "repair.${}", "skill.${}"}
"""Words of the city or of one repair: shown as they are where nobody wrote a text."""


def built_by_scripts() -> dict[str, Iterable[object]]:
    """Return what stands in each gap of the keys that scripts put together."""
    microphones = ("unknown", "denied", "missing")
    breaks = ("rest", "meal", "training", "meeting", "other")
    fields = "title intent content address urgency category unit answer contact_name contact_number reply_way instruction"
    steps = ("microphone", "account", "connecting", "calling", "talking", "ended")
    return {
        "state.${}": SeatState,
        "seat.${}_lead": [*SeatState, "opening"],
        "break.${}": [*breaks, *Reason, "supervisor"],
        "by.${}": By,
        "call.step_${}": steps,
        "field.${}": fields.split(),
        "mic.${}": (*microphones, "open"),
        "mic.${}_help": microphones,
        "nuisance_grade.${}": map(int, Grade),
        "out.${}": ("own", "calling", "reached"),
        "outcome.${}": (
            "case",
            "answered",
            "urged",
            "silent",
            "wrong_number",
            "nuisance",
            "cut_off",
            "other",
        ),
        "words.${}": Party,
        "owed.moved_${}": ("night", "chosen"),
        "owed_closed.${}": ("reached", "wrong_number"),
        "owed_reason.${}": RingBackReason,
        "quality.${}": ("good", "fair", "poor"),
        "src.${}": ("event", "snapshot", "record"),
        "stuck.${}": StuckKind,
        "stuck_does.${}": StuckKind,
        "why.${}": Why,
        "mode.${}": Mode,
        "keys.${}": (*DEFAULTS, "category", "unit"),
        "field.${}_near": ("category", "unit"),
        "find.${}": ("actions", "cases", "units", "knowledge"),
        "merge.${}": KINDS,
        "merge.say_${}": KINDS,
        "watched.${}": ("listen", "whisper", "barge"),
        "moves.${}": ("110", "119", "120", "day", "night"),
        "wall.curve_${}": ("came", "answered", "abandoned"),
        "${}.lead": ("break", "extend"),
    }


def test_every_key_that_a_script_puts_together_has_a_text_in_both_languages() -> None:
    catalogue, gaps = Catalogue(), built_by_scripts()
    keys = {key.replace("${}", str(value), 1) for key, values in gaps.items() for value in values}
    missing = [
        f"{lang}: {key}" for key in sorted(keys) for lang in Language if key not in catalogue.texts(lang)
    ]
    assert missing == []


def test_no_script_puts_keys_together_that_nobody_looks_at() -> None:
    scripts = (Path(console.__file__).parent / "static" / "js").glob("*.js")
    found = {key for script in scripts for key in TEMPLATE.findall(script.read_text(encoding="utf-8"))}
    shapes = {re.sub(r"\$\{[^}]*\}", "${}", key) for key in found}
    assert shapes - FREE - GUARDED == built_by_scripts().keys()


def test_a_text_nobody_wrote_shows_its_key() -> None:
    assert Catalogue().text(Language.EN, "no.such.text") == "no.such.text"


async def test_the_language_is_kept_when_it_is_chosen(world: World) -> None:
    seen = await world.browser().get("/?lang=en")
    assert '<html lang="en"' in seen.text
    assert "lang=en" in seen.headers["Set-Cookie"]
    assert '<html lang="zh' in (await world.browser().get("/?lang=xx")).text


async def test_scripts_read_the_same_catalogue(world: World) -> None:
    zh = (await world.browser().get("/i18n/zh.json")).json
    en = (await world.browser().get("/i18n/en.json")).json
    assert zh["login.wrong"] == "账号或密码不正确"
    assert zh.keys() == en.keys()


async def test_the_process_says_whether_it_can_serve(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await world.browser().get("/healthz")).text == "ok\n"
    assert (await world.browser().get("/readyz")).json == {"ready": True, "role": "lead", "missing": []}
    world.engine.asterisk_down(world.clock())
    seen = await world.browser().get("/readyz")
    assert seen.status == 503
    assert seen.json["missing"] == ["语音平台未连接"]

    async def down(*_: object) -> None:
        raise StoreDown

    monkeypatch.setattr(world.store, "read", down)
    assert len((await world.browser().get("/readyz")).json["missing"]) == 2


async def test_figures_are_read_without_asking_the_store(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.engine.sign_on("s1001", agent="1001", name="李燕", at=world.clock())
    await world.browser().sign_in("1001", "wrong")

    async def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(world.store, "read", never)
    seen = await world.browser().get("/metrics")
    assert seen.status == 200
    assert 'hotline_agents{state="break"} 1' in seen.text
    assert "hotline_login_failed_total 1" in seen.text
    assert "hotline_asterisk_linked 1" in seen.text


async def test_figures_are_not_for_agents(world: World) -> None:
    assert (await (await world.signed_in("1001")).get("/metrics")).status == 403
    assert (await (await world.signed_in("admin")).get("/metrics")).status == 200


def test_a_figure_nobody_explains_is_a_mistake() -> None:
    figures = Figures()
    with pytest.raises(KeyError):
        figures.add("hotline_something_total")
    assert all(name.startswith("hotline_") for name in HELP)


def test_tries_come_back_with_time_and_memory_is_bounded() -> None:
    tries = Tries(2, timedelta(minutes=1), keys=3)
    assert [tries.take("a", MORNING) for _ in range(3)] == [True, True, False]
    assert tries.take("a", MORNING + timedelta(minutes=1))
    for number in range(100):
        tries.take(str(number), MORNING)
    assert len(tries._tries) == 3


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
    ],
)
def test_an_ipv6_line_is_one_visitor(address: str, network: str) -> None:
    assert network_of(address) == network
