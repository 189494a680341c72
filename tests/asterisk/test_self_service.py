"""★2 on a real Asterisk: who calls from the number of his case is greeted, urges it, and speaks to it."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agi_scripts import incoming
from agi_scripts.parts import Parts
from agi_scripts.server import Script
from ivr import sound
from storage.engine import Store
from storage.lines import Line
from tests.asterisk.conftest import People
from tests.asterisk.harness import Switchboard, hertz_of, write_tone
from tests.fakes import FakeVoice
from tests.makers import later
from tests.sip import Telephone, eventually, hertz_in
from tests.storage import walks

pytestmark = pytest.mark.asterisk

CALLER = "13850123456"
SAID_HERTZ = 1000.0


@pytest.fixture
async def parts(
    switchboard: Switchboard, scripts: dict[str, Script], sqlite_url: str, tmp_path: Path
) -> AsyncIterator[Parts]:
    store = Store.open(sqlite_url)
    spool, recordings = switchboard.folder / "spool" / "messages", tmp_path / "recordings"
    for place in (spool, recordings):
        place.mkdir(parents=True, exist_ok=True)
    parts = Parts(
        store=store,
        voice=FakeVoice(),
        zone=ZoneInfo("Asia/Shanghai"),
        now=lambda: later(days=2),
        spool=spool,
        recordings=recordings,
    )
    scripts["incoming"] = partial(incoming.run, parts=parts)
    yield parts
    store.close()


async def speaking(people: People, folder: Path) -> Telephone:
    """A citizen who hums all the time."""
    write_tone(folder / "hum.wav", SAID_HERTZ, 60.0)
    citizen = await people.citizen(CALLER, folder / "hum.wav")
    await citizen.dials()
    await citizen.hears_tone(hertz_of("open-case"))
    return citizen


def spool_of(parts: Parts) -> Path:
    assert parts.spool is not None
    return parts.spool


def left_in(parts: Parts) -> list[Path]:
    """Return the files of the spool; the folder of what was taken in is other tests'."""
    return [path for path in spool_of(parts).iterdir() if path.is_file()]


def added(store: Store, no: str) -> list[Line]:
    return [line for line in walks.view(store, no).supplements if line.fields["kind"] == "fact"]


async def test_s2_a_known_caller_urges_by_key_and_then_adds_what_he_says(
    switchboard: Switchboard, people: People, parts: Parts, tmp_path: Path
) -> None:
    no = walks.handling(parts.store)
    citizen = await speaking(people, tmp_path)
    await citizen.presses("1")
    await citizen.hears_tone(hertz_of("urged"))
    await citizen.hears_tone(hertz_of("add-key"))
    await citizen.presses("2")
    await citizen.hears_tone(hertz_of("add-after-tone"))
    await eventually(lambda: [path for path in spool_of(parts).glob("*.wav") if path.stat().st_size > 24_000])
    await citizen.presses("#")
    await citizen.hears_tone(hertz_of("added"))
    (line,) = await eventually(lambda: added(parts.store, no))
    assert {"citizen.urged", "citizen.supplemented"} <= set(walks.kinds(parts.store, no))
    assert parts.recordings is not None
    (kept,) = parts.recordings.rglob("*.wav")
    assert line.fields["call"] in kept.name
    assert hertz_in(sound.read(kept).tobytes(), SAID_HERTZ)
    assert left_in(parts) == []


async def test_s2_who_hangs_up_while_he_speaks_has_spoken_to_his_case(
    switchboard: Switchboard, people: People, parts: Parts, tmp_path: Path
) -> None:
    no = walks.handling(parts.store)
    citizen = await speaking(people, tmp_path)
    await citizen.presses("2")
    await eventually(lambda: [path for path in spool_of(parts).glob("*.wav") if path.stat().st_size > 24_000])
    await citizen.hangs_up()
    (line,) = await eventually(lambda: added(parts.store, no))
    assert line.by == "citizen"
    await eventually(lambda: not left_in(parts))
    await eventually(lambda: "ENDED" in switchboard.kinds())
