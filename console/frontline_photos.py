"""现场照片: sent from the spot, shown to those who may see the action."""

from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from cases.workflow import Refusal
from console.forms import Text, read_texts
from console.frontline_pages import action_page, may_see
from console.parts import PARTS
from console.permissions import Permission, needs
from console.sessions import SIGNED
from console.uploads import form_with_sound
from storage import frontline_lists, frontline_photos, people
from storage.errors import Conflict, Invalid, Missing

BODY: Final = frontline_photos.LARGEST + 64 * 1024
FIELDS: Final = {"note": Text(frontline_photos.LONGEST_NOTE, required=True)}

routes = web.RouteTableDef()


@routes.post(r"/frontline/{action:\d{1,9}}/photos")
@needs(Permission.FRONTLINE, body=BODY)
async def add(request: web.Request) -> web.Response:
    parts, number = request.app[PARTS], int(request.match_info["action"])
    by, at = people.actor(request[SIGNED].account), parts.now()
    sent, data = await form_with_sound(request, "photo")
    sent.pop("csrf", None)
    try:
        texts = read_texts(request, FIELDS, sent)
        await parts.store.write(
            lambda conn: frontline_photos.add(conn, number, data or b"", texts["note"], by=by, at=at)
        )
    except Invalid as error:
        return await action_page(request, status=400, errors=error.fields, entered=sent | {"step": "photos"})
    except (Refusal, Conflict) as error:
        return await action_page(request, status=409, error=str(error))
    raise web.HTTPSeeOther(f"/frontline/{number}")


@routes.get(r"/frontline/{action:\d{1,9}}/photos/{photo:\d{1,9}}")
@needs(Permission.FRONTLINE)
async def one(request: web.Request) -> web.Response:
    account = request[SIGNED].account
    number, photo = int(request.match_info["action"]), int(request.match_info["photo"])

    def look(conn: Connection) -> tuple[str, bytes]:
        if not may_see(conn, account, frontline_lists.action(conn, number)):
            raise Missing(f"没有照片 {photo} (no such picture)")
        return frontline_photos.picture(conn, number, photo)

    media, data = await request.app[PARTS].store.read(look)
    return web.Response(body=data, content_type=media)
