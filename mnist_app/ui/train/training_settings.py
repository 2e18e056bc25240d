"""The settings of a training: a control for each, with its meaning, unit and limits."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from mnist_app.learning.data.datasets import TRAINING_IMAGES, DatasetStatus, describe_datasets
from mnist_app.learning.training.configuration import LIMITS, LONGEST_NAME, OPTIMIZERS, TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.lesson_link.class_rules import is_shown, lesson_rules, rules
from mnist_app.ui.lesson_link.rules_link import write_rules
from mnist_app.ui.lesson_link.training_link import DEFAULT_PRESET, FIELDS, read_lesson, write_lesson
from mnist_app.ui.outside_text import escaped, show_warning
from mnist_app.ui.parts.terms import show_sentence
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key, setting_key
from mnist_app.ui.shared import resources
from mnist_app.ui.train.layer_table import show_layers
from mnist_app.ui.train.number_field import LONGEST_NUMBER, number_field, set_number
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.storage.visible_text import visible_part

DATASET_TITLES = {
    "mnist": "MNIST: 60,000 handwritten digits",
    "synthetic": "Synthetic: 20,000 drawn by the app",
}
OPTIMIZER_TITLES = {
    "sgd": "SGD",
    "momentum": "SGD with momentum",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
}
SHARE_TITLES = {0.0: "none", 1 / 12: "1 in 12", 0.1: "10 %", 0.2: "20 %", 0.3: "30 %", 0.5: "50 %"}
OPTIMIZER_MEANING = "The rule by which the weights are moved after each batch."
_TYPED = "typed_"
"""Prefix, in the address, of the name of a setting whose text is no number."""
VALIDATION_MEANING = (
    LIMITS["validation_share"].meaning
    + " With none, the two published programs are trained exactly as published."
)


def choose_settings() -> TrainingConfig:
    """Show the settings, which start with those in the address, and write changes into the address.

    Returns:
        The configuration, within the limits of the class.
    """
    statuses = {status.name: status for status in describe_datasets(resources.settings())}
    page = session().train
    config = chosen_settings()
    page.typed_before, page.typed = page.typed, {}
    config = _fit(_choose_preset(config))
    with st.container(horizontal=True, key="settings"):
        if is_shown("epochs"):
            epochs, batch_size = _number("epochs", config), _number("batch_size", config)
            config = replace(config, epochs=epochs, batch_size=batch_size)
        if is_shown("optimiser"):
            config = replace(config, learning_rate=_number("learning_rate", config))
        with st.container(horizontal=True, width="content", key="further_settings"):
            with st.popover("More settings", icon=":material/tune:"):
                config = _more_settings(config, statuses)
            show_layers(config.preset)
    with st.container():
        for message in page.lesson_messages:
            st.info(escaped(message), icon=":material/build:")
        if limits := limits_in_words(rules()):
            st.caption(limits)
    page.lesson = config
    put_into_address(config)
    return config


def chosen_settings() -> TrainingConfig:
    """Return the settings chosen so far; at first those in the address, typed texts included."""
    page, address = session().train, st.query_params
    if page.lesson is not None:
        return page.lesson
    config, put_right = read_lesson(address)
    page.lesson_messages += put_right
    page.is_asked_by_address = any(field in address for field in FIELDS)
    page.typed = {
        field: visible_part(address[_TYPED + field][:LONGEST_NUMBER])
        for field in LIMITS
        if _TYPED + field in address
    }
    statuses = {status.name: status for status in describe_datasets(resources.settings())}
    if "dataset" not in address and not statuses[config.dataset].available:
        config = replace(config, dataset="synthetic")
    page.lesson = config
    return config


def _fit(config: TrainingConfig) -> TrainingConfig:
    """Return the configuration within the limits of the class, and set the fields that these change."""
    fitted = rules().fit(config)
    for field, value in (("epochs", fitted.epochs), ("train_size", fitted.train_size)):
        if value != getattr(config, field) and value is not None:
            set_number(field, config.preset, value)
    return fitted


def _choose_preset(config: TrainingConfig) -> TrainingConfig:
    """Show the choice of a preset, and return the configuration with the chosen one.

    Another preset brings its own values. The data set, its size, the seed and the name stay.
    """
    chosen: str | None = config.preset
    if is_shown("network"):
        chosen = st.segmented_control(
            "Network",
            list(PRESETS),
            default=config.preset,
            format_func=lambda name: PRESETS[name].title,
            key=Key.PRESET,
            required=True,
        )
    preset = PRESETS[chosen or DEFAULT_PRESET]
    show_sentence(preset.summary)
    if preset.name == config.preset:
        return config
    session().train.typed_before = {}
    kept = {name: getattr(config, name) for name in ("dataset", "train_size", "seed", "name")}
    return replace(preset.defaults, **kept)


def _more_settings(config: TrainingConfig, statuses: Mapping[str, DatasetStatus]) -> TrainingConfig:
    """Show the less usual settings, and return the configuration with them.

    Settings that the teacher has hidden keep their values.
    """
    left, right = st.columns(2) if is_shown("optimiser") or is_shown("data") else [st.container()] * 2
    with left:
        if is_shown("optimiser"):
            config = _optimiser(config)
        if is_shown("data"):
            config = _validation(config)
    with right:
        if is_shown("data"):
            config = _data(config, statuses)
        name = st.text_input(
            "Name of the run",
            config.name,
            max_chars=LONGEST_NAME,
            placeholder="to find it again",
            key=setting_key(config.preset, "name"),
        )
    return replace(config, name=name.strip())


def _optimiser(config: TrainingConfig) -> TrainingConfig:
    optimizer = st.selectbox(
        "Optimiser",
        OPTIMIZERS,
        index=OPTIMIZERS.index(config.optimizer),
        format_func=OPTIMIZER_TITLES.__getitem__,
        help=OPTIMIZER_MEANING,
        key=setting_key(config.preset, "optimizer"),
    )
    momentum = _number("momentum", config, disabled=optimizer != "momentum")
    return replace(config, optimizer=optimizer, momentum=momentum)


def _validation(config: TrainingConfig) -> TrainingConfig:
    """Show the share held out for validation and the seed that selects the images; return both set."""
    shares = sorted({*SHARE_TITLES, config.validation_share})
    validation_share = st.selectbox(
        "Held out for validation",
        shares,
        index=shares.index(config.validation_share),
        format_func=lambda share: SHARE_TITLES.get(share, f"{share:.3g} of the images"),
        help=VALIDATION_MEANING,
        key=setting_key(config.preset, "validation_share"),
    )
    return replace(config, validation_share=validation_share, seed=_number("seed", config))


def _data(config: TrainingConfig, statuses: Mapping[str, DatasetStatus]) -> TrainingConfig:
    dataset = st.selectbox(
        "Data set",
        list(DATASET_TITLES),
        index=list(DATASET_TITLES).index(config.dataset),
        format_func=DATASET_TITLES.__getitem__,
        key=setting_key(config.preset, "dataset"),
    )
    if not statuses[dataset].available and statuses[dataset].advice:
        show_warning(statuses[dataset].advice)
    return replace(config, dataset=dataset, train_size=_train_size(config, dataset))


def _number(field: str, config: TrainingConfig, disabled: bool = False) -> Any:
    limit = LIMITS[field]
    if field == "epochs":
        limit = replace(limit, maximum=rules().most_epochs)
    return number_field(field, _label(field), config.preset, getattr(config, field), limit, disabled)


def _train_size(config: TrainingConfig, dataset: str) -> int | None:
    """Show the number of training images, and return it; None for all of the data set."""
    there_are = TRAINING_IMAGES[dataset]
    most = min(there_are, rules().most_training_images)
    value = min(config.train_size or most, most)
    if dataset != config.dataset:
        set_number("train_size", config.preset, value)
    limit = replace(LIMITS["train_size"], maximum=most)
    count = number_field("train_size", _label("train_size"), config.preset, value, limit)
    return None if count == there_are else int(count)


def _label(field: str) -> str:
    """Return the label of a number's field, with its unit."""
    if field == "train_size":
        return "Training images"
    name, unit = field.replace("_", " ").capitalize(), LIMITS[field].unit
    return f"{name}, {unit}" if unit else name


def invalid_settings() -> str:
    """Return the labels of the settings whose text is refused, as a list; "" if there are none."""
    return ", ".join(_label(field) for field in session().train.typed)


def limits_in_words(settings: ClassSettings) -> str:
    """Return a sentence on the limits that the teacher has lowered; "" if there are none."""
    nothing_set = ClassSettings()
    limits = [
        *([f"{settings.most_epochs} epochs"] if settings.most_epochs < nothing_set.most_epochs else []),
        *(
            [f"{settings.most_training_images:,} training images"]
            if settings.most_training_images < nothing_set.most_training_images
            else []
        ),
    ]
    return f"Your teacher allows at most {' and '.join(limits)}." if limits else ""


def put_into_address(config: TrainingConfig) -> None:
    """Write the settings into the address, and what was typed instead of a number, for a refresh."""
    typed = {_TYPED + field: text for field, text in session().train.typed.items()}
    wanted = {**write_lesson(config), **write_rules(lesson_rules()), **typed}
    if run := st.query_params.get("run"):
        wanted["run"] = run
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)
