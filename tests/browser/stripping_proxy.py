"""A reverse proxy that takes a path prefix away, as nginx does with `proxy_pass http://server/`."""

import contextlib
import socket
import threading


class StrippingProxy:
    """Forwards bytes; only the first line of each connection's request is changed, and the connection then closes.

    What has not the prefix is answered with 404, so that a link that forgets it is found. `seen` keeps all paths.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.seen: list[str] = []
        self._server_port = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def forward_to(self, port: int) -> None:
        """Name the server's port."""
        self._server_port = port

    def close(self) -> None:
        """Take no further connections."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(visitor,), daemon=True).start()

    def _serve(self, visitor: socket.socket) -> None:
        with visitor, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                part = visitor.recv(65536)
                if not part:
                    return
                head += part
            method, path, rest = head.split(b" ", 2)
            self.seen.append(path.decode())
            if not path.decode().startswith(self.prefix):
                visitor.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            if b"upgrade: websocket" not in rest.lower():
                rest = rest.replace(b"Connection: keep-alive", b"Connection: close")
            stripped = path[len(self.prefix) :] or b"/"
            with socket.create_connection(("127.0.0.1", self._server_port)) as server:
                server.sendall(b" ".join((method, stripped, rest)))
                threading.Thread(target=_pump, args=(visitor, server), daemon=True).start()
                _pump(server, visitor)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
