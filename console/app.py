"""The console: one aiohttp application for agents, supervisors, departments and citizens."""

import asyncio
import logging
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from console import (
    appraisal_pages,
    audit_pages,
    auth,
    breaks,
    calendar_pages,
    call_pages,
    case_pages,
    citizen_pages,
    desk,
    desk_api,
    desks,
    device_pages,
    displaying,
    event_pages,
    exports,
    figure_pages,
    figure_roll,
    follow_pages,
    frontline_pages,
    frontline_photos,
    frontline_reports,
    guard,
    guide_pages,
    health,
    hours_pages,
    i18n,
    indicator_pages,
    indicator_roll,
    intake_pages,
    kiosk_admin,
    kiosk_kept,
    kiosk_link_pages,
    kiosk_pages,
    knowledge_api,
    knowledge_forms,
    knowledge_gap_pages,
    knowledge_pages,
    knowledge_roll,
    knowledge_sheets,
    lent_sound,
    line_pages,
    line_seats,
    line_spans,
    live,
    look_pages,
    matter_pages,
    menu_pages,
    metrics,
    moves,
    notice_pages,
    nuisance_pages,
    number_pages,
    org_pages,
    outgoing_pages,
    owed,
    own_password,
    pages,
    past,
    public,
    publication_pages,
    published_pages,
    quality_pages,
    quality_roll,
    recording_pages,
    report_pages,
    ring_back_pages,
    rolling,
    rule_pages,
    second_factor,
    sheet_pages,
    shift_pages,
    sign_on,
    sip_proxy,
    site_views,
    site_week,
    staff_pages,
    staffing_pages,
    suggest_api,
    suggestion_pages,
    suggestion_training,
    suggestions,
    supervision_pages,
    transcripts,
    unit_pages,
    unread,
    urgent_pages,
    wall,
    wall_phones,
    watch_pages,
    watermark,
    whom,
    work_pages,
)
from console.parts import PARTS, Parts
from console.sessions import SESSIONS, Sessions
from console.word_socket import WordSocket

log = logging.getLogger(__name__)

STATIC: Final = Path(__file__).parent / "static"
SWEEP_SECONDS: Final = 10.0
RUNNER_ARGS: Final[dict[str, Any]] = {
    # A caller waits on the telephone meanwhile: pages end with the process, not the process with the pages.
    "shutdown_timeout": 2.0,
    "access_log": None,
}

VIEWS: Final = (
    auth,
    public,
    citizen_pages,
    published_pages,
    kiosk_pages,
    kiosk_kept,
    kiosk_link_pages,
    kiosk_admin,
    guide_pages,
    desk,
    desk_api,
    past,
    displaying,
    suggest_api,
    suggestion_pages,
    live,
    wall,
    watch_pages,
    intake_pages,
    case_pages,
    call_pages,
    recording_pages,
    sheet_pages,
    quality_pages,
    work_pages,
    moves,
    unit_pages,
    sip_proxy,
    health,
    metrics,
    i18n,
    line_pages,
    line_spans,
    line_seats,
    event_pages,
    nuisance_pages,
    number_pages,
    org_pages,
    matter_pages,
    staff_pages,
    figure_pages,
    report_pages,
    staffing_pages,
    menu_pages,
    indicator_pages,
    appraisal_pages,
    ring_back_pages,
    outgoing_pages,
    shift_pages,
    rule_pages,
    calendar_pages,
    hours_pages,
    frontline_photos,
    frontline_reports,
    frontline_pages,
    urgent_pages,
    whom,
    follow_pages,
    device_pages,
    publication_pages,
    knowledge_api,
    knowledge_forms,
    knowledge_gap_pages,
    knowledge_pages,
    knowledge_sheets,
    lent_sound,
    notice_pages,
    supervision_pages,
    exports,
    second_factor,
    sign_on,
    audit_pages,
    look_pages,
    own_password,
    watermark,
)


def build(parts: Parts) -> web.Application:
    """Put the console together; `background` must run beside it."""
    app = web.Application(
        client_max_size=guard.BODY_LIMIT,
        middlewares=(
            health.count,
            pages.choose_language,
            guard.errors,
            guard.limits,
            guard.origin,
            guard.session,
            unread.count_unread,
            guard.csrf,
            guard.permit,
        ),
    )
    app[PARTS] = parts
    app[SESSIONS] = Sessions(parts.store)
    app[health.FIGURES] = health.Figures()
    pages.set_up(app, i18n.Catalogue())
    for part in (citizen_pages, kiosk_pages, kiosk_kept, site_views, site_week):
        part.set_up(app)
    for part in (
        auth,
        device_pages,
        wall,
        wall_phones,
        live,
        transcripts,
        suggestions,
        lent_sound,
        sip_proxy,
        metrics,
        sign_on,
        unread,
    ):
        part.set_up(app)
    for view in VIEWS:
        app.router.add_routes(view.routes)
    app.router.add_static("/static/", STATIC)
    app.on_response_prepare.append(guard.add_headers)
    return app


async def background(app: web.Application) -> None:
    """Keep walls and desks up to date and sweep unused telephones, until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(app[wall.WALL].run())
        group.create_task(app[desks.DESKS].run())
        group.create_task(app[breaks.BREAKS].run(app[desks.DESKS].wake))
        group.create_task(app[owed.OWED].run(lambda: app[desks.DESKS].seats, app[desks.DESKS].wake))
        group.create_task(_sweep(app))
        group.create_task(site_views.run(app))
        for each in (figure_roll, indicator_roll, knowledge_roll, quality_roll):
            group.create_task(rolling.run(app, each.ROUND))
        group.create_task(app[suggestions.SUGGESTIONS].run())
        group.create_task(suggestion_training.run(app))
        group.create_task(metrics.sample(app))
        group.create_task(app[transcripts.TRANSCRIPTS].run())
        if (words := app[PARTS].settings.words) is not None:
            seat_with = app[desks.DESKS].seat_with
            group.create_task(WordSocket(words, app[transcripts.TRANSCRIPTS], seat_with).run())


async def _sweep(app: web.Application) -> None:
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        await app[PARTS].phones.sweep(app[PARTS].now())
