"""The rules that let one schema run on one file, on one server, and sharded by run."""

import pytest
from sqlalchemy import BigInteger, Integer, Table, UniqueConstraint

from trainvitals_server.tables import Base

TABLES = list(Base.metadata.sorted_tables)
OF_NO_RUN = {"run", "api_key"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_run_id_stands_first_in_every_key_of_a_runs_table(table: Table) -> None:
    if table.name in OF_NO_RUN:
        assert "run_id" not in table.columns
        return
    keys = [list(table.primary_key.columns)]
    keys += [list(constraint.columns) for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    keys += [list(index.columns) for index in table.indexes if index.unique]
    assert all(key[0].name == "run_id" for key in keys)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_table_has_a_foreign_key_a_serial_or_an_identity(table: Table) -> None:
    assert not table.foreign_key_constraints
    for column in table.columns:
        assert column.identity is None and column.server_default is None
        if column.primary_key and isinstance(column.type, Integer):
            assert column.autoincrement is False


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_whole_numbers_are_64_bits_wide(table: Table) -> None:
    for column in table.columns:
        if isinstance(column.type, Integer):
            assert isinstance(column.type, BigInteger)
