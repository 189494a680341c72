"""What the console is made of, and the typed keys under which the application and a request carry it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aiohttp import web
from argon2 import PasswordHasher

from cases.call_record import RING_BACK_WITHIN
from cases.rules import Rules
from cases.workflow import Role
from routing.case_rules import CaseRules
from routing.engine import Engine
from routing.watching import Watching
from storage.engine import Store

if TYPE_CHECKING:
    from console.phones import Phones


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOn:
    """The city's own identity provider (OpenID Connect)."""

    issuer: str
    client: str
    base: str
    """`https://host[:port]` under which the provider knows us."""
    secret: str = field(default="", repr=False)
    claim: str = "preferred_username"
    """What the provider tells that is the login here."""
    scope: str = "openid profile"
    name: str = ""
    """What the city calls it, for the button."""
    second_factor: frozenset[str] = frozenset()
    """`amr` or `acr` with which the provider's own second factor counts; without one ours is asked for."""
    within: timedelta | None = None
    """So long ago at most a person must have proved to be it there; None: whatever the provider remembers."""

    @property
    def back(self) -> str:
        """The address to which the provider sends a person with a code; it has to be registered there."""
        return f"{self.base}/login/sso/done"

    @property
    def after(self) -> str:
        return f"{self.base}/login"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the city decides about its web pages."""

    city: str
    zone: ZoneInfo
    origins: frozenset[str] = frozenset()
    """`https://host[:port]` under which browsers reach us; empty means the host they asked for."""
    asterisk_ws: str = "ws://127.0.0.1:8088/ws"
    version: str = "0"
    allow_webphone: bool = True
    ring_back_within: timedelta = RING_BACK_WITHIN
    recordings: Path | None = None
    """The folder into which this node records; without one nothing can be heard here."""
    node: str = ""
    """Which node this process is on; '' if there is only one."""
    pages_of_nodes: Mapping[str, str] = field(default_factory=dict)
    """Where the other nodes' pages are, for their recordings; of one that is not named none can be heard here."""
    words: Path | None = None
    """The socket file at which the speech service tells what is said in talks; without one there are no drafts."""
    transcript_days: int = 90
    """So long they are kept."""
    seal: bytes = b""
    """The key for what must not be read in the database; without one nobody can enrol a second factor."""
    second_factor: frozenset[Role] = frozenset()
    """Posts that sign in with a second factor; the others may choose one."""
    sign_on: SignOn | None = None
    password_for: frozenset[str] | None = None
    """Logins that may sign in with a password here; None: all may."""
    export_rows: int = 5_000
    """A table of more rows is given only after another person has agreed."""
    checks_a_week: int = 3
    """So many of each agent's calls are drawn for a quality check by themselves; 0: none."""
    behind_proxy: bool = False
    """The last entry of X-Forwarded-For is the browser's address; without a proxy anyone could write it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The rest of the platform, as the console sees it."""

    store: Store
    engine: Engine
    phones: "Phones"
    case_rules: CaseRules
    settings: Settings
    now: Callable[[], datetime]
    watching: Watching | None = None
    """Supervisors in talks; None if there is no exchange to bring them in."""
    gauges: Callable[[], Mapping[str, float]] = dict
    """Figures of the parts the console does not know, by the name they have in /metrics."""
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    @property
    def rules(self) -> Rules:
        """The case rules in force at this moment; take them once for one unit of work."""
        return self.case_rules()


PARTS = web.AppKey("parts", Parts)
