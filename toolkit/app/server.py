"""The page's server: on this machine's own address, requests checked, answers protected."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answers import handle_errors, refusal
from .desk import Desk
from .guard import HEADERS, Guard
from .jobs import Jobs
from .routes import add_routes
from .uploads import LARGEST
from .workers import Worker
from .workspace import Workspace, WorkspaceRefused

if TYPE_CHECKING:
    from flask import Flask, Response
    from waitress.server import BaseWSGIServer

__all__ = ["AppMissing", "PageServer", "create_app"]


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


class AppMissing(ImportError, ValueError):  # noqa: N818 - it names the state
    """A package of the extra `app` is not installed."""


class PageServer:
    """The server of one working folder.

    Parameters
    ----------
    folder : Path
        The working folder, or a study file in it.
    port : int
        On which to listen; 0 for a free one.

    Attributes
    ----------
    address : str
        Where the page is, with its token.

    Raises
    ------
    AppMissing
        If a package that it needs is not installed.
    WorkspaceRefused
        If the folder cannot be worked in.
    """

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        waitress = _waitress()
        logging.getLogger("waitress").setLevel(logging.ERROR)  # a queue of two is no news
        workspace = Workspace.open(folder)
        listening = _listening(port)
        guard = Guard(int(listening.getsockname()[1]))
        self._live, self._long = Worker("live"), Worker("long")
        self._application = create_app(Desk(workspace, self._live, Jobs(self._long)), guard)
        self._asked = threading.Event()
        self._server: BaseWSGIServer = waitress.create_server(
            self._answer, sockets=[listening], threads=6, max_request_body_size=LARGEST, ident=None
        )
        self.address = guard.address
        self.folder = workspace.folder

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not self._asked.is_set() and "/api/" in str(environ.get("PATH_INFO")):
            self._asked.set()  # the page is shown: time to make the processes ready
            for worker in (self._live, self._long):
                threading.Thread(target=worker.warm, daemon=True).start()
        return self._application(environ, start_response)

    def run(self) -> None:
        """Answer until the process is interrupted."""
        try:
            self._server.run()
        finally:
            self.close()

    def close(self) -> None:
        """Stop answering, and end the processes."""
        self._server.close()
        for worker in (self._live, self._long):
            worker.close()


def _listening(port: int) -> socket.socket:
    """Return a socket on this machine's own address, which no other machine reaches."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # so that the same port can be used again at once
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", port))
        found.listen()
    except OSError as error:
        found.close()
        raise WorkspaceRefused(
            f"Port {port} cannot be listened on: {error.strerror or error}. Leave --port out for "
            "a free one."
        ) from error
    return found


def _waitress() -> Any:
    try:
        import flask  # noqa: F401 - both are looked for before anything is begun
        import tomlkit  # noqa: F401
        import waitress
    except ImportError as error:
        raise AppMissing(
            f"`kmrepro app` needs more packages ({error.name} is missing): "
            "pip install 'kmrepro[app]'."
        ) from error
    return waitress
