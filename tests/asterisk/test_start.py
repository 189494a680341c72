"""The configuration as it stands starts quietly."""

import stat
import subprocess
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from hotline import asterisk
from tests.asterisk import harness
from tests.asterisk.harness import Switchboard
from tests.sip import RawCaller
from tests.town import free_port

pytestmark = pytest.mark.asterisk


def test_asterisk_starts_without_a_warning(one_switchboard: Switchboard) -> None:
    said = one_switchboard.at_start
    assert [line for line in said if "WARNING" in line or "ERROR" in line] == []


def test_every_module_we_name_is_running(one_switchboard: Switchboard) -> None:
    text = (one_switchboard.folder / "etc/asterisk-conf/modules.conf").read_text(encoding="utf-8")
    named = [
        line.split("=")[1].strip() for line in text.splitlines() if line.startswith(("load ", "require "))
    ]
    shown = one_switchboard.cli("module show")
    assert len(named) > 60
    assert [name for name in named if name not in shown] == []
    assert "Not Running" not in shown


def test_the_files_load_as_they_stand_without_anything_generated(tmp_path: Path) -> None:
    binary = harness.find_asterisk()
    if binary is None:
        pytest.skip("there is no Asterisk of version 20 or newer here")
    settings = replace(harness.settings_for(tmp_path), trunk_match=())
    asterisk.render(settings)
    for drop_in in (tmp_path / "etc" / "asterisk-conf").glob("*.d/00-hotline.conf"):
        # The ports of a running hotline must not be in the way; everything else is as in the repository.
        if drop_in.parent.name not in {"http.d", "manager.d", "pjsip.d"}:
            drop_in.unlink()
    process = asterisk.start(settings)
    try:
        asterisk.wait_ready(settings, process)
        assert "hotline-incoming" in asterisk.command(settings, "dialplan show 12345@hotline-incoming")
    finally:
        asterisk.stop(settings, process, seconds=1)


def test_only_the_configured_sip_address_listens_and_everything_else_is_on_loopback(
    one_switchboard: Switchboard,
) -> None:
    command = ["ss", "-lntHp"]
    rows = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    own = f"pid={one_switchboard.process.pid},"
    listening = {row.split()[3] for row in rows if own in row}
    settings = one_switchboard.settings
    assert listening == {f"127.0.0.1:{settings.ami_port}", f"127.0.0.1:{settings.http_port}"}


def test_generated_files_can_be_read_by_their_owner_only(one_switchboard: Switchboard) -> None:
    written = [
        *one_switchboard.folder.glob("etc/asterisk-conf/*.d/00-hotline.conf"),
        one_switchboard.settings.conf,
    ]
    assert len(written) == 10
    assert {stat.S_IMODE(path.stat().st_mode) for path in written} == {0o600}


def test_secrets_are_in_the_generated_files_only(one_switchboard: Switchboard) -> None:
    settings = one_switchboard.settings
    holders = [
        path.parent.name
        for path in (one_switchboard.folder / "etc").rglob("*.conf")
        if any(
            secret in path.read_text(encoding="utf-8")
            for secret in (settings.ami_secret, settings.ari_secret)
        )
    ]
    assert sorted(holders) == ["ari.d", "manager.d"]


def test_rendering_again_gives_the_same_files(one_switchboard: Switchboard) -> None:
    etc = one_switchboard.folder / "etc"
    asterisk.render(one_switchboard.settings)
    before = {path: path.read_bytes() for path in etc.rglob("*") if path.is_file()}
    asterisk.render(one_switchboard.settings)
    assert {path: path.read_bytes() for path in etc.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("secret", ["", "two\nlines", " blank", "back\\slash"])
def test_a_secret_that_no_configuration_can_hold_is_refused(tmp_path: Path, secret: str) -> None:
    settings = replace(harness.settings_for(tmp_path), ami_secret=secret)
    with pytest.raises(asterisk.AsteriskError):
        asterisk.render(settings)


def test_a_state_folder_too_deep_for_the_control_socket_is_named(tmp_path: Path) -> None:
    settings = replace(harness.settings_for(tmp_path), state_dir=tmp_path / ("deep" * 30))
    with pytest.raises(asterisk.AsteriskError, match="too long"):
        asterisk.render(settings)


def test_a_secret_with_a_semicolon_opens_the_door_it_was_made_for(tmp_path: Path) -> None:
    if harness.find_asterisk() is None:
        pytest.skip("there is no Asterisk of version 20 or newer here")
    with harness.switchboard_in(tmp_path, ami_secret="semi;colon", ari_secret="ha#sh;") as board:
        assert board.ami("Ping")["Response"] == "Success"
        board.push("aor", "s1001", max_contacts=1)


async def test_a_call_too_many_is_refused_at_once_instead_of_being_silent(tmp_path: Path) -> None:
    if harness.find_asterisk() is None:
        pytest.skip("there is no Asterisk of version 20 or newer here")
    first = 20000 + 2 * (free_port() % 5000)
    with harness.switchboard_in(tmp_path, rtp_start=first, rtp_end=first + 7) as board:
        with ExitStack() as stack:
            callers = [
                stack.enter_context(RawCaller(("127.0.0.1", board.settings.sip_port))) for _ in range(3)
            ]
            codes = [caller.calls(b"<sip:13850123456@127.0.0.1>") for caller in callers]
        assert codes == [200, 200, 503]


def test_an_asterisk_that_cannot_start_says_why(tmp_path: Path) -> None:
    if harness.find_asterisk() is None:
        pytest.skip("there is no Asterisk of version 20 or newer here")
    settings = harness.settings_for(tmp_path)
    asterisk.render(settings)
    modules = tmp_path / "etc" / "asterisk-conf" / "modules.conf"
    modules.write_text(modules.read_text(encoding="utf-8") + "require = no_such.so\n", encoding="utf-8")
    process = asterisk.start(settings)
    with pytest.raises(asterisk.AsteriskError, match="no_such"):
        asterisk.wait_ready(settings, process)
    asterisk.stop(settings, process, seconds=1)
    assert process.returncode is not None


def test_a_system_asterisk_that_is_too_old_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "asterisk"
    old.write_text("#!/bin/sh\necho Asterisk 18.10.0\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert asterisk.version(old) == 18
    assert asterisk.find_binary(tmp_path / "empty") in {None, Path("/usr/sbin/asterisk")}
