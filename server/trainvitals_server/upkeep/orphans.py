"""Rows that belong to no run."""

from collections.abc import Iterator

from sqlalchemy import Engine, func, select

from trainvitals_server.tables import Base, Deletion, Run


def problems(engine: Engine) -> Iterator[str]:
    """Tables with rows of runs that are not there and that nobody deletes; both are read in one transaction."""
    for table in Base.metadata.sorted_tables:
        if "run_id" not in table.columns or table is Deletion.__table__:
            continue
        known = select(Run.id).union_all(select(Deletion.run_id))
        with engine.connect() as connection:
            run_ids = select(table.c.run_id).distinct().where(table.c.run_id.not_in(known)).subquery()
            lost = connection.execute(select(func.count(), func.min(run_ids.c.run_id))).one()
        if lost[0]:
            yield f"table {table.name} has rows of {lost[0]} runs that are not there, such as {lost[1]}"
