"""`script`: a training as a Keras program."""

from mnist_app.cli.options import AsJson
from mnist_app.cli.output import print_json
from mnist_app.learning.training.configuration import TrainingConfig


def script(config: TrainingConfig, as_json: AsJson = False) -> None:
    """Print the Keras program that `train` with the same options amounts to.

    It needs Keras and NumPy alone, and for the synthetic digits this app. Nothing is trained. What is not
    given is the preset's own; the name is not in the program.
    """
    from mnist_app.learning.training.keras_script import write_script

    program = write_script(config)
    if as_json:
        print_json(script=program)
    else:
        print(program, end="")
