"""What went wrong, in the one line that the user is told."""

import typer

from mnist_app import errors
from mnist_app.cli.output import PROGRAM

WRONG_ARGUMENTS = (errors.InvalidSetting, errors.UnknownName, errors.AmbiguousName, errors.RunNotFound)
"""What the user asked for in a way that cannot be; every other error is a failure on the way."""
LONGEST_MESSAGE = 300
"""Characters of what Typer says, which repeats the words that were given however long they are."""


def describe_usage(error: typer.TyperException) -> str:
    """What is wrong with the words of the command, and where help is."""
    context = getattr(error, "ctx", None)
    command = PROGRAM if context is None else context.command_path
    message = error.format_message().rstrip(".")
    shortened = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
    return f"{shortened}. `{command} --help` says what there is."


def describe_fault(error: Exception) -> str:
    """An error that nobody foresaw: one of the system, or a mistake in the program."""
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{place}. See that there is room and that it may be read and written."
    return (
        f"A fault of the program: {type(error).__name__}: {str(error)[:200]}. "
        f"`{PROGRAM.replace('python', 'python -X dev')} ...` shows where."
    )
