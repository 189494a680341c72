"""How the speech service is, for probes and for whoever looks after it. It tells no words of callers; it knows none."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from aiohttp import web

from ivr.speech import models
from ivr.speech.settings import ServiceSettings

ANSWERS = ("early", "ended", "unknown", "silence", "during_prompt")
OUTCOMES = (*ANSWERS, "refused", "late", "forgotten", "garbage", "recordings", "talks", "talk_gaps")


class Watched(Protocol):
    """What is known of one worker."""

    number: int
    told: dict[str, Any] | None
    restarts: int
    killed: int
    counts: dict[str, int]

    def is_silent(self, at: float) -> bool:
        """Say whether it has shown no sign of life for too long."""


def pages(settings: ServiceSettings, workers: Sequence[Watched]) -> web.Application:
    """Return /healthz and /metrics."""

    async def healthz(_request: web.Request) -> web.Response:
        found = state(settings, workers, at=time.monotonic())
        return web.json_response(found, status=200 if found["ready"] else 503)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(text=_metrics(workers, at=time.monotonic()))

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/metrics", metrics)
    return app


def state(settings: ServiceSettings, workers: Sequence[Watched], *, at: float) -> dict[str, Any]:
    """Return the state of the service. It is ready when one worker is."""
    well = [worker.told for worker in workers if worker.told is not None and not worker.is_silent(at)]
    return {
        "ready": bool(well),
        "model": settings.model.name,
        "synthetic": models.is_synthetic(settings.model),
        "unknown": well[0]["unknown"] if well else {},
        "active": sum(told["active"] for told in well),
        "lag_ms": round(1000 * max((told["lag"] for told in well), default=0.0)),
        "workers": [
            {"ready": worker.told is not None and not worker.is_silent(at), "restarts": worker.restarts}
            for worker in workers
        ],
    }


def _metrics(workers: Sequence[Watched], *, at: float) -> str:
    """Return the same in the form Prometheus reads."""
    lines = []
    for name, kind, told, of_worker in FIGURES:
        lines += [f"# HELP {name} {told}", f"# TYPE {name} {kind}"]
        lines += [f'{name}{{worker="{worker.number}"}} {of_worker(worker, at)}' for worker in workers]
    counted: Counter[str] = Counter()
    for worker in workers:
        counted += Counter(worker.counts) + Counter((worker.told or {}).get("counts", {}))
    lines += [f"# HELP {ANSWERED} what came of listening", f"# TYPE {ANSWERED} counter"]
    lines += [f'{ANSWERED}{{outcome="{name}"}} {counted[name]}' for name in OUTCOMES]
    return "\n".join([*lines, ""])


def _is_well(worker: Watched, at: float) -> int:
    return int(worker.told is not None and not worker.is_silent(at))


ANSWERED = "hotline_speech_answers_total"
FIGURES: Sequence[tuple[str, str, str, Callable[[Watched, float], float]]] = (
    ("hotline_speech_up", "gauge", "1 while the worker is well", _is_well),
    (
        "hotline_speech_active",
        "gauge",
        "callers who are listened to",
        lambda worker, _: (worker.told or {}).get("active", 0),
    ),
    (
        "hotline_speech_lag_seconds",
        "gauge",
        "how long sound waits for the decoder",
        lambda worker, _: (worker.told or {}).get("lag", 0),
    ),
    (
        "hotline_speech_restarts_total",
        "counter",
        "how often the worker was started again",
        lambda worker, _: worker.restarts,
    ),
    (
        "hotline_speech_killed_total",
        "counter",
        "how often it was killed because it stood still",
        lambda worker, _: worker.killed,
    ),
)
