"""Takes the address before anything else is started, so that a port in use costs nothing."""

import errno
import socket

from trainvitals_command.errors import CannotServe


def bind(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet: whoever connects before the server is ready is refused.

    Raises CannotServe where the address is taken, forbidden or not of this machine.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise CannotServe(f"{host} is no address that this machine knows ({error.strerror}). Try 127.0.0.1.") from error
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise refused(host, port, error) from error
    return bound


def refused(host: str, port: int, error: OSError) -> CannotServe:
    """What an error of `bind` or `listen` means."""
    return CannotServe(_words(host, port, error))


def _words(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is in use by another program, perhaps another trainvitals server. "
            f"Stop that one, choose another port with --port, or let --port 0 pick a free one."
        )
    if error.errno == errno.EACCES:
        return f"port {port} may not be opened by this user. Choose a port from 1024 up with --port."
    return f"cannot listen on {host} port {port}: {error.strerror}. Choose another address with --host."
