"""`hotline speech install` and `test`, run as an operator runs them, on the model that ships."""

import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hotline.__main__ import main
from ivr.speech import models
from tests import speech_sound

ASSET = models.SYNTHETIC


def hotline(folder: Path, *words: str) -> Result:
    environ = {"HOTLINE_STATE_DIR": str(folder), "HOTLINE_CONFIG": None}
    return CliRunner().invoke(main, ["speech", *words], env=environ)


def installed(folder: Path) -> Path:
    return models.find("", folder)


def zipped(to: Path, name: str = "vosk-model-small-cn-0.22") -> Path:
    with zipfile.ZipFile(to, "w") as packed:
        for path in sorted(ASSET.rglob("*")):
            packed.write(path, f"{name}/{path.relative_to(ASSET)}")
    return to


@pytest.fixture
def here(tmp_path: Path) -> Iterator[str]:
    """Serve the folder on loopback and give its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


# Installing


def test_a_zip_from_an_address_is_fetched_checked_and_used(tmp_path: Path, here: str) -> None:
    zipped(tmp_path / "model.zip")
    said = hotline(tmp_path / "state", "install", f"{here}/model.zip")
    assert said.exit_code == 0, said.output
    assert "已安装 installed: vosk-model-small-cn-0.22" in said.stdout
    assert "许可" in said.stdout
    assert "alphacephei.com" in said.stdout
    assert "模型都认识" in said.stdout
    assert installed(tmp_path / "state").resolve().name == "vosk-model-small-cn-0.22"


def test_a_tar_and_a_bare_folder_do_as_well(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as packed:
        packed.add(ASSET, "some-model")
    for source in (tmp_path / "model.tar.gz", ASSET):
        said = hotline(tmp_path / "state", "install", str(source))
        assert said.exit_code == 0, said.output
    assert models.is_synthetic(installed(tmp_path / "state"))


def test_an_archive_without_a_folder_of_its_own_does_as_well(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "flat.zip", "w") as packed:
        for path in sorted(ASSET.rglob("*")):
            packed.write(path, path.relative_to(ASSET))
    said = hotline(tmp_path / "state", "install", str(tmp_path / "flat.zip"))
    assert said.exit_code == 0, said.output


def test_of_a_folder_only_the_model_in_it_is_taken_and_never_the_state_folder_into_itself(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    shutil.copytree(ASSET, tmp_path / "some-model")
    assert hotline(state, "install", str(tmp_path)).exit_code == 0
    assert sorted(path.name for path in installed(state).resolve().parent.iterdir()) == ["some-model"]
    said = hotline(tmp_path / "some-model" / "state", "install", str(tmp_path / "some-model"))
    assert said.exit_code == 1
    assert "状态目录在它里面" in said.stderr
    (tmp_path / "nothing").mkdir()
    said = hotline(state, "install", str(tmp_path / "nothing"))
    assert "里面没有语音模型" in said.stderr


def test_the_model_before_is_removed_and_nothing_else_is_left(tmp_path: Path) -> None:
    first, second = zipped(tmp_path / "1.zip", "first"), zipped(tmp_path / "2.zip", "second")
    for source in (first, second):
        assert hotline(tmp_path / "state", "install", str(source)).exit_code == 0
    left = sorted(
        path.name for path in (tmp_path / "state" / "speech").glob("*/*") if path.parent.name != "model"
    )
    assert left == ["second"]


def test_what_the_model_has_no_words_for_is_named_by_menu(tmp_path: Path) -> None:
    menu = tmp_path / "menu.toml"
    shipped = Path(models.__file__).parents[1] / "menus" / "direct.toml"
    menu.write_text(shipped.read_text("utf-8").replace('"公积金"]', '"公积金", "北京科技馆"]'), "utf-8")
    said = hotline(tmp_path, "install", str(zipped(tmp_path / "m.zip")))
    assert said.exit_code == 0, said.output
    assert "unknown to the model, keys only: menu:waiting: 北京科技馆" in said.stdout


def test_an_archive_that_would_write_elsewhere_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as packed:
        packed.writestr("../../outside", "x")
    with tarfile.open(tmp_path / "bad.tar", "w") as other:
        link = tarfile.TarInfo("model/am")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        other.addfile(link)
    for source in ("bad.zip", "bad.tar"):
        said = hotline(tmp_path / "state", "install", str(tmp_path / source))
        assert said.exit_code == 1
        assert "拒绝解包" in said.stderr
    assert not (tmp_path / "outside").exists()
    assert installed(tmp_path / "state") == ASSET


@pytest.mark.parametrize("fault", ["cut", "no model", "missing part", "checksum", "absent", "text"])
def test_what_is_no_model_leaves_the_one_in_use_alone(tmp_path: Path, fault: str) -> None:
    assert hotline(tmp_path, "install", str(zipped(tmp_path / "good.zip", "good"))).exit_code == 0
    source, options = tmp_path / "other.zip", []
    if fault == "cut":
        source.write_bytes((tmp_path / "good.zip").read_bytes()[:100_000])
    elif fault == "no model":
        with zipfile.ZipFile(source, "w") as packed:
            packed.writestr("readme", "nothing")
    elif fault == "missing part":
        broken = tmp_path / "broken"
        shutil.copytree(ASSET, broken)
        (broken / "graph" / "HCLr.fst").unlink()
        source = broken
    elif fault == "checksum":
        source, options = tmp_path / "good.zip", ["--sha256", "00"]
    elif fault == "text":
        source.write_text("<html>404</html>")
    said = hotline(tmp_path, "install", str(source), *options)
    assert said.exit_code == 1, said.output
    assert "Traceback" not in said.output
    assert installed(tmp_path).resolve().name == "good"
    assert not list((tmp_path / "speech").glob(".*"))


def test_an_address_that_does_not_answer_is_told_in_words(tmp_path: Path, here: str) -> None:
    said = hotline(tmp_path, "install", f"{here}/nothing.zip")
    assert said.exit_code == 1
    assert "下载失败" in said.stderr


# Hearing a file


def test_what_is_heard_is_printed_with_times_and_confidence(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    path.write_bytes(speech_sound.talk((0.5, "查询 进度"), (4.0, "人工")))
    said = hotline(tmp_path, "test", str(path), "--grammar", "menu:waiting")
    lines = said.stdout.splitlines()
    assert "zh-mini-synth" in lines[0]
    assert "不能用于市民" in lines[0]
    assert [line.split()[-1] for line in lines[1:] if "→" not in line] == ["查询", "进度", "人工"]
    begins = float(lines[1].split("–")[0])
    assert 0.4 <= begins <= 0.8
    assert next(line for line in lines if "→" in line).startswith("  → 查询进度 (")


def test_figures_are_printed_as_the_dialogue_would_take_them(tmp_path: Path) -> None:
    path = tmp_path / "said.wav"
    path.write_bytes(speech_sound.speech("2611 2700 1783"))
    said = hotline(tmp_path, "test", str(path), "--grammar", "digits")
    assert "= 261127001783 (" in said.stdout


def test_a_sound_of_another_form_is_converted_and_silence_said_to_be_silent(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    path.write_bytes(speech_sound.silence(1).replace(_bytes(8000), _bytes(16000), 1))
    said = hotline(tmp_path, "test", str(path))
    assert said.exit_code == 0, said.output
    assert "没有听到话" in said.stdout


def test_an_unknown_grammar_is_answered_with_those_there_are(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    path.write_bytes(speech_sound.silence(0.5))
    said = hotline(tmp_path, "test", str(path), "--grammar", "weather")
    assert said.exit_code == 1
    assert "digits" in said.stderr
    assert "menu:waiting" in said.stderr


def _bytes(rate: int) -> bytes:
    return rate.to_bytes(4, "little")
