"""Alembic's entry: runs migrations on the connection that `index.record.migrate` hands over.

There is no alembic.ini and no offline mode: a record is upgraded by the program that opens it.
"""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes["metadata"],
    version_table=context.config.attributes["version_table"],
    transactional_ddl=True,
    render_as_batch=True,  # SQLite alters a table by writing it anew
)
with context.begin_transaction():
    context.run_migrations()
