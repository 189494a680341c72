"""How many calls the hotline takes on, as the configuration and the media ports say."""

from dataclasses import replace
from pathlib import Path

import pytest

from hotline import asterisk_files, settings
from hotline.asterisk_files import AsteriskSettings
from hotline.config import Config


def an_asterisk(**changes: object) -> AsteriskSettings:
    plain = AsteriskSettings(
        binary=Path("/usr/sbin/asterisk"), modules_dir=Path("/m"), conf_dir=Path("/c"), dialplan_dir=Path("/d"),
        state_dir=Path("/s"), node="hotline1", sip_host="127.0.0.1", sip_port=5060, rtp_start=10_000,
        rtp_end=10_999, ami_port=1, http_port=2, agi_port=3, ami_secret="a", ari_secret="b", ring_seconds=15,
        python=Path("/usr/bin/python3"), trunk_match=(),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type] # fields of the settings


def busy_from(**changes: object) -> int:
    text = asterisk_files._asterisk_conf(an_asterisk(**changes))
    return int(text.split("maxcalls = ")[1].split("\n")[0])


def test_asterisk_itself_says_busy_only_a_little_above_where_numbers_are_noted() -> None:
    assert busy_from(most_calls=100) == 135
    assert settings.limits(Config(most_calls=100)).most_calls == 100


def test_no_call_is_connected_that_the_media_ports_do_not_carry() -> None:
    assert busy_from(most_calls=0) == 250
    assert busy_from(most_calls=1000) == 250


@pytest.mark.parametrize("most_calls", [0, 500])
def test_callers_are_noted_before_the_ports_run_out_whatever_is_configured(most_calls: int) -> None:
    limits = settings.limits(Config(most_calls=most_calls, rtp_start=10_000, rtp_end=10_999))
    assert limits.most_calls == 200
    assert limits.most_calls < busy_from(most_calls=most_calls)


def test_the_other_limits_are_the_citys() -> None:
    config = Config(most_waiting=30, number_a_minute=7, prefix_a_minute=0, appeals_number="88880000")
    limits = settings.limits(config)
    assert (limits.most_waiting, limits.number_a_minute, limits.prefix_a_minute) == (30, 7, 0)
    assert limits.appeals == "88880000"
