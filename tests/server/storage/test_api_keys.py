"""API keys."""

import pytest
from sqlalchemy import Engine, select
from still_clock import Clock

from trainvitals_server.storage.store import Store
from trainvitals_server.tables import ApiKey


def test_a_token_opens_until_its_key_is_revoked(store: Store, clock: Clock) -> None:
    assert not store.api_keys.any()
    token = store.api_keys.create("laptop")
    other = store.api_keys.create("server")
    assert store.api_keys.any() and store.api_keys.verify(token) and store.api_keys.verify(other)
    assert store.api_keys.revoke("laptop")
    assert not store.api_keys.verify(token) and store.api_keys.verify(other)
    assert not store.api_keys.revoke("laptop")
    names = [(key.name, key.revoked_at) for key in store.api_keys.list()]
    assert sorted(names) == [("laptop", clock.now), ("server", None)]


@pytest.mark.parametrize("wrong", ["", "tv_", "tv_x_y", "é\x00\ud800"])
def test_a_wrong_token_opens_nothing(store: Store, wrong: str) -> None:
    token = store.api_keys.create("laptop")
    assert not store.api_keys.verify(wrong)
    assert not store.api_keys.verify(token + "0")
    assert not store.api_keys.verify(token[:-1])


def test_the_token_is_nowhere_in_the_database(store: Store, engine: Engine) -> None:
    token = store.api_keys.create("laptop")
    with engine.connect() as connection:
        row = connection.execute(select(*ApiKey.__table__.columns)).one()
    secret = token.rpartition("_")[2]
    assert not any(secret in str(value) for value in row)
