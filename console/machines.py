"""What the lists of kiosks and of devices have in common: machines with a token that is shown once and never again.

Context of such a page: what its own look returns, and token, errors, entered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import Connection

from console.forms import Text, posted, read_texts
from console.pages import render
from console.parts import PARTS
from console.sessions import SIGNED
from storage import people
from storage.errors import Conflict, Invalid
from storage.people import Actor

Look = Callable[[web.Request, Connection], dict[str, Any]]
Enter = Callable[[Connection, dict[str, str], Actor, web.Request], str]


@dataclass(frozen=True, slots=True)
class Machines:
    """One such list: its page, the fields of a machine, how the list is read, and how a machine is entered."""

    kind: str
    template: str
    fields: Mapping[str, Text]
    look: Look
    enter: Enter

    async def listing(
        self,
        request: web.Request,
        *,
        status: int = 200,
        token: str = "",
        errors: dict[str, str] | None = None,
        entered: dict[str, str] | None = None,
    ) -> web.Response:
        context = await request.app[PARTS].store.read(lambda conn: self.look(request, conn))
        context |= {"token": token, "errors": errors or {}, "entered": entered or {}}
        return render(request, self.template, context, status=status)

    async def add(self, request: web.Request) -> web.Response:
        """Enter a machine. Its token is on the answer to this very request and nowhere else."""
        sent = await posted(request)
        sent.pop("csrf", None)
        by = actor_of(request)
        try:
            texts = dict.fromkeys(self.fields, "") | read_texts(request, self.fields, sent)
            token = await request.app[PARTS].store.write(lambda conn: self.enter(conn, texts, by, request))
        except Invalid as error:
            return await self.listing(request, status=400, errors=error.fields, entered=sent)
        except Conflict as error:
            return await self.listing(request, status=409, errors={"id": str(error)}, entered=sent)
        return await self.listing(request, token=token, entered={self.kind: texts["id"]})


def actor_of(request: web.Request) -> Actor:
    return people.actor(request[SIGNED].account)
