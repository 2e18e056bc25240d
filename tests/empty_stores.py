"""Empty SQLite stores, made once and copied: making one anew runs every migration."""

import functools
import tempfile
from dataclasses import replace
from pathlib import Path

from mnist_app.settings import Settings
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import FILE


def put_empty_store(home: Path) -> None:
    """Write the file of an empty store into a home, which may not be there yet."""
    home.mkdir(parents=True, exist_ok=True)
    (home / FILE).write_bytes(_empty_store())


@functools.cache
def _empty_store() -> bytes:
    """Return the file of an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        Store(replace(Settings.from_environment(), home=home, database=None)).close()
        assert [file.name for file in home.iterdir()] == [FILE], "nothing is left in a log"
        return (home / FILE).read_bytes()
