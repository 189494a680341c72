"""What holds for the look of every page: contrasts, and that each way of choosing a palette gives the same one."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import console
from console import look
from console.limits import MOST
from console.look import CSS, DARK, LAYERS, MORE, PAIRS, Palette, contrast, contrast_of, palettes, rules
from console.pages import TEMPLATES, environment
from tests.console.world import World

TOKENS = rules((CSS / "tokens.css").read_text(encoding="utf-8"))
CONTRAST = rules((CSS / "contrast.css").read_text(encoding="utf-8"))
FALLBACK = re.compile(r"var\(--([\w-]+)(,?)")
FEW_TOKENS = 40


@pytest.mark.parametrize("palette", Palette)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.ink} on {pair.ground}")
def test_every_ink_is_seen_on_its_ground_in_every_palette(pair: look.Pair, palette: Palette) -> None:
    assert contrast_of(pair, palette) >= pair.least(palette)


def test_high_contrast_asks_seven_of_words_and_three_of_every_line() -> None:
    text, line = look.Pair("ink", "surface"), look.Pair("line", "surface", look.Need.EDGE, adorns=True)
    assert (text.least(Palette.LIGHT), text.least(Palette.CONTRAST_DARK)) == (4.5, 7.0)
    assert (line.least(Palette.DARK), line.least(Palette.CONTRAST)) == (0.0, 3.0)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)


def test_a_palette_that_the_system_wishes_is_the_one_that_is_chosen_by_hand() -> None:
    dark = [tokens for selector, tokens in TOKENS if "data-theme" in selector]
    assert len(dark) == 2
    assert dark[0] == dark[1]
    more_dark = [tokens for selector, tokens in CONTRAST if "data-theme" in selector]
    more = [tokens for selector, tokens in CONTRAST if "data-theme" not in selector]
    assert [len(more), len(more_dark)] == [2, 4]
    assert all(tokens == more[0] for tokens in more)
    assert all(tokens == more_dark[0] for tokens in more_dark)


def test_high_contrast_leaves_no_token_of_the_light_set_in_the_dark_one() -> None:
    names = {selector: set(tokens) for selector, tokens in (*reversed(CONTRAST), *reversed(TOKENS))}
    assert names[MORE] == names[LAYERS[Palette.CONTRAST_DARK][-1]]
    assert names[DARK] - {"wall"} <= names[MORE]


def test_no_style_sheet_asks_for_a_token_that_nobody_wrote() -> None:
    known = set(palettes()[Palette.LIGHT])
    for sheet in Path(CSS).glob("*.css"):
        asked = {name for name, other in FALLBACK.findall(sheet.read_text(encoding="utf-8")) if not other}
        assert asked - known == set(), sheet.name
    assert len(known) > FEW_TOKENS


def test_every_page_has_the_sheet_of_high_contrast() -> None:
    base = (Path(console.__file__).parent / "templates" / "base.html").read_text(encoding="utf-8")
    assert base.index("css/tokens.css") < base.index("css/contrast.css") < base.index("css/app.css")


@pytest.mark.parametrize(("shown", "told"), [(MOST["duty"] - 1, False), (MOST["duty"], True)])
def test_a_list_that_reaches_its_limit_says_so_in_words(shown: int, told: bool) -> None:
    env = environment(SimpleNamespace(zone=None, version=""))
    text = env.from_string(
        '{% from "_parts.html" import limit with context %}{{ limit(rows, "duty") }}'
    ).render(rows=range(shown), t=lambda key, n: f"{key} {n}")
    assert (f"list.too_many {MOST['duty']}" in text) is told


def test_every_list_with_a_limit_has_a_page_that_tells_it() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.html"))
    assert {name for name in MOST if f", '{name}') }}}}" in pages} == set(MOST)


async def test_whoever_has_signed_in_sees_the_look_and_nobody_else(world: World) -> None:
    agent = await world.signed_in("1001")
    for path in ("/look", "/look/parts", "/look/desk"):
        assert (await agent.get(path)).status == 200
    assert "21.0" in (await agent.get("/look")).text


async def test_high_contrast_that_was_chosen_once_stays(world: World) -> None:
    agent = await world.signed_in("1001")
    chosen = await agent.get("/account?contrast=more")
    assert 'data-contrast="more"' in chosen.text
    assert any(kept.startswith("contrast=more;") for kept in chosen.headers.getall("Set-Cookie"))
    assert 'data-contrast="usual"' in (await agent.get("/account?contrast=usual")).text
    assert "data-contrast" not in (await agent.get("/account")).text.split("<head>")[0]
