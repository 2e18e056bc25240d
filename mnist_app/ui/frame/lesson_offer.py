"""The offer to a teacher who has opened a lesson link to apply its rules to the whole class."""

import streamlit as st

from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.ui.frame import navigation
from mnist_app.ui.lesson_link.class_rules import CONTROLS, lesson_rules
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.ownership.class_changes import set_class
from mnist_app.ui.session.buttons import do
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import CLASS_LIMITS, ClassSettings

_LIMITS = {
    "most_epochs": "epochs",
    "most_training_images": "training images",
    "most_waiting_per_person": "runs waiting per person",
}


def show_lesson_offer() -> None:
    """Show a teacher the rules of this tab's lesson link, with a button that applies them to the class."""
    asked = lesson_rules()
    if not session().is_teacher or asked in (ClassSettings(), resources.class_settings()):
        return
    with st.container(border=True, key="lesson_offer"):
        st.markdown(f"This tab was opened by a lesson link. It asks for {escaped(rules_in_words(asked))}.")
        st.button("Use for the whole class", icon=":material/groups:", on_click=do, args=(set_class, asked))


def rules_in_words(rules: ClassSettings) -> str:
    """Return limits, hidden pages and controls, and the first model in one line.

    Names that this app does not know are left out.
    """
    nothing = ClassSettings()
    limits = [
        f"at most {getattr(rules, name):,} {_LIMITS[name]}"
        for name in CLASS_LIMITS
        if getattr(rules, name) < getattr(nothing, name)
    ]
    hidden = [page.title for page in navigation.OTHERS if page.name in rules.hidden_pages]
    hidden += [f"{each.page}: {each.title}" for each in CONTROLS if each.name in rules.hidden_controls]
    parts = [
        *limits,
        *([f"the class not to see {', '.join(hidden)}"] if hidden else []),
        *([f"the model {rules.start_model} to start with"] if rules.start_model != SHIPPED else []),
    ]
    return "; ".join(parts) or "nothing that this app knows"
