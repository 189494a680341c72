"""Pages look as they did when somebody last looked at them; the comparison itself is shown to see what it must."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.sample_pages import SamplePages
from tests.browser.screenshots import ALL, SHOTS, Camera, Look, Shot

pytestmark = pytest.mark.browser

LARGEST = 3_000_000
PARTS = next(shot for shot in ALL if shot.name == "parts")
DESK = next(shot for shot in ALL if shot.name == "desk-talking")
FAULTS = {
    "a panel elsewhere": ".card { margin-left: 40px; }",
    "a panel gone": ".note { display: none; }",
    "a button without its colour": ".btn.primary { background: #8a8a8a; border-color: #8a8a8a; }",
    "a tag without its tint": ".tag.bad { background: none; }",
    "words in another ink": ".err { color: var(--ink-3); } h2 { color: #b3261e; }",
    "everything in grey": "body { filter: grayscale(1); }",
    "a cover over everything": "body::after { content: ''; position: fixed; inset: 0; background: rgb(0 0 0 / .4); }",
}


@pytest.fixture(scope="module")
def camera(chromium: Browser, sample_server: SamplePages) -> Iterator[Camera]:
    made = Camera(chromium, sample_server)
    yield made
    made.darkroom.close()


@pytest.mark.parametrize("shot", ALL, ids=lambda shot: shot.name)
def test_a_page_looks_as_when_it_was_last_looked_at(camera: Camera, shot: Shot) -> None:
    assert camera.differences(Look.kept(shot.name), camera.take(shot)) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparison_sees(camera: Camera, fault: str) -> None:
    assert camera.differences(Look.kept(PARTS.name), camera.take(PARTS, FAULTS[fault])) != []


@pytest.mark.parametrize("shot", [PARTS, DESK], ids=lambda shot: shot.name)
def test_the_comparison_forgives_another_machines_font(camera: Camera, shot: Shot) -> None:
    other = ':root { --font: "Noto Serif CJK SC" !important; --num: "Noto Serif CJK SC" !important; }'
    assert camera.differences(Look.kept(shot.name), camera.take(shot, other)) == []


def test_the_references_are_few_and_small() -> None:
    kept = list(SHOTS.iterdir())
    assert {path.stem for path in kept} == {shot.name for shot in ALL}
    assert sum(path.stat().st_size for path in kept) < LARGEST
