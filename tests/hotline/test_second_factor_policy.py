"""Who signs in with a second factor: a switch, on for leaders in a city that is not the demo."""

from pathlib import Path

import pytest

from cases.workflow import Role
from hotline import settings
from hotline.config import Config, ConfigError, load, secret


def test_leaders_need_it_in_a_city_and_nobody_in_the_demo(tmp_path: Path) -> None:
    city = Config(state_dir=tmp_path)
    assert settings.second_factor(city) == settings.LEADERS >= {Role.SUPERVISOR, Role.ADMINISTRATOR}
    secret(tmp_path, "demo_password", create=True)
    assert settings.second_factor(city) == frozenset()


@pytest.mark.parametrize(("chosen", "who"), [("off", frozenset()), ("all", frozenset(Role))])
def test_a_city_may_choose_otherwise(tmp_path: Path, chosen: str, who: frozenset[Role]) -> None:
    assert settings.second_factor(Config(state_dir=tmp_path, second_factor=chosen)) == who


def test_a_switch_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="second_factor"):
        load({"HOTLINE_SECOND_FACTOR": "sometimes"}, tmp_path)


def test_the_key_of_second_factors_is_made_once_and_kept(tmp_path: Path) -> None:
    city = Config(state_dir=tmp_path)
    assert len(settings.seal(city)) >= 32
    assert settings.seal(city) == settings.seal(city)
    assert settings.seal(Config(state_dir=tmp_path, seal_secret="given")) == b"given"


def test_query_codes_have_a_key_of_their_own_made_from_the_same_secret(tmp_path: Path) -> None:
    city = Config(state_dir=tmp_path, seal_secret="given")
    assert len(settings.code_key(city)) == 32
    assert settings.code_key(city) != settings.seal(city)
    assert settings.code_key(city) != settings.code_key(Config(state_dir=tmp_path, seal_secret="other"))
