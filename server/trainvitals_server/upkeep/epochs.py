"""Epochs anew: a restored run's cursors mean something else than those that viewers remember."""

import time

from sqlalchemy import Engine, select, update

from trainvitals_server.storage.engine import writing
from trainvitals_server.storage.identity import new_id
from trainvitals_server.tables import Run


def renew_epochs(engine: Engine) -> int:
    """Give every run another epoch, so that whoever holds an old cursor starts anew; returns the number of runs.

    One run a transaction, as everywhere.
    """
    with engine.connect() as connection:
        run_ids = list(connection.execute(select(Run.id).order_by(Run.id)).scalars())
    if engine.dialect.name == "sqlite":
        with writing(engine).begin() as connection:
            for run_id in run_ids:
                connection.execute(update(Run).where(Run.id == run_id).values(epoch=new_id(time.time)))
        return len(run_ids)
    for run_id in run_ids:
        with engine.begin() as connection:
            connection.execute(update(Run).where(Run.id == run_id).values(epoch=new_id(time.time)))
    return len(run_ids)
