"""What `hotline check` says of the work calendar; the rest of it is tried by its command."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cases.china_days import Year
from hotline import doctor
from hotline.config import Config
from ivr import sound
from ivr.prompts import words
from storage import work_calendars
from storage.engine import Store
from tests.town import free_port

NEXT = datetime.now(UTC).year + 1


def calendar_line(url: str) -> doctor.Finding:
    return next(found for found in doctor.examine(Config(database_url=url)) if "calendar" in found.what)


def test_check_says_how_far_the_official_calendar_goes(sqlite_url: str) -> None:
    store = Store.open(sqlite_url)
    years = {year: Year("01-01", "") for year in range(2027, NEXT + 1)}
    store.write_now(
        lambda conn: work_calendars.keep_years(
            conn, years, follows=0, source="国办发", by="admin", at=datetime.now(UTC)
        )
    )
    store.close()
    found = calendar_line(sqlite_url)
    assert (found.well, found.words) == (True, f"官方至 official until {max(2026, NEXT)}")


def test_a_database_that_cannot_be_read_hides_no_other_finding() -> None:
    findings = [found.what for found in doctor.examine(Config(database_url="sqlite:////nowhere/at/all.db"))]
    assert "数据库 database" in findings
    assert "工作日历 work calendar" not in findings
    assert findings[-1] != "数据库 database"


def sign_on_line(config: Config) -> doctor.Finding:
    return next(found for found in doctor.examine(config) if "sign-on" in found.what)


def test_check_refuses_a_provider_without_the_extra_or_without_an_answer(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = f"http://127.0.0.1:{free_port()}"
    config = Config(
        database_url=sqlite_url, sso_issuer=away, sso_client_id="hotline", public_url="https://x.cn"
    )
    found = sign_on_line(config)
    assert (found.well, "cannot be reached" in found.words) == (False, True)
    missing = sign_on_line(replace(config, sso_only=True, sso_emergency=("nobody",)))
    assert (missing.well, "nobody" in missing.words) == (False, True)
    monkeypatch.setitem(sys.modules, "joserfc", None)
    without = sign_on_line(config)
    assert (without.well, "hotline-12345[sso]" in without.words) == (False, True)
    assert not any("sign-on" in found.what for found in doctor.examine(Config(database_url=sqlite_url)))


def speech_line(config: Config) -> doctor.Finding:
    return next(found for found in doctor.examine(config) if "speech" in found.what)


def test_check_names_the_model_and_says_that_the_synthetic_one_is_no_good_for_citizens(
    tmp_path: Path,
) -> None:
    found = speech_line(Config(state_dir=tmp_path, speech_port=free_port()))
    assert found.well, "callers have keys"
    assert "zh-mini-synth" in found.words
    assert "hotline speech install" in found.words
    assert "does not answer" in found.words


def test_check_fails_for_a_model_that_is_none(tmp_path: Path) -> None:
    found = speech_line(Config(state_dir=tmp_path, speech_model=str(tmp_path)))
    assert not found.well
    assert str(tmp_path) in found.words


def test_a_city_without_speech_reads_nothing_of_it(tmp_path: Path) -> None:
    assert not [
        found for found in doctor.examine(Config(state_dir=tmp_path, speech=False)) if "speech" in found.what
    ]


def sounds_line(config: Config) -> doctor.Finding:
    return next(found for found in doctor.examine(config) if "sounds of the dialogues" in found.what)


def test_check_names_the_sounds_of_dialplan_and_menus_that_are_not_there(
    sqlite_url: str, tmp_path: Path
) -> None:
    found = sounds_line(Config(database_url=sqlite_url, state_dir=tmp_path))
    assert not found.well
    assert "is played by fallback.conf and is not there" in found.words


def test_check_says_what_is_wrong_with_a_citys_menu_file(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "menu.toml").write_text(
        'version = "x"\n[menus.waiting.choices.person]\naction = "person"\nkey = "0"\nphrases = ["人工"]\n'
    )
    config = Config(database_url=sqlite_url, state_dir=tmp_path)
    for name in words.names():
        sound.write(tmp_path / "sounds" / "zh" / f"{name}.wav", sound.silence(0.1))
    assert sounds_line(config).well is True
    (tmp_path / "menu.toml").write_text("version = 1\n")
    found = sounds_line(config)
    assert not found.well
    assert "menu.toml" in found.words
