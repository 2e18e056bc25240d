"""Versions of the software that a network was trained with."""

import platform


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that a network's numbers depend on."""
    import keras
    import numpy as np
    import tensorflow as tf

    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
