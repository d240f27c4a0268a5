"""An address that others can reach is refused until there is a key."""

import pytest

from trainvitals_server.access.exposure import Exposed, check_exposure
from trainvitals_server.access.keys import Keys
from trainvitals_server.settings import Settings


class _Store:
    """As much of a store as keys need."""

    def __init__(self, *, any_key: bool) -> None:
        self.api_keys = self
        self._any_key = any_key

    def any(self) -> bool:
        return self._any_key


def _check(host: str, *, configured: str | None = None, stored: bool = False) -> None:
    settings = Settings(host=host, api_key=configured)
    check_exposure(settings, Keys(settings.api_key, _Store(any_key=stored)))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])
def test_an_address_that_others_reach_needs_a_key(host):
    with pytest.raises(Exposed, match="TRAINVITALS_API_KEY"):
        _check(host)
    _check(host, configured="long enough")
    _check(host, stored=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_needs_no_key(host):
    _check(host)
