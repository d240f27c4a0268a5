"""Whether the address to listen on is safe without a key."""

from trainvitals_server.access.keys import Keys
from trainvitals_server.settings import Settings, is_loopback


class Exposed(Exception):
    """Other machines could reach the server, and nothing would ask them for a key."""


def check_exposure(settings: Settings, keys: Keys) -> None:
    """Raise Exposed where the address is not loopback and neither the settings nor the database hold a key."""
    if is_loopback(settings.host) or keys.any():
        return
    raise Exposed(
        f"--host (or TRAINVITALS_HOST): {settings.host} can be reached from other machines, and there is no API key: "
        "anyone could read, change and delete the runs. Set TRAINVITALS_API_KEY to a long random text, or make a key "
        "with `trainvitals keys create`, or listen on 127.0.0.1."
    )
