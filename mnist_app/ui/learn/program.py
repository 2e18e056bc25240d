"""The program with numbered lines, as HTML."""

from collections.abc import Collection
from html import escape


def program_html(program: tuple[str, ...], numbers: Collection[int]) -> str:
    """Return some lines of the program with their numbers, and a sign for each gap.

    Args:
        program: All lines of the program.
        numbers: Numbers of the lines to be shown, from 1.
    """
    rows, before = [], None
    for number in sorted(numbers):
        if before is not None and number > before + 1 and any(program[before : number - 1]):
            rows.append('<span class="gap" aria-hidden="true">⋮</span>')
        elif before is not None and number > before + 1:
            rows += [_row(skipped, "") for skipped in range(before + 1, number)]
        rows.append(_row(number, program[number - 1]))
        before = number
    return f'<pre class="program" tabindex="0" aria-label="Program">{"".join(rows)}</pre>'


def whole_program_html(program: tuple[str, ...], marked: Collection[int]) -> str:
    """Return the whole program, with the lines of the numbers `marked` highlighted, from 1."""
    rows = [_row(number, line, number in marked) for number, line in enumerate(program, 1)]
    return f'<pre class="program" tabindex="0" aria-label="The whole program">{"".join(rows)}</pre>'


def _row(number: int, text: str, is_marked: bool = False) -> str:
    kind = ' class="marked"' if is_marked else ""
    return f'<span{kind}><i aria-hidden="true">{number}</i><code>{escape(text) or " "}</code></span>'
