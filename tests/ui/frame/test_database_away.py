"""The pages while the database is away: a sentence, no traceback, and themselves again when it is back."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from opened import new_tab
from own_home import pages_use
from postgresql import PostgreSQL

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.run_store import Store

RUN = "wasqueued2"
NEEDS_IT = {"draw": False, "train": True, "runs": True, "class_drawings": True}
"""Pages, and whether what they show comes from the database."""


@pytest.fixture
def server(settings: Settings, tmp_path: Path, postgresql: PostgreSQL) -> Iterator[PostgreSQL]:
    """A PostgreSQL with a run in it, which the pages use."""
    own = replace(settings, home=tmp_path, database=postgresql.empty_database())
    store = Store(own)
    with store.writing() as connection:
        store.insert(connection, TrainingConfig(preset="dense"), "me", id=RUN)
    store.close()
    with pages_use(own):
        yield postgresql
        postgresql.start()


@pytest.mark.parametrize("page", NEEDS_IT)
def test_a_page_says_that_the_database_is_away_and_recovers(server: PostgreSQL, page: str) -> None:
    test = new_tab()
    test.run()
    test.query_params["run"] = RUN
    test.switch_page(f"../pages/{page}.py").run()
    titles = [title.value for title in test.title]
    assert titles and not test.exception and not test.error
    server.kill()
    test.run()
    assert [title.value for title in test.title] == titles and not test.exception
    told = [error.value for error in test.error]
    assert len(told) == NEEDS_IT[page]
    assert all(re.search("cannot be read or written .* try again in a moment", text) for text in told)
    server.start()
    test.run()
    assert [title.value for title in test.title] == titles and not test.exception and not test.error
