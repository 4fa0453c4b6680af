"""Who may speak with the page's server: this machine's browser, with the token, and nobody else."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["HEADERS", "Guard"]

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
_NAMES = ("127.0.0.1", "localhost")


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
        return tuple(f"{name}:{self.port}" for name in _NAMES)

    def _is_own(self, origin: str) -> bool:
        parts = urlsplit(origin)
        return parts.scheme == "http" and parts.netloc in self._hosts()

    def _knows_token(self, path: str) -> bool:
        given = path.removeprefix("/").partition("/")[0]
        return hmac.compare_digest(given.encode(), self.token.encode())
