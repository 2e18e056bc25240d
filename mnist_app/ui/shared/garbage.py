"""Python's garbage collector in the server: it need not look through TensorFlow, but networks are let go."""

import gc
from functools import cache


def collect_garbage() -> None:
    """Let go of networks that were put away, which are circles of objects; called when another was loaded.

    The first time, all that is there is frozen: TensorFlow's own objects, hundreds of thousands, which the
    collector would look through whenever it looks through everything, 190 ms in which nobody is served.
    Only the first time: what is frozen stays for ever, and that would be every network that is ever loaded.
    """
    _freeze_libraries()
    gc.collect()


@cache
def _freeze_libraries() -> None:
    gc.collect()
    gc.freeze()
