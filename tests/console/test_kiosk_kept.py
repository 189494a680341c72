"""K-01: what a kiosk kept while the network was away is sealed for the city, taken once, and lost in no case."""

import base64
import json
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text

from console import kept
from console.sealing import Unsealed
from storage import kiosks
from storage.engine import Store
from tests.console.test_kiosk_pages import ADMIN, a_kiosk
from tests.console.world import Browser, World, world_of

SEAL = b"the city's key, for tests"
TOLD = {
    "category": "0105",
    "place": "3号楼前",
    "words": "井盖碎了",
    "number": "13850123456",
    "slip": "481205",
}


def sealed(half: str, kiosk: str, key: str, told: Any) -> str:
    """Seal as kiosk-kept.js does."""
    own = ec.generate_private_key(ec.SECP256R1())
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(half))
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), theirs)
    secret = HKDF(algorithm=SHA256(), length=32, salt=point, info=b"kiosk kept").derive(shared)
    nonce = os.urandom(12)
    body = AESGCM(secret).encrypt(nonce, json.dumps(told).encode(), f"{kiosk} {key}".encode())
    return base64.b64encode(point + nonce + body).decode()


async def send(browser: Browser, key: str, told: Any, kiosk: str = "aofeng-1", about: str = "") -> Any:
    half = (await browser.get("/kiosk/pack")).json["key"]
    body = {"kiosk": kiosk, "key": key, "sealed": sealed(half, kiosk, about or key, told)}
    return await browser.send_json("POST", "/api/kiosk/kept", body)


async def cases_in(world: World) -> list[Any]:
    rows = "SELECT slip, kept_at FROM kiosk_case"
    return await world.store.read(lambda conn: [tuple(row) for row in conn.execute(text(rows))])


async def test_k_01_what_waited_is_taken_once_however_often_it_is_sent(store: Store) -> None:
    async with world_of(store, seal=SEAL) as world:
        browser = await a_kiosk(world)
        typed = TOLD | {"at": world.clock().timestamp() * 1000 - 3_600_000}
        answers = [(await send(browser, "k1", typed)).json for _ in range(2)]
        assert answers == [{"taken": True, "again": False}, {"taken": True, "again": True}]
        assert [slip for slip, _ in await cases_in(world)] == ["481205"]


async def test_k_01_what_cannot_be_opened_is_counted_and_not_sent_for_ever(sqlite_store: Store) -> None:
    async with world_of(sqlite_store, seal=SEAL) as world:
        browser = await a_kiosk(world)
        # Under another number, at another kiosk, and no text of ours: each is answered, none becomes a case.
        answers = [
            await send(browser, "k1", TOLD, about="k2"),
            await send(browser, "k1", TOLD, kiosk="elsewhere"),
            await send(browser, "k1", ["no", "object"]),
        ]
        assert [(one.status, one.json) for one in answers] == [(200, {"taken": False})] * 3
        assert await cases_in(world) == []
        assert "无法读取 3" in (await (await world.signed_in("admin")).get("/kiosks")).text


async def test_k_01_a_locked_kiosk_sends_nothing_and_says_it_all_with_its_next_token(
    sqlite_store: Store,
) -> None:
    async with world_of(sqlite_store, seal=SEAL) as world:
        browser = await a_kiosk(world)
        half = (await browser.get("/kiosk/pack")).json["key"]
        body = {"kiosk": "aofeng-1", "key": "k1", "sealed": sealed(half, "aofeng-1", "k1", TOLD)}
        at = world.clock()
        await world.store.write(lambda conn: kiosks.disable(conn, "aofeng-1", by=ADMIN, at=at))
        assert (await browser.send_json("POST", "/api/kiosk/kept", body)).status == 403
        token = await world.store.write(lambda conn: kiosks.renew(conn, "aofeng-1", by=ADMIN, at=at))
        browser.cookie = f"__Host-kiosk={token}"
        assert (await browser.send_json("POST", "/api/kiosk/kept", body)).json["taken"] is True


async def test_k_01_a_kiosk_says_how_much_waits_on_it(sqlite_store: Store) -> None:
    async with world_of(sqlite_store, seal=SEAL) as world:
        browser, admin = await a_kiosk(world), await world.signed_in("admin")
        assert (await browser.send_json("POST", "/api/kiosk/beat", {"kept": "7"})).status == 200
        assert "待网络恢复提交 7" in (await admin.get("/kiosks")).text
        assert (await browser.send_json("POST", "/api/kiosk/beat", {"kept": "much"})).status == 200
        assert "待网络恢复提交 7" in (await admin.get("/kiosks")).text
        assert (await world.browser().send_json("POST", "/api/kiosk/kept", {})).status == 403


async def test_k_01_the_script_between_pages_and_network_looks_after_kiosks_only(sqlite_store: Store) -> None:
    async with world_of(sqlite_store) as world:
        seen = await world.browser().get("/kiosk/worker.js")
        assert seen.headers["Service-Worker-Allowed"] == "/kiosk"
        assert seen.headers["Content-Type"].startswith("text/javascript")
        # Without a key of the city's nothing could be opened, so nothing is sealed.
        assert (await (await a_kiosk(world)).get("/kiosk/pack")).json["key"] == ""


def test_what_one_kiosk_sealed_another_kiosks_key_does_not_open() -> None:
    half = kept.open_half(SEAL, "a")
    assert half == kept.open_half(SEAL, "a") != kept.open_half(SEAL, "b")
    box = sealed(half, "a", "k", TOLD)
    assert json.loads(kept.opened(SEAL, "a", "k", box)) == TOLD
    wrong = [("b", "k", box), ("a", "l", box), ("a", "k", box[:-8]), ("a", "k", "?"), ("a", "k", "AAAA")]
    for kiosk, key, text_ in wrong:
        with pytest.raises(Unsealed):
            kept.opened(SEAL, kiosk, key, text_)
    with pytest.raises(Unsealed):
        kept.opened(b"", "a", "k", box)
