"""Descriptions of faults, each in one line."""

import typer

from mnist_app import errors
from mnist_app.cli.output import PROGRAM

WRONG_ARGUMENTS = (errors.InvalidSetting, errors.UnknownName, errors.AmbiguousName, errors.RunNotFound)
"""Errors in what the user asked for; every other error is a failure."""
LONGEST_MESSAGE = 300
"""Most characters of Typer's message, which repeats the user's words at any length."""


def describe_usage(error: typer.TyperException) -> str:
    """Say what is wrong with the command's arguments, and where to find help."""
    context = getattr(error, "ctx", None)
    command = PROGRAM if context is None else context.command_path
    message = error.format_message().rstrip(".")
    shortened = message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"
    return f"{shortened}. For help, run {command} --help."


def describe_fault(error: Exception) -> str:
    """Describe an unexpected error: one of the system, or a mistake in the program."""
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{place}. Check that the disk has room and the file can be written."
    return (
        f"A fault of the program: {type(error).__name__}: {str(error)[:200]}. "
        f"To see where, run {PROGRAM.replace('python', 'python -X dev')} with the same arguments."
    )
