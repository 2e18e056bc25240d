"""What a page and the command line need of runs comes without TensorFlow, and without Ray."""

import subprocess
import sys

from mnist_app.settings import PROJECT

MODULES = (
    "mnist_app.runs.class_settings",
    "mnist_app.runs.cluster",
    "mnist_app.runs.cluster_dispatcher",
    "mnist_app.runs.cluster_recovery",
    "mnist_app.runs.cluster_task",
    "mnist_app.runs.database",
    "mnist_app.runs.forecast",
    "mnist_app.runs.kept_class_settings",
    "mnist_app.runs.leaderboard",
    "mnist_app.runs.models",
    "mnist_app.runs.people",
    "mnist_app.runs.person_name",
    "mnist_app.runs.queue",
    "mnist_app.runs.records",
    "mnist_app.runs.rotation",
    "mnist_app.runs.store",
    "mnist_app.runs.supervisor",
    "mnist_app.runs.worker",
)


def test_all_but_the_execution_is_imported_without_tensorflow() -> None:
    program = (
        f"import importlib, sys; [importlib.import_module(name) for name in {MODULES}]; "
        "sys.exit(bool({'tensorflow', 'keras', 'ray'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)
