"""The database's tables: made and changed by migrations, whatever version of the app left them."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.classroom.class_settings_store import read_class_settings
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.fine_tuning import find_fine_tuning
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage import migrations
from mnist_app.workspace.storage.database import FILE
from mnist_app.workspace.storage.tables import metadata, people

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")
OLD_STORE = Path(__file__).parents[1] / "stores" / "before_migrations.sql"
"""A store as the app made it before it had migrations, dumped by SQLite."""


def differences(store: Store) -> list[object]:
    """What Alembic would have to change for the database to be as `database.metadata` says."""
    with store.reading() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def revision(store: Store) -> str:
    with store.reading() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def put_old_store(home: Path, *changes: str) -> None:
    home.mkdir(parents=True)
    with closing(sqlite3.connect(home / FILE)) as connection:
        connection.executescript(OLD_STORE.read_text(encoding="utf-8"))
        for change in changes:
            connection.execute(change)


def test_the_newest_migration_is_the_one_that_stores_are_compared_with() -> None:
    config = Config(migrations.FOLDER / "alembic.ini")
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.REVISION


def test_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    assert differences(store) == []
    assert revision(store) == migrations.REVISION


def test_a_table_that_no_migration_makes_is_found(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE runs DROP COLUMN moved"))
        connection.execute(text("DROP TABLE people"))
    assert {difference[0] for difference in differences(store)} == {"add_column", "add_table"}  # type: ignore[index]


def test_a_store_from_before_migrations_loses_nothing(own_settings: Settings) -> None:
    put_old_store(own_settings.home)
    store = Store(own_settings)
    assert (differences(store), revision(store)) == ([], migrations.REVISION)
    waiting, waits, trained = store.runs()
    assert [run.name for run in (trained, waits, waiting)] == ["first try", "waits", "waits too"]
    assert (trained.status, trained.test_accuracy, trained.person) == (Status.FINISHED, 0.91, "Zoë")
    assert [point.step for point in store.points(trained.id)] == [50, 100, 100]
    assert [probe.step for probe in store.probes(trained.id)] == [100]
    assert store.snapshot(trained.id) is None, "it is older than snapshots"
    image = store.probe_image(trained.id)
    assert image is not None and image.sum() == 40
    fine_tuning = find_fine_tuning(trained.id, store)
    assert fine_tuning is not None and fine_tuning.right_after == 7
    (drawing,) = Drawings(store.database).find()
    assert (drawing.label, drawing.answer, drawing.person, len(drawing.strokes or "") > 0) == (
        3,
        8,
        "Zoë",
        True,
    )
    assert read_class_settings(store.database).most_epochs == 20
    assert list(Queue(store).turns()) == [waits.id, waiting.id]
    assert Queue(store).submit(CONFIG, "me").number == 4
    store.close()


def test_a_store_that_is_older_still_gets_what_has_come_since(own_settings: Settings) -> None:
    put_old_store(
        own_settings.home,
        "ALTER TABLE runs DROP COLUMN moved",
        "DROP INDEX runs_name",
        "DROP TABLE people",
        "DROP TABLE counters",
    )
    store = Store(own_settings)
    assert differences(store) == []
    waiting = store.runs()[0]
    Queue(store).move_to_front(waiting.id)
    lease = store.claim("worker")
    assert lease is not None and lease.run_id == waiting.id
    store.close()


def test_tables_without_a_revision_are_taken_over(any_settings: Settings) -> None:
    store = Store(any_settings)
    run = Queue(store).submit(CONFIG, "me")
    People(store.database).rename("me", "Ada")
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE runs DROP COLUMN moved"))
        connection.execute(text("DROP TABLE alembic_version"))
    store.close()
    store = Store(any_settings)
    assert (differences(store), store.run(run.id).person) == ([], "Ada")
    store.close()


def test_a_store_without_snapshots_gets_a_table_for_them(any_settings: Settings) -> None:
    store = Store(any_settings)
    run = Queue(store).submit(CONFIG, "me")
    with store.writing() as connection:
        connection.execute(text("DROP TABLE snapshots"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    store.close()
    store = Store(any_settings)
    assert (differences(store), revision(store)) == ([], migrations.REVISION)
    assert store.run(run.id).status is Status.QUEUED and store.moments(run.id) == []
    store.close()


def test_the_store_of_a_newer_version_is_left_alone_and_said(any_settings: Settings) -> None:
    store = Store(any_settings)
    run = Queue(store).submit(CONFIG, "me")
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageUnavailable, match="A newer version of the app has written this store.*9999"):
        Store(any_settings)
    assert (revision(store), store.run(run.id).status) == ("9999", Status.QUEUED)
    store.close()


def test_a_migration_that_fails_changes_nothing(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_old_store(own_settings.home, "DROP TABLE counters", "DROP TABLE people")
    with monkeypatch.context() as broken:
        broken.setattr("sqlalchemy.sql.schema.Index.create", None)  # what it does last
        with pytest.raises(TypeError):
            Store(own_settings)
    with closing(sqlite3.connect(own_settings.home / FILE)) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "runs" in tables and not tables & {"alembic_version", people.name, "counters"}
    store = Store(own_settings)
    assert len(store.runs()) == 3
    store.close()


def test_a_store_that_is_up_to_date_is_opened_without_alembic(own_settings: Settings) -> None:
    Store(own_settings).close()
    code = "import sys; from mnist_app.workspace.runs.run_store import Store\n"
    code += "from mnist_app.settings import Settings\n"
    code += "Store(Settings.from_environment()).close(); assert 'alembic' not in sys.modules"
    environment = own_settings.to_environment()
    command = [sys.executable, "-c", code]
    answer = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
