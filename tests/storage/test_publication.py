"""T28 on both databases: what is public was made by one officer, signed by another, and never edited."""

from typing import Any

import pytest

from cases.redaction import Private
from cases.workflow import IllegalMove, NotAllowed, Role, SamePerson
from storage import cases, publication, publication_lists
from storage.engine import Store
from storage.errors import Conflict, Invalid
from storage.people import Actor
from storage.publication import CopyForm, FourEyes
from storage.publication_lists import Copy
from storage.steps import NotForYou, TooLate
from tests.makers import AGENT, CALLBACK_AGENT, CENTRE_REVIEWER, FINAL_REVIEWER, HANDLER, RULES, later
from tests.storage import walks
from tests.storage.walks import kinds, view

FIRST = Actor("pub1", Role.PUBLICATION_OFFICER, "rxzx")
SECOND = Actor("pub2", Role.PUBLICATION_OFFICER, "rxzx")
WORDS = "我叫陈建国,电话13850123456,东门路12号门前井盖缺失。"


def form(**changes: Any) -> CopyForm:
    fields: dict[str, Any] = {
        "decision": "publish",
        "title": "道路井盖缺失",
        "content": "东门路12号门前井盖缺失。",
        "reply": "井盖已更换。",
    }
    return CopyForm(**fields | changes)


def propose(store: Store, no: str, by: Actor = FIRST, **changes: Any) -> int:
    return store.write_now(
        lambda conn: publication.propose(conn, no, form(**changes), by=by, at=later(days=3))
    )


def sign(store: Store, no: str, version: int, by: Actor = SECOND) -> None:
    store.write_now(lambda conn: publication.sign(conn, no, version, by=by, at=later(days=3)))


def copies(store: Store, no: str) -> list[Copy]:
    return store.read_now(lambda conn: publication_lists.copies(conn, no))


def public(store: Store, no: str) -> Any:
    return store.read_now(lambda conn: publication_lists.public_copy(conn, no))


def pile(store: Store, name: str) -> list[str]:
    found = store.read_now(lambda conn: publication_lists.pile(conn, name, at=later(days=3)))
    return [one.no for one in found.rows]


def test_t28_nothing_is_public_before_a_second_officer_has_signed(store: Store) -> None:
    no = walks.closed(store)
    assert pile(store, "waiting") == [no]
    version = propose(store, no)
    assert public(store, no) is None
    assert (pile(store, "waiting"), pile(store, "proposed")) == ([], [no])
    with pytest.raises(FourEyes):
        sign(store, no, version, FIRST)
    sign(store, no, version)
    seen = public(store, no)
    assert (seen.title, seen.content, seen.reply) == (
        "道路井盖缺失",
        "东门路12号门前井盖缺失。",
        "井盖已更换。",
    )
    assert pile(store, "shown") == [no]
    assert kinds(store, no)[-1] == "public.published"


def test_t28_the_original_stays_and_every_version_is_kept(store: Store) -> None:
    no = walks.closed(store, content=WORDS)
    sign(store, no, propose(store, no))
    sign(store, no, propose(store, no, reply="井盖已于当日更换。"), by=SECOND)
    assert [(one.version, one.state) for one in copies(store, no)] == [(2, "in_force"), (1, "replaced")]
    assert public(store, no).reply == "井盖已于当日更换。"
    assert view(store, no).content == WORDS


def test_t28_the_rules_propose_and_say_what_they_have_hidden(store: Store) -> None:
    no = walks.closed(store, content=WORDS)
    proposed = store.read_now(lambda conn: publication.suggested(conn, no))
    assert proposed.originals["content"] == WORDS
    assert proposed.texts["content"] == "我叫某,电话〔电话〕,东门路12号门前井盖缺失。"
    assert proposed.hidden == {Private.NAME: 1, Private.PHONE: 1}


def test_t28_what_still_looks_private_is_looked_at_again(store: Store) -> None:
    no = walks.closed(store)
    with pytest.raises(Invalid) as refused:
        propose(store, no, content=WORDS)
    assert "13850123456" in refused.value.fields["checked"]
    assert propose(store, no, content="热线电话0591-87654321", checked=True) == 1


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"decision": "perhaps"}, ["decision", "reason"]),
        ({"decision": "part"}, ["reason"]),
        ({"decision": "never", "reason": "because"}, ["reason"]),
        ({"title": " "}, ["title"]),
        ({"reply": ""}, ["reply"]),
    ],
)
def test_t28_a_decision_is_coded_and_complete(
    store: Store, changes: dict[str, Any], fields: list[str]
) -> None:
    no = walks.closed(store)
    with pytest.raises(Invalid) as refused:
        propose(store, no, **changes)
    assert list(refused.value.fields) == fields


def test_t28_not_publishing_needs_a_reason_and_a_second_officer_too(store: Store) -> None:
    no = walks.closed(store)
    version = propose(store, no, decision="never", reason="minor", content="不会保存")
    sign(store, no, version)
    assert public(store, no) is None
    assert pile(store, "held") == [no]
    assert [(one.content, one.reason) for one in copies(store, no)] == [("", "minor")]
    assert kinds(store, no)[-1] == "public.held"


def test_t28_a_secret_case_is_never_shown(store: Store) -> None:
    no = walks.closed(store, confidential="secret")
    assert pile(store, "waiting") == []
    with pytest.raises(Invalid, match="保密件"):
        propose(store, no)
    assert propose(store, no, decision="never", reason="secret") == 1


def test_t28_before_the_final_review_and_by_others_nothing_goes_out(store: Store) -> None:
    no = walks.in_final_review(store)
    with pytest.raises(IllegalMove):
        propose(store, no)
    with pytest.raises(NotForYou):
        propose(store, no, AGENT)
    with pytest.raises(NotAllowed):
        store.write_now(lambda conn: publication.take_down(conn, no, "误", by=AGENT, at=later(days=3)))
    done = walks.closed(store)
    with pytest.raises(SamePerson):
        propose(store, done, Actor(HANDLER.login, Role.PUBLICATION_OFFICER, "rxzx"))
    assert propose(store, done) == 1
    with pytest.raises(Conflict):
        propose(store, done, SECOND)


def test_t28_a_copy_that_is_sent_back_is_made_anew(store: Store) -> None:
    no = walks.closed(store)
    version = propose(store, no)
    store.write_now(
        lambda conn: publication.refuse(conn, no, version, "地址过细", by=SECOND, at=later(days=3))
    )
    with pytest.raises(TooLate):
        sign(store, no, version)
    assert propose(store, no) == 2
    assert copies(store, no)[1].comment == "地址过细"


def test_t28_what_is_public_is_taken_down_at_once_even_while_the_case_is_reworked(store: Store) -> None:
    no = walks.closed(store)
    sign(store, no, propose(store, no))
    store.write_now(
        lambda conn: cases.rework(conn, no, "未解决", by=CALLBACK_AGENT, at=later(days=4), rules=RULES)
    )
    store.write_now(lambda conn: publication.take_down(conn, no, "误公开住址", by=FIRST, at=later(days=4)))
    assert public(store, no) is None
    assert (copies(store, no)[0].state, copies(store, no)[0].end_reason) == ("taken_down", "误公开住址")
    with pytest.raises(TooLate):
        store.write_now(lambda conn: publication.take_down(conn, no, "再撤", by=FIRST, at=later(days=4)))


def test_a_caller_whose_case_was_merged_hears_no_other_callers_name(store: Store) -> None:
    private = cases.ReplyForm(
        handled_text="已更换",
        public_text="王建国先生您好,井盖已更换,如有问题请拨13950987654。",
        factual="属实",
        resolution="full",
        contacted=True,
    )
    master = walks.handling(store)
    store.write_now(
        lambda conn: cases.reply(conn, master, private, by=HANDLER, at=later(days=1), rules=RULES)
    )
    member = walks.registered(store, contact_name="李女士", contact_number="13800000000")
    store.write_now(
        lambda conn: cases.merge(conn, member.no, master, by=AGENT, at=later(hours=2), rules=RULES)
    )
    passing: dict[str, Any] = {"at": later(days=1, hours=1), "rules": RULES}
    store.write_now(lambda conn: cases.pass_review(conn, master, by=CENTRE_REVIEWER, **passing))
    store.write_now(lambda conn: cases.pass_final(conn, master, by=FINAL_REVIEWER, **passing))

    def hears(no: str, digits: str, code: str) -> Any:
        return store.write_now(
            lambda conn: cases.status_by_code(conn, digits, code, caller=no, at=later(days=2))
        )

    heard = hears("13800000000", member.digits, member.code)
    assert heard.public_reply == "某先生您好,井盖已更换,如有问题请拨〔电话〕。"
    own = hears("13850123456", view(store, master).digits, walks.code_for(store, master))
    assert own.public_reply == private.public_text
