"""How the speech service is, for probes and for whoever looks after it. It tells no words of callers; it knows none."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from aiohttp import web

from ivr.speech import models
from ivr.speech.settings import ServiceSettings

ANSWERS = ("early", "ended", "unknown", "silence", "during_prompt")
OUTCOMES = (*ANSWERS, "refused", "late", "garbage", "recordings", "talks", "talk_gaps")


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
    counted: Counter[str] = Counter()
    lines = [
        "# HELP hotline_speech_up workers of the speech service that are well, are listened to, lag behind",
        "# TYPE hotline_speech_up gauge",
    ]
    for worker in workers:
        told = worker.told or {}
        counted += Counter(worker.counts) + Counter(told.get("counts", {}))
        label = f'{{worker="{worker.number}"}}'
        well = worker.told is not None and not worker.is_silent(at)
        lines += [
            f"hotline_speech_up{label} {int(well)}",
            f"hotline_speech_active{label} {told.get('active', 0)}",
            f"hotline_speech_lag_seconds{label} {told.get('lag', 0)}",
            f"hotline_speech_restarts_total{label} {worker.restarts}",
            f"hotline_speech_killed_total{label} {worker.killed}",
        ]
    lines += [
        "# HELP hotline_speech_answers_total what came of listening, by outcome",
        "# TYPE hotline_speech_answers_total counter",
    ]
    lines += [f'hotline_speech_answers_total{{outcome="{name}"}} {counted[name]}' for name in OUTCOMES]
    return "\n".join([*lines, ""])
