"""What a case has to do with others, and what was declared of it, stands on its page in both languages."""

import re

import pytest
from sqlalchemy import Connection, update

from cases.workflow import Role
from console.i18n import Catalogue, Language
from storage import cases, people
from storage.forms import CHANNELS, ORIGINS, PARTIES
from storage.intake import CASE
from storage.people import Account
from tests.console.making import a_case
from tests.console.world import HASH, World
from tests.makers import MORNING


async def declared(world: World) -> tuple[str, str]:
    """Return a case of which much was declared, and an earlier one that it repeats."""
    first, no = (await a_case(world)).no, (await a_case(world)).no

    def declare(conn: Connection) -> None:
        earlier = conn.execute(CASE.select().where(CASE.c.no == first)).one()
        more = {"origin": "grid", "party": "enterprise", "hard": True, "excluded": "malicious"}
        links = {"recurrence_of": earlier.id, "long_term_at": MORNING}
        conn.execute(update(CASE).where(CASE.c.no == no).values(**more, **links))

    await world.store.write(declare)
    return no, first


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", ("网格员采集", "企业", "已认定为疑难件", "恶意或虚假反映", "挂账起", "复发自")),
        ("en", ("Grid worker", "An enterprise", "Declared hard", "Long-term since", "Comes back after")),
    ],
)
async def test_the_page_tells_what_was_declared_and_leads_to_the_other_case(
    world: World, lang: str, said: tuple[str, ...]
) -> None:
    no, first = await declared(world)
    dispatcher = await world.signed_in("dispatcher")
    page = (await dispatcher.get(f"/cases/{no}?lang={lang}")).text
    facts = page[page.index('aria-labelledby="facts"') :]
    facts = facts[: facts.index("</section>")]
    for words in said:
        assert words in facts
    assert f'href="/cases/{first}"' in facts
    other = (await dispatcher.get(f"/cases/{first}")).text
    assert re.search(rf'其后复发为</dt><dd><a class="num" href="/cases/{no}"', other)


def test_every_origin_party_channel_and_link_has_a_word_in_both_languages() -> None:
    for language in Language:
        texts = Catalogue().texts(language)
        wanted = {f"case.origin.{one}" for one in ORIGINS if one != "citizen"}
        wanted |= {f"case.party.{one}" for one in PARTIES} | {f"register.value.{one}" for one in CHANNELS}
        links = ("recurrence_of", "recurred_as", "split_from", "part", "follows", "followed_by")
        wanted |= {f"case.link.{one}" for one in links}
        assert not wanted - set(texts)


async def test_a_unit_names_its_people_from_a_list_of_its_own(world: World) -> None:
    chief = Account("szgc-leader", "分管主任", Role.UNIT_LEADER, "szgc", None)
    await world.store.write(
        lambda conn: people.add_account(conn, chief, password_hash=HASH, by="test", at=MORNING)
    )
    no = (await a_case(world)).no
    dispatcher, liaison = await world.signed_in("dispatcher"), await world.signed_in("liaison")
    await dispatcher.post_form(f"/cases/{no}/moves", {"move": "dispatch", "lead": "szgc"})
    await liaison.post_form(f"/cases/{no}/moves", {"move": "read"})
    page = (await liaison.get(f"/cases/{no}")).text
    fields = {
        name: re.findall(r'<option value="([^"]+)"', page.split(f'name="{name}"')[1].split("</select>")[0])
        for name in ("handler", "leader")
    }
    assert fields == {"handler": ["handler", "liaison"], "leader": ["szgc-leader"]}
    sent = {"move": "name_people", "handler": "handler", "leader": "szgc-leader"}
    assert (await liaison.post_form(f"/cases/{no}/moves", sent)).status == 303
    case = await world.store.read(lambda conn: cases.case(conn, no))
    assert (case.assignments[0].handler, case.assignments[0].leader) == ("handler", "szgc-leader")
