"""The page to try the taggers on: three files beside this one, which load nothing from elsewhere."""

from pathlib import Path

from flask import Flask, Response, request

FILES = {
    "/": ("page.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/page.css": ("page.css", "text/css"),
}


def add_page(app: Flask) -> None:
    """Have `app` serve the page; browsers ask again each time, and get it again only if it changed."""
    for route, (name, media_type) in FILES.items():
        content = Path(__file__).with_name(name).read_bytes()
        app.add_url_rule(route, route, lambda content=content, media_type=media_type: _file(content, media_type))


def _file(content: bytes, media_type: str) -> Response:
    response = Response(content, mimetype=media_type, headers={"Cache-Control": "no-cache"})
    response.add_etag()
    response.make_conditional(request)
    return response
