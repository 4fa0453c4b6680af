"""The page's server: every request is checked, every answer carries the same protection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .answers import handle_errors, refusal
from .desk import Desk
from .guard import HEADERS, Guard
from .routes import add_routes
from .uploads import LARGEST

if TYPE_CHECKING:
    from flask import Flask, Response

__all__ = ["create_app"]


def create_app(desk: Desk, guard: Guard) -> Flask:
    """Return the application.

    Parameters
    ----------
    desk : Desk
    guard : Guard
        Every path begins with its token.
    """
    import flask

    app = flask.Flask("kmrepro.app", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST
    start = f"/{guard.token}"

    @app.before_request
    def check() -> Any:
        request = flask.request
        reason = guard.refusal(request.method, request.path, dict(request.headers))
        return refusal(reason, 403) if reason else None

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.update(HEADERS)
        return response

    handle_errors(app)
    add_routes(app, start, desk)
    return app
