"""Rules in a lesson link: limits, hidden pages and controls, and the first model."""

from collections.abc import Mapping
from typing import Any

from mnist_app.errors import InvalidSetting
from mnist_app.ui.lesson_link.training_link import read_number
from mnist_app.workspace.classroom.class_settings import (
    CLASS_LIMITS,
    HIDEABLE_CONTROLS,
    HIDEABLE_PAGES,
    ClassSettings,
)
from mnist_app.workspace.storage.identifiers import shown

PAGES = "hide"
CONTROLS = "put_away"
MODEL = "start_model"
FIELDS = (PAGES, CONTROLS, MODEL, *CLASS_LIMITS)
"""The parameters of the address."""
_MOST_NAMES = 40


def read_rules(address: Mapping[str, str]) -> tuple[ClassSettings, list[str]]:
    """Return the rules that an address asks for, and a sentence for each correction."""
    asked: dict[str, Any] = {}
    messages: list[str] = []
    for name, limit in CLASS_LIMITS.items():
        if name in address:
            asked[name], message = read_number(name.replace("_", " "), address[name], limit, limit.maximum)
            messages += [message] if message else []
    for parameter, field in ((PAGES, "hidden_pages"), (CONTROLS, "hidden_controls"), (MODEL, "start_model")):
        if parameter in address:
            if parameter != MODEL:
                asked[field], message = _read_names(parameter, address[parameter])
                messages += [message] if message else []
                continue
            try:
                ClassSettings(start_model=address[parameter])
            except InvalidSetting:
                messages.append(
                    "The model that this link wants to start with cannot be read: choose one yourself."
                )
            else:
                asked[field] = address[parameter]
    return ClassSettings(**asked), messages


def _read_names(parameter: str, text: str) -> tuple[frozenset[str], str]:
    """Return the names in a parameter that the teacher can hide, and a sentence for the others or ""."""
    names = frozenset(filter(None, text.split(",")[:_MOST_NAMES]))
    known = names & (HIDEABLE_PAGES if parameter == PAGES else HIDEABLE_CONTROLS)
    if known == names:
        return known, ""
    unknown = ", ".join(shown(name) for name in sorted(names - known)[:3])
    return known, f"This link also wants to hide {unknown}, which cannot be hidden."


def write_rules(rules: ClassSettings) -> dict[str, str]:
    """Return the parameters of the shortest address that asks for these rules."""
    nothing = ClassSettings()
    limits = {
        name: str(getattr(rules, name))
        for name in CLASS_LIMITS
        if getattr(rules, name) < getattr(nothing, name)
    }
    hidden = {PAGES: ",".join(sorted(rules.hidden_pages)), CONTROLS: ",".join(sorted(rules.hidden_controls))}
    model = {} if rules.start_model == nothing.start_model else {MODEL: rules.start_model}
    return {**limits, **{name: text for name, text in hidden.items() if text}, **model}
