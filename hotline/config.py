"""The configuration: one frozen dataclass, from `hotline.toml` and `HOTLINE_*`. Only hotline/ reads it."""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cases.quality import MOST_PER_AGENT
from hotline import single_sign_on
from hotline.cluster import BadNode, covers, parse_all, parse_pages

PREFIX = "HOTLINE_"
# Names in HOTLINE_* that belong to scripts, not to the configuration.
NOT_OURS = frozenset(
    {
        "CONFIG",
        "APT_MIRROR",
        "STRICT_APT",
        "ASTERISK_SUITE",
        "ISOLATED",
        "TEST_POSTGRES",
    }
)
_SECRET = {"secret": True}
_GIVEN = {"secret": True, "given": True}  # made by somebody else: none of ours would fit


class ConfigError(Exception):
    """What is wrong with the configuration, in words for the person who wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a city can set. Times in seconds; hosts are addresses to bind or reach."""

    city: str = "榕海市"
    city_code: str = "RH"  # two letters before every case number
    zone: str = "Asia/Shanghai"
    policy: str = "fuzhou-2010"  # rule set of time limits, see cases/policies.py
    node: str = "hotline1"  # unique per Asterisk; begins every call id
    node_block: int = -1  # 0–9 where several nodes share the daily case numbers; -1: this node alone

    state_dir: Path = Path("var")
    database_url: str = ""  # empty: SQLite in the state folder

    console_host: str = "127.0.0.1"
    console_port: int = 8012  # plain HTTP: loopback, or behind a proxy that speaks TLS
    console_tls_host: str = "127.0.0.1"  # a city names the address its desks reach
    console_tls_port: int = 8443  # 0: none
    public_url: str = ""  # where browsers find us if not here, e.g. https://12345.example.gov.cn
    behind_proxy: bool = False  # a proxy in front writes X-Forwarded-For; without one anybody could

    sip_host: str = "127.0.0.1"  # where citizens' calls arrive; a city names its trunk-side address
    sip_port: int = 5060
    trunk: tuple[str, ...] = ("127.0.0.1",)  # addresses or networks whose calls are citizens' calls
    rtp_start: int = 10000
    rtp_end: int = 10999
    ami_host: str = "127.0.0.1"  # with several nodes the address that the others, and nobody else, reach
    ami_port: int = 5038
    asterisk_http_port: int = 8088
    agi_host: str = "127.0.0.1"  # the same
    agi_port: int = 4573

    speech: bool = True  # callers may speak to the menus; every menu is complete with keys alone
    speech_port: int = 8015  # the speech service, on loopback; the port after it tells its health
    speech_model: str = ""  # folder of a Vosk model; empty: the installed one, else the synthetic test model
    speech_workers: int = 0  # 0: one per processor
    transcripts: bool = (
        True  # what is said is written down as a draft for the agent; never for confidential cases
    )
    transcript_days: int = 90  # so long the drafts are kept
    menu_file: str = (
        ""  # the city's voice menus; empty: the state folder's menu.toml, else the ones that ship
    )

    nodes: tuple[str, ...] = ()  # the other nodes of the cluster, each name=host:ami_port/sip_host:sip_port
    node_pages: tuple[str, ...] = ()  # the others' pages, each name=http://host:port: for their recordings
    redis_url: str = (
        ""  # with several processes: where they agree which of them assigns; empty: this one does
    )
    carrier: str = ""  # host:port[,host:port …] that take our outgoing calls; empty: the trunk's first address, port 5060
    shown_number: str = "12345"  # the number citizens see when we ring them
    most_calls: int = 500  # more calls than this are told that their number is noted, and are rung back
    most_waiting: int = 0  # the same for callers in the line; 0: no limit
    number_a_minute: int = 10  # one number that calls more often is noted and rung back; 0: no limit
    prefix_a_minute: int = (
        120  # the same for ten thousand neighbouring numbers together: a machine rings through them
    )
    appeals_number: str = (
        ""  # where a caller who is restricted for nuisance may appeal; empty: by a message only
    )
    ring_back_minutes: int = 60  # a missed call is rung back within (国办发〔2020〕53号, 闽 66号文)
    quiet_from: str = "21:00"  # nobody is rung back in the evening …
    quiet_until: str = "08:00"  # … before this, unless the citizen asked for it

    ring_seconds: int = 15  # how long one seat rings
    line_seconds: int = 180  # how often the dialplan looks, for a waiting caller, whether our process lives
    fallback_seconds: int = 60  # how long a caller waits for a seat when it does not; then a message is taken
    wrap_up_seconds: int = 60  # 话后整理
    extend_seconds: int = 60  # one extension of it
    no_answer_break_seconds: int = 30  # a seat that let a call ring is given calls again after this

    second_factor: str = (
        ""  # who signs in with a second factor: off, leaders, all; empty: leaders, in the demo city nobody
    )
    export_rows: int = 5_000  # tables of more rows leave only after another person has agreed

    sso_issuer: str = ""  # the city's identity provider (OpenID Connect), as it calls itself; empty: none
    sso_client_id: str = ""  # how the provider knows us; public_url/login/sso/done is registered there
    sso_client_secret: str = field(
        default="", metadata=_GIVEN
    )  # from the provider; empty for a public client
    sso_claim: str = "preferred_username"  # what it tells that is the login here
    sso_scope: str = "openid profile"
    sso_name: str = ""  # what the city calls it, for the button
    sso_second_factor: tuple[str, ...] = ()  # amr or acr with which the provider's second factor counts
    sso_minutes: int = 0  # who proved to be it there longer ago is asked again; 0: as the provider likes
    sso_only: bool = False  # passwords open no account but the emergency ones
    sso_emergency: tuple[str, ...] = ()  # logins that keep their password for the day the provider is away
    checks_a_week: int = 3  # calls of each agent that are drawn for a quality check by themselves; 0: none

    seal_secret: str = field(
        default="", metadata=_SECRET
    )  # the key of second factors and query codes; all nodes the same
    ami_secret: str = field(default="", metadata=_SECRET)
    ari_secret: str = field(default="", metadata=_SECRET)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.state_dir.resolve()}/hotline.db"

    @property
    def origins(self) -> tuple[str, ...]:
        """Addresses under which browsers may know this console."""
        hosts = dict.fromkeys(("localhost", "127.0.0.1", self.console_tls_host))
        names = [f"http://{host}:{self.console_port}" for host in ("localhost", "127.0.0.1")]
        names += [f"https://{host}:{self.console_tls_port}" for host in hosts if self.console_tls_port]
        return (*names, self.public_url.rstrip("/"))

    def masked(self) -> dict[str, str]:
        """Return every setting as text, secrets hidden."""
        shown = {}
        for part in fields(self):
            value = getattr(self, part.name)
            secret = part.metadata.get("secret")
            shown[part.name] = ("******" if value else "(未设置 not set)") if secret else str(value)
        if "@" in self.database_url:
            shown["database_url"] = (
                self.database_url.split("://", 1)[0] + "://******@" + self.database_url.rsplit("@", 1)[1]
            )
        return shown


def load(environ: Mapping[str, str] = os.environ, folder: Path = Path()) -> Config:
    """Read defaults, then `hotline.toml` (or the file HOTLINE_CONFIG names), then HOTLINE_*.

    Raises ConfigError, which names the key at fault.
    """
    path = Path(environ.get("HOTLINE_CONFIG", folder / "hotline.toml"))
    values: dict[str, object] = {}
    if path.exists():
        values.update(_from_toml(path))
    elif "HOTLINE_CONFIG" in environ:
        raise ConfigError(f"HOTLINE_CONFIG 指向的文件不存在 no such file: {path}")
    values.update(_from_environment(environ))
    typed: dict[str, Any] = {name: _typed(name, value) for name, value in values.items()}
    config = replace(Config(), **typed)
    _check(config)
    return config


def _known(name: str, where: str) -> str:
    if name not in {part.name for part in fields(Config)}:
        raise ConfigError(f"{where}: 没有名为 {name} 的配置项 there is no setting of this name")
    return name


def _from_toml(path: Path) -> dict[str, object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: 无法读取 cannot be read: {error}") from None
    return {_known(name, str(path)): value for name, value in table.items()}


def _from_environment(environ: Mapping[str, str]) -> dict[str, object]:
    values: dict[str, object] = {}
    known = {part.name for part in fields(Config)}
    for key, text in environ.items():
        if not key.startswith(PREFIX) or key.removeprefix(PREFIX) in NOT_OURS:
            continue
        name = key.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name not in known:
            name = _known(name.removesuffix("_file"), key)
            try:
                values[name] = Path(text).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{key}: 无法读取 cannot be read: {error}") from None
        else:
            values[_known(name, key)] = text
    return values


def _typed(name: str, value: object) -> object:
    """Turn text into the type of the setting; refuse anything else."""
    default = getattr(Config(), name)
    wrong = ConfigError(f"{name}: 值不正确 this value does not fit: {value!r}")
    if isinstance(default, bool):
        return _yes_or_no(value, wrong)
    if isinstance(default, int):
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise wrong
        try:
            return int(value)
        except ValueError:
            raise wrong from None
    if isinstance(default, Path) and isinstance(value, str):
        return Path(value)
    if isinstance(default, tuple):
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise wrong
        return tuple(item.strip() for item in items if item.strip())
    if not isinstance(value, str):
        raise wrong
    return value


def _yes_or_no(value: object, wrong: ConfigError) -> bool:
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return value == "true"
    raise wrong


def _check(config: Config) -> None:
    try:
        ZoneInfo(config.zone)
    except (KeyError, ValueError):
        raise ConfigError(f"zone: 没有这个时区 there is no such time zone: {config.zone}") from None
    for part in fields(config):
        value = getattr(config, part.name)
        if part.name.endswith("_port") and not 0 <= value <= 65535:
            raise ConfigError(f"{part.name}: 端口应在 0–65535 之间 a port is 0–65535: {value}")
        if part.name.endswith("_seconds") and not 1 <= value <= 3600:
            raise ConfigError(f"{part.name}: 应在 1–3600 秒之间 must be 1–3600 seconds: {value}")
    _check_ring_backs(config)
    if not 0 <= config.transcript_days <= 3650:
        raise ConfigError(
            f"transcript_days: 应在 0–3650 天之间 must be 0–3650 days: {config.transcript_days}"
        )
    if config.rtp_end - config.rtp_start < 9:
        raise ConfigError("rtp_end: 媒体端口至少要 10 个 at least ten ports are needed for sound")
    if not (len(config.city_code) == 2 and config.city_code.isascii() and config.city_code.isupper()):
        raise ConfigError(f"city_code: 应为两个大写字母 two capital letters: {config.city_code}")
    if not config.node.isascii() or not config.node.replace("-", "").isalnum():
        raise ConfigError(f"node: 只能用字母、数字和连字符 letters, digits and hyphens only: {config.node}")
    _check_cluster(config)
    _check_security(config)
    _check_quality(config)


def _check_security(config: Config) -> None:
    if config.second_factor not in {"", "off", "leaders", "all"}:
        raise ConfigError(f"second_factor: 应为 must be off, leaders, all: {config.second_factor}")
    if config.export_rows < 0:
        raise ConfigError(f"export_rows: 不能为负 must not be negative: {config.export_rows}")
    if fault := single_sign_on.fault(config):
        raise ConfigError(fault)


def _check_quality(config: Config) -> None:
    if not 0 <= config.checks_a_week <= MOST_PER_AGENT:
        raise ConfigError(
            f"checks_a_week: 应在 0–{MOST_PER_AGENT} 之间 must be 0–{MOST_PER_AGENT}: {config.checks_a_week}"
        )


def _check_ring_backs(config: Config) -> None:
    for name in ("quiet_from", "quiet_until"):
        try:
            time.fromisoformat(getattr(config, name))
        except ValueError:
            raise ConfigError(
                f"{name}: 应写作 08:00 to be written as 08:00: {getattr(config, name)}"
            ) from None
    if not 5 <= config.ring_back_minutes <= 1440:
        raise ConfigError(f"ring_back_minutes: 应在 5–1440 之间 must be 5–1440: {config.ring_back_minutes}")


def _check_cluster(config: Config) -> None:
    try:
        nodes = parse_all(config.nodes, here=config.node)
    except BadNode as error:
        raise ConfigError(f"nodes: {error}") from None
    try:
        parse_pages(config.node_pages, nodes)
    except BadNode as error:
        raise ConfigError(f"node_pages: {error}") from None
    if nodes and not config.redis_url:
        raise ConfigError(
            "redis_url: 多个节点要靠它决定由谁派话 several nodes need it to agree which of them assigns"
        )
    if nodes and not config.database_url.startswith("postgresql"):
        raise ConfigError("database_url: 多个节点要共用 PostgreSQL several nodes share one PostgreSQL")
    for node in nodes:
        if any(covers(match, node.sip_host) for match in config.trunk):
            raise ConfigError(
                f"trunk: 包含节点 {node.name} 的地址 has the address of a node in it, whose calls are no citizens'"
            )


def with_secrets(config: Config, *, create: bool = False) -> Config:
    """Fill empty secrets from the state folder; with `create`, make the missing ones."""
    found: dict[str, Any] = {}
    for part in fields(config):
        if part.metadata.get("secret") and not getattr(config, part.name):
            make = create and not part.metadata.get("given")
            found[part.name] = secret(config.state_dir, part.name, create=make)
    return replace(config, **found)


def secret(state: Path, name: str, *, create: bool = False) -> str:
    """Return one secret of the state folder, '' if there is none. Files are readable by their owner only."""
    path = state / "secrets" / name
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    if not create:
        return ""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    value = secrets.token_urlsafe(24)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(value)
    return value
