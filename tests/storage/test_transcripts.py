"""Drafts of what was said: kept once, gone after a while, and never kept of a confidential case."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import insert

from cases.rules import rules_for
from cases.transcripts import Party, Said
from cases.workflow import Secrecy
from storage import calls, cases, spool, transcripts
from storage.engine import Store
from storage.spool import SpooledMessage
from tests.makers import AGENT, MORNING, a_form

CALL = "hotline1-1795310020.0"
OTHER = "hotline1-1795310021.3"
RULES = rules_for("RH")
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def said(second: float, text: str = "路灯坏了", party: Party = Party.CITIZEN) -> Said:
    return Said(party, NOW + timedelta(seconds=second), 1.5, text, 0.9)


def keep(store: Store, *what: Said, call: str = CALL) -> bool:
    return store.write_now(lambda conn: transcripts.keep_said(conn, call, what))


def kept(store: Store, call: str = CALL) -> list[str]:
    return [one.text for one in store.read_now(lambda conn: transcripts.of_call(conn, call))]


def file_case(store: Store, call: str, secrecy: Secrecy | None = None) -> str:
    form = a_form(call=call, confidential=secrecy)
    return store.write_now(
        lambda conn: cases.register(conn, form, key=f"key-of-{call}", by=AGENT, at=MORNING, rules=RULES)
    ).no


def test_what_was_said_is_kept_once_and_in_its_order(store: Store) -> None:
    later, first = said(5, "在江北路", Party.SEAT), said(1)
    assert keep(store, later, first)
    assert keep(store, first)
    assert store.read_now(lambda conn: transcripts.of_call(conn, CALL)) == [first, later]
    assert kept(store, OTHER) == []


def test_a_sentence_may_hold_what_a_database_refuses(store: Store) -> None:
    keep(store, said(1, "路\0灯" + "啊" * 3000))
    (text,) = kept(store)
    assert text.startswith("路灯啊")
    assert len(text) == 2000


def test_a_case_filed_as_confidential_takes_its_transcript_with_it_and_lets_none_in_later(
    store: Store,
) -> None:
    keep(store, said(1))
    keep(store, said(1), call=OTHER)
    file_case(store, CALL, Secrecy.SECRET)
    file_case(store, OTHER, Secrecy.NONE)
    assert not keep(store, said(9))
    assert (kept(store), kept(store, OTHER)) == ([], ["路灯坏了"])


def test_a_report_of_a_wrong_is_confidential_by_itself(store: Store) -> None:
    keep(store, said(1))
    form = a_form(call=CALL, intent="举报", confidential=None)
    store.write_now(
        lambda conn: cases.register(conn, form, key="key-of-it", by=AGENT, at=MORNING, rules=RULES)
    )
    assert store.read_now(lambda conn: transcripts.confidential(conn, [CALL, OTHER])) == {CALL}
    assert not keep(store, said(2))


@pytest.mark.parametrize("secrecy", [Secrecy.HIDE_CONTACT, Secrecy.SECRET])
def test_a_case_that_becomes_confidential_later_loses_its_transcript(store: Store, secrecy: Secrecy) -> None:
    no = file_case(store, CALL)
    keep(store, said(1))
    new = cases.Reclass(confidential=secrecy)
    store.write_now(lambda conn: cases.reclassify(conn, no, new, by=AGENT, at=MORNING, rules=RULES))
    left = store.write_now(lambda conn: transcripts.forget_confidential(conn, NOW - timedelta(days=1)))
    assert (kept(store), left) == ([], 0)


def test_a_call_that_was_about_a_confidential_case_is_written_down_no_more(store: Store) -> None:
    no = file_case(store, OTHER, Secrecy.SECRET)
    keep(store, said(1))
    outcome = partial(calls.set_outcome, call=CALL, code="urged", case=no, by="1001", at=NOW)
    store.write_now(outcome)
    assert kept(store) == []
    assert not keep(store, said(2))
    assert store.read_now(lambda conn: transcripts.confidential(conn, [CALL, OTHER])) == {CALL, OTHER}


def test_what_was_kept_in_the_very_moment_of_filing_is_found_and_deleted(store: Store) -> None:
    keep(store, said(1))
    keep(store, said(1), call=OTHER)
    file_case(store, CALL, Secrecy.SECRET)
    row = {"call": CALL, "party": Party.SEAT, "at": NOW, "seconds": 1.0, "text": "好的", "score": 1.0}
    store.write_now(lambda conn: conn.execute(insert(transcripts.LINE).values(**row)))
    assert store.write_now(lambda conn: transcripts.forget_confidential(conn, NOW + timedelta(days=1))) == 0
    assert store.write_now(lambda conn: transcripts.forget_confidential(conn, NOW - timedelta(days=1))) == 1
    assert kept(store, OTHER) == ["路灯坏了"]


def test_transcripts_are_deleted_when_they_are_old(store: Store) -> None:
    keep(store, said(0), said(3600, "还没修"))
    gone = store.write_now(lambda conn: transcripts.forget_old(conn, NOW + timedelta(minutes=30)))
    assert (gone, kept(store)) == (1, ["还没修"])


def leave(store: Store, call: str, sound: str | None = "a.wav") -> None:
    message = SpooledMessage(f"{call}.json", call, "13800138000", "12345", sound, 8.0, NOW)
    store.write_now(lambda conn: spool.take_message(conn, message, at=NOW))


def waiting(store: Store, at: datetime = NOW) -> list[str]:
    return [one.call for one in store.read_now(lambda conn: transcripts.unheard(conn, at))]


def test_a_message_with_sound_waits_to_be_heard_and_its_words_stand_beside_it(store: Store) -> None:
    leave(store, CALL)
    leave(store, OTHER, sound=None)
    assert waiting(store) == [CALL]
    words = [said(1, "路灯坏了", Party.MESSAGE), said(3, "请派人来修", Party.MESSAGE)]
    store.write_now(lambda conn: transcripts.message_heard(conn, CALL, words))
    assert waiting(store) == []
    read = store.read_now(lambda conn: transcripts.words_of_messages(conn, [CALL, OTHER]))
    assert read == {CALL: "路灯坏了，请派人来修"}


def test_a_message_that_cannot_be_heard_is_tried_a_few_times_and_then_never(store: Store) -> None:
    leave(store, CALL)
    at, tries = NOW, 0
    while waiting(store, at):
        store.write_now(lambda conn, at=at: transcripts.message_not_heard(conn, CALL, at))  # type: ignore[misc]
        assert waiting(store, at) == []
        at, tries = at + timedelta(hours=3), tries + 1
    assert tries == 1 + len(transcripts.PAUSES)


def test_the_words_of_a_message_are_not_shown_beside_a_confidential_case(store: Store) -> None:
    leave(store, CALL)
    store.write_now(lambda conn: transcripts.message_heard(conn, CALL, [said(1, "有人受贿", Party.MESSAGE)]))
    file_case(store, CALL, Secrecy.SECRET)
    assert store.read_now(lambda conn: transcripts.words_of_messages(conn, [CALL])) == {}
