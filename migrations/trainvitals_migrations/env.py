"""Alembic's entry: runs the versions on the connection that `schema` hands over, inside its transaction."""

from alembic import context

from trainvitals_server.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
