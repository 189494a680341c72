"""The audit log as a page and as a file."""

from datetime import UTC, datetime

import pytest

from cases.workflow import Role
from storage import history, people
from storage.people import Account
from tests.console.world import HASH, Browser, World
from tests.makers import MORNING


@pytest.fixture
async def auditor(world: World) -> Browser:
    account = Account("auditor", "审计员", Role.AUDITOR, "rxzx", None)
    await world.store.write(
        lambda conn: people.add_account(conn, account, password_hash=HASH, by="test", at=MORNING)
    )
    return await world.signed_in("auditor")


async def test_only_auditors_and_administrators_read_the_log(world: World, auditor: Browser) -> None:
    for login in ("1001", "lead", "supervisor", "liaison", "dispatcher"):
        assert (await (await world.signed_in(login)).get("/audit")).status == 403
        assert (await (await world.signed_in(login)).get("/audit.csv")).status == 403
    assert (await (await world.signed_in("admin")).get("/audit")).status == 200
    seen = await auditor.get("/audit?kind=session.&actor=lead")
    assert seen.status == 200
    assert seen.text.count("<code>session.opened</code>") == 2
    assert "王班长" in seen.text


async def test_taking_the_log_away_is_a_line_of_the_log(world: World, auditor: Browser) -> None:
    seen = await auditor.get("/audit.csv?actor=auditor")
    assert "session.opened" in seen.text
    facts = await world.store.read(lambda conn: history.of(conn, "audit"))
    assert [(fact.kind, fact.actor, fact.detail["actor"]) for fact in facts] == [
        ("audit.exported", "auditor", "auditor")
    ]
    assert "<code>audit.exported</code>" in (await auditor.get("/audit?kind=audit.exported")).text


async def test_what_was_written_never_becomes_markup(world: World, auditor: Browser) -> None:
    await world.store.write(
        lambda conn: history.append(
            conn, subject="x", kind="k", actor="<script>", detail={"a": "<b>"}, at=world.clock()
        )
    )
    text = (await auditor.get("/audit?subject=x")).text
    assert "&lt;script&gt;" in text
    assert "<b>" not in text.partition("<tbody>")[2]


@pytest.mark.parametrize(
    "query",
    [
        "since=2026-01-01",
        "since=2026-11-23&until=2026-11-20",
        "since=x",
        "below=x",
        "until=0001-01-01",
        "x=1",
    ],
)
async def test_a_question_that_is_none_is_refused(auditor: Browser, query: str) -> None:
    assert (await auditor.get(f"/audit?{query}")).status == 400


async def test_a_day_is_a_day_of_the_city(world: World, auditor: Browser) -> None:
    world.clock.at = datetime(2026, 11, 24, 2, tzinfo=UTC)
    for at, kind in ((datetime(2026, 11, 23, 15, 59, tzinfo=UTC), "k.mon"), (world.clock(), "k.tue")):
        await world.store.write(
            lambda conn, at=at, kind=kind: history.append(  # type: ignore[misc]
                conn, subject="x", kind=kind, actor="a", detail={}, at=at
            )
        )
    auditor = await world.signed_in("auditor")
    monday = (await auditor.get("/audit?since=2026-11-23&until=2026-11-23&actor=a")).text
    assert "k.mon" in monday
    assert "k.tue" not in monday
