"""A digest of everything that a class has made, which shows whether something changed after an export."""

import hashlib
import json

from sqlalchemy import Connection, select

from mnist_app.workspace.storage.tables import class_settings, drawings, people, runs


def class_state(connection: Connection) -> str:
    """Return a SHA-256, in hexadecimal, of what an export would contain, apart from the progress of runs."""
    queries = (
        select(runs.c.id, runs.c.name, runs.c.owner, runs.c.status, runs.c.model_sha256).order_by(runs.c.id),
        select(drawings.c.id, drawings.c.label).order_by(drawings.c.id),
        select(people.c.owner, people.c.name).order_by(people.c.owner),
        select(class_settings.c.settings),
    )
    digest = hashlib.sha256()
    for query in queries:
        digest.update(json.dumps([list(row) for row in connection.execute(query)], sort_keys=True).encode())
    return digest.hexdigest()
