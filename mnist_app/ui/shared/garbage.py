"""Python's garbage collection in the server: TensorFlow is left out of it, networks are freed."""

import gc
from functools import cache


def collect_garbage() -> None:
    """Free networks that are no longer used, which are cycles of objects. Call it after loading another one.

    The first call freezes all objects that exist. TensorFlow has hundreds of thousands of them: each full
    collection would take 190 ms to look through them, and nobody is served meanwhile. Later calls freeze
    nothing, because frozen objects are never freed, and networks must be.
    """
    _freeze_libraries()
    gc.collect()


@cache
def _freeze_libraries() -> None:
    gc.collect()
    gc.freeze()
