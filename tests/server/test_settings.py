"""What can be set, and what is refused."""

import pytest
from pydantic import ValidationError

from trainvitals_server.settings import Settings


def test_the_environment_sets_and_an_argument_wins(monkeypatch):
    monkeypatch.setenv("TRAINVITALS_PORT", "9000")
    assert Settings().port == 9000
    assert Settings(port=1).port == 1


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings().port = 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": 65_536},
        {"port": -1},
        {"public_url": "example.org"},
        {"public_url": "ftp://x"},
        {"public_url": "http://x?y"},
        {"api_key": "short"},
        {"log_level": "loud"},
        {"crashed_after_minutes": 0},
        {"colour": "blue"},
    ],
)
def test_a_setting_that_means_nothing_is_refused(wrong):
    with pytest.raises(ValidationError):
        Settings(**wrong)


def test_the_key_is_shown_nowhere():
    settings = Settings(api_key="long enough")
    assert "long enough" not in repr(settings)
    with pytest.raises(ValidationError) as refused:
        Settings(api_key="long enough", port=-1)
    assert "long enough" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "url", "base"),
    [
        ({}, "http://127.0.0.1:8765", ""),
        ({"host": "::1", "port": 80}, "http://[::1]:80", ""),
        ({"public_url": "https://example.org/vitals/"}, "https://example.org/vitals", "/vitals"),
    ],
)
def test_links_start_with_the_address_people_use(given, url, base):
    settings = Settings(**given)
    assert (settings.url, settings.base_path) == (url, base)
    assert settings.run_url("a") == f"{url}/runs/a"
