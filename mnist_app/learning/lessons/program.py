"""The program that the lessons explain line by line, as `keras_script` writes it for a preset."""

from functools import cache

from mnist_app.learning.training.keras_script import write_script
from mnist_app.learning.training.presets import get_preset


@cache
def program_lines(preset: str) -> tuple[str, ...]:
    """Return the lines of the preset's program without line ends; raise `UnknownName`."""
    return tuple(write_script(get_preset(preset).defaults).splitlines())


def find_lines(program: tuple[str, ...], first: str, last: str) -> range:
    """Return line numbers, from 1: from a line that begins with `first` to the next that begins with `last`.

    Indentation does not count.

    Raises:
        ValueError: No line begins so; the error names the beginning.
    """
    start = _find(program, first, 0)
    return range(start + 1, _find(program, last, start) + 2)


def _find(program: tuple[str, ...], beginning: str, start: int) -> int:
    for index in range(start, len(program)):
        if program[index].lstrip().startswith(beginning):
            return index
    raise ValueError(beginning)
