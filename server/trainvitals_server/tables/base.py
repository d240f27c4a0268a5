"""What every table shares: the metadata and the names of its constraints.

The rules that let one schema run on SQLite, on Postgres, and sharded by run (a test asserts them): `run_id` stands
first in each primary and unique key of a run's tables, no foreign key, no serial; the application makes the ids.
"""

from typing import Any

from sqlalchemy import JSON, BigInteger, Double, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of the table classes; lists and dicts are JSON, numbers are 64 bits wide."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        str: Text(),
        int: BigInteger(),
        float: Double(),
        bytes: LargeBinary(),
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }
