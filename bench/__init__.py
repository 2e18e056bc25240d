"""Measurements of the app's promises about speed and memory: `python -m bench`, or `make bench`.

Each part is a file with a function `measure(options)` that returns rows of one table. Nothing is asserted
here: a missed target is shown as missed.
"""

import sys

from mnist_app.settings import PROJECT

# Finding a browser, serving the app and setting it up is done by programs that are no package.
sys.path.insert(0, str(PROJECT / "tools"))
