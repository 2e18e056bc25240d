"""`script`: a training as a Keras program."""

from mnist_app.cli.options import AsJson
from mnist_app.cli.output import print_json
from mnist_app.learning.training.configuration import TrainingConfig


def script(config: TrainingConfig, as_json: AsJson = False) -> None:
    """Print a Keras program that does the same as `train` with these options.

    The program needs Keras and NumPy, Matplotlib for cnn, and this app for the synthetic digits. Nothing is
    trained now. The preset decides what the options leave open. The name is not in the program.
    """
    from mnist_app.learning.training.keras_script import write_script

    program = write_script(config)
    if as_json:
        print_json(script=program)
    else:
        print(program, end="")
