"""Runs the application until a signal stops it, and says when it is really ready."""

import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from trainvitals_command.serving.address import refused
from trainvitals_command.serving.warm_up import warm_up
from trainvitals_server.settings import Settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
GOODBYE_SECONDS_MAX = 5
"""How long open connections may take to end when the server stops."""


def serve(app: ASGIApp, settings: Settings, bound: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve on a bound socket until SIGINT or SIGTERM; `on_ready` is called once requests are answered.

    Raises CannotServe where the address was taken meanwhile.
    """
    _log_to_standard_error(settings)
    server = _Server(_config(app, settings), app, on_ready)
    try:
        server.run(sockets=[bound])
    except OSError as error:
        raise refused(settings.host, settings.port, error) from error


def _config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1,::1",
        timeout_graceful_shutdown=GOODBYE_SECONDS_MAX,
    )


def _log_to_standard_error(settings: Settings) -> None:
    logging.basicConfig(
        stream=sys.stderr,
        level=settings.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, app: ASGIApp, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._app = app
        self._on_ready = on_ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, but not on one that the parent process had us ignore.

        In place of uvicorn's, which ends by raising the signal again: a server that was asked to stop has succeeded.
        """
        heard = [number for number in STOP_SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self.handle_exit) for number in heard}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await warm_up(self._app)
        # What is there now stays: searched again and again for garbage, it would hold up everything for a tenth of a
        # second each time.
        gc.collect()
        gc.freeze()
        self._on_ready()
