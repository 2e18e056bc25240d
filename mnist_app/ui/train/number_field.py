"""A text field for a number of a training's settings: what was typed stays, with the reason if it is refused.

Streamlit's own field for numbers keeps the number from before while a text is invalid, and knows no decimal
comma.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from html import escape

import streamlit as st

from mnist_app.learning.training.configuration import Limit
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import setting_key

LONGEST_NUMBER = 24
"""Most characters that a field takes."""
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(?:[, .\u00a0\u202f'][0-9]{3})+")
_FRACTION = re.compile(r"(?:[0-9]+[.,]?[0-9]*|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
Step = Callable[[Decimal], Decimal]
_STEPS: dict[str, tuple[tuple[str, Step], ...]] = {
    "epochs": (("− 1", lambda number: number - 1), ("+ 1", lambda number: number + 1)),
    "batch_size": (("÷ 2", lambda number: number // 2), ("× 2", lambda number: number * 2)),
    "learning_rate": (("÷ 10", lambda number: number / 10), ("× 10", lambda number: number * 10)),
}
"""By setting: the words and the effect of the buttons beside its field."""


def read_number(text: str, limit: Limit) -> int | float | None:
    """Return the number that a text stands for; None if there is none within the limit.

    Thousands may be grouped, as in "60,000", and fractions may have a decimal comma.
    """
    text = text.strip()
    number: int | float
    if len(text) > LONGEST_NUMBER:  # the browser's limit does not hold for forged messages
        return None
    if limit.whole and _WHOLE.fullmatch(text):
        number = int(re.sub("[^0-9]", "", text))
    elif not limit.whole and _FRACTION.fullmatch(text):
        number = float(text.replace(",", "."))
    else:
        return None
    return number if limit.minimum <= number <= limit.maximum else None


def write_number(value: int | float) -> str:
    """Return a number in digits, such as 0.0000001 or 128, and only a long one with an exponent."""
    digits = format(Decimal(repr(value)).normalize(), "f")
    return digits if len(digits) <= LONGEST_NUMBER else repr(value)


def number_field(
    field: str, label: str, preset: str, value: int | float, limit: Limit, disabled: bool = False
) -> int | float:
    """Show the field of a setting, with buttons for the usual steps, and the reason if its text is invalid.

    Args:
        field: The name of the setting.
        label: The field's label, with its unit.
        preset: The preset that the setting belongs to.
        value: The number to begin with.
        limit: What the field accepts.
        disabled: Whether the setting has no effect; its text then does not matter.

    Returns:
        The number; while the text is invalid, `value`. `session().train.typed` then has the text.
    """
    key, page = setting_key(preset, field), session().train
    if key not in st.session_state:
        st.session_state[key] = page.typed_before.get(field, write_number(value))
    with st.container(key=f"number-{field}", width="content", gap=None):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xxsmall"):
            text = st.text_input(
                label,
                key=key,
                max_chars=LONGEST_NUMBER,
                live=True,
                disabled=disabled,
                width=110 if field in _STEPS else 160,
                help=f"{limit.meaning} From {write_number(limit.minimum)} to {write_number(limit.maximum)}.",
            )
            number = read_number(text, limit)
            for words, step in _STEPS.get(field, ()):
                _show_step(field, preset, words, _stepped(step, number, limit), number)
        if number is None and not disabled:
            page.typed[field] = text[:LONGEST_NUMBER]
            st.html(f'<p class="reason" role="alert">{escape(reason(limit))}</p>')
    return value if number is None else number


def _show_step(
    field: str, preset: str, words: str, after: int | float | None, now: int | float | None
) -> None:
    """Show a button that sets a field to another number; it is disabled if there is none."""
    st.button(
        words,
        key=f"{setting_key(preset, field)} {words}",
        disabled=after == now,
        on_click=set_number,
        args=(field, preset, after),
    )


def _stepped(step: Step, number: int | float | None, limit: Limit) -> int | float | None:
    """Return a number after a step, within the limit; None for an invalid one."""
    if number is None:
        return None
    after = min(max(step(Decimal(repr(number))), Decimal(limit.minimum)), Decimal(limit.maximum))
    return int(after) if limit.whole else float(after)


def set_number(field: str, preset: str, number: int | float) -> None:
    """Set the text of a field, before the field is shown."""
    st.session_state[setting_key(preset, field)] = write_number(number)


def reason(limit: Limit) -> str:
    """Return what a field accepts, in a sentence for somebody who typed something else."""
    kind = "a whole number" if limit.whole else "a number"
    return f"Enter {kind} from {write_number(limit.minimum)} to {write_number(limit.maximum)}."
