"""Inserts of rows that may be there already, each in one statement (`ON CONFLICT`)."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert the rows that the table does not have yet, by its keys; leave the others as they are."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), rows)


def insert_or_update(
    connection: Connection,
    table: Table,
    row: Mapping[str, object],
    changed: Collection[str],
    where: ColumnElement[bool] | None = None,
) -> bool:
    """Insert a row or, if the table has one of that primary key, change some of its columns.

    Args:
        connection: A transaction that writes.
        table: The table.
        row: The values of a new row.
        changed: The columns that a row that is there already takes from `row`.
        where: The condition for a change; by default there is none.

    Returns:
        Whether anything was written.
    """
    written = (
        _insert(connection, table)
        .values(**row)
        .on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: row[name] for name in changed},
            where=where,
        )
    )
    return connection.execute(written).rowcount > 0


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the dialect's own insert, which knows `ON CONFLICT`."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return insert(table)
