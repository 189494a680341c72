"""What a citizen says to his case is written down beside the recording; what cannot be heard waits and harms nothing."""

from datetime import timedelta
from pathlib import Path

from hotline.note_words import NoteWords
from ivr.speech.transcriber import Heard
from storage import phone_service
from storage.engine import Store
from storage.voice_notes import Said
from tests.hotline.test_message_words import Speech
from tests.makers import RULES, later
from tests.storage import walks

SAID = Said(path="notes/20261125/a.wav", sha256="ab" * 32, seconds=4.0, size=64_044)
FOLDER = Path("recordings")


def noted(store: Store) -> str:
    no = walks.handling(store)
    store.write_now(
        lambda conn: phone_service.add_words(conn, no, SAID, call="c", at=later(days=2), rules=RULES)
    )
    return no


def words(store: Store, speech: Speech, days: float = 2) -> NoteWords:
    return NoteWords(
        store=store, folder=FOLDER, there=lambda: True, transcribe=speech, now=lambda: later(days=days)
    )


async def test_a_note_is_written_down_once_and_shown_with_its_supplement(store: Store) -> None:
    no = noted(store)
    speech = Speech(Heard("井盖又坏了", 0.4, 1.0, 0.9), Heard("请来修", 2.0, 0.8, 0.8))
    asking = words(store, speech)
    assert [await asking.take_all(), await asking.take_all()] == [1, 0]
    assert speech.asked == [FOLDER / SAID.path]
    (line,) = walks.view(store, no).supplements
    assert line.fields["transcript"] == "井盖又坏了，请来修"


async def test_a_note_that_cannot_be_heard_is_asked_for_again_after_an_hour_and_not_after_two_days(
    store: Store,
) -> None:
    noted(store)
    speech = Speech()
    moment = [later(days=2)]
    asking = NoteWords(
        store=store, folder=FOLDER, there=lambda: True, transcribe=speech, now=lambda: moment[0]
    )
    for after in (0, 1, 61, 2 * 24 * 60 + 1):
        moment[0] = later(days=2, minutes=after)
        assert await asking.take_all() == 0
    assert moment[0] - later(days=2) > timedelta(days=2)
    assert len(speech.asked) == 2
