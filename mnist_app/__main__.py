"""`python -m mnist_app`: the command line."""

import os
import sys

INTERRUPTED = 130
"""Exit code that a shell expects after Ctrl-C."""

if __name__ == "__main__":
    try:
        from mnist_app.cli import main

        code = main()
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        os._exit(code)  # without waiting for a thread that may be importing TensorFlow
    sys.exit(code)
