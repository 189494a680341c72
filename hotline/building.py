"""Puts the parts of our process together. Nothing runs here; `hotline.service` runs it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from agi_scripts.agi_speech import DEAF, Ears
from agi_scripts.events import Listener
from agi_scripts.nodes import Nodes
from agi_scripts.parts import Parts as ScriptParts
from agi_scripts.picture import wish as read_wish
from agi_scripts.recordings import Recordings
from agi_scripts.records import Follower, Tail, files_of
from agi_scripts.server import AGIServer, scripts
from agi_scripts.spool import Spool
from agi_scripts.spying import Spying
from agi_scripts.vanished import Vanished
from console import app as console
from console.parts import Parts as ConsoleParts
from console.parts import Settings as ConsoleSettings
from console.phones import Phones
from hotline import calling, leading, settings, single_sign_on
from hotline.cluster import parse_all, parse_pages
from hotline.config import Config
from hotline.hearing import Hearing, hearing
from hotline.machine import Machine
from hotline.sweeping import Sweeper
from ivr.admission import Load
from ivr.joined import Joined
from ivr.menu_file import MenuFile
from ivr.voice import SpokenText
from routing.case_rules import CaseRules
from routing.engine import Engine, LineSettings
from routing.line import Line
from routing.live import Seat
from routing.opening import line_closed
from routing.outgoing_loop import OutgoingLoop
from routing.reign import Reign
from routing.ring_back_loop import RingBackLoop
from routing.rule_watch import who_knows
from routing.watching import Watching
from storage import seats
from storage.engine import Store


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """The parts, ready to run."""

    store: Store
    nodes: Nodes
    engine: Engine
    reign: Reign | None
    listeners: tuple[Listener, ...]
    phones: Phones
    agi: AGIServer
    pages: web.Application
    case_rules: CaseRules
    follower: Follower
    ring_backs: RingBackLoop
    outgoing: OutgoingLoop
    sweeper: Sweeper
    spool: Spool
    recordings: Recordings
    vanished: Vanished
    machine: Machine
    hearing: Hearing | None
    scripts: ScriptParts


def build(config: Config, store: Store) -> Service:
    """Put the parts together; nothing runs yet."""
    nodes = leading.nodes(config, now)
    engine = _engine(config, store, nodes)
    phones = _phones(config)

    def load() -> Load:
        return _load(engine, agi)

    case_rules = CaseRules(settings.rules(config))
    hears = hearing(config, store, engine, nodes)
    scripts_of = replace(_script_parts(config, store, engine, load), case_rules=case_rules)
    agi = _agi(config, nodes, scripts_of, hears)
    within = scripts_of.ring_back_within
    follower = _follower(config, store, within)
    sweeper = Sweeper(store, case_rules, now)
    machine = Machine(_folders(config), engine.line.notify, now)
    parts = ConsoleParts(
        store=store,
        engine=engine,
        phones=phones,
        case_rules=case_rules,
        settings=_console_settings(config),
        now=now,
        watching=Watching(engine, Spying(nodes)),
        gauges=lambda: _gauges(config, agi, engine, follower) | sweeper.gauges() | machine.gauges(),
    )
    return Service(
        store=store,
        nodes=nodes,
        engine=engine,
        reign=leading.reign(config, nodes, engine, now),
        listeners=leading.listeners(config, nodes, engine, phones, now),
        phones=phones,
        agi=agi,
        pages=console.build(parts),
        case_rules=case_rules,
        follower=follower,
        ring_backs=_ring_backs(config, store, engine),
        outgoing=calling.outgoing(config, store, engine, nodes, now=now),
        sweeper=sweeper,
        spool=Spool(store, config.state_dir / "spool" / "messages", now, within),
        recordings=Recordings(store, (config.state_dir / "recordings").resolve(), now),
        vanished=_vanished(config, store, nodes, follower),
        machine=machine,
        hearing=hears,
        scripts=scripts_of,
    )


def _follower(config: Config, store: Store, within: timedelta) -> Follower:
    files = files_of(config.node, config.state_dir / "log")
    return Follower(store, [Tail(file) for file in files], within)


def _gauges(config: Config, agi: AGIServer, engine: Engine, follower: Follower) -> dict[str, float]:
    return {
        "hotline_admission_over": float(bool(settings.limits(config).over(_load(engine, agi)))),
        "hotline_agi_sessions": agi.active,
        "hotline_leads": float(engine.leads),
        "hotline_records_lag_seconds": follower.lag_seconds(),
        "hotline_db_commit_seconds": follower.commit_seconds,
    }


def _writes_down(config: Config) -> bool:
    return config.speech and config.transcripts


def nobody_hears() -> bool:
    return False


def _agi(config: Config, nodes: Nodes, parts: ScriptParts, hears: Hearing | None) -> AGIServer:
    probe = hears.probe if hears else None
    parts = replace(parts, speech=probe or nobody_hears)
    heard = nodes.stations[nodes.home].witness.fact
    sounds = config.state_dir.resolve() / "sounds"
    ears = Ears(there=probe, prompts=Joined(sounds, sounds / "zh" / "live" / "joined")) if probe else DEAF
    return AGIServer(scripts(parts), peers=leading.agi_peers(config), heard=heard, ears=ears)


def _phones(config: Config) -> Phones:
    ari = f"http://127.0.0.1:{config.asterisk_http_port}/ari"
    return Phones(ari_url=ari, user="hotline", password=config.ari_secret)


def _ring_backs(config: Config, store: Store, engine: Engine) -> RingBackLoop:
    quiet = settings.quiet(config)
    return RingBackLoop(store, engine, quiet, node=config.node, now=now, read_wish=read_wish)


def _vanished(config: Config, store: Store, nodes: Nodes, follower: Follower) -> Vanished:
    home = nodes.stations[nodes.home]
    within = timedelta(minutes=config.ring_back_minutes)
    return Vanished(
        store, home.link, config.node, now, behind=follower.lag_seconds, within=within, witness=home.witness
    )


def _folders(config: Config) -> dict[str, Path]:
    """Return what must not fill up; a database of another machine is watched there."""
    state = config.state_dir.resolve()
    folders = {"log": state / "log", "recordings": state / "recordings", "spool": state / "spool"}
    if config.database.startswith("sqlite:///"):
        folders["database"] = Path(config.database.removeprefix("sqlite:///")).parent
    return folders


def _engine(config: Config, store: Store, nodes: Nodes) -> Engine:
    engine = Engine(
        Line(),
        nodes,
        _line_settings(config),
        now=now,
        record=partial(_note_seat, store),
        node=config.node,
        prefer=lambda caller: who_knows(store, engine, now)(caller),  # noqa: PLW0108 - it is not there yet
    )
    return engine


def _load(engine: Engine, agi: AGIServer) -> Load:
    """Count who is on the line now; who is to be rung back is not, who is in a menu counts there."""
    callers = engine.line.callers.values()
    waiting = sum(bool(caller.channel) and not caller.aside for caller in callers)
    return Load(agi.active + waiting + len(engine.line.talks), waiting)


def _script_parts(config: Config, store: Store, engine: Engine, load: Callable[[], Load]) -> ScriptParts:
    return ScriptParts(
        store=store,
        voice=SpokenText(config.state_dir / "sounds" / "zh" / "live"),
        zone=ZoneInfo(config.zone),
        now=now,
        load=load,
        limits=settings.limits(config),
        ring_back_within=timedelta(minutes=config.ring_back_minutes),
        closed=lambda: line_closed(engine.rules, now()) is not None,
        rules=lambda: engine.rules,
        estimate=lambda call, wish: engine.estimate(call, now(), wish),
        menus=MenuFile(settings.menu_file(config)),
        free=lambda: len(engine.line.free_seats()) > load().waiting,
        spool=config.state_dir.resolve() / "spool" / "messages",
        recordings=config.state_dir.resolve() / "recordings",
    )


def _line_settings(config: Config) -> LineSettings:
    return LineSettings(
        ring_seconds=config.ring_seconds,
        wrap_up_seconds=config.wrap_up_seconds,
        extend_seconds=config.extend_seconds,
        no_answer_break_seconds=config.no_answer_break_seconds,
    )


def _console_settings(config: Config) -> ConsoleSettings:
    return ConsoleSettings(
        city=config.city,
        zone=ZoneInfo(config.zone),
        origins=frozenset(config.origins if config.public_url else ()),
        asterisk_ws=f"ws://127.0.0.1:{config.asterisk_http_port}/ws",
        ring_back_within=timedelta(minutes=config.ring_back_minutes),
        behind_proxy=config.behind_proxy,
        seal=settings.seal(config),
        second_factor=settings.second_factor(config),
        sign_on=single_sign_on.settings_of(config),
        password_for=frozenset(config.sso_emergency) if config.sso_only else None,
        export_rows=config.export_rows,
        checks_a_week=config.checks_a_week,
        recordings=config.state_dir / "recordings",
        node=config.node if config.nodes else "",
        pages_of_nodes=parse_pages(config.node_pages, parse_all(config.nodes, here=config.node)),
        words=config.state_dir.resolve() / settings.WORDS if _writes_down(config) else None,
        transcript_days=config.transcript_days,
    )


async def _note_seat(store: Store, seat: Seat) -> None:
    await store.write(
        lambda conn: seats.log_state(
            conn,
            seat=seat.id,
            agent=seat.agent,
            state=seat.state,
            reason=seat.reason,
            actor=seat.by,
            at=seat.since,
        ),
        retryable=True,
    )
