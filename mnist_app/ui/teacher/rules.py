"""The form for the settings of the class: limits, visible pages and controls, and the first model."""

from dataclasses import fields, replace

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.ui.frame import navigation
from mnist_app.ui.frame.model_choice import runs_with_a_model, titles_of_models
from mnist_app.ui.lesson_link.class_rules import CONTROLS
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.ownership import class_changes
from mnist_app.ui.session.buttons import form_button
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import CLASS_LIMITS, ClassSettings

_TITLES = {page.name: page.title for page in navigation.OTHERS}
_CONTROLS = {each.name: f"{each.page}: {each.title}" for each in CONTROLS}
_LABELS = {
    "most_epochs": "Epochs",
    "most_training_images": "Training images",
    "most_waiting_per_person": "Runs waiting",
}


def show_rules() -> None:
    """Show a form with the present settings. They change only when it is saved."""
    now = resources.class_settings()
    page = session().teacher
    page.rules_shown = page.rules_shown or now
    with st.form("rules"):
        st.markdown("#### Limits", help="They apply to everyone who trains on a page, you included.")
        with st.container(horizontal=True):
            limits = {name: _limit(name, now) for name in _LABELS}
        st.markdown("#### Pages that the class sees", help="You see all of them. Draw is always there.")
        seen = st.pills(
            "Pages that the class sees",
            list(_TITLES),
            selection_mode="multi",
            default=[name for name in _TITLES if name not in now.hidden_pages],
            format_func=_TITLES.__getitem__,
            key=_key("pages"),
            label_visibility="collapsed",
        )
        st.markdown("#### Controls that the class sees", help="You see all of them.")
        controls = st.pills(
            "Controls that the class sees",
            list(_CONTROLS),
            selection_mode="multi",
            default=[name for name in _CONTROLS if name not in now.hidden_controls],
            format_func=_CONTROLS.__getitem__,
            key=_key("controls"),
            label_visibility="collapsed",
        )
        st.markdown("#### The model everyone starts with")
        start_model = _choose_start_model(now)
        is_pressed = form_button(
            "Save for the class", type="primary", icon=":material/save:", key="save_rules"
        )
    if is_pressed:
        chosen = ClassSettings(
            **limits,
            hidden_pages=frozenset(_TITLES) - set(seen),
            hidden_controls=frozenset(_CONTROLS) - set(controls),
            start_model=start_model,
        )
        _save(chosen)


def _key(name: str) -> str:
    """Return a field's key, which does not depend on the class's settings.

    Without a key, Streamlit would create new fields after each save and lose their input.
    """
    return f"rules-{session().teacher.rules_form}-{name}"


def _limit(name: str, now: ClassSettings) -> int:
    limit = CLASS_LIMITS[name]
    return int(
        st.number_input(
            _LABELS[name],
            min_value=int(limit.minimum),
            max_value=int(limit.maximum),
            value=int(getattr(now, name)),
            key=_key(name),
            help=f"{limit.meaning} {limit.maximum:,.0f} means no limit.",
            width=132,
        )
    )


def _choose_start_model(now: ClassSettings) -> str:
    """Show the choice of the first model.

    Returns:
        `shipped` or the id of a run. The shipped model replaces a run that no longer exists.
    """
    titles = titles_of_models(runs_with_a_model())
    models = list(titles)
    chosen = st.selectbox(
        "The model everyone starts with",
        models,
        index=models.index(now.start_model) if now.start_model in models else 0,
        format_func=lambda model: titles.get(model, model),
        key=_key("start_model"),
        help="It reads the drawings of everyone who has not chosen another one.",
        label_visibility="collapsed",
    )
    return chosen or SHIPPED


def _save(chosen: ClassSettings) -> None:
    """Save what was changed in the form. Another tab may have saved other changes since it was shown."""
    page = session().teacher
    before = page.rules_shown or chosen
    changed = {
        each.name: getattr(chosen, each.name)
        for each in fields(ClassSettings)
        if getattr(chosen, each.name) != getattr(before, each.name)
    }
    try:
        class_changes.set_class(replace(resources.class_settings(), **changed))
    except AppError as error:
        show_error(error)
        return
    page.rules_shown = chosen
    st.success("Saved. It applies to everyone from their next click.", icon=":material/check:")
