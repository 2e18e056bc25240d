"""The settings of the run that is shown, folded into one line while it is watched."""

from dataclasses import replace

import streamlit as st

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.session.session import session
from mnist_app.ui.train.training_settings import OPTIMIZER_TITLES, chosen_settings, put_into_address
from mnist_app.wording import counted
from mnist_app.workspace.runs.records import Run
from mnist_app.workspace.runs.run_label import preset_title


def are_folded(run: Run) -> bool:
    """Return whether the settings are folded. A run that is newly shown folds them, and brings its own.

    They stay open where the address asks for others: after a refresh while they were being changed, and where
    a lesson link is opened while a run of the visitor's trains.
    """
    page = session().train
    if page.run_shown != run.id:
        is_changing = page.run_shown is None and _does_address_ask_for_others(settings_of(run))
        page.run_shown = run.id
        page.are_settings_open = is_changing or run.config.preset not in PRESETS
        if not page.are_settings_open:
            page.lesson, page.typed = settings_of(run), {}
    return not page.are_settings_open


def show_folded(run: Run) -> None:
    """Show the settings of a run in one line, with a button that opens them."""
    put_into_address(settings_of(run))
    with st.container(horizontal=True, vertical_alignment="center", key="folded_settings"):
        st.text(settings_line(run.config))
        st.button("Change", icon=":material/tune:", key="change_settings", on_click=_open)


def show_cancel(run: Run) -> None:
    """Show a button that folds the settings again, as those of the run."""
    if run.config.preset in PRESETS:
        st.button("Cancel", key="fold_settings", on_click=_fold, args=(settings_of(run),))


def settings_of(run: Run) -> TrainingConfig:
    """Return the settings that train a run again, without its name and with fresh weights."""
    return replace(run.config, name="", fine_tuned_from="")


def settings_line(config: TrainingConfig) -> str:
    """Return settings in one line, such as "Dense · 5 epochs · batch 128 · RMSprop 0.001"."""
    parts = [
        *([config.name] if config.name else []),
        preset_title(config.preset),
        counted(config.epochs, "epoch"),
        f"batch {config.batch_size}",
        _optimizer_words(config),
        *([f"{config.train_size:,} images"] if config.train_size else []),
        *([f"{config.dataset} digits"] if config.dataset != "mnist" else []),
    ]
    return " · ".join(parts)


def _optimizer_words(config: TrainingConfig) -> str:
    """Return the optimiser with its learning rate and momentum, such as "SGD 0.01, momentum 0.9"."""
    if config.optimizer == "momentum":
        return f"SGD {config.learning_rate:g}, momentum {config.momentum:g}"
    return f"{OPTIMIZER_TITLES.get(config.optimizer, config.optimizer)} {config.learning_rate:g}"


def _does_address_ask_for_others(config: TrainingConfig) -> bool:
    """Return whether the address that opened the page asks for other settings than these, or a wrong number.

    The name does not matter.
    """
    page = session().train
    asked = replace(chosen_settings(), name="")
    return page.is_asked_by_address and (bool(page.typed) or asked != replace(config, name=""))


def _open() -> None:
    session().train.are_settings_open = True


def _fold(config: TrainingConfig) -> None:
    page = session().train
    page.are_settings_open, page.lesson, page.typed = False, config, {}
