"""★1, ★2: what a citizen does about his case by telephone, by himself."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from cases.workflow import MAY, Action, Role, Secrecy, State
from storage import cases, notices, phone_service, reception, recordings, voice_notes
from storage.engine import Store
from storage.errors import Invalid
from storage.phone_service import Judged, Urged
from storage.voice_notes import Said
from tests.makers import AGENT, CALLBACK_AGENT, DISPATCHER, FINAL_REVIEWER, MORNING, RULES, later
from tests.storage import walks
from tests.storage.walks import kinds, view

CALLER = "13850123456"
CALL = "hotline1-1795308699.0"
SAID = Said(path="notes/20261123/hotline1-1795308699.0-1.wav", sha256="ab" * 32, seconds=11.6, size=185_644)


def found(store: Store, number: str = CALLER) -> phone_service.OpenCase | None:
    return store.read_now(lambda conn: phone_service.open_case(conn, number))


def urge(store: Store, no: str, *, days: float = 2, call: str = CALL) -> Urged:
    return store.write_now(
        lambda conn: phone_service.urge(conn, no, call=call, at=later(days=days), rules=RULES)
    )


def add(store: Store, no: str, said: Said = SAID, *, days: float = 2) -> str:
    return store.write_now(
        lambda conn: phone_service.add_words(conn, no, said, call=CALL, at=later(days=days), rules=RULES)
    )


def judge(store: Store, no: str, solved: str, satisfied: str, *reasons: Said) -> Judged:
    return store.write_now(
        lambda conn: phone_service.evaluate(
            conn,
            no,
            solved=solved,
            satisfied=satisfied,
            spoken=reasons,
            call=CALL,
            at=later(days=2),
            rules=RULES,
        )
    )


def noticed(store: Store, kind: str) -> int:
    wanted = text("SELECT count(*) FROM notice WHERE kind = :kind")
    return int(store.read_now(lambda conn: conn.execute(wanted, {"kind": kind}).scalar_one()))


@pytest.mark.parametrize("number", [CALLER, "+8613850123456", "013850123456"])
def test_s2_the_number_of_an_open_case_is_recognised_however_it_is_written(store: Store, number: str) -> None:
    no = walks.handling(store)
    assert found(store, number) == phone_service.OpenCase(no, MORNING, State.HANDLING)


def test_s2_who_has_no_open_case_or_withholds_his_number_is_not_greeted_by_one(store: Store) -> None:
    walks.closed(store)
    assert [found(store), found(store, ""), found(store, "13999999999")] == [None, None, None]


@pytest.mark.parametrize("secrecy", [Secrecy.HIDE_CONTACT, Secrecy.SECRET])
def test_s2_a_confidential_case_is_never_spoken_of_to_who_merely_calls_from_its_number(
    store: Store, secrecy: Secrecy
) -> None:
    walks.registered(store, confidential=secrecy)
    assert found(store) is None


def test_s2_of_several_cases_the_newest_is_told_and_the_others_are_counted(store: Store) -> None:
    walks.handling(store)
    newest = walks.registered(store, at=later(minutes=5)).no
    assert found(store) == phone_service.OpenCase(newest, later(minutes=5), State.REGISTERED, others=1)


def test_s2_of_a_merged_case_the_state_of_the_one_that_is_handled_is_told(store: Store) -> None:
    master = walks.handling(store, contact_number="13900000001")
    no = walks.registered(store).no
    store.write_now(lambda conn: cases.merge(conn, no, master, by=AGENT, at=later(days=1), rules=RULES))
    assert found(store) == phone_service.OpenCase(no, MORNING, State.HANDLING)


def test_s2_the_reception_knows_the_case_in_its_one_look(store: Store) -> None:
    no = walks.handling(store)
    known = store.read_now(
        lambda conn: reception.reception(conn, dialled="12345", number=CALLER, at=later(days=1))
    )
    assert known.open_case is not None
    assert known.open_case.no == no


def test_s2_urging_by_key_reaches_the_unit_and_is_in_the_history(store: Store) -> None:
    no = walks.handling(store)
    assert urge(store, no) is Urged.NOW
    assert [line.fields["kind"] for line in view(store, no).supplements] == ["urge"]
    assert {"citizen.urged", "urge.sent"} <= set(kinds(store, no))
    assert noticed(store, "urge") == 1


def test_s2_a_case_is_urged_once_a_day_and_again_on_the_next(store: Store) -> None:
    no = walks.handling(store)
    assert urge(store, no, days=2) is Urged.NOW
    assert urge(store, no, days=2.1, call="hotline1-2.0") is Urged.TODAY
    assert urge(store, no, days=3, call="hotline1-3.0") is Urged.NOW
    assert noticed(store, "urge") == 2


def test_s2_the_day_of_urging_is_the_citys_not_that_of_greenwich(store: Store) -> None:
    no = walks.handling(store)
    midnight = timedelta(hours=14, minutes=30)  # 2026-11-24T00:00 in the city
    before, after = midnight - timedelta(minutes=1), midnight + timedelta(minutes=1)
    assert urge(store, no, days=before / timedelta(days=1)) is Urged.NOW
    assert urge(store, no, days=after / timedelta(days=1), call="hotline1-2.0") is Urged.NOW


def test_s2_a_case_an_agent_urged_today_for_the_citizen_is_not_urged_again(store: Store) -> None:
    no = walks.handling(store)
    store.write_now(
        lambda conn: cases.supplement(
            conn, no, "请尽快", kind="urge", by=AGENT, at=later(days=2), rules=RULES
        )
    )
    assert urge(store, no, days=2.1) is Urged.TODAY


def test_s2_urging_again_because_the_answer_was_lost_is_the_same_urging(store: Store) -> None:
    no = walks.handling(store)
    assert [urge(store, no), urge(store, no)] == [Urged.NOW, Urged.NOW]
    assert noticed(store, "urge") == 1


def test_s2_a_case_no_unit_has_yet_can_be_urged_and_a_finished_one_cannot(store: Store) -> None:
    assert urge(store, walks.registered(store).no) is Urged.NOW
    assert urge(store, walks.closed(store)) is Urged.OVER


def test_s2_while_no_unit_has_the_case_the_dispatchers_are_told(store: Store) -> None:
    no = walks.registered(store).no
    urge(store, no)
    add(store, no)
    assert noticed(store, "supplement") == 2
    box = store.read_now(lambda conn: notices.inbox(conn, DISPATCHER, later(days=3)))
    assert [(one.no, one.detail["kind"]) for one in box.rows] == [(no, "fact"), (no, "urge")]


def test_s2_words_added_to_a_case_that_a_unit_has_reach_that_unit_alone(store: Store) -> None:
    add(store, walks.handling(store))
    box = store.read_now(lambda conn: notices.inbox(conn, DISPATCHER, later(days=3)))
    assert box.rows == []
    assert noticed(store, "supplement") == 1


def test_s2_words_added_by_voice_are_a_supplement_with_its_recording_and_its_hash(store: Store) -> None:
    no = walks.handling(store)
    assert add(store, no) == no
    (line,) = view(store, no).supplements
    assert line.by == "citizen"
    assert line.fields["call"] == CALL
    assert line.fields["words"] == "诉求人来电语音补充（12秒），见录音"
    (kept,) = store.read_now(lambda conn: recordings.of_call(conn, CALL))
    assert (kept.path, kept.sha256, kept.seconds) == (SAID.path, SAID.sha256, SAID.seconds)
    assert kinds(store, no)[-1] == "citizen.supplemented"


def test_s2_words_added_by_voice_end_the_waiting_for_the_citizen(store: Store) -> None:
    no = walks.paused(store)
    add(store, no)
    assert view(store, no).paused_at is None


def test_s2_the_same_sound_is_kept_once_however_often_the_unit_runs(store: Store) -> None:
    no = walks.handling(store)
    assert [add(store, no), add(store, no)] == [no, no]
    assert len(view(store, no).supplements) == 1


def test_s2_words_added_to_a_merged_case_go_to_the_one_that_is_handled(store: Store) -> None:
    master, no = walks.handling(store, contact_number="13900000001"), walks.registered(store).no
    store.write_now(lambda conn: cases.merge(conn, no, master, by=AGENT, at=later(days=1), rules=RULES))
    assert add(store, no) == master


def test_s2_a_case_closed_long_ago_takes_no_more_words(store: Store) -> None:
    no = walks.closed(store)
    with pytest.raises(Invalid):
        add(store, no, days=40)
    assert store.read_now(lambda conn: recordings.of_call(conn, CALL)) == []


def test_a_machine_listens_to_each_note_once_and_never_to_a_confidential_one(store: Store) -> None:
    since = later(days=0)
    open_one, hidden = walks.handling(store), walks.handling(store, confidential=Secrecy.SECRET)
    other = Said(path="notes/20261123/other.wav", sha256="cd" * 32, seconds=3, size=48_044)
    add(store, open_one)
    add(store, hidden, other)
    (note,) = store.read_now(lambda conn: voice_notes.unheard(conn, since=since))
    assert note.path == SAID.path
    store.write_now(lambda conn: voice_notes.heard(conn, note.id, "井盖又坏了"))
    assert store.read_now(lambda conn: voice_notes.unheard(conn, since=since)) == []
    (line,) = view(store, open_one).supplements
    assert line.fields["transcript"] == "井盖又坏了"
    (secret,) = view(store, hidden).supplements
    assert secret.fields["transcript"] is None


def test_s1_an_evaluation_by_telephone_closes_the_case_with_both_answers(store: Store) -> None:
    no = walks.in_callback(store)
    assert judge(store, no, "full", "满意") is Judged.CLOSED
    (line,) = view(store, no).callbacks
    told = ("result", "solved", "satisfied", "source", "call", "is_first", "is_final")
    assert [line.fields[name] for name in told] == ["reached", "full", "满意", "dtmf", CALL, True, True]
    assert line.by == "citizen"
    assert view(store, no).state is State.CLOSED


def test_s1_who_judges_a_result_that_awaits_its_feedback_has_been_told_of_it(store: Store) -> None:
    no = walks.in_feedback(store)
    assert judge(store, no, "full", "基本满意") is Judged.CLOSED
    (told,) = view(store, no).feedbacks
    assert told.fields["delivered"]


def test_s1_while_others_still_wait_to_be_told_a_person_asks_him_later(store: Store) -> None:
    master, no = walks.in_final_review(store), walks.registered(store, contact_number="13900000001").no
    store.write_now(lambda conn: cases.merge(conn, no, master, by=AGENT, at=later(days=1), rules=RULES))
    store.write_now(
        lambda conn: cases.pass_final(conn, master, by=FINAL_REVIEWER, at=later(days=1.5), rules=RULES)
    )
    assert judge(store, master, "full", "满意") is Judged.WAITS
    assert view(store, master).callbacks == []
    assert [line.fields["delivered"] for line in view(store, master).feedbacks] == [True]


@pytest.mark.parametrize(
    ("solved", "satisfied"), [("", "满意"), ("full", ""), ("full", "3"), ("yes", "满意")]
)
def test_an_answer_that_was_not_given_is_never_filled_in(store: Store, solved: str, satisfied: str) -> None:
    no = walks.in_callback(store)
    with pytest.raises(Invalid):
        judge(store, no, solved, satisfied)
    assert view(store, no).state is State.CALLBACK


def test_t22_what_is_not_solved_is_proposed_to_be_done_again(store: Store) -> None:
    no = walks.in_callback(store)
    judge(store, no, "no", "不满意")
    assert view(store, no).rework_asked_at is not None
    assert "rework.proposed" in kinds(store, no)


def test_t22_dissatisfied_with_a_spoken_reason_is_proposed_to_be_done_again(store: Store) -> None:
    named, bare = walks.in_callback(store), walks.in_callback(store)
    judge(store, named, "full", "不满意", SAID)
    judge(store, bare, "full", "不满意")
    assert view(store, named).rework_asked_at is not None
    assert view(store, bare).rework_asked_at is None
    (kept,) = store.read_now(lambda conn: recordings.of_call(conn, CALL))
    assert kept.path == SAID.path


def test_the_citizens_own_word_counts_although_a_colleague_has_taken_the_call_back(store: Store) -> None:
    no = walks.in_callback(store)
    store.write_now(lambda conn: cases.take_callback(conn, no, by=CALLBACK_AGENT, at=later(days=1.9)))
    assert judge(store, no, "full", "满意") is Judged.CLOSED


def test_a_case_without_a_result_or_already_closed_is_not_judged(store: Store) -> None:
    assert judge(store, walks.handling(store), "full", "满意") is Judged.OVER
    assert judge(store, walks.closed(store), "no", "不满意") is Judged.OVER


def test_only_the_citizen_and_who_calls_back_may_close() -> None:
    assert MAY[Action.CLOSE] == {Role.CALLBACK_AGENT, Role.CITIZEN}
