"""What a page and the command line need of runs comes without TensorFlow, and without Ray."""

import subprocess
import sys

from mnist_app.settings import PROJECT

MODULES = (
    "class_settings",
    "cluster",
    "cluster_dispatcher",
    "cluster_recovery",
    "cluster_task",
    "database",
    "forecast",
    "kept_class_settings",
    "leaderboard",
    "models",
    "people",
    "person_name",
    "queue",
    "records",
    "rotation",
    "store",
    "supervisor",
    "worker",
)


def test_all_but_the_execution_is_imported_without_tensorflow() -> None:
    program = (
        f"import importlib, sys; [importlib.import_module('mnist_app.runs.' + name) for name in {MODULES}]; "
        "sys.exit(bool({'tensorflow', 'keras', 'ray'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)
