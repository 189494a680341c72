"""The parent of the speech service, with real processes that stand still, die, and are too many."""

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.speech.settings import ServiceSettings
from ivr.speech.watch import LOADS, LONGEST_PAUSE, SILENT, Worker
from tests.ivr.speech.engine import PATIENCE, Service, created, is_refused, running
from tests.speech_sound import pcm, speech

YES = pcm(speech("是的", tail=1.5))


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with running(tmp_path, "--workers", "2") as one:
        yield one


def test_a_worker_that_stands_still_is_killed_and_the_others_go_on(service: Service) -> None:
    hung, other = service.workers()
    began = time.monotonic()
    os.kill(hung, signal.SIGSTOP)
    service.until(lambda health: sum(one["ready"] for one in health["workers"]) == 1)
    assert service.health()["ready"]
    service.until(lambda health: all(one["ready"] for one in health["workers"]))
    print(f"a hung worker was known, killed and started again within {time.monotonic() - began:.1f} s")
    assert service.metric("hotline_speech_killed_total") >= 1
    now = service.workers()
    assert hung not in now
    assert other in now


async def test_a_killed_worker_ends_its_calls_at_once_and_is_started_again(service: Service) -> None:
    async with created(service.port) as asterisk:
        await asterisk.set("grammar", "yes_no")
        for pid in service.workers():
            os.kill(pid, signal.SIGKILL)
        message = await asterisk.socket.receive(timeout=PATIENCE)
        assert message.data is None or asterisk.socket.closed
    service.until(lambda health: all(one["restarts"] for one in health["workers"]))
    service.until(lambda health: all(one["ready"] for one in health["workers"]))
    async with created(service.port) as asterisk:
        assert (await asterisk.hear("yes_no", YES))[0] == "是的"


async def test_one_caller_too_many_is_refused_at_once_until_another_has_ended(tmp_path: Path) -> None:
    with running(tmp_path, "--workers", "1", "--most", "1") as service:
        async with created(service.port) as first:
            await first.set("grammar", "yes_no")
            assert await is_refused(service.port)
            await first.sound(YES)
            assert (await first.result())[0] == "是的"
        service.until(lambda health: health["active"] == 0)
        async with created(service.port) as second:
            assert (await second.hear("yes_no", YES))[0] == "是的"
        refused = 'hotline_speech_answers_total{outcome="refused"}'
        service.until(lambda _: service.metric(refused) == 1)


def test_the_figures_are_told_as_prometheus_reads_them(service: Service) -> None:
    families: list[str] = []
    for line in service.metrics():
        if line.startswith("# TYPE "):
            families.append(line.split()[2])
        elif not line.startswith("#"):
            assert re.fullmatch(r'[a-z_]+\{(worker|outcome)="\w+"\} [0-9.]+', line), line
            assert line.partition("{")[0] == families[-1]
    assert len(families) == len(set(families)) > 3
    assert service.metric("hotline_speech_up") == 2


def test_no_worker_outlives_a_parent_that_was_killed(service: Service) -> None:
    workers = service.workers()
    os.kill(workers[0], signal.SIGSTOP)
    service.process.kill()
    end = time.monotonic() + PATIENCE
    while any(_is_alive(pid) for pid in workers):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_all_end_with_the_service(service: Service) -> None:
    workers = service.workers()
    os.kill(workers[0], signal.SIGSTOP)
    service.process.terminate()
    assert service.process.wait(PATIENCE) == 0
    assert not any(_is_alive(pid) for pid in workers)


def test_a_service_whose_port_is_taken_says_so_and_ends(service: Service, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    twin = Service(other, "--port", str(service.port))
    assert twin.process.wait(PATIENCE) == 1
    assert f"port {service.port + 1} of the speech service is taken" in twin.log.read_text(encoding="utf-8")


def test_a_folder_that_is_no_model_is_refused_in_words(tmp_path: Path) -> None:
    wrong = Service(tmp_path, "--model", str(tmp_path))
    assert wrong.process.wait(PATIENCE) == 2
    assert "no folder of a Vosk model" in wrong.log.read_text(encoding="utf-8")


def test_a_worker_that_loads_a_large_model_is_given_time() -> None:
    worker = Worker(0, started_at=100.0)
    assert not worker.is_silent(100.0 + LOADS)
    assert worker.is_silent(101.0 + LOADS)
    worker.told, worker.heard_at = {}, 150.0
    assert not worker.is_silent(150.0 + SILENT)
    assert worker.is_silent(150.1 + SILENT)


def test_a_worker_that_keeps_dying_is_started_ever_less_often_and_keeps_its_counts() -> None:
    worker = Worker(0)
    pauses = []
    for at in range(10):
        worker.started_at, worker.told = at, {"counts": {"early": 2}}
        worker.ended(at + 1)
        pauses.append(worker.pause)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.1, LONGEST_PAUSE)
    assert worker.counts == {"early": 20}
    worker.started_at = 100.0
    worker.ended(1000.0)
    assert worker.pause == 0.0


def test_there_is_one_worker_for_each_processor_unless_the_city_wants_otherwise() -> None:
    assert ServiceSettings(model=Path(), port=1).processes == len(os.sched_getaffinity(0))
    assert ServiceSettings(model=Path(), port=1, workers=3).processes == 3


def _is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
