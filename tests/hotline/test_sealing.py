"""The commands that seal what is clear, and say when the key is not the one."""

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from hotline import doctor
from hotline.__main__ import main
from hotline.config import Config
from hotline.settings import open_store, seal
from storage import briefs
from storage.engine import Store
from tests.storage import walks

NUMBER = "13850123456"


@pytest.fixture
def city(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A city whose database an older version has filled."""
    state = tmp_path / "state"
    monkeypatch.setenv("HOTLINE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("HOTLINE_STATE_DIR", str(state))
    with closing(Store.open(sqlite_url)) as store:
        walks.registered(store)
    return Config(database_url=sqlite_url, state_dir=state)


def said(config: Config) -> doctor.Finding:
    return next(found for found in doctor.examine(config) if "sealed" in found.what)


def test_migrate_seals_what_is_clear_and_check_says_how_it_stands(city: Config) -> None:
    assert "case_contact" in said(city).words
    done = CliRunner().invoke(main, ["migrate"])
    assert (done.exit_code, "sealing case_contact: 1" in done.output) == (0, True), done.output
    assert said(city) == doctor.Finding("个人信息加密 sealed columns", True, "全部加密 all sealed")
    with closing(open_store(city)) as store:
        assert len(store.read_now(lambda conn: briefs.cases_of_caller(conn, NUMBER, 5))) == 1
    assert "sealing" not in CliRunner().invoke(main, ["migrate"]).output


def test_a_lost_key_is_called_a_lost_key(city: Config) -> None:
    assert CliRunner().invoke(main, ["migrate"]).exit_code == 0
    (city.state_dir / "secrets" / "seal_secret").unlink()
    assert "restore the former one" in said(city).words
    again = CliRunner().invoke(main, ["migrate"])
    assert again.exit_code == 1
    assert "wrong seal_secret" in again.output


def test_looking_makes_no_key(city: Config) -> None:
    said(city)
    open_store(city).close()
    assert not (city.state_dir / "secrets" / "seal_secret").exists()
    assert seal(city)
    assert (city.state_dir / "secrets" / "seal_secret").exists()
