"""The page's server: on this machine's own address, requests checked, answers protected.

Its browser may speak with it, with the token, and nobody else.
"""

from __future__ import annotations

import hmac
import logging
import os
import secrets
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .answers import handle_errors, refusal
from .routes import Desk, add_routes
from .workers import Jobs, Worker
from .workspace import LARGEST_REQUEST, Workspace, WorkspaceRefused

if TYPE_CHECKING:
    from flask import Flask, Response
    from waitress.server import BaseWSGIServer

__all__ = ["HEADERS", "AppMissing", "Guard", "PageServer", "create_app"]

HEADERS = {
    # No inline script or style, nothing from elsewhere, in no frame.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",  # the token is in the address
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""Of every answer."""

_SAFE = ("GET", "HEAD")
_HOSTS = ("127.0.0.1", "localhost")


def _new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Guard:
    """Decides whether a request is answered.

    Attributes
    ----------
    port : int
        On which the server listens.
    token : str
        The first part of every path; 256 random bits.

    Notes
    -----
    Another page in the same browser can send requests to 127.0.0.1. It does not know the token;
    its requests carry its own Origin, which is refused; and a name of its own that it points at
    127.0.0.1 (DNS rebinding) is refused because it is in Host.
    """

    port: int
    token: str = field(default_factory=_new_token, repr=False)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> str:
        """Say why a request is refused; "" if it is answered.

        Parameters
        ----------
        method : str
            Such as "GET".
        path : str
            The whole path, with the token.
        headers : mapping of str to str
            Of the request, looked up without regard to case.
        """
        if headers.get("Host", "") not in self._hosts():
            return "This server answers to 127.0.0.1 only."
        if not self._knows_token(path):
            return "The address lacks the token; open the one that `kmrepro app` printed."
        origin = headers.get("Origin")
        if origin is not None and not self._is_own(origin):
            return "Requests from other pages are refused."
        if origin is None and method not in _SAFE:
            return "A request that changes something must say that it comes from the page."
        if headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return "Requests from other pages are refused."
        return ""

    def _hosts(self) -> tuple[str, ...]:
        return tuple(f"{name}:{self.port}" for name in _HOSTS)

    def _is_own(self, origin: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc in self._hosts()

    def _knows_token(self, path: str) -> bool:
        given = path.removeprefix("/").partition("/")[0]
        return hmac.compare_digest(given.encode(), self.token.encode())


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
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
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
            self._answer,
            sockets=[listening],
            threads=6,
            max_request_body_size=LARGEST_REQUEST,
            ident=None,
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
