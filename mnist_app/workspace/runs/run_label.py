"""What a run is called where people read of it."""

from mnist_app.learning.training.presets import PRESETS
from mnist_app.wording import counted
from mnist_app.workspace.runs.records import Run


def preset_title(preset: str) -> str:
    """Return a preset's title, or its name where this version of the app lacks it."""
    return PRESETS[preset].title if preset in PRESETS else preset


def run_label(run: Run) -> str:
    """Return the run's name or, where it has none, a label such as "Dense, 5 epochs, #3"."""
    return (
        run.name or f"{preset_title(run.config.preset)}, {counted(run.config.epochs, 'epoch')}, #{run.number}"
    )


def distinct_label(run: Run) -> str:
    """Return a label that no other run has, for lists to choose from."""
    return f"{run.name}, #{run.number}" if run.name else run_label(run)
