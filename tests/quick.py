"""Parameters of which the quick tests try one."""

from collections.abc import Iterable
from typing import Any

import pytest


def only_first_is_quick(first: Any, others: Iterable[Any]) -> list[Any]:
    """List the first value for the quick tests, and each other one for a slow test."""
    rest = [other for other in others if other != first]
    return [first, *(pytest.param(other, marks=pytest.mark.slow) for other in rest)]
