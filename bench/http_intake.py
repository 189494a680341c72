"""Case intake through HTTP with durable commit, as a ratio to raw sqlite3, in one run.

    python -m bench.http_intake [--seconds 5] [--connections 64]

The whole console answers, with session, token, validation and the guard in front; each answer is sent after the commit
is on disk. The clients are in this process, hand-written and lean, so that the server is what is measured. The baseline
is bench.intake's: raw sqlite3, one commit for each case, from one thread.
"""

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from datetime import UTC, datetime
from itertools import count
from multiprocessing.connection import Connection
from zoneinfo import ZoneInfo

from aiohttp import web
from argon2 import PasswordHasher

from bench.intake import fresh, raw
from cases.workflow import Role
from console.app import RUNNER_ARGS, background, build
from console.parts import Parts, Settings
from console.phones import Phones
from console.sessions import csrf_of, hash_of
from hotline.service import settle_memory
from routing.case_rules import CaseRules
from routing.engine import Engine, LineSettings
from routing.line import Line, Seat
from storage import people
from storage.engine import Store
from storage.people import Account
from tests.console.floor import FakeSwitch
from tests.console.making import FIELDS
from tests.makers import MORNING, RULES

TOKEN = "bench-token-bench-token-bench-token-bench-00"
AGENT = Account("1001", "李燕", Role.AGENT, "rxzx", "s1001")


async def note_nothing(_: Seat) -> None:
    """States of seats are not what is measured."""


def console_on(store: Store) -> web.Application:
    engine = Engine(Line(), FakeSwitch(), LineSettings(), now=lambda: datetime.now(UTC), record=note_nothing)
    return build(
        Parts(
            store=store,
            engine=engine,
            phones=Phones(ari_url="http://127.0.0.1:9/ari", user="", password=""),
            case_rules=CaseRules(RULES),
            settings=Settings(city="榕海市", zone=ZoneInfo("Asia/Shanghai")),
            now=lambda: datetime.now(UTC),
            hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        )
    )


def serve(url: str, told: Connection) -> None:
    """Run the console in a process of its own; tell the port, end when told to."""
    asyncio.run(serving(url, told))


async def serving(url: str, told: Connection) -> None:
    store, at = Store.open(url), datetime.now(UTC)
    store.write_now(lambda conn: people.add_account(conn, AGENT, password_hash="", by="bench", at=MORNING))
    store.write_now(
        lambda conn: people.open_session(
            conn, login="1001", token_hash=hash_of(TOKEN), address="bench", at=at
        )
    )
    app = console_on(store)
    runner = web.AppRunner(app, **RUNNER_ARGS)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    working = asyncio.create_task(background(app))
    settle_memory()
    told.send(runner.addresses[0][1])
    await asyncio.to_thread(told.recv)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await runner.cleanup()
    store.close()


def request_of(number: int, port: int) -> bytes:
    order = {"key": f"bench-{number}-{port}", "action": "register", "call": "", "fields": FIELDS}
    body = json.dumps(order, ensure_ascii=False).encode()
    head = (
        f"POST /api/cases HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Cookie: __Host-hotline={TOKEN}\r\nX-CSRF: {csrf_of(TOKEN)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def post_all(port: int, connections: int, seconds: float) -> list[float]:
    """Post as fast as the answers come; return how long each took."""
    numbers, took, ends = count(), list[float](), time.perf_counter() + seconds

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < ends:
            began = time.perf_counter()
            writer.write(request_of(next(numbers), port))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"refused: {head[:80]!r} {body[:300]!r}")
            took.append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return took


def through_http(url: str, connections: int, seconds: float) -> tuple[float, list[float]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, theirs))
    process.start()
    try:
        port = ours.recv()
        asyncio.run(post_all(port, 4, 0.5))  # warm: imports, compiled statements, connections
        began = time.perf_counter()
        took = asyncio.run(post_all(port, connections, seconds))
        elapsed = time.perf_counter() - began
        ours.send("end")
    finally:
        process.join(10)
        process.kill()
    return len(took) / elapsed, took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=64)
    asked = parser.parse_args()
    with fresh() as url:
        before = raw(url, asked.seconds / 2)
    with fresh() as url:
        rate, took = through_http(url, asked.connections, asked.seconds)
    with fresh() as url:
        after = raw(url, asked.seconds / 2)
    base = statistics.mean((before, after))
    cuts = statistics.quantiles(took, n=100)
    print(f"raw sqlite3, one by one          {base:8.0f}/s  1.00   (before {before:.0f}, after {after:.0f})")
    print(f"POST /api/cases, {asked.connections:3} connections  {rate:8.0f}/s  {rate / base:.2f}   aim 0.4")
    print(
        f"  p50 {cuts[49] * 1000:.1f} ms  p95 {cuts[94] * 1000:.1f} ms  p99 {cuts[98] * 1000:.1f} ms  n {len(took)}"
    )


if __name__ == "__main__":
    main()
