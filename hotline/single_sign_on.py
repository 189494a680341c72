"""Signing on through the city's identity provider: whether it is set up rightly, and what the console is told of it."""

import importlib.util
import json
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cases.sign_on import safe_address

if TYPE_CHECKING:
    from console.parts import SignOn
    from hotline.config import Config

SECONDS: Final = 5
MOST_BYTES: Final = 256 * 1024


def fault(config: "Config") -> str:
    """Return what is wrong with the settings, with the key at fault; '' if nothing is."""
    if not config.sso_issuer:
        without = "sso_only: 没有设置 sso_issuer, 口令不能停用 without sso_issuer passwords have to stay"
        return without if config.sso_only else ""
    plain = safe_address(config.sso_issuer) and not {"?", "#"} & set(config.sso_issuer)
    asked = {
        f"sso_issuer: 应为 https 地址 must be an https address: {config.sso_issuer}": plain,
        "sso_client_id: 缺少，由统一认证平台分配 missing, the provider assigns it": config.sso_client_id,
        "public_url: 使用 sso_issuer 时必须设置（https） has to be set (https) with sso_issuer": safe_address(
            config.public_url
        ),
        f"sso_scope: 必须包含 openid must contain openid: {config.sso_scope}": "openid"
        in config.sso_scope.split(),
        f"sso_minutes: 不能为负 must not be negative: {config.sso_minutes}": config.sso_minutes >= 0,
        "sso_claim: 不能为空 must not be empty": config.sso_claim,
        "sso_emergency: sso_only 时至少一个应急账号 with sso_only at least one account keeps its password": (
            config.sso_emergency or not config.sso_only
        ),
    }
    return next((words for words, well in asked.items() if not well), "")


def settings_of(config: "Config") -> "SignOn | None":
    from console.parts import SignOn

    if not config.sso_issuer:
        return None
    return SignOn(
        issuer=config.sso_issuer,
        client=config.sso_client_id,
        base=config.public_url.rstrip("/"),
        secret=config.sso_client_secret,
        claim=config.sso_claim,
        scope=config.sso_scope,
        name=config.sso_name,
        second_factor=frozenset(config.sso_second_factor),
        within=timedelta(minutes=config.sso_minutes) if config.sso_minutes else None,
    )


def installed() -> bool:
    return importlib.util.find_spec("joserfc") is not None


def tried(config: "Config") -> tuple[bool, str]:
    """Ask the provider what it declares; return whether it can be used, in words."""
    if not installed():
        return False, "缺少组件 joserfc is missing: pip install 'hotline-12345[sso]'"
    address = f"{config.sso_issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:  # noqa: S310 - https, or loopback
            told = json.loads(answer.read(MOST_BYTES))
    except (OSError, ValueError) as error:
        return (
            False,
            f"连不上 cannot be reached ({error}): 检查 sso_issuer 与证书 check it and its certificate",
        )
    if not isinstance(told, dict) or told.get("issuer") != config.sso_issuer:
        named = told.get("issuer") if isinstance(told, dict) else None
        return False, f"平台自称 it calls itself {named!r:.200}: sso_issuer 须完全一致 has to be the same"
    return True, f"可用 works; 回调地址 call-back address: {config.public_url.rstrip('/')}/login/sso/done"
