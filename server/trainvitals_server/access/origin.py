"""Which names this server answers to, and which web pages may use it.

Without a key, any web page the user visits could reach a server on loopback: directly, which `Origin` tells, or by a
host name of its own that resolves to 127.0.0.1 (DNS rebinding), which `Host` tells.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from trainvitals_server.errors import ApiError
from trainvitals_server.settings import Settings, is_loopback

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Origins:
    """The hosts and origins that are ours."""

    def __init__(self, settings: Settings) -> None:
        self._public = urlsplit(settings.url)
        self._host = settings.host

    def check_host(self, headers: Headers) -> None:
        """Raise ApiError (403) where the request was sent to a name that is not ours."""
        name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if not is_loopback(name) and name not in {self._host, self._public.hostname}:
            raise ApiError(
                403,
                "host_refused",
                f"This server has no API key and therefore answers to its own names only, not to {name!r:.80}.",
                "Use http://127.0.0.1, or name the address with TRAINVITALS_PUBLIC_URL, or set TRAINVITALS_API_KEY.",
            )

    def check_origin(self, headers: Headers) -> None:
        """Raise ApiError (403) where a page of another origin sent the request; programs send no Origin."""
        origin = headers.get("origin")
        if origin is None:
            return
        parts = urlsplit(origin)
        if parts.netloc and parts.netloc in {headers.get("host"), self._public.netloc}:
            return
        raise ApiError(
            403,
            "origin_refused",
            f"A web page of another origin ({origin!r:.80}) may not do this.",
            "If this is the server's own address behind a proxy, name it with TRAINVITALS_PUBLIC_URL.",
        )
