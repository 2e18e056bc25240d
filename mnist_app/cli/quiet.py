"""Import of TensorFlow without the messages of its native code."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet_native_code() -> Iterator[None]:
    """Discard what TensorFlow's native code writes to standard error while it is imported.

    No setting suppresses its note on oneDNN, except to turn oneDNN off, which takes a third more time. Set
    TF_CPP_MIN_LOG_LEVEL to 0 to see all messages.
    """
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if level == "0" or "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow  # noqa: F401 (for its side effects)

        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
