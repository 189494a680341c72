"""What each part is told of the configuration: plain values, never the configuration itself."""

import hmac
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from cases.ring_backs import Quiet, quiet_hours
from cases.rules import Rules, rules_for
from cases.workflow import Role
from hotline.asterisk import AsteriskError, AsteriskSettings, find_binary, find_modules
from hotline.asterisk_files import ports_carry
from hotline.cluster import parse_all
from hotline.config import Config, secret
from ivr.admission import Limits
from storage.engine import Store

ROOT = Path(__file__).resolve().parent.parent
WORDS = (
    Path("run") / "words.sock"
)  # below the state folder: where the speech service tells what is said in talks


def asterisk_settings(config: Config) -> AsteriskSettings:
    """Raises AsteriskError if there is no Asterisk to run."""
    binary = find_binary(config.state_dir) or find_binary(ROOT / "var")
    if binary is None:
        raise AsteriskError(
            "没有找到 Asterisk 20 或更高 no Asterisk of version 20 or newer: 请运行 make setup"
        )
    return AsteriskSettings(
        binary=binary,
        modules_dir=find_modules(binary),
        conf_dir=ROOT / "asterisk-conf",
        dialplan_dir=ROOT / "dialplan",
        state_dir=config.state_dir,
        node=config.node,
        sip_host=config.sip_host,
        sip_port=config.sip_port,
        rtp_start=config.rtp_start,
        rtp_end=config.rtp_end,
        ami_port=config.ami_port,
        http_port=config.asterisk_http_port,
        agi_port=config.agi_port,
        ami_secret=config.ami_secret,
        ari_secret=config.ari_secret,
        ring_seconds=config.ring_seconds,
        line_seconds=config.line_seconds,
        fallback_seconds=config.fallback_seconds,
        python=Path(sys.executable),
        trunk_match=config.trunk,
        most_calls=config.most_calls,
        nodes=parse_all(config.nodes, here=config.node),
        ami_host=config.ami_host,
        carrier=config.carrier,
        shown_number=config.shown_number,
        speech_port=config.speech_port if config.speech else 0,
    )


LEADERS = frozenset({Role.TEAM_LEAD, Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR})
"""Who hears others' calls, sees what all do, or keeps the machine."""


def second_factor(config: Config) -> frozenset[Role]:
    """Return the posts that sign in with a second factor.

    In the demo city, whose accounts share a password that the start prints, nobody has to unless the city says so.
    """
    demo = bool(secret(config.state_dir, "demo_password"))
    chosen = config.second_factor or ("off" if demo else "leaders")
    return {"off": frozenset[Role](), "leaders": LEADERS, "all": frozenset(Role)}[chosen]


def seal(config: Config) -> bytes:
    """Return the secret of second factors and of sealed columns; one that was never made is made now."""
    return (config.seal_secret or secret(config.state_dir, "seal_secret", create=True)).encode()


def code_key(config: Config) -> bytes:
    """Return the key of query codes: whoever has the database alone cannot try all six digits."""
    return _code_key(seal(config))


def open_store(config: Config, *, create: bool = False) -> Store:
    """Open the store with the city's keys. Whoever is the first to write in it has the secret made with `create`."""
    known = (
        seal(config) if create else (config.seal_secret or secret(config.state_dir, "seal_secret")).encode()
    )
    return Store.open(config.database, code_key=_code_key(known) if known else b"", seal=known)


def _code_key(seal_secret: bytes) -> bytes:
    return hmac.digest(seal_secret, b"query codes", "sha256")


def menu_file(config: Config) -> Path:
    """Return where the city's voice menus are, whether they are there or not."""
    return Path(config.menu_file) if config.menu_file else config.state_dir / "menu.toml"


def limits(config: Config) -> Limits:
    """Return what the hotline takes on: what the city wants, and never more than the exchange can still be polite to.

    A fifth of the calls that the media ports carry is kept free, for those who are told that their number is noted.
    """
    carried = ports_carry(config.rtp_start, config.rtp_end)
    polite = max(1, carried * 4 // 5)
    return Limits(
        most_calls=min(config.most_calls or polite, polite),
        most_waiting=config.most_waiting,
        number_a_minute=config.number_a_minute,
        prefix_a_minute=config.prefix_a_minute,
        appeals=config.appeals_number,
    )


def rules(config: Config) -> Rules:
    return rules_for(
        config.city_code,
        policy=config.policy,
        zone=config.zone,
        node=None if config.node_block < 0 else config.node_block,
    )


def quiet(config: Config) -> Quiet:
    """Return the hours in which nobody is rung back."""
    return quiet_hours(config.quiet_from, config.quiet_until, ZoneInfo(config.zone))
