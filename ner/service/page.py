"""The page to try the taggers on: three files in this folder, which load nothing from elsewhere."""

from pathlib import Path

from flask import Response, request
from flask_openapi3 import OpenAPI

from ner.service.openapi import answer

FILES = {
    "/": ("page.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}


def add_page(app: OpenAPI) -> None:
    """Add the routes of the page to `app`; an ETag spares browsers the download of what has not changed."""
    for route, (name, media_type) in FILES.items():
        content = Path(__file__).with_name(name).read_bytes()

        def page(content: bytes = content, media_type: str = media_type) -> Response:
            response = Response(content, mimetype=media_type, headers={"Cache-Control": "no-cache"})
            response.add_etag()
            response.make_conditional(request)
            return response

        summary = "The page to try the taggers on"
        add = app.get(route, summary=summary, responses=answer(media_type), doc_ui=route == "/", endpoint=route)
        add(page)
