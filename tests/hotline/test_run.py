"""`hotline run`: starts both, keeps both alive, stops what it started and nothing else."""

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline import run as running_parts
from hotline.asterisk import find_binary
from hotline.config import Config
from hotline.settings import ROOT
from tests.town import Town, eventually, free_port, two_free_ports


@pytest.fixture(scope="module")
def prepared() -> Iterator[Town]:
    if find_binary(ROOT / "var") is None:
        pytest.skip("there is no Asterisk of version 20 or newer here; `make setup` gets one")
    with tempfile.TemporaryDirectory(prefix="hl-") as folder:
        town = Town(Path(folder), {"HOTLINE_SPEECH": "true", "HOTLINE_SPEECH_WORKERS": "1"})
        town.prepare()
        yield town


@pytest.fixture
def running(prepared: Town) -> Iterator[subprocess.Popen[str]]:
    process = start(prepared)
    yield process
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def start(town: Town) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "hotline", "run"]
    output = (town.state / "run.out").open("w", encoding="utf-8")
    process = subprocess.Popen(
        command, env=town.environ, cwd=town.state, stdout=output, stderr=output, text=True
    )
    output.close()
    eventually(lambda: "就绪" in said(town) or process.poll() is not None, seconds=30, what="ready")
    return process


def said(town: Town) -> str:
    return (town.state / "run.out").read_text(encoding="utf-8")


def pid(town: Town, name: str) -> int:
    return int((town.state / "run" / name).read_text(encoding="ascii"))


def alive(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False


def test_it_prints_addresses_accounts_and_what_to_try(prepared: Town, running: subprocess.Popen[str]) -> None:
    assert running.poll() is None
    for word in ("/desk", "/call", "/wall", "1001", prepared.password, "make call"):
        assert word in said(prepared)


def test_interrupting_it_stops_both_in_order(prepared: Town, running: subprocess.Popen[str]) -> None:
    both = [pid(prepared, "serve.pid"), pid(prepared, "asterisk/asterisk.pid")]
    assert all(map(alive, both))
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 0
    assert not any(map(alive, both))
    assert "已停止" in said(prepared)


def test_a_second_one_on_the_same_folder_is_refused_and_the_first_goes_on(
    prepared: Town, running: subprocess.Popen[str]
) -> None:
    second = prepared.hotline("run")
    assert second.returncode == 1
    assert "已在运行" in second.stderr
    assert str(running.pid) in second.stderr
    assert prepared.ready()


def test_our_process_is_started_again_and_asterisk_is_left_alone(
    prepared: Town, running: subprocess.Popen[str]
) -> None:
    ours, pbx = pid(prepared, "serve.pid"), pid(prepared, "asterisk/asterisk.pid")
    subprocess.run(["kill", "-9", str(ours)], check=True)
    eventually(
        lambda: pid(prepared, "serve.pid") != ours and prepared.ready(), seconds=30, what="started again"
    )
    assert pid(prepared, "asterisk/asterisk.pid") == pbx
    assert alive(pbx)
    assert running.poll() is None


def test_what_a_killed_run_left_behind_is_stopped_by_the_next(prepared: Town) -> None:
    first = start(prepared)
    left = [pid(prepared, "serve.pid"), pid(prepared, "asterisk/asterisk.pid")]
    first.kill()
    first.wait()
    assert all(map(alive, left))
    second = start(prepared)
    try:
        assert prepared.ready(), said(prepared)
        assert not any(map(alive, left))
    finally:
        second.send_signal(signal.SIGINT)
        assert second.wait(30) == 0


def test_a_port_that_is_taken_is_named_with_what_to_do(prepared: Town) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", prepared.config.sip_port))
        refused = prepared.hotline("run")
    assert refused.returncode == 1
    assert f"sip_port 127.0.0.1:{prepared.config.sip_port}" in refused.stderr
    assert "HOTLINE_SIP_PORT" in refused.stderr
    assert not list(prepared.state.glob("run/asterisk/asterisk.ctl"))


def test_what_ends_as_soon_as_it_starts_is_given_up_with_its_own_words(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    said = "[now] NOTICE: well\n[now] ERROR: Failed to load required module res_srtp.so\n"
    (tmp_path / "log" / "messages.log").write_text(said, encoding="utf-8")
    part = running_parts.Part("asterisk", lambda: subprocess.Popen(["false"]))
    config = Config(state_dir=tmp_path, console_port=free_port())
    with pytest.raises(running_parts.CannotStart, match=r"res_srtp\.so"):
        running_parts._watch(config, [part, part], [], lambda: None, lambda: False)
    assert part.deaths == running_parts.HOPELESS_AFTER


FROZEN = """
import socket, sys, time
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    time.sleep(60)
"""


def test_a_speech_service_that_takes_questions_and_answers_none_is_killed_and_started_again(
    tmp_path: Path,
) -> None:
    """Who speaks to it hears nothing meanwhile, and Asterisk would wait for ever."""
    config = Config(state_dir=tmp_path, console_port=free_port(), speech_port=two_free_ports())
    command = [sys.executable, "-c", FROZEN, str(config.speech_port + 1)]
    frozen = running_parts.Part("speech", lambda: subprocess.Popen(command, start_new_session=True))
    others = [running_parts.Part(name, lambda: subprocess.Popen(["sleep", "60"])) for name in ("pbx", "ours")]
    until = time.monotonic() + 30
    try:
        running_parts._watch(
            config, others, [frozen], lambda: None, lambda: frozen.deaths > 0 or time.monotonic() > until
        )
    finally:
        for part in (frozen, *others):
            part.stop(5)
    assert (frozen.deaths, [part.deaths for part in others]) == (1, [0, 0])


def test_check_finds_nothing_wrong_with_a_running_hotline(
    prepared: Town, running: subprocess.Popen[str]
) -> None:
    assert running.poll() is None
    checked = prepared.hotline("check")
    assert checked.returncode == 0, checked.stdout
    assert "✗" not in checked.stdout
    assert prepared.config.ami_secret not in checked.stdout


def test_the_demo_is_prepared_once_and_a_second_time_changes_nothing(prepared: Town) -> None:
    before = {path: path.stat().st_mtime_ns for path in (prepared.state / "sounds").rglob("*.wav")}
    again = prepared.hotline("demo")
    assert again.returncode == 0
    assert "0 条新生成" in again.stdout
    assert {path: path.stat().st_mtime_ns for path in (prepared.state / "sounds").rglob("*.wav")} == before


def test_a_synthetic_citizen_calls_over_real_sip(prepared: Town, running: subprocess.Popen[str]) -> None:
    assert running.poll() is None
    called = prepared.hotline("call", "--seconds", "4")
    assert called.returncode == 0, called.stdout + called.stderr
    assert "听到声音" in called.stdout


def test_one_that_was_just_started_has_longer_to_answer_than_one_that_fell_silent() -> None:
    part = running_parts.Part("hotline", lambda: subprocess.Popen(["true"]), started_at=100.0)
    hung, starts = running_parts.HUNG_AFTER, running_parts.STARTS_WITHIN
    assert not running_parts._is_hung(part, 99.0, 100.0 + hung + 1)
    assert running_parts._is_hung(part, 99.0, 100.0 + starts + 1)
    assert not running_parts._is_hung(part, 101.0, 101.0 + hung)
    assert running_parts._is_hung(part, 101.0, 101.0 + hung + 1)
