"""The databases that tests of the workspace run on."""

import pytest

postgresql_is_slow = pytest.mark.parametrize(
    "any_settings", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)
"""For tests that take seconds: the quick tests run them on SQLite alone."""
