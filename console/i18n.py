"""The words of the pages: one flat catalogue for each language, Chinese first.

`locale/zh.json` and `locale/en.json` hold the texts of templates and scripts, `locale/answers-*.json` what the server
itself answers, `locale/<area>-*.json` both for the pages of one area. All are merged; scripts read the result from
/i18n/{lang}.json.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from aiohttp import web

from console.permissions import Permission, needs

FOLDER = Path(__file__).parent / "locale"
COOKIE = "lang"


class Language(StrEnum):
    """A language the pages speak."""

    ZH = "zh"
    EN = "en"


def _load(lang: Language) -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in (FOLDER / f"{lang}.json", *sorted(FOLDER.glob(f"*-{lang}.json"))):
        texts |= json.loads(path.read_text(encoding="utf-8"))
    return texts


class Catalogue:
    """All texts, read once."""

    def __init__(self) -> None:
        self._texts = {lang: _load(lang) for lang in Language}
        self.files = {lang: json.dumps(texts, ensure_ascii=False) for lang, texts in self._texts.items()}

    def texts(self, lang: Language) -> Mapping[str, str]:
        return self._texts[lang]

    def text(self, lang: Language, key: str, **values: object) -> str:
        """Return the text; Chinese stands in for English, and the key itself for a text nobody wrote."""
        found = self._texts[lang].get(key) or self._texts[Language.ZH].get(key) or key
        return found.format_map(values) if values else found


CATALOGUE = web.AppKey("catalogue", Catalogue)
LANGUAGE = web.RequestKey("language", Language)


def language_of(request: web.Request) -> Language:
    """Return the language asked for in the address, else the one in the cookie, else Chinese."""
    asked = request.query.get("lang") or request.cookies.get(COOKIE) or ""
    return Language.EN if asked.lower().startswith("en") else Language.ZH


def say(request: web.Request, key: str, **values: object) -> str:
    """Return a text in the reader's language."""
    return request.app[CATALOGUE].text(request[LANGUAGE], key, **values)


routes = web.RouteTableDef()


@routes.get("/i18n/{lang:zh|en}.json")
@needs(Permission.PUBLIC)
async def catalogue(request: web.Request) -> web.Response:
    lang = Language.EN if request.match_info["lang"] == "en" else Language.ZH
    return web.Response(
        text=request.app[CATALOGUE].files[lang],
        content_type="application/json",
        headers={"Cache-Control": "public, max-age=300"},
    )
