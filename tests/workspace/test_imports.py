"""What a page and the command line need of runs comes without TensorFlow, and without Ray."""

import subprocess
import sys

from mnist_app.settings import PROJECT

MODULES = (
    "mnist_app.workspace.classroom.class_settings",
    "mnist_app.workspace.workers.cluster.engines",
    "mnist_app.workspace.workers.cluster.dispatcher",
    "mnist_app.workspace.workers.cluster.recovery",
    "mnist_app.workspace.workers.cluster.task",
    "mnist_app.workspace.storage.database",
    "mnist_app.workspace.runs.forecast",
    "mnist_app.workspace.classroom.class_settings_store",
    "mnist_app.workspace.runs.leaderboard",
    "mnist_app.workspace.runs.model_files",
    "mnist_app.workspace.classroom.people",
    "mnist_app.workspace.classroom.person_name",
    "mnist_app.workspace.runs.queue",
    "mnist_app.workspace.runs.records",
    "mnist_app.workspace.runs.rotation",
    "mnist_app.workspace.runs.run_store",
    "mnist_app.workspace.workers.supervisor",
    "mnist_app.workspace.workers.worker",
)


def test_all_but_the_execution_is_imported_without_tensorflow() -> None:
    program = (
        f"import importlib, sys; [importlib.import_module(name) for name in {MODULES}]; "
        "sys.exit(bool({'tensorflow', 'keras', 'ray'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True)
