"""What one Asterisk reads: configuration and dialplan, written into the state folder with this machine's values."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import agi_scripts
from dialplan import variables
from hotline import cluster, descriptors

LEAVE_MESSAGE = Path(agi_scripts.__file__).parent / "leave_message.py"


# Folders that must exist before Asterisk starts: it creates none of them, and without cel-custom it loses each record.
FOLDERS = (
    "agi-bin",
    "db",
    "keys/keys",
    "lib",
    "log/cel-custom",
    "recordings",
    "run/asterisk",
    "share",
    "sounds/zh/hold",
    "spool/messages",
    "spool/monitor",
    "spool/tmp",
)
# Descriptors of Asterisk: a caller in the line has seven, a recorded talk with a seat fourteen, and eight more if both sides
# are written down.
FILES_AT_REST = 256
FILES_A_CALL = 24
# An office whose people all show one number has so many on the line at once; a machine would take all there are.
PLACES_OF_A_NUMBER = 5
# The control socket's path must fit into the kernel's 108 bytes.
LONGEST_SOCKET = 107


class AsteriskError(Exception):
    """Why there is no Asterisk, in words for the person who runs the hotline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSettings:
    """All that one Asterisk needs to know."""

    binary: Path
    modules_dir: Path
    conf_dir: Path  # the repository's asterisk-conf
    dialplan_dir: Path  # the repository's dialplan
    state_dir: Path
    node: str  # begins every call id
    sip_host: str
    sip_port: int
    rtp_start: int
    rtp_end: int
    ami_port: int
    http_port: int
    agi_port: int
    ami_secret: str
    ari_secret: str
    ring_seconds: int
    python: Path  # interpreter that has pyst2, for the script Asterisk starts itself
    trunk_match: tuple[str, ...]  # addresses and networks whose calls are citizens' calls
    carrier: str = (
        ""  # host:port[,host:port] that takes our outgoing calls; empty: the first of trunk_match, port 5060
    )
    shown_number: str = "12345"  # the number that citizens see when we ring them
    nodes: tuple[cluster.Node, ...] = ()  # the other nodes: let in over AMI, and by SIP as far as the seats
    ami_host: str = "127.0.0.1"  # where AMI listens; of a cluster, the address that only its machines reach
    most_calls: int = 0  # from here on callers are noted and rung back; 0: as many as the media ports carry
    line_seconds: int = (
        180  # how long app_queue holds a caller before the dialplan looks whether we still live
    )
    fallback_seconds: int = 60  # how long a caller waits for a seat when we do not
    speech_port: int = 0  # the speech service on this machine; 0: none

    @property
    def conf(self) -> Path:
        return self.state_dir.resolve() / "etc" / "asterisk.conf"

    @property
    def socket(self) -> Path:
        return self.state_dir.resolve() / "run" / "asterisk" / "asterisk.ctl"


def render(settings: AsteriskSettings) -> Path:
    """Write configuration and dialplan into the state folder, with this machine's values; return asterisk.conf.

    A city's own drop-ins in asterisk-conf/*.d are copied along and come after ours.
    """
    state = settings.state_dir.resolve()
    if len(str(settings.socket)) > LONGEST_SOCKET:
        raise AsteriskError(f"状态目录的路径过长 the path of the state folder is too long: {state}")
    for folder in FOLDERS:
        (state / folder).mkdir(parents=True, exist_ok=True)
    etc = state / "etc" / "asterisk-conf"
    for source, target in ((settings.conf_dir, etc), (settings.dialplan_dir, state / "etc" / "dialplan")):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=_not_for_asterisk)
    for name, text in _drop_ins(settings).items():
        _write_private(etc / f"{name}.d" / "00-hotline.conf", text)
    _write_private(settings.conf, _asterisk_conf(settings))
    _link_data(settings)
    _write_agi(settings)
    return settings.conf


def _not_for_asterisk(_folder: str, names: list[str]) -> set[str]:
    return {
        name for name in names if name.endswith((".py", ".pyc", ".typed", ".md")) or name == "__pycache__"
    }


def _value(text: str) -> str:
    """Return text that Asterisk's configuration reader gives back unchanged."""
    if not text or not text.isprintable() or text != text.strip() or "\\" in text:
        raise AsteriskError(
            "密码含有不能写入配置的字符 a secret is empty or has characters no configuration can hold"
        )
    return text.replace(";", "\\;")


def _section(head: str, values: Mapping[str, object]) -> str:
    return "\n".join([head, *(f"{name} = {value}" for name, value in values.items()), ""])


def _drop_ins(settings: AsteriskSettings) -> dict[str, str]:
    state = settings.state_dir.resolve()
    shared = {
        variables.AGI: f"agi://127.0.0.1:{settings.agi_port}",
        variables.FALLBACK_SECONDS: settings.fallback_seconds,
        variables.LINE_SECONDS: settings.line_seconds,
        variables.MOST_OF_BLOCK: max(PLACES_OF_A_NUMBER, _most_calls(settings) // 5),
        variables.MOST_OF_NUMBER: PLACES_OF_A_NUMBER,
        variables.RECORDINGS: state / "recordings",
        variables.RING_SECONDS: settings.ring_seconds,
        variables.SHOWN: settings.shown_number,
        variables.SPOOL: state / "spool" / "messages",
    }
    ami = {"secret": _value(settings.ami_secret)}
    ari = {
        "type": "user",
        "read_only": "no",
        "password_format": "plain",
        "password": _value(settings.ari_secret),
    }
    trunk = [_section("[trunk]", {"type": "identify", "endpoint": "trunk"})]
    trunk += [f"match = {address}" for address in settings.trunk_match]
    return {
        "aeap": _engine(settings.speech_port) if settings.speech_port else "",
        "ari": _section("[hotline]", ari),
        "extensions": _section("[globals](+)", shared),
        "http": _section("[general](+)", {"bindport": settings.http_port}),
        "manager": _section("[general](+)", {"port": settings.ami_port})
        + _section("[hotline](+)", ami)
        + _section("[hotline-watch](+)", ami)
        + cluster.manager(settings.nodes, bind=settings.ami_host),
        "pjsip": _section("[transport-udp](+)", {"bind": f"{settings.sip_host}:{settings.sip_port}"})
        + _section("[carrier]", _ways_out(settings))
        + ("\n".join([*trunk, ""]) if settings.trunk_match else "")
        + cluster.pjsip(settings.nodes),
        "queues": _section("[hotline](+)", {"timeout": settings.ring_seconds}),
        "rtp": _section("[general](+)", {"rtpstart": settings.rtp_start, "rtpend": settings.rtp_end}),
        "websocket_client": _talks_to(settings.speech_port) if settings.speech_port else "",
    }


def _engine(port: int) -> str:
    """Return the speech engine of SPEECH CREATE. It understands the sound of telephones alone."""
    url = f"ws://127.0.0.1:{port}/aeap"
    return _section(
        "[hotline]", {"type": "client", "url": url, "codecs": "!all,slin", "protocol": "speech_to_text"}
    )


def _talks_to(port: int) -> str:
    """Return where the sound of talks goes."""
    service = {
        "type": "websocket_client",
        "connection_type": "per_call_config",
        "uri": f"ws://127.0.0.1:{port}/media",
        "protocols": "media",
        "connection_timeout": 500,
        "reconnect_attempts": 1,
        "reconnect_interval": 100,
        "tls_enabled": "no",
    }
    return _section("[hotline-media]", service)


def _ways_out(settings: AsteriskSettings) -> dict[str, object]:
    """Return where calls of ours leave. Of several, one that does not answer is left out until it does again.

    The only one is not asked whether it is there: there is no other, and some answer no such question and are well.
    """
    places = [f"sip:{place.strip()}" for place in _carrier(settings).split(",")]
    asked = {"qualify_frequency": 5, "qualify_timeout": 2} if len(places) > 1 else {}
    return {"type": "aor", "contact": ",".join(places), **asked}


def _carrier(settings: AsteriskSettings) -> str:
    """Return who takes our outgoing calls: where citizens' calls come from, unless the city names another."""
    if settings.carrier:
        return settings.carrier
    alone = [address for address in settings.trunk_match if "/" not in address]
    return f"{(alone or ['127.0.0.1'])[0]}:5060"


def _asterisk_conf(settings: AsteriskSettings) -> str:
    state = settings.state_dir.resolve()
    directories = {
        "astetcdir": state / "etc" / "asterisk-conf",
        "astmoddir": settings.modules_dir.resolve(),
        "astvarlibdir": state / "lib",
        "astdbdir": state / "db",
        "astkeydir": state / "keys",
        "astdatadir": state / "share",
        "astagidir": state / "agi-bin",
        "astspooldir": state / "spool",
        "astrundir": settings.socket.parent,
        "astlogdir": state / "log",
    }
    calls = _most_calls(settings)
    options = {
        "systemname": settings.node,
        "defaultlanguage": "zh",
        "nocolor": "yes",
        "hideconnect": "yes",
        "live_dangerously": "no",
        "disable_remote_console_shell": "yes",
        # Thousands of held channels that send silence take Asterisk down; nothing here needs it.
        "transmit_silence": "no",
        "maxcalls": calls,
        # Without a descriptor it could not even write down how a call ended; so there are enough for all it admits.
        "maxfiles": FILES_AT_REST + calls * FILES_A_CALL,
    }
    return _section("[directories]", directories) + _section("[options]", options)


def ports_carry(rtp_start: int, rtp_end: int) -> int:
    """Return how many calls the media ports carry: two legs with two ports each."""
    return max(1, (rtp_end - rtp_start + 1) // 4)


def files_carry(limit: int) -> int:
    """Return how many calls so many file descriptors carry."""
    return max(1, (limit - FILES_AT_REST) // FILES_A_CALL)


def _most_calls(settings: AsteriskSettings) -> int:
    """Return from how many calls on Asterisk itself says "busy": a little above where we begin to note numbers.

    A call beyond what the ports carry would be connected and be silent; one beyond what the descriptors carry, and with
    it every other that ends then, would have no record.
    """
    carried = min(ports_carry(settings.rtp_start, settings.rtp_end), files_carry(descriptors.allowed()))
    return min(carried, settings.most_calls * 5 // 4 + 10) if settings.most_calls else carried


def _link_data(settings: AsteriskSettings) -> None:
    """Give Asterisk one data folder: our sounds, and the documentation without which its modules do not load."""
    state = settings.state_dir.resolve()
    usr = settings.binary.resolve().parents[1]
    homes = [usr / "share" / "asterisk", usr / "lib" / "asterisk", Path("/var/lib/asterisk")]
    links = {"sounds": state / "sounds"}
    for name in ("documentation", "rest-api"):
        found = [home / name for home in homes if (home / name).is_dir()]
        if found:
            links[name] = found[0]
    for name, target in links.items():
        link = state / "share" / name
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def _write_agi(settings: AsteriskSettings) -> None:
    """Write the program that Asterisk starts when we are dead. It uses our interpreter because that one has pyst2."""
    path = settings.state_dir / "agi-bin" / LEAVE_MESSAGE.stem
    path.write_text(f'#!/bin/sh\nexec "{settings.python}" -I "{LEAVE_MESSAGE}" "$@"\n', encoding="utf-8")
    path.chmod(0o755)


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(
            "; Written by `hotline`; changes here are lost. A city's own go into a file beside this one.\n"
        )
        file.write(text)
